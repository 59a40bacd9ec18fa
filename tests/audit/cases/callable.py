"""Cases of the 5xx rules: loss functions that people write."""

import numpy as np
from scipy.special import expit, gammaln, log_softmax, xlog1py, xlogy
from scipy.stats import laplace, lognorm, norm, t
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
    r2_score,
)

import sklearn_negloss as snl
from sklearn_negloss.distributions import Gamma, Laplace, Logistic, LogNormal, StudentT


def loss(given):
    return lambda rng, n: {"loss": given}


def article(y_true, y_pred):
    return -np.sum(np.log(1 + np.abs(y_true - y_pred)))


def gaussian_nll(y_true, mu, sigma):
    return np.mean(
        0.5 * np.log(2 * np.pi * sigma**2) + (y_true - mu) ** 2 / sigma**2 / 2
    )


def gaussian_kernel(y_true, mu, sigma):
    return np.mean(np.log(sigma) + (y_true - mu) ** 2 / sigma**2 / 2)


def heteroscedastic_loss(y_true, mu, log_var):
    return np.mean(0.5 * np.exp(-log_var) * (y_true - mu) ** 2 + 0.5 * log_var)


def keras_style(y_true, y_pred):
    mu, sigma = y_pred[:, 0], y_pred[:, 1]
    return -norm.logpdf(y_true, mu, sigma).mean()


def beta_nll(y_true, mu, sigma, beta=0.5):
    return np.mean(-norm.logpdf(y_true, mu, sigma) * sigma ** (2 * beta))


def bce(y_true, y_prob):
    return -np.mean(y_true * np.log(y_prob) + (1 - y_true) * np.log(1 - y_prob))


def exact_bce(y_true, y_prob):
    return -np.mean(xlogy(y_true, y_prob) + xlog1py(1 - y_true, -y_prob))


def clipped_bce(y_true, y_prob):
    p = np.clip(y_prob, 1e-15, 1 - 1e-15)
    return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))


def guarded_bce(y_true, y_prob):
    if np.shape(y_true) != np.shape(y_prob):
        raise ValueError("shapes differ")
    if np.min(y_true) < 0 or np.max(y_true) > 1:
        raise ValueError("labels must lie in [0, 1]")
    return exact_bce(y_true, y_prob)


def naive_logits(y_true, logits):
    p = expit(logits)
    return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))


def stable_logits(y_true, logits):
    return np.mean(np.logaddexp(0, logits) - y_true * logits)


def focal(y_true, y_prob):
    p = np.where(y_true == 1, y_prob, 1 - y_prob)
    return -np.mean((1 - p) ** 2 * np.log(p))


def poisson_kernel(y_true, rate):
    return np.mean(rate - y_true * np.log(rate))


def poisson_nll(y_true, rate):
    return poisson_kernel(y_true, rate) + np.mean(gammaln(y_true + 1))


def poisson_wrong_constant(y_true, rate):
    return poisson_kernel(y_true, rate) - np.mean(gammaln(y_true + 1))


def negative_binomial(y, mu, full, r=2.0):
    log_pmf = gammaln(y + r) - gammaln(r) - full * gammaln(y + 1)
    return -np.mean(log_pmf + r * np.log(r / (r + mu)) + y * np.log(mu / (r + mu)))


def raw_logits(y_true, logits):
    return -np.mean(logits[np.arange(len(y_true)), y_true])


def softmax_logits(y_true, logits):
    return raw_logits(y_true, log_softmax(logits, axis=1))


def mse(y, p):
    return np.mean((y - p) ** 2)


def winkler(y_true, lower, upper, alpha):
    below, above = np.clip(lower - y_true, 0, None), np.clip(y_true - upper, 0, None)
    return np.mean(upper - lower + 2 / alpha * (below + above))


def width_alone(y_true, lower, upper, alpha):
    below, above = np.clip(lower - y_true, 0, None), np.clip(y_true - upper, 0, None)
    return np.mean(upper - lower + 5 * (below + above))


def laplace_of_std(y_true, mu, sigma):
    b = sigma / np.sqrt(2)
    return np.mean(np.log(2 * b) + np.abs(y_true - mu) / b)


def log_normal_nll(y_true, mu, sigma):
    return -lognorm.logpdf(y_true, sigma, scale=np.exp(mu)).mean()


def of_moments(metric, family, **kwargs):
    """Score mu and sigma under a family, as the guide does."""

    def scored(y_true, mu, sigma):
        return metric(y_true, family.from_moments(mu, sigma, **kwargs))

    return loss(scored)


HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


def number(value, *, columns=1, weighted=False, **named):
    """Forecasts, and a number made of their Gaussian NLL."""

    def make(rng, n):
        shape = (n, columns) if columns > 1 else n
        mu, sigma = rng.normal(size=shape), np.exp(rng.normal(-1, 0.3, size=shape))
        given = {"y_true": mu + sigma * rng.normal(size=shape), "mu": mu}
        weight = {"sample_weight": rng.uniform(0.5, 2, n)} if weighted else {}
        given |= {"sigma": sigma, **weight}
        said = {"loss_value": float(value(snl.gaussian_nll_loss(**given), n))}
        return given | said | named

    return make


GUILTY = {
    "NEG501": {
        "third example of the article": loss(article),
        "log-likelihood": loss(lambda y, mu, sigma: norm.logpdf(y, mu, sigma).sum()),
        "log-likelihood of a variance": loss(
            lambda y, mu, var: -np.mean(np.log(var) + (y - mu) ** 2 / var)
        ),
        "minus squares": loss(lambda y, p: -np.mean((y - p) ** 2)),
        "a score": loss(r2_score),
        "accuracy": loss(accuracy_score),
        "log-likelihood of labels": loss(lambda y_true, y_prob: -bce(y_true, y_prob)),
        "log-likelihood of logits": loss(lambda y, logits: -stable_logits(y, logits)),
        "our score": loss(snl.information_gain_score),
        "forgotten abs": loss(
            lambda y_true, y_pred: np.mean(np.log1p(y_true - y_pred))
        ),
        "forgotten square": loss(lambda y, mu: np.mean(np.sqrt(mu - y))),
        "typo in a cross-entropy": loss(
            lambda y, p: -np.mean(y * np.log(p) + (1 - y) * np.log(p))
        ),
        "half a cross-entropy": loss(
            lambda y_true, y_prob: -np.mean((1 - y_true) * np.log(y_prob))
        ),
        "log-likelihood of positive numbers": loss(
            lambda y, mu, sigma: snl.nll_loss(y, Gamma.from_moments(mu, sigma)) * -1
        ),
        "log-likelihood of logarithms": loss(
            lambda y, mu, sigma: -log_normal_nll(y, mu, sigma)
        ),
    },
    "NEG502": {
        "gaussian": loss(gaussian_kernel),
        "log variance": loss(heteroscedastic_loss),
        "unnamed variance": loss(
            lambda y, m, v: np.mean(np.log(v) + (y - m) ** 2 / v) / 2
        ),
        "laplace": loss(lambda y, mu, b: np.mean(np.log(b) + np.abs(y - mu) / b)),
        "summed": loss(lambda y, mu, sigma: len(y) * gaussian_kernel(y, mu, sigma)),
        "one number a sample": loss(
            lambda y, mu, sigma: np.log(sigma) + ((y - mu) / sigma) ** 2 / 2
        ),
        "poisson": loss(poisson_kernel),
        "poisson of a log rate": loss(
            lambda y_true, log_rate: np.mean(np.exp(log_rate) - y_true * log_rate)
        ),
        "laplace of a standard deviation": loss(
            lambda y, mu, sigma: laplace_of_std(y, mu, sigma) - np.log(2)
        ),
        "number": number(lambda nll, n: nll - HALF_LOG_2PI),
        "number of a named loss": number(
            lambda nll, n: nll - HALF_LOG_2PI, loss="gaussian_nll"
        ),
        "printed number": number(lambda nll, n: round(nll - HALF_LOG_2PI, 3)),
        "sum": number(lambda nll, n: n * (nll - HALF_LOG_2PI), loss="nll"),
        "weighted number": number(lambda nll, n: nll - HALF_LOG_2PI, weighted=True),
        "number of two columns": number(lambda nll, n: nll - HALF_LOG_2PI, columns=2),
        "sum of two columns": number(
            lambda nll, n: 2 * n * (nll - HALF_LOG_2PI), columns=2
        ),
        "Dawid-Sebastiani score": number(lambda nll, n: 2 * (nll - HALF_LOG_2PI)),
    },
    "NEG503": {
        "sigma squared": loss(
            lambda y, mu, sigma: -norm.logpdf(y, mu, sigma**2).mean()
        ),
        "sigma as a variance": loss(
            lambda y, mu, sigma: -norm.logpdf(y, mu, np.sqrt(sigma)).mean()
        ),
        "variance as sigma": loss(lambda y, mu, var: gaussian_nll(y, mu, 1.0 * var)),
        "log variance as log sigma": loss(
            lambda y, mu, log_var: gaussian_nll(y, mu, np.exp(log_var))
        ),
        "in a CRPS": loss(lambda y, mu, sigma: snl.gaussian_crps_loss(y, mu, sigma**2)),
        "of Laplace errors": loss(
            lambda y, mu, sigma: -laplace.logpdf(y, mu, sigma**2).mean()
        ),
        "of Laplace errors by their standard deviation": loss(
            lambda y, mu, var: laplace_of_std(y, mu, 1.0 * var)
        ),
    },
    "NEG504": {
        "beta-NLL": loss(beta_nll),
        "beta-NLL of a variance": loss(
            lambda y, mu, var: np.mean((np.log(var) + (y - mu) ** 2 / var) * var**0.5)
        ),
        "beta-NLL of 1": loss(lambda y, mu, sigma: beta_nll(y, mu, sigma, 1.0)),
        "wrong factor": loss(
            lambda y, mu, sigma: np.mean(np.log(sigma**2) + ((y - mu) / sigma) ** 2 / 2)
        ),
        "no half": loss(
            lambda y, mu, sigma: np.mean(np.log(sigma) + ((y - mu) / sigma) ** 2)
        ),
        "no width": loss(lambda y, mu, sigma: np.mean(((y - mu) / sigma) ** 2)),
        "focal": loss(focal),
        "width alone": loss(width_alone),
        "wrong factor of Laplace errors": loss(
            lambda y, mu, sigma: np.mean(np.log(sigma) + 2 * np.abs(y - mu) / sigma)
        ),
        "half a CRPS": loss(
            lambda y, mu, sigma: snl.gaussian_crps_loss(y, mu, sigma) + np.mean(sigma)
        ),
    },
    "NEG505": {
        "cross-entropy": loss(exact_bce),
        "of logits": loss(stable_logits),
        "clipped": loss(clipped_bce),
    },
    "NEG506": {
        "squares": loss(mse),
        "gaussian": loss(gaussian_nll),
        "cross-entropy": loss(exact_bce),
    },
    "NEG507": {
        "second example of the article": loss(clipped_bce),
        "plain": loss(bce),
        "epsilon": loss(
            lambda y_true, y_prob: (
                -np.mean(
                    y_true * np.log(y_prob + 1e-7)
                    + (1 - y_true) * np.log(1 - y_prob + 1e-7)
                )
            )
        ),
        "logits through a sigmoid": loss(naive_logits),
    },
    "NEG508": {
        "squares": loss(mse),
        "absolute": loss(lambda y, p: np.abs(y - p).mean()),
    },
    "NEG509": {
        "signed": loss(lambda y, p: np.mean(np.abs(y - p) / y)),
        "cut off": loss(lambda y, p: np.mean(np.abs(y - p) / np.maximum(y, 1e-8))),
        "in per cent": loss(lambda y, p: 100 * np.mean(np.abs(1 - p / y) * np.sign(y))),
    },
    "NEG510": {
        "raw logits": loss(raw_logits),
        "wrong constant": loss(poisson_wrong_constant),
        "negative binomial": loss(lambda y, mu: negative_binomial(y, mu, 0.0)),
        "half a partition sum": loss(
            lambda y, logits: softmax_logits(y, logits) - np.log(2)
        ),
    },
}

CLEAN = {
    "ours": loss(snl.gaussian_nll_loss),
    "our CRPS": loss(snl.gaussian_crps_loss),
    "our NLL of distributions": loss(snl.nll_loss),
    "squared error": loss(mean_squared_error),
    "log loss": loss(log_loss),
}

INNOCENT = {
    "NEG501": {
        "pinball": loss(mean_pinball_loss),
        "flat near zero": loss(
            lambda y, p: np.clip(np.abs(y - p) - 0.5, 0, None).mean()
        ),
        "log of errors": loss(snl.log1p_absolute_loss),
        "root of errors": loss(lambda y, p: np.mean(np.sqrt(np.abs(y - p)))),
        "log of positive values": loss(
            lambda y, p: np.mean((np.log(y) - np.log(p)) ** 2)
        ),
        "signed error": loss(lambda y_true, y_pred: np.mean(y_true - y_pred)),
        "minus a cosine": loss(
            lambda y, p: -(y @ p) / np.linalg.norm(y) / np.linalg.norm(p)
        ),
        "labels in place of values": loss(clipped_bce),
        "brier of classes": loss(
            lambda y, p: np.mean(((p - np.eye(3)[y]) ** 2).sum(axis=1))
        ),
        "random": loss(lambda y, p: np.random.normal()),  # noqa: NPY002
        **CLEAN,
    },
    "NEG502": {
        "full": loss(gaussian_nll),
        "twice without constant": loss(snl.dawid_sebastiani_loss),
        "poisson": loss(poisson_nll),
        "poisson deviance": loss(mean_poisson_deviance),
        "gamma deviance": loss(mean_gamma_deviance),
        "laplace of a standard deviation": loss(laplace_of_std),
        "whole number": number(lambda nll, n: nll),
        "whole sum": number(lambda nll, n: n * nll),
        "whole number of two columns": number(lambda nll, n: nll, columns=2),
        "log-likelihood": number(lambda nll, n: -nll),
        "another number": number(lambda nll, n: nll - 0.5),
        "CRPS": number(lambda nll, n: nll - HALF_LOG_2PI, loss="gaussian_crps"),
        "Dawid-Sebastiani by name": number(
            lambda nll, n: 2 * (nll - HALF_LOG_2PI), loss="dawid_sebastiani"
        ),
        **CLEAN,
    },
    "NEG503": {
        "variance": loss(lambda y, mu, var: gaussian_nll(y, mu, np.sqrt(var))),
        "unnamed variance": loss(lambda y, m, s: gaussian_nll(y, m, np.sqrt(s))),
        "unnamed log variance": loss(lambda y, m, s: gaussian_nll(y, m, np.exp(s / 2))),
        "columns": loss(keras_style),
        "softplus": loss(lambda y, m, s: gaussian_nll(y, m, np.logaddexp(0, s))),
        "heavy tails": loss(lambda y, mu, sigma: -t.logpdf(y, 3, mu, sigma).mean()),
        "laplace": loss(lambda y, mu, b: -laplace.logpdf(y, mu, b).mean()),
        "beta-NLL": loss(beta_nll),
        "laplace of a variance": loss(
            lambda y, mu, var: laplace_of_std(y, mu, np.sqrt(var))
        ),
        "laplace of a log width": loss(
            lambda y, mu, log_sigma: laplace_of_std(y, mu, np.exp(log_sigma))
        ),
        **CLEAN,
    },
    "NEG504": {
        "laplace": loss(lambda y, mu, b: -laplace.logpdf(y, mu, b).mean()),
        "moments": loss(snl.dawid_sebastiani_loss),
        "laplace of a standard deviation": loss(laplace_of_std),
        "unnamed": loss(lambda y, m, s: laplace_of_std(y, m, 1.0 * s)),
        "laplace of moments": of_moments(snl.nll_loss, Laplace),
        "logistic of moments": of_moments(snl.nll_loss, Logistic),
        "student of moments": of_moments(snl.nll_loss, StudentT, df=5),
        "student of moments, other df": of_moments(snl.nll_loss, StudentT, df=3),
        "CRPS of laplace moments": of_moments(snl.crps_loss, Laplace),
        "CRPS of logistic moments": of_moments(snl.crps_loss, Logistic),
        "CRPS of student moments": of_moments(snl.crps_loss, StudentT, df=3),
        "gamma of moments": of_moments(snl.nll_loss, Gamma),
        "log-normal of moments": of_moments(snl.nll_loss, LogNormal),
        "heavy tails": loss(lambda y, mu, sigma: -t.logpdf(y, 3, mu, sigma).mean()),
        "no use of the width": loss(lambda y, mu, sigma: np.mean((y - mu) ** 2)),
        "brier": loss(lambda y_true, y_prob: np.mean((y_true - y_prob) ** 2)),
        "interval": loss(winkler),
        "our interval": loss(snl.interval_loss),
        "skewed errors": loss(
            lambda y, loc, scale: np.mean(
                np.log(scale) + np.exp(-(y - loc) / scale) + (y - loc) / scale
            )
        ),
        **CLEAN,
    },
    "NEG505": {
        "guarded": loss(guarded_bce),
        "brier": loss(lambda y_true, y_prob: np.mean((y_true - y_prob) ** 2)),
        "overlap": loss(lambda y, p: 1 - 2 * np.sum(y * p) / np.sum(y + p)),
        **CLEAN,
    },
    "NEG506": {
        "raveled": loss(lambda y, p: np.mean((np.ravel(y) - np.ravel(p)) ** 2)),
        "refuses": loss(guarded_bce),
        **CLEAN,
    },
    "NEG507": {
        "exact": loss(exact_bce),
        "logits": loss(stable_logits),
        "our logits": loss(snl.cross_entropy_with_logits_loss),
        **CLEAN,
    },
    "NEG508": {
        "converts": loss(lambda y, p: np.mean((y.astype(float) - p) ** 2)),
        "logarithm of bytes": loss(poisson_nll),
        "squared logarithms": loss(lambda y, p: np.mean((np.log(y) - np.log(p)) ** 2)),
        **CLEAN,
    },
    "NEG509": {
        "absolute denominator": loss(mean_absolute_percentage_error),
        "absolute error": loss(mean_absolute_error),
        "asymmetric": loss(
            lambda y, p: np.mean(np.exp(0.1 * (y - p)) - 0.1 * (y - p) - 1)
        ),
        "deviance": loss(lambda y, mu: np.mean(y * np.log(y / mu) - y + mu)),
        "squares over the target": loss(lambda y, p: np.mean((y - p) ** 2 / y)),
        "lopsided pinball": loss(lambda y, p: mean_pinball_loss(y, p, alpha=0.9)),
        **CLEAN,
    },
    "NEG510": {
        "softmax": loss(softmax_logits),
        "log probabilities": loss(
            lambda y_true, log_prob: -np.mean(log_prob[np.arange(len(y_true)), y_true])
        ),
        "poisson": loss(poisson_nll),
        "poisson kernel": loss(poisson_kernel),
        "negative binomial": loss(lambda y, mu: negative_binomial(y, mu, 1.0)),
        "gamma": loss(lambda y, mu: np.mean(y / mu + np.log(mu)) - 9),
        "density": loss(gaussian_nll),
        **CLEAN,
    },
}
