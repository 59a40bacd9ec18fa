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
SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)
ONE_OVER_SQRT_PI = 1.0 / math.sqrt(math.pi)


def gaussian_nll(y: Any, mu: Any, sigma: Any) -> Floats:
    """Return minus the log density, in nats."""
    z = (y - mu) / sigma
    return 0.5 * z * z + np.log(sigma) + HALF_LOG_2PI


def dawid_sebastiani(y: Any, mu: Any, sigma: Any) -> Floats:
    """Return squared standardised error plus twice the log of sigma."""
    z = (y - mu) / sigma
    return z * z + 2.0 * np.log(sigma)


def gaussian_crps(y: Any, mu: Any, sigma: Any) -> Floats:
    """Return the continuous ranked probability score.

    The textbook form sigma (z (2 Phi(z) - 1) + ...) overflows in z when sigma is tiny;
    |y - mu| erf(|z| / sqrt 2) is the same term, and tends to |y - mu| as it should.
    """
    error = np.abs(y - mu)
    z = error / sigma
    spread = SQRT_2_OVER_PI * np.exp(-0.5 * z * z) - ONE_OVER_SQRT_PI
    return error * erf(SQRT_HALF * z) + sigma * spread
