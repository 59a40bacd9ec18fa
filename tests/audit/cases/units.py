"""Cases of the rules 1xx: what units, sums, rounding and weak models make of a loss."""

import numpy as np
from scipy.special import expit
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from sklearn_negloss import (
    TransformedTargetProbabilisticRegressor,
    binary_cross_entropy_loss,
    dawid_sebastiani_loss,
    gaussian_nll_loss,
)
from tests.audit.cases.clean import honest_binary, honest_probabilities


def column(y):
    """Return one column, as transformers want it."""
    return np.asarray(y).reshape(-1, 1)


def honest(rng, n, sigma=1.0, scale=1.0):
    """Return a calibrated forecast of a signal of standard deviation `scale`."""
    mu = scale * rng.normal(size=n)
    return {
        "y_true": mu + sigma * rng.normal(size=n),
        "mu": mu,
        "sigma": np.full(n, sigma),
    }


def nll(case, **kwargs):
    """Return the Gaussian NLL of a case."""
    return gaussian_nll_loss(case["y_true"], case["mu"], case["sigma"], **kwargs)


def lognormal(rng, n):
    """Return positive numbers of some hundreds."""
    return np.exp(rng.normal(6.0, 0.5, size=n))


def fitted_log(y):
    """Return a logarithm as a fitted transformer."""
    return FunctionTransformer(np.log, np.exp).fit(column(y))


def scaled(rng, n, kind=StandardScaler):
    """Return a target of large numbers and its scaler."""
    y = rng.normal(200.0, 50.0, size=n)
    return {"y_true": y, "transformer": kind().fit(column(y))}


def in_log_space(rng, n):
    """Return a target in its own units, and a calibrated forecast of its logarithm."""
    mu = rng.normal(6.0, 0.5, size=n)
    y = np.exp(mu + 0.1 * rng.normal(size=n))
    sigma = np.full(n, 0.1)
    return {"y_true": y, "mu": mu, "sigma": sigma, "transformer": fitted_log(y)}


def standardised_value(rng, n):
    """Return forecasts in the target's units, and the loss of the standardised one."""
    case = honest(rng, n, sigma=3.0, scale=40.0)
    scaler = StandardScaler().fit(column(case["y_true"]))
    z = {
        "y_true": scaler.transform(column(case["y_true"])).ravel(),
        "mu": scaler.transform(column(case["mu"])).ravel(),
        "sigma": case["sigma"] / scaler.scale_,
    }
    return case | {"transformer": scaler, "loss_value": nll(z)}


def lognormal_value(rng, n):
    """Return moments of a lognormal forecast, and the loss in log space."""
    case = in_log_space(rng, n)
    z = case | {"y_true": np.log(case["y_true"])}
    mu = np.exp(case["mu"] + 0.005)
    sigma = mu * np.sqrt(np.expm1(0.01))
    return case | {"mu": mu, "sigma": sigma, "loss_value": nll(z)}


def own_units_value(rng, n):
    """Return forecasts in log space, and the loss in the target's own units."""
    case = in_log_space(rng, n)
    z = np.log(case["y_true"])
    return case | {"loss_value": nll(case | {"y_true": z}) + z.mean()}


def log_space_value(rng, n):
    """Return forecasts in log space and the loss in log space."""
    case = in_log_space(rng, n)
    return case | {"loss_value": nll(case | {"y_true": np.log(case["y_true"])})}


def estimator_of_log(rng, n):
    """Return an estimator whose density is that of the target, with its loss in log."""
    X = rng.normal(size=(n, 2))
    y = np.exp(5.0 + X[:, 0] + 0.1 * rng.normal(size=n))
    model = TransformedTargetProbabilisticRegressor(
        BayesianRidge(), func=np.log, inverse_func=np.exp
    ).fit(X, y)
    mu, sigma = model.regressor_.predict(X, return_std=True)
    value = gaussian_nll_loss(np.log(y), mu, sigma)
    return {"estimator": model, "X": X, "y_true": y, "loss_value": value}


def summed(rng, n, **kwargs):
    """Return a forecast and the sum of its losses."""
    case = honest(rng, n, sigma=0.1)
    return case | {"loss_value": nll(case, reduction="sum", **kwargs)}


def summed_with_weights(rng, n):
    """Return a forecast and the weighted sum of its losses."""
    weight = rng.uniform(0.0, 3.0, size=n)
    return summed(rng, n, sample_weight=weight) | {"sample_weight": weight}


def summed_cross_entropy(rng, n):
    """Return probabilities and the sum of their cross-entropy."""
    case = honest_binary(rng, n)
    value = binary_cross_entropy_loss(case["y_true"], case["y_prob"], reduction="sum")
    return case | {"loss": "binary_cross_entropy", "loss_value": value}


def density_estimator(kind):
    """Return a case of a fitted density estimator."""

    def make(rng, n):
        X = 0.1 * rng.normal(size=(n, 2))
        return {"estimator": kind.fit(X), "X": X}

    return make


def marginal_likelihood(rng, n):
    """Return a Gaussian process and its log marginal likelihood."""
    X = rng.uniform(size=(60, 1))
    y = np.sin(6 * X[:, 0]) + 0.1 * rng.normal(size=60)
    kernel = RBF(0.3) + WhiteKernel(0.01)
    model = GaussianProcessRegressor(kernel, optimizer=None).fit(X, y)
    value = model.log_marginal_likelihood_value_
    return {"estimator": model, "X": X, "y_true": y, "loss_value": -value}


def min_max(rng, n, law="normal"):
    """Return a target squeezed into [0, 1]."""
    y = getattr(rng, law)(size=n)
    return {"y_true": MinMaxScaler().fit_transform(column(y)).ravel()}


def min_max_test(rng, n):
    """Return a test set squeezed by the range of its training set."""
    scaler = MinMaxScaler().fit(rng.normal(size=(4 * n, 1)))
    y = scaler.transform(rng.normal(size=(n, 1))).ravel()
    return {"y_true": y, "mu": np.full(n, y.mean()), "sigma": np.full(n, y.std())}


def worse(rng, n):
    """Return forecasts of a wrong sign."""
    case = honest(rng, n, sigma=0.5)
    return case | {"mu": -case["mu"], "sigma": np.full(n, 2.1)}


def reversed_values(rng, n):
    """Return predicted values of a wrong sign."""
    case = honest(rng, n, sigma=0.3)
    return {"y_true": case["y_true"], "y_pred": -case["mu"], "loss": "r2"}


def guessed(rng, n):
    """Return probabilities of a class that know nothing of it."""
    p = expit(4.0 * rng.normal(size=n))
    return {"y_true": rng.integers(0, 2, size=n), "y_prob": p}


def sure_and_wrong(rng, n):
    """Return probabilities of three classes that know nothing and are sure of it."""
    prob = rng.dirichlet(np.full(3, 0.2), size=n)
    return {"y_true": rng.integers(0, 3, size=n), "y_prob": prob}


def without_skill(rng, n):
    """Return honest forecasts that know nothing."""
    return {"y_true": rng.normal(size=n), "mu": np.zeros(n), "sigma": np.ones(n)}


def weak_classifier(rng, n):
    """Return held-out probabilities of a classifier that has nothing to learn."""
    X, y = rng.normal(size=(2 * n, 2)), rng.integers(0, 2, size=2 * n)
    model = LogisticRegression(C=0.01).fit(X[n:], y[n:])
    return {"estimator": model, "X": X[:n], "y_true": y[:n]}


def rounding(value, dtype=None, **kwargs):
    """Return a number next to zero, and arrays of a dtype."""

    def make(rng, n):
        if dtype is None:
            return {"loss_value": value} | kwargs
        y = rng.normal(size=n).astype(dtype)
        return {"y_true": y, "y_pred": y.copy(), "loss_value": value} | kwargs

    return make


GUILTY = {
    "NEG101": {
        "narrow and calibrated": lambda rng, n: honest(rng, n, sigma=0.05),
        "reported": lambda rng, n: {"loss": "gaussian_nll", "loss_value": -2.3},
        "target and number": lambda rng, n: {
            "y_true": rng.normal(size=n),
            "loss_value": -1.2,
        },
        "Dawid-Sebastiani": lambda rng, n: (
            honest(rng, n, 0.2) | {"loss": "dawid_sebastiani"}
        ),
    },
    "NEG102": {
        "kilometres": lambda rng, n: {"y_true": rng.normal(1.7, 0.1, size=n)},
        "with a forecast": lambda rng, n: {
            "y_true": 1e-3 * rng.standard_t(5, size=n),
            "mu": np.zeros(n),
            "sigma": np.full(n, 1e-3 * np.sqrt(5 / 3)),
        },
        "float32": lambda rng, n: {
            "y_true": (1e-4 * rng.gamma(2.0, size=n)).astype(np.float32)
        },
    },
    "NEG103": {
        "standardised": scaled,
        "min-max": lambda rng, n: scaled(rng, n, MinMaxScaler),
        "in log space": in_log_space,
        "power": lambda rng, n: {
            "y_true": (y := lognormal(rng, n)),
            "transformer": PowerTransformer("box-cox").fit(column(y)),
        },
    },
    "NEG104": {
        "raw against log": lambda rng, n: {
            "y_true": (y := lognormal(rng, n)),
            "transformer": [None, fitted_log(y)],
        },
        "log against standardised": lambda rng, n: {
            "y_true": (y := lognormal(rng, n)),
            "transformer": (fitted_log(y), StandardScaler().fit(column(y))),
        },
        "loss of the standardised target": standardised_value,
        "loss in log space, lognormal moments": lognormal_value,
        "loss in log space, density of the target": estimator_of_log,
    },
    "NEG105": {
        "sum": summed,
        "weighted sum": summed_with_weights,
        "log-likelihood": lambda rng, n: (
            (case := summed(rng, n)) | {"loss_value": -case["loss_value"]}
        ),
        "cross-entropy": summed_cross_entropy,
        "printed": lambda rng, n: (
            (case := summed(rng, n)) | {"loss_value": round(case["loss_value"], 1)}
        ),
        "kernel density": density_estimator(KernelDensity(bandwidth=0.05)),
        "marginal likelihood": marginal_likelihood,
    },
    "NEG106": {
        "min-max": min_max,
        "min-max, uniform": lambda rng, n: min_max(rng, n, "uniform"),
        "test set": min_max_test,
        "transformer": lambda rng, n: scaled(rng, n, MinMaxScaler),
        "named": lambda rng, n: min_max(rng, n) | {"loss": "nll"},
        "clipped": lambda rng, n: {
            "y_true": (y := rng.gamma(2.0, 10.0, size=n)),
            "transformer": MinMaxScaler(clip=True).fit(column(y[: n // 2])),
        },
        "quantiles": lambda rng, n: {
            "y_true": (y := rng.gamma(2.0, 10.0, size=n)),
            "transformer": QuantileTransformer(n_quantiles=50).fit(column(y)),
        },
    },
    "NEG107": {
        "wrong sign": worse,
        "wrong sign, values": reversed_values,
        "guessed probabilities": guessed,
        "sure and wrong": sure_and_wrong,
    },
    "NEG108": {
        "number": rounding(-1e-8, loss="log_loss"),
        "single precision": rounding(-3e-7, np.float32, loss="mean_squared_error"),
        "double precision": rounding(-6e-17, np.float64, loss="mean_squared_error"),
        "unknown loss": rounding(-1.19e-7),
    },
}

INNOCENT = {
    "NEG101": {
        "positive": lambda rng, n: honest(rng, n, sigma=1.0),
        "sigma too small": lambda rng, n: honest(rng, n, 0.2) | {"sigma": 0.02},
        "no density": lambda rng, n: {"loss": "log_loss", "loss_value": -1.0},
    },
    "NEG102": {
        "large units": lambda rng, n: {"y_true": rng.normal(1.7, 0.4, size=n)},
        "CRPS": lambda rng, n: {"y_true": 1e-3 * rng.normal(size=n), "loss": "crps"},
        "probabilities": lambda rng, n: {
            "y_true": rng.uniform(0.4, 0.6, size=n),
            "loss": "binary_cross_entropy",
        },
        "constant": lambda rng, n: {"y_true": np.full(n, 0.1)},
    },
    "NEG103": {
        "already standardised": lambda rng, n: {
            "y_true": (
                y := StandardScaler().fit_transform(rng.normal(size=(n, 1))).ravel()
            ),
            "transformer": StandardScaler().fit(column(y)),
        },
        "quantiles": lambda rng, n: {
            "y_true": (y := rng.normal(size=n)),
            "transformer": QuantileTransformer(n_quantiles=50).fit(column(y)),
        },
        "no density": lambda rng, n: scaled(rng, n) | {"loss": "mean_squared_error"},
    },
    "NEG104": {
        "loss in own units, forecasts in log space": own_units_value,
        "same transform twice": lambda rng, n: {
            "y_true": (y := lognormal(rng, n)),
            "transformer": [fitted_log(y), fitted_log(y)],
        },
        "shift": lambda rng, n: {
            "y_true": (y := lognormal(rng, n)),
            "transformer": [None, StandardScaler(with_std=False).fit(column(y))],
        },
        "loss and forecasts in log space": log_space_value,
        "no density": lambda rng, n: {
            "y_true": (y := lognormal(rng, n)),
            "transformer": [None, fitted_log(y)],
            "loss": "crps",
        },
    },
    "NEG105": {
        "mean": lambda rng, n: (
            (case := honest(rng, n, 0.1)) | {"loss_value": nll(case)}
        ),
        "worst error": lambda rng, n: {
            "y_true": (y := rng.normal(size=n)),
            "y_pred": 0.0 * y,
            "loss": "max_error",
            "loss_value": np.abs(y).max(),
        },
        "another loss": lambda rng, n: (
            (case := honest(rng, n, 0.1))
            | {"loss_value": dawid_sebastiani_loss(case["y_true"], case["mu"], 0.1)}
        ),
        "mean log density": density_estimator(GaussianMixture(random_state=0)),
    },
    "NEG106": {
        "beyond one": lambda rng, n: {"y_true": rng.uniform(0.0, 2.0, size=n)},
        "a logarithm that happens to fill it": lambda rng, n: {
            "y_true": (y := rng.uniform(1.0, np.e, size=n)),
            "transformer": fitted_log(y),
        },
        "normal quantiles": lambda rng, n: {
            "y_true": (y := rng.uniform(size=n)),
            "transformer": QuantileTransformer(
                n_quantiles=50, output_distribution="normal"
            ).fit(column(y)),
        },
        "a corner of it": lambda rng, n: {"y_true": rng.uniform(0.0, 0.2, size=n)},
        "labels": lambda rng, n: {"y_true": rng.integers(0, 2, size=n)},
        "soft labels": lambda rng, n: {
            "y_true": rng.uniform(size=n),
            "loss": "binary_cross_entropy",
        },
    },
    "NEG107": {
        "no skill": without_skill,
        "skill": lambda rng, n: honest(rng, n, 0.5),
        "honest probabilities": honest_probabilities,
        "nothing to learn": weak_classifier,
        "sigma too large": lambda rng, n: honest(rng, n, 0.1) | {"sigma": 0.5},
    },
    "NEG108": {
        "clearly negative": rounding(-0.02, loss="log_loss"),
        "too far for double precision": rounding(
            -1e-9, np.float64, loss="mean_squared_error"
        ),
        "density": rounding(-1e-8, loss="gaussian_nll"),
        "positive": rounding(1e-9, loss="log_loss"),
    },
}
