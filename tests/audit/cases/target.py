"""Cases of the rules 3xx: targets, weights and probabilities that spoil a loss."""

import numpy as np
from scipy.special import logit
from sklearn.preprocessing import (
    FunctionTransformer,
    LabelEncoder,
    MinMaxScaler,
    PowerTransformer,
    StandardScaler,
    scale,
)

from tests.audit.cases.clean import honest_binary, honest_probabilities
from tests.audit.cases.units import column, honest

BCE = "binary_cross_entropy"
LOGITS = "binary_cross_entropy_with_logits"


def labels(low=0, high=1, dtype=int, loss=BCE):
    """Return a case of two values at random."""

    def make(rng, n):
        case = {"y_true": rng.choice([low, high], size=n, p=[0.6, 0.4]).astype(dtype)}
        return case if loss is None else case | {"loss": loss}

    return make


def target(make, **kwargs):
    """Return a case of a target."""
    return lambda rng, n: {"y_true": make(rng, n)} | kwargs


def transformed(make, transformer, **kwargs):
    """Return a case of a target and a transformer fitted to it."""

    def case(rng, n):
        y = make(rng, n)
        return {"y_true": y, "transformer": transformer.fit(column(y))} | kwargs

    return case


def binary(rng, n):
    """Return labels 0 and 1."""
    return rng.integers(0, 2, size=n)


def overshoot(rng, n):
    """Return soft labels, some of them beyond 1 by rounding."""
    y = rng.choice([0.0, 0.3, 0.9, 1.0], size=n).astype(np.float32)
    return np.where(y == 1.0, np.nextafter(np.float32(1), np.float32(2)), y)


def with_mass(value, share=0.3):
    """Return positive numbers, a share of them replaced by one value."""

    def make(rng, n):
        y = rng.gamma(2.0, 5.0, size=n)
        return np.where(rng.uniform(size=n) < share, value, y)

    return make


def capped(rng, n):
    """Return prices that end at a cap."""
    return np.minimum(rng.lognormal(3.0, 0.5, size=n), 30.0)


def counts(rng, n):
    """Return counts with zeros."""
    return rng.poisson(2.0, size=n).astype(float)


def log_of_counts(rng, n):
    """Return logarithms of counts, minus infinity for the zeros."""
    with np.errstate(divide="ignore"):
        return np.log(counts(rng, n))


def lognormal_rounded(rng, n):
    """Return skewed numbers of two decimals: the least of them pile up."""
    return np.round(rng.lognormal(0.0, 1.5, size=n), 2)


def log_of(transform=np.log):
    """Return a transformer of one function."""
    return FunctionTransformer(transform)


def weighted(make):
    """Return an honest forecast with weights."""
    return lambda rng, n: honest(rng, n) | {"sample_weight": make(rng, n)}


def one_negative(rng, n):
    """Return weights of which exactly one is negative."""
    weight = np.ones(n)
    weight[n // 3] = -1e-3
    return weight


def probabilities(change, keep_labels=True):
    """Return honest probabilities after a change."""

    def make(rng, n):
        case = honest_probabilities(rng, n)
        case["y_prob"] = change(case["y_prob"])
        return case if keep_labels else {"y_prob": case["y_prob"]}

    return make


def soft_labels(rng, n):
    """Return soft labels that sum to 0.3."""
    prob = rng.dirichlet(np.ones(3), size=n)
    return {"y_true": 0.3 * prob, "y_prob": rng.dirichlet(np.ones(3), size=n)}


def multilabel(rng, n):
    """Return three labels a sample, each with its own probability."""
    prob = rng.uniform(size=(n, 3))
    return {"y_true": (rng.uniform(size=(n, 3)) < prob).astype(int), "y_prob": prob}


def pixels(dtype, top=255):
    """Return whole numbers of a dtype."""
    return lambda rng, n: rng.integers(0, top + 1, size=n).astype(dtype)


def predicted_in(dtype, top, scatter):
    """Return a target and predictions of an integer dtype."""

    def make(rng, n):
        y = rng.integers(0, top + 1, size=n)
        predicted = np.clip(y + rng.integers(-scatter, scatter + 1, size=n), 0, top)
        return {"y_true": y.astype(dtype), "y_pred": predicted.astype(dtype)}

    return make


GUILTY = {
    "NEG301": {
        "1 and 2": labels(1, 2),
        "-1 and 1": labels(-1, 1, float, LOGITS),
        "mask of 0 and 255": labels(0, 255, np.uint8),
        "grey levels": target(pixels(np.uint8), loss=BCE),
        "class ids": target(lambda rng, n: rng.integers(0, 4, size=n), loss=BCE),
        "overshoot": target(overshoot, loss=BCE),
        "two labels, one overshoots": labels(0, np.nextafter(np.float32(1), 2), float),
        "noise on labels": target(
            lambda rng, n: binary(rng, n) + 0.05 * rng.normal(size=n), loss=BCE
        ),
        "with probabilities": lambda rng, n: (
            (case := honest_binary(rng, n)) | {"y_true": case["y_true"] + 1}
        ),
        "with logits": lambda rng, n: {
            "y_true": 2 * (case := honest_binary(rng, n))["y_true"] - 1,
            "logits": logit(case["y_prob"]),
        },
    },
    "NEG302": {
        "prices": target(lambda rng, n: rng.uniform(1e3, 2e5, size=n), loss=BCE),
        "ages": target(lambda rng, n: rng.integers(18, 91, size=n), loss=LOGITS),
        "temperatures": target(lambda rng, n: rng.normal(10.0, 8.0, size=n), loss=BCE),
        "log loss": target(
            lambda rng, n: rng.gamma(9.0, 10.0, size=n), loss="log_loss"
        ),
        "with probabilities": lambda rng, n: {
            "y_true": rng.uniform(1e3, 2e5, size=n),
            "y_prob": rng.uniform(size=n),
        },
    },
    "NEG303": {
        "transformer": transformed(binary, StandardScaler()),
        "transformer of 1 and 2": transformed(
            lambda rng, n: rng.integers(1, 3, size=n), StandardScaler(), loss=BCE
        ),
        "scaled": target(lambda rng, n: scale(binary(rng, n))),
        "scaled, a part": target(lambda rng, n: scale(binary(rng, 2 * n + 1))[:n]),
        "scaled in single precision": target(
            lambda rng, n: scale(binary(rng, n)).astype(np.float32), loss=BCE
        ),
        "half of each": target(
            lambda rng, n: scale(rng.permutation(np.arange(n) % 2)), loss=BCE
        ),
    },
    "NEG304": {
        "float": target(lambda rng, n: np.full(n, 3.7)),
        "zeros": target(lambda rng, n: np.zeros(n)),
        "with a forecast": lambda rng, n: honest(rng, n) | {"y_true": np.full(n, 0.5)},
        "rounding of a large number": target(
            lambda rng, n: 1e6 * (1.0 + 2e-16 * rng.integers(0, 2, size=n)),
            loss="gaussian_nll",
        ),
    },
    "NEG305": {
        "zeros": target(with_mass(0.0)),
        "cap": target(capped),
        "filled with the median": target(with_mass(8.4, 0.15)),
        "in other units": target(lambda rng, n: 1e-6 * with_mass(0.0)(rng, n)),
        "zeros and a cap": target(
            lambda rng, n: np.minimum(with_mass(0.0)(rng, n), 12)
        ),
        "with a forecast": lambda rng, n: {
            "y_true": (y := with_mass(0.0)(rng, n)),
            "mu": np.full(n, y.mean()),
            "sigma": np.full(n, y.std()),
        },
    },
    "NEG306": {
        "log of 0": transformed(counts, log_of()),
        "log1p below -1": transformed(
            lambda rng, n: rng.normal(0.0, 3.0, size=n), log_of(np.log1p)
        ),
        "square root": transformed(lambda rng, n: rng.normal(size=n), log_of(np.sqrt)),
        "own function": transformed(
            lambda rng, n: rng.uniform(0.0, 9.0, size=n),
            log_of(lambda y: np.log(y - 5)),
        ),
        "Box-Cox": lambda rng, n: {
            "y_true": counts(rng, n),
            "transformer": PowerTransformer("box-cox").fit(
                column(np.arange(1.0, 20.0))
            ),
        },
        "minus infinity": target(log_of_counts),
        "deviance of counts": target(
            lambda rng, n: rng.normal(2.0, 1.5, size=n), loss="mean_poisson_deviance"
        ),
        "gamma deviance of zeros": target(counts, loss="mean_gamma_deviance"),
        "logarithmic error": target(
            lambda rng, n: rng.normal(0.0, 2.0, size=n),
            loss="neg_root_mean_squared_log_error",
        ),
        "among others": lambda rng, n: {
            "y_true": (y := counts(rng, n)),
            "transformer": [None, log_of().fit(column(y))],
        },
    },
    "NEG307": {
        "differences": weighted(lambda rng, n: rng.normal(0.5, 1.0, size=n)),
        "one of many": weighted(one_negative),
        "classes": lambda rng, n: (
            honest_binary(rng, n) | {"sample_weight": rng.normal(1.0, 1.0, size=n)}
        ),
        "fill value": lambda rng, n: {
            "y_true": rng.normal(size=n),
            "sample_weight": np.where(np.arange(n) % 50 == 7, -1, 1),
        },
    },
    "NEG308": {
        "unnormalised": probabilities(lambda p: 3.0 * p),
        "rows of 1.8": probabilities(lambda p: 1.8 * p),
        "without a target": probabilities(lambda p: 0.5 * p, keep_labels=False),
        "unnormalised and rounded": probabilities(lambda p: (1.1 * p).round(2)),
        "scores of two decimals": lambda rng, n: {
            "y_true": rng.integers(0, 3, size=n),
            "y_prob": rng.uniform(size=(n, 3)).round(2),
        },
        "percentages": lambda rng, n: (
            (case := honest_binary(rng, n)) | {"y_prob": 100 * case["y_prob"]}
        ),
        "soft labels": soft_labels,
        "soft labels alone": lambda rng, n: {
            "y_true": soft_labels(rng, n)["y_true"],
            "loss": "cross_entropy_with_logits",
        },
    },
    "NEG309": {
        "uint8": target(pixels(np.uint8)),
        "int16": target(pixels(np.int16, 2000)),
        "uint8 errors": predicted_in(np.uint8, 255, 40),
        "int32 errors": predicted_in(np.int32, 200_000, 90_000),
        "small errors that are unsigned": predicted_in(np.uint16, 100, 3),
    },
}

INNOCENT = {
    "NEG301": {
        "0 and 1": labels(0, 1),
        "booleans": labels(0, 1, bool),
        "soft labels": target(lambda rng, n: rng.uniform(size=n), loss=BCE),
        "one class": target(lambda rng, n: np.ones(n), loss=BCE),
        "1 and 2, encoded by the loss": labels(1, 2, int, "log_loss"),
        "1 and 2, no loss": labels(1, 2, int, None),
        "1 and 2, listed": lambda rng, n: (
            (case := honest_binary(rng, n))
            | {"y_true": case["y_true"] + 1, "labels": [1, 2]}
        ),
    },
    "NEG302": {
        "probabilities": target(lambda rng, n: rng.beta(2.0, 5.0, size=n), loss=BCE),
        "prices in a regression": target(lambda rng, n: rng.uniform(1e3, 2e5, size=n)),
        "many classes": target(
            lambda rng, n: rng.integers(0, 100, size=n), loss="log_loss"
        ),
        "1 and 2": labels(1, 2),
    },
    "NEG303": {
        "labels": target(binary),
        "signs": labels(-1, 1, int, None),
        "two doses": labels(0.25, 0.75, float, None),
        "encoder": lambda rng, n: {
            "y_true": (y := rng.integers(1, 3, size=n)),
            "transformer": LabelEncoderColumn().fit(column(y)),
        },
        "min-max": transformed(
            lambda rng, n: rng.integers(1, 3, size=n), MinMaxScaler()
        ),
        "scaled doses of a regression": transformed(
            lambda rng, n: rng.choice([5.0, 10.0], size=n),
            StandardScaler(),
            loss="gaussian_nll",
        ),
        "continuous": transformed(lambda rng, n: rng.normal(size=n), StandardScaler()),
    },
    "NEG304": {
        "narrow": target(lambda rng, n: 1e6 + 1e-3 * rng.normal(size=n)),
        "one class": target(lambda rng, n: np.zeros(n, int), loss="log_loss"),
        "tiny": target(lambda rng, n: 1e-200 * rng.normal(size=n)),
    },
    "NEG305": {
        "continuous": target(lambda rng, n: rng.gamma(2.0, 5.0, size=n)),
        "rounded": target(lambda rng, n: np.round(rng.normal(size=n), 1)),
        "counts": target(lambda rng, n: rng.poisson(30.0, size=n)),
        "skewed and rounded": target(lognormal_rounded),
        "classes": target(lambda rng, n: rng.integers(0, 10, size=n)),
        "CRPS": target(with_mass(0.0), loss="crps"),
    },
    "NEG306": {
        "log1p of 0": transformed(counts, log_of(np.log1p)),
        "log of positive": transformed(lambda rng, n: rng.gamma(2.0, size=n), log_of()),
        "Yeo-Johnson": transformed(
            lambda rng, n: rng.normal(size=n), PowerTransformer()
        ),
        "deviance of counts": target(counts, loss="mean_poisson_deviance"),
        "squared error below zero": target(
            lambda rng, n: rng.normal(size=n), loss="mean_squared_error"
        ),
        "logarithmic error above -1": target(
            lambda rng, n: rng.uniform(-0.99, 3.0, size=n),
            loss="mean_squared_log_error",
        ),
        "log1p just above -1": transformed(
            lambda rng, n: rng.uniform(-0.99, 3.0, size=n), log_of(np.log1p)
        ),
    },
    "NEG307": {
        "zeros": weighted(lambda rng, n: rng.integers(0, 2, size=n)),
        "positive": weighted(lambda rng, n: rng.uniform(size=n)),
        "huge": weighted(lambda rng, n: 1e12 * rng.uniform(size=n)),
    },
    "NEG308": {
        "honest": honest_probabilities,
        "single precision": probabilities(lambda p: p.astype(np.float32)),
        "single, then double": probabilities(
            lambda p: p.astype(np.float32).astype(np.float64)
        ),
        "half precision": probabilities(lambda p: p.astype(np.float16)),
        "two decimals": probabilities(lambda p: p.round(2)),
        "three decimals": probabilities(lambda p: p.round(3)),
        "three decimals in single precision": probabilities(
            lambda p: p.round(3).astype(np.float32)
        ),
        "two decimals of many classes": lambda rng, n: {
            "y_prob": rng.dirichlet(np.full(50, 0.3), size=n).round(2)
        },
        "rounded soft labels": lambda rng, n: {
            "y_true": rng.dirichlet(np.ones(4), size=n).round(3),
            "loss": "cross_entropy_with_logits",
        },
        "multilabel": multilabel,
        "one-hot": lambda rng, n: (
            (case := honest_probabilities(rng, n))
            | {"y_true": np.eye(3)[case["y_true"]]}
        ),
        "zeros and ones": lambda rng, n: {
            "y_true": (y := binary(rng, n)),
            "y_prob": y.astype(float),
        },
    },
    "NEG309": {
        "int64": target(pixels(np.int64, 200_000)),
        "narrow range": target(lambda rng, n: rng.integers(0, 12, n).astype(np.uint8)),
        "labels": target(pixels(np.uint8, 9)),
        "floats": target(lambda rng, n: pixels(np.uint8)(rng, n).astype(float)),
        "float predictions": lambda rng, n: {
            "y_true": (y := pixels(np.uint8)(rng, n)),
            "y_pred": y + 0.5,
        },
        "mask in a cross-entropy": target(pixels(np.uint8), loss=BCE),
    },
}


class LabelEncoderColumn(LabelEncoder):
    """A label encoder that takes and returns a column, as target transformers do."""

    def fit(self, y):
        """Learn the labels."""
        return super().fit(np.ravel(y))

    def transform(self, y):
        """Number the labels."""
        return super().transform(np.ravel(y)).reshape(-1, 1)
