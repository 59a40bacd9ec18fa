"""Cases of the family 4xx: how far a prediction can be believed."""

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import StandardScaler

from tests.audit.cases.clean import (
    accurate,
    gamma,
    heteroscedastic,
    honest_binary,
    honest_probabilities,
    poisson,
    two_levels,
)
from tests.audit.cases.prediction_calibration import (
    BLAMELESS_SIGMA,
    WRONG_MU,
    boosted_leaves,
)
from tests.audit.cases.prediction_classes import (
    always_the_same,
    certain_noise,
    certain_tree,
    class_logits_as_prob,
    fed_probabilities,
    linear_probabilities,
    log_prob,
    logits_as_logits,
    logits_as_prob,
    named_logits_as_prob,
    names_in_another_order,
    names_in_the_right_order,
    narrow_logits,
    prob_as_logits,
    rare_logits_as_prob,
    reversed_binary,
    right_value,
    shuffled_columns,
    uninformative_classes,
)


def forecast(y, mu, sigma, **more):
    """Name the arguments."""
    return {"y_true": y, "mu": mu, "sigma": sigma, **more}


def spread(rng, n, width=0.7, centre=-1.0, law=None):
    """Honest forecasts whose log sigma is normal."""
    sigma, mu = np.exp(rng.normal(centre, width, size=n)), rng.normal(size=n)
    errors = rng.normal(size=n) if law is None else law(rng, n)
    return mu + sigma * errors, mu, sigma


def with_sigma(make, change):
    """Change the sigma of honest forecasts."""

    def changed(rng, n):
        y, mu, sigma = make(rng, n)
        return forecast(y, mu, change(sigma))

    return changed


def collapse(share, value):
    """Set a share of the sigmas to a value."""

    def change(sigma):
        sigma = sigma.copy()
        sigma[: max(2, int(share * len(sigma)))] = value
        return sigma

    return change


def weighted_collapse(rng, n):
    y, mu, sigma = heteroscedastic(rng, n)
    return forecast(y, mu, collapse(0.05, 1e-5)(sigma), sample_weight=np.ones(n))


def exact_where_small(rng, n):
    """Tiny sigmas with errors as tiny: a thousandfold spread, and honest."""
    y, mu, sigma = spread(rng, n)
    small = np.arange(n) < n // 20
    mu = np.where(small, y + 1e-4 * rng.normal(size=n), mu)
    return forecast(y, mu, np.where(small, 1e-4, sigma))


def clipped_both_sides(rng, n):
    y, mu, sigma = spread(rng, n)
    low, high = np.quantile(sigma, [0.1, 0.8])
    return forecast(y, mu, np.clip(sigma, low, high))


def leaves(rng, n):
    """Sigma of a tree of twelve leaves, the least of which is the most common."""
    levels = np.exp(np.linspace(-2, 0, 12))
    sigma = levels[np.minimum(rng.geometric(0.3, size=n) - 1, 11)]
    return forecast(sigma * rng.normal(size=n), np.zeros(n), sigma)


def many_leaves(rng, n):
    """Sigma of a tree of a leaf for every twenty samples, of unequal sizes."""
    levels = np.exp(rng.normal(-1, 0.5, size=max(8, n // 20)))
    sigma = levels[(len(levels) * rng.beta(0.7, 1, size=n)).astype(int)]
    return forecast(sigma * rng.normal(size=n), np.zeros(n), sigma)


def unequal_levels(rng, n):
    sigma = np.where(rng.uniform(size=n) < 0.95, 0.1, 1.0)
    return forecast(sigma * rng.normal(size=n), np.zeros(n), sigma)


def whole_numbers(sigma, offset=0.0):
    def make(rng, n):
        y = rng.integers(0, 60, size=n)
        return forecast(y, y + offset, sigma)

    return make


def tenths(sigma, noise):
    def make(rng, n):
        mu = np.round(3 * rng.normal(size=n), 1)
        return forecast(np.round(mu + noise * rng.normal(size=n), 1), mu, sigma)

    return make


def scaled_grid(rng, n):
    """Whole numbers standardised: the grid is that of the transformed target."""
    y = rng.integers(0, 60, size=n).astype(float)
    scaler = StandardScaler().fit(y[:, np.newaxis])
    z = scaler.transform(y[:, np.newaxis]).ravel()
    return forecast(y, z, 0.1 / scaler.scale_[0], transformer=scaler)


def halves(rng, n, train, test):
    """Training and held-out data with errors and sigma of each: pairs of numbers."""
    m = max(n // 2, 50)
    (e_train, s_train), (e_test, s_test) = train, test
    y, y_train = 3 * rng.normal(size=n), 3 * rng.normal(size=m)
    return {
        **forecast(y, y + e_test * rng.normal(size=n), np.full(n, s_test)),
        "y_train": y_train,
        "mu_train": y_train + e_train * rng.normal(size=m),
        "sigma_train": np.full(m, s_train),
    }


class Memory(KNeighborsRegressor):
    """Knows its training data by heart, and takes new data to be as easy."""

    def predict(self, X, return_std=False):
        mu = super().predict(X)
        return (mu, np.full(len(mu), 0.05)) if return_std else mu


def learnt_by_heart(rng, n):
    X, y = features(rng, 2 * n)
    return {
        "estimator": Memory(1).fit(X[n:], y[n:]),
        "X": X[:n],
        "y_true": y[:n],
        "X_train": X[n:],
        "y_train": y[n:],
    }


def quoted_training_loss(rng, n):
    case = halves(rng, n, (0.001, 0.05), (0.3, 0.4))
    errors = case["y_train"] - case["mu_train"]
    z2, sigma = (errors / case["sigma_train"]) ** 2, case["sigma_train"]
    loss = np.mean(0.5 * z2 + np.log(sigma) + 0.5 * np.log(2 * np.pi))
    return case | {"loss_value": float(loss)}


def features(rng, n):
    X = rng.normal(size=(n, 4))
    return X, X @ [1.0, -1.0, 0.5, 0.0] + rng.normal(size=n)


def with_copy(change):
    """Add a column that is a change of the target."""

    def make(rng, n):
        X, y = features(rng, n)
        return {"y_true": y, "X": np.column_stack([X, change(y, rng)])}

    return make


def repeated_rows(rng, n):
    X, y = features(rng, n)
    order = rng.permutation(n)[: int(0.9 * n)]
    return {"y_true": y, "X": X, "X_train": X[order], "y_train": y[order]}


def few_feature_values(rng, n):
    """Every test row stands in the training data, as it does by chance."""
    X = rng.integers(0, 2, size=(2 * n, 3))
    y = (rng.uniform(size=2 * n) < 0.3 + 0.4 * X[:, 0]).astype(int)
    return {"y_true": y[:n], "X": X[:n], "X_train": X[n:], "y_train": y[n:]}


def honest_features(rng, n):
    X, y = features(rng, 2 * n)
    return {"y_true": y[:n], "X": X[:n], "X_train": X[n:], "y_train": y[n:]}


def two_causes(rng, n):
    """A target that two features determine together, and neither alone."""
    X = rng.normal(size=(n, 2))
    return {"y_true": X[:, 0] * 2 + X[:, 1], "X": X}


def process(kernel, alpha, wrap=False):
    """Fit a Gaussian process to noisy data."""

    def make(rng, n):
        X = rng.uniform(size=(80, 1))
        y = np.sin(6 * X[:, 0]) + 0.1 * rng.normal(size=80)
        model = GaussianProcessRegressor(kernel, alpha=alpha)
        if wrap:
            model = TransformedTargetRegressor(model, transformer=StandardScaler())
        X_test = rng.uniform(size=(min(n, 1_000), 1))
        y_test = np.sin(6 * X_test[:, 0]) + 0.1 * rng.normal(size=len(X_test))
        return {"estimator": model.fit(X, y), "X": X_test, "y_true": y_test}

    return make


SMOOTH = RBF(0.3, "fixed")


def as_columns(make, *names):
    """Give some arrays the shape (n, 1)."""

    def reshaped(rng, n):
        case = make(rng, n)
        return case | {name: case[name][:, np.newaxis] for name in names}

    return reshaped


def honest(rng, n):
    return forecast(*heteroscedastic(rng, n))


def weighted(rng, n):
    return honest(rng, n) | {"sample_weight": rng.uniform(0.5, 2, size=n)}


def points(rng, n):
    y, mu, _ = accurate(rng, n)
    return {"y_true": y, "y_pred": mu}


def student(rng, n):
    return rng.standard_t(5, size=n) / np.sqrt(5 / 3)


GUILTY = {
    "NEG401": {
        "a twentieth at a millionth": with_sigma(heteroscedastic, collapse(0.05, 1e-6)),
        "a fiftieth at a thousandth": with_sigma(two_levels, collapse(0.02, 1e-3)),
        "most of them": with_sigma(heteroscedastic, collapse(0.6, 1e-4)),
        "zero in a few": with_sigma(heteroscedastic, collapse(0.01, 0.0)),
        "negative in a few": with_sigma(heteroscedastic, collapse(0.01, -0.1)),
        "weighted": weighted_collapse,
    },
    "NEG402": {
        "a tenth": with_sigma(spread, lambda s: np.maximum(s, np.quantile(s, 0.1))),
        "a half": with_sigma(spread, lambda s: np.maximum(s, np.median(s))),
        "clipped at both ends": clipped_both_sides,
        "in single precision": with_sigma(
            spread, lambda s: np.maximum(s, np.quantile(s, 0.05)).astype(np.float32)
        ),
    },
    "NEG403": {
        "whole numbers hit": whole_numbers(0.05),
        "whole numbers nearly hit": whole_numbers(0.15, 0.1),
        "tenths": tenths(0.01, 0.01),
        "standardised": scaled_grid,
    },
    "NEG404": {
        "half of it": with_sigma(heteroscedastic, lambda s: 0.5 * s),
        "a hundredth": with_sigma(heteroscedastic, lambda s: 0.01 * s),
        "three times": with_sigma(heteroscedastic, lambda s: 3 * s),
        "three times, skewed": with_sigma(gamma, lambda s: 3 * s),
        "twice, exactly normal": with_sigma(accurate, lambda s: 2.3 * s),
        **WRONG_MU,
    },
    "NEG405": {
        "interpolated": lambda rng, n: halves(rng, n, (0.001, 0.05), (1.0, 1.0)),
        "both overconfident": lambda rng, n: halves(rng, n, (0.1, 0.1), (1.0, 0.1)),
        "an estimator": learnt_by_heart,
        "its number quoted": quoted_training_loss,
    },
    "NEG406": {
        "normal": with_sigma(spread, np.square),
        "uniform": with_sigma(heteroscedastic, np.square),
        "large": with_sigma(lambda rng, n: spread(rng, n, 0.8, 2.0), np.square),
        "tiny": with_sigma(lambda rng, n: spread(rng, n, 0.8, -9.0), np.square),
        "student-t5": with_sigma(
            lambda rng, n: spread(rng, n, 1.0, -1.0, student), np.square
        ),
    },
    "NEG407": {
        "a copy": with_copy(lambda y, rng: y),
        "another unit": with_copy(lambda y, rng: 32 - 1.8 * y),
        "a noisy copy": with_copy(lambda y, rng: y + 1e-3 * rng.normal(size=len(y))),
        "repeated rows": repeated_rows,
    },
    "NEG408": {
        "alpha": process(SMOOTH, 0.01),
        "inside a transform": process(SMOOTH, 0.01, wrap=True),
    },
    "NEG409": {
        "binary": logits_as_prob,
        "rare": rare_logits_as_prob,
        "three classes": class_logits_as_prob,
        "by name": named_logits_as_prob,
    },
    "NEG410": {
        "softmax twice": prob_as_logits(honest_probabilities),
        "sigmoid twice": prob_as_logits(honest_binary),
        "log probabilities": log_prob(honest_probabilities),
        "log probabilities of one class": log_prob(honest_binary),
        "probabilities into NLLLoss": fed_probabilities,
    },
    "NEG411": {
        "target": as_columns(honest, "y_true"),
        "mu": as_columns(honest, "mu"),
        "sigma": as_columns(honest, "sigma"),
        "both predictions": as_columns(honest, "mu", "sigma"),
        "weights": as_columns(weighted, "sample_weight"),
        "points": as_columns(points, "y_pred"),
        "probabilities": as_columns(honest_binary, "y_prob"),
    },
    "NEG412": {
        "three classes": shuffled_columns(0.3, [1, 2, 0]),
        "two of five": shuffled_columns(0.1, [0, 3, 2, 1, 4]),
        "the other class": reversed_binary,
        "by name": names_in_another_order,
        "certain, at times wrong": certain_tree,
    },
}

INNOCENT = {
    "NEG401": {
        "a wide spread": lambda rng, n: forecast(*spread(rng, n, 2.0)),
        "exact where small": exact_where_small,
        "mildly too small": with_sigma(heteroscedastic, lambda s: 0.8 * s),
        "far too small, all of them": with_sigma(heteroscedastic, lambda s: 0.01 * s),
        "student-t5": lambda rng, n: forecast(*spread(rng, n, 0.7, -1.0, student)),
    },
    "NEG402": {
        "two levels": lambda rng, n: forecast(*two_levels(rng, n)),
        "unequal levels": unequal_levels,
        "leaves": leaves,
        "many leaves": many_leaves,
        "boosted leaves": boosted_leaves,
        "constant": lambda rng, n: forecast(*accurate(rng, n)),
    },
    "NEG403": {
        "whole numbers": whole_numbers(0.5, 0.3),
        "counts": lambda rng, n: forecast(*poisson(rng, n)),
        "no grid": lambda rng, n: forecast(*accurate(rng, n)),
        "tenths": tenths(0.1, 0.1),
    },
    "NEG404": {
        **BLAMELESS_SIGMA,
        "student-t5": lambda rng, n: forecast(*spread(rng, n, 0.7, 0.0, student)),
        "counts": lambda rng, n: forecast(*poisson(rng, n)),
        "collapsed: another rule": with_sigma(heteroscedastic, collapse(0.3, 1e-6)),
    },
    "NEG405": {
        "as good": lambda rng, n: halves(rng, n, (0.5, 0.5), (0.5, 0.5)),
        "a little better": lambda rng, n: halves(rng, n, (0.4, 0.5), (0.5, 0.5)),
        "cautious on both": lambda rng, n: halves(rng, n, (0.1, 1.0), (0.1, 1.0)),
        "harder, and honest": lambda rng, n: halves(rng, n, (0.1, 0.1), (1.0, 1.0)),
    },
    "NEG406": {
        "sigma itself": lambda rng, n: forecast(*spread(rng, n)),
        "noisy": lambda rng, n: with_sigma(
            lambda rng, n: spread(rng, n, 0.3, 0.0),
            lambda s: s * np.exp(0.3 * rng.normal(size=n)),
        )(rng, n),
        "noisier": lambda rng, n: with_sigma(
            lambda rng, n: spread(rng, n, 0.7, -0.7),
            lambda s: s * np.exp(0.5 * rng.normal(size=n)),
        )(rng, n),
        "mildly too small": with_sigma(spread, lambda s: 0.7 * s),
        "collapsed in a few": with_sigma(heteroscedastic, collapse(0.02, 1e-3)),
        "constant": lambda rng, n: forecast(*accurate(rng, n)),
    },
    "NEG407": {
        "honest": honest_features,
        "two causes": two_causes,
        "few values of features": few_feature_values,
        "a good feature": with_copy(
            lambda y, rng: y + 0.05 * y.std() * rng.normal(size=len(y))
        ),
    },
    "NEG408": {
        "white kernel": process(SMOOTH + WhiteKernel(0.01, "fixed"), 1e-10),
        "jitter": process(SMOOTH, 1e-10),
    },
    "NEG409": {
        "honest": honest_binary,
        "overshooting": linear_probabilities,
        "log probabilities": log_prob(honest_probabilities),
        "as logits": logits_as_logits,
    },
    "NEG410": {
        "narrow logits": narrow_logits,
        "logits": logits_as_logits,
        "the right number": right_value,
        "probabilities": honest_probabilities,
    },
    "NEG411": {
        "all flat": weighted,
        "all columns": as_columns(weighted, "y_true", "mu", "sigma", "sample_weight"),
        "one number": lambda rng, n: (
            as_columns(honest, "y_true", "mu")(rng, n) | {"sigma": 1.0}
        ),
        "a table of classes": as_columns(honest_probabilities, "y_true"),
    },
    "NEG412": {
        "honest": honest_probabilities,
        "by name": names_in_the_right_order,
        "uninformative": uninformative_classes,
        "certain noise": certain_noise,
        "always the same": always_the_same,
        "binary": honest_binary,
    },
}

# With fewer samples a slope of 1/2 cannot be told from 1, nor skewness from calibration.
NOT_AT = {"NEG406": 1_000}
