"""The losses as data: how to make valid inputs for each, and what an oracle says.

Every property test in this folder is parametrised over `CASES`, so that a new loss is
tested by adding a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

import sklearn_negloss as sn


@dataclass(frozen=True)
class Case:
    """A loss, a maker of inputs, and its formula in arbitrary precision."""

    name: str
    loss: Callable[..., Any]
    inputs: Callable[[np.random.Generator, int], tuple[np.ndarray, ...]]
    oracle: Callable[..., Any]
    options: dict[str, Any] = field(default_factory=dict)

    def __call__(self, *arrays: Any, **kwargs: Any) -> Any:
        return self.loss(*arrays, **self.options, **kwargs)


def gaussian_inputs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    mu, sigma = rng.normal(0, 3, n), rng.lognormal(0, 1, n)
    return mu + sigma * rng.normal(0, 2, n), mu, sigma


def interval_inputs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    lower = rng.normal(0, 1, n)
    return rng.normal(0, 2, n), lower, lower + rng.exponential(1, n)


def probability_inputs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    return rng.integers(0, 2, n), rng.beta(0.5, 0.5, n)


def soft_inputs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    return rng.random(n), rng.beta(0.5, 0.5, n)


def logit_inputs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    return rng.integers(0, 2, n), rng.normal(0, 10, n)


def multiclass_inputs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    return rng.integers(0, 4, n), rng.normal(0, 10, (n, 4))


def soft_multiclass_inputs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    return rng.dirichlet(np.ones(4), n), rng.normal(0, 10, (n, 4))


def point_inputs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    return rng.normal(0, 3, n), rng.normal(0, 3, n)


def mp_nll(y, mu, sigma):
    z = (y - mu) / sigma
    return z**2 / 2 + mpmath.log(sigma) + mpmath.log(2 * mpmath.pi) / 2


def mp_crps(y, mu, sigma):
    z = (y - mu) / sigma
    return sigma * (
        z * (2 * mpmath.ncdf(z) - 1) + 2 * mpmath.npdf(z) - 1 / mpmath.sqrt(mpmath.pi)
    )


def mp_dss(y, mu, sigma):
    return ((y - mu) / sigma) ** 2 + 2 * mpmath.log(sigma)


def mp_interval(y, lower, upper):
    alpha = 1 - mpmath.mpf(INTERVAL_COVERAGE)
    missed = max(lower - y, mpmath.mpf(0)) + max(y - upper, mpmath.mpf(0))
    return upper - lower + 2 / alpha * missed


def mp_bce(y, p):
    loss = mpmath.mpf(0)
    if y > 0:
        loss -= y * mpmath.log(p)
    if y < 1:
        loss -= (1 - y) * mpmath.log(1 - p)
    return loss


def mp_bce_logits(y, x):
    return (1 - y) * mpmath.log1p(mpmath.exp(x)) + y * mpmath.log1p(mpmath.exp(-x))


def mp_cross_entropy(y, x):
    total = mpmath.log(mpmath.fsum(mpmath.exp(v) for v in x))
    if isinstance(y, list):
        return mpmath.fsum(w * (total - v) for w, v in zip(y, x, strict=True))
    return total - x[int(y)]


def mp_log1p(y, pred):
    return mpmath.log1p(abs(y - pred))


INTERVAL_COVERAGE = 0.75

CASES = [
    Case("gaussian_nll", sn.gaussian_nll_loss, gaussian_inputs, mp_nll),
    Case("gaussian_crps", sn.gaussian_crps_loss, gaussian_inputs, mp_crps),
    Case("dawid_sebastiani", sn.dawid_sebastiani_loss, gaussian_inputs, mp_dss),
    Case(
        "interval",
        sn.interval_loss,
        interval_inputs,
        mp_interval,
        {"coverage": INTERVAL_COVERAGE},
    ),
    Case(
        "binary_cross_entropy", sn.binary_cross_entropy_loss, probability_inputs, mp_bce
    ),
    Case(
        "binary_cross_entropy-soft", sn.binary_cross_entropy_loss, soft_inputs, mp_bce
    ),
    Case(
        "binary_cross_entropy_with_logits",
        sn.binary_cross_entropy_with_logits_loss,
        logit_inputs,
        mp_bce_logits,
    ),
    Case(
        "cross_entropy_with_logits",
        sn.cross_entropy_with_logits_loss,
        multiclass_inputs,
        mp_cross_entropy,
    ),
    Case(
        "cross_entropy_with_logits-soft",
        sn.cross_entropy_with_logits_loss,
        soft_multiclass_inputs,
        mp_cross_entropy,
    ),
    Case("log1p_absolute", sn.log1p_absolute_loss, point_inputs, mp_log1p),
]
IDS = [case.name for case in CASES]
GAUSSIAN = CASES[:3]


def exact(case: Case, arrays: tuple[Any, ...]) -> list[Any]:
    """Return the per-sample losses in 60 digits."""
    with mpmath.workdps(60):
        columns = [[_to_mp(value) for value in np.asarray(a)] for a in arrays]
        return [case.oracle(*row) for row in zip(*columns, strict=True)]


def _to_mp(value: Any) -> Any:
    if np.ndim(value):
        return [mpmath.mpf(float(v)) for v in value]
    return mpmath.mpf(float(value))
