"""Special functions that keep their digits where the textbook form cancels.

Everything here takes and returns float64 arrays that broadcast, and is called with
numpy's floating point warnings silenced: a limit that is infinite is an answer.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import digamma, erfc, gammainc, gammaincc, gammaln

from sklearn_negloss.distributions._formulas import HALF_LOG_2PI, Floats

# Gauss-Legendre nodes and weights on (0, 1): the mean of a smooth function.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
UNIT_NODES = tuple(
    (float(0.5 + 0.5 * x), float(0.5 * w))
    for x, w in zip(_NODES, _WEIGHTS, strict=True)
)

# Stirling's series of log Gamma, in odd powers of 1/x.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
# log(Gamma(a + 1/2) / Gamma(a)) - log(a) / 2, in odd powers of 1/a.
_HALF_STEP = (-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432, 691 / 180224)
SQRT_PI = math.sqrt(math.pi)
_SPLITTER = 134217729.0  # 2**27 + 1 cuts a float64 in two halves (Veltkamp)


def _odd_series(coefficients: tuple[float, ...], x: Any) -> Floats:
    """Sum of c_j / x^(2 j + 1)."""
    inverse = 1.0 / x
    return inverse * np.polynomial.polynomial.polyval(inverse * inverse, coefficients)


def stirling_error(x: Any) -> Floats:
    """Return log Gamma(x + 1) minus Stirling's formula, for x > 0 (Loader, 2000)."""
    large = np.maximum(x, 10.0)
    small = np.minimum(x, 10.0)
    direct = gammaln(small + 1.0) - (small + 0.5) * np.log(small) + small - HALF_LOG_2PI
    return np.where(x >= 10.0, _odd_series(_STIRLING, large), direct)


def log_half_step(a: Any) -> Floats:
    """Return log(Gamma(a + 1/2) / Gamma(a)); the difference of two logs cancels."""
    large = np.maximum(a, 16.0)
    series = 0.5 * np.log(large) + _odd_series(_HALF_STEP, large)
    small = np.minimum(a, 16.0)
    return np.where(a >= 16.0, series, gammaln(small + 0.5) - gammaln(small))


def digamma_half_step(a: Any) -> Floats:
    """Return digamma(a + 1/2) - digamma(a), the derivative of `log_half_step`."""
    large = np.maximum(a, 16.0)
    derivative = tuple(-(2 * j + 1) * c for j, c in enumerate(_HALF_STEP))
    series = (0.5 + _odd_series(derivative, large)) / large
    small = np.minimum(a, 16.0)
    return np.where(a >= 16.0, series, digamma(small + 0.5) - digamma(small))


def digamma_remainder(x: Any) -> Floats:
    """Return log(x) - 1 / (2 x) - digamma(x), about 1 / (12 x^2), for x >= 10."""
    derivative = tuple((2 * j + 1) * c for j, c in enumerate(_STIRLING))
    return _odd_series(derivative, x) / x


def mean_digamma_half_step(start: Any, width: Any) -> Floats:
    """Return the mean of `digamma_half_step` over an interval, at any width, also 0.

    It is the difference quotient of `log_half_step`, without the difference.
    """
    total = np.zeros(np.broadcast_shapes(np.shape(start), np.shape(width)))
    for node, weight in UNIT_NODES:
        a = start + width * node
        total += weight * (digamma(a + 0.5) - digamma(a))
    return total


def log1p_remainder(e: Any) -> Floats:
    """Return e - log(1 + e), which is about e^2 / 2 and never negative."""
    small = np.abs(e) < 0.3
    near = np.where(small, e, 0.0)
    v = near / (2.0 + near)  # log(1 + e) = 2 atanh(v), and e - 2 v = e v
    square = v * v
    odd = tuple(1.0 / (2 * j + 3) for j in range(13))
    series = v * (near - 2.0 * square * np.polynomial.polynomial.polyval(square, odd))
    return np.where(small, series, e - np.log1p(e))


def deviance_term(k: Any, mu: Any, difference: Any) -> Floats:
    """Return k log(k / mu) + mu - k for k > 0, given `difference` = mu - k.

    Loader's bd0: what is left of a log probability after Stirling's formula. It is
    half a Poisson deviance.
    """
    e = difference / k
    near = k * log1p_remainder(np.clip(e, -0.3, 0.3))
    return np.where(np.abs(e) < 0.3, near, difference - k * np.log(mu / k))


def product_difference(a: Any, b: Any, c: Any, d: Any) -> Floats:
    """Return a b - c d with the error of one rounding (Dekker's exact products)."""
    left, right = a * b, c * d
    exact = (left - right) + (_rounding(a, b, left) - _rounding(c, d, right))
    return np.where(np.isfinite(exact), exact, left - right)


def _rounding(a: Any, b: Any, product: Any) -> Floats:
    """Return a b - fl(a b) exactly, if nothing overflows."""
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return a_low * b_low - (
        ((product - a_high * b_high) - a_low * b_high) - a_high * b_low
    )


def _halves(x: Any) -> tuple[Floats, Floats]:
    """Cut x into two parts of 26 bits each."""
    shifted = _SPLITTER * x
    high = shifted - (shifted - x)
    return high, x - high


def gamma_lower(a: Any, x: Any, difference: Any) -> Floats:
    """Return P(a, x), given `difference` = x - a.

    scipy's series stops after 2000 terms, which is too early beyond 4.5 standard
    deviations once a exceeds 1e5; Temme's expansion needs two terms there.
    """
    half, rest = _temme(np.maximum(a, 1e5), difference)
    return np.where(
        _scipy_holds(a, difference), gammainc(a, x), erfc(-half) / 2.0 - rest
    )


def gamma_upper(a: Any, x: Any, difference: Any) -> Floats:
    """Return Q(a, x) = 1 - P(a, x), given `difference` = x - a."""
    half, rest = _temme(np.maximum(a, 1e5), difference)
    return np.where(
        _scipy_holds(a, difference), gammaincc(a, x), erfc(half) / 2.0 + rest
    )


def _scipy_holds(a: Any, difference: Any) -> Any:
    return (a < 1e5) | (np.abs(difference) < 4.4 * np.sqrt(a))


def _temme(a: Any, difference: Any) -> tuple[Floats, Floats]:
    """Return eta sqrt(a / 2) and the remainder R of Temme's uniform expansion (1979)."""
    e = np.clip(difference / a, -1.0, 1e200)
    eta = np.copysign(np.sqrt(2.0 * log1p_remainder(e)), e)
    half = eta * np.sqrt(0.5 * a)
    first = 1.0 / e - 1.0 / eta
    second = eta**-3.0 - e**-3.0 - e**-2.0 - 1.0 / (12.0 * e)
    density = np.exp(-half * half) / np.sqrt(2.0 * math.pi * a)
    return half, density * (first + second / a)
