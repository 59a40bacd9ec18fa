"""Gaussian formulas, in the one place that the family and the losses share.

Each takes float64 arrays of one shape whose values are already checked, and returns
one value for each sample.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

Floats = NDArray[np.float64]

HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)  # 0.9189...
TINY = float(np.finfo(np.float64).tiny)  # below it, numbers lose their digits
SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)
ONE_OVER_SQRT_PI = 1.0 / math.sqrt(math.pi)


def gaussian_nll(y: Any, mu: Any, sigma: Any) -> Floats:
    """Return minus the log density, in nats."""
    z = (y - mu) / sigma
    return 0.5 * z * z + np.log(sigma) + HALF_LOG_2PI


def gaussian_nll_total(y: Floats, mu: Floats, sigma: Floats) -> float:
    """Return the sum of `gaussian_nll`, for fewer logarithms than samples."""
    z = y - mu
    z /= sigma
    return 0.5 * dot(z, z) + log_sum(sigma) + len(z) * HALF_LOG_2PI


def dawid_sebastiani_total(y: Floats, mu: Floats, sigma: Floats) -> float:
    """Return the sum of `dawid_sebastiani`, for fewer logarithms than samples."""
    z = y - mu
    z /= sigma
    return dot(z, z) + 2.0 * log_sum(sigma)


def dot(a: Floats, b: Floats) -> float:
    """Return the inner product, in this thread: BLAS would start its own for each block.

    With two BLAS threads on two busy cores that made a loss five times slower.
    """
    return float(np.einsum("i,i->", a, b))


def log_sum(positive: Floats) -> float:
    """Return the sum of logarithms, most of them taken eight at a time.

    The logarithm of a product of eight is as exact as the sum of eight logarithms, as
    long as the product is a normal number.
    """
    eighth = len(positive) // 8
    if eighth:
        products = np.multiply.reduce(positive[: 8 * eighth].reshape(8, eighth), axis=0)
        total = float(np.log(products).sum() + np.log(positive[8 * eighth :]).sum())
        if products.min() > TINY and total < np.inf:
            return total
    return float(np.log(positive).sum())


def dawid_sebastiani(y: Any, mu: Any, sigma: Any) -> Floats:
    """Return squared standardised error plus twice the log of sigma."""
    z = (y - mu) / sigma
    return z * z + 2.0 * np.log(sigma)


def gaussian_crps(y: Any, mu: Any, sigma: Any) -> Floats:
    """Return the continuous ranked probability score.

    The textbook form sigma (z (2 Phi(z) - 1) + ...) overflows in z when sigma is tiny;
    |y - mu| erf(|z| / sqrt 2) is the same term, and tends to |y - mu| as it should. Names
    are used again, so that no more than three arrays are alive at a time.
    """
    loss = np.abs(y - mu)
    z = SQRT_HALF * loss / sigma
    loss = loss * erf(z)
    z = -z * z
    return loss + sigma * (SQRT_2_OVER_PI * np.exp(z) - ONE_OVER_SQRT_PI)
