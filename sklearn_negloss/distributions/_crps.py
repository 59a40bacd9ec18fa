"""The continuous ranked probability score (CRPS) of each family, in closed form.

Every form is E|X - y| - E|X - X'| / 2, arranged so that large terms that cancel are
taken out before anything is rounded. Arguments are float64 arrays that broadcast,
with values already checked; numpy's warnings are silenced by the caller.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import (
    betainc,
    betaincc,
    betainccinv,
    betaincinv,
    erf,
    erfcx,
    i0e,
    i1e,
    ndtr,
)

from sklearn_negloss.distributions._formulas import SQRT_HALF, Floats
from sklearn_negloss.distributions._special import (
    SQRT_PI,
    UNIT_NODES,
    deviance_term,
    gamma_lower,
    gamma_upper,
    log_half_step,
    mean_digamma_half_step,
    product_difference,
    stirling_error,
)

TWO_PI = 2.0 * math.pi
FAR = 1e20  # a Student t is a pure power law beyond, to the last digit


def laplace_crps(y: Any, loc: Any, scale: Any) -> Floats:
    """Return the CRPS of Laplace distributions."""
    error = np.abs(y - loc)
    return error + scale * (np.exp(-error / scale) - 0.75)


def logistic_crps(y: Any, loc: Any, scale: Any) -> Floats:
    """Return the CRPS of logistic distributions."""
    error = np.abs(y - loc)
    return error + scale * (2.0 * np.log1p(np.exp(-error / scale)) - 1.0)


# -- Student t -----------------------------------------------------------------------


def student_t_crps(y: Any, df: Any, loc: Any, scale: Any) -> Floats:
    """Return the CRPS of Student t distributions; infinite for df <= 1/2.

    The published form divides two terms by df - 1 whose difference vanishes at
    df = 1. Divided first, they hold at df = 1 (Cauchy) and, because both sides are
    analytic in df, on to df = 1/2, where the CRPS ends being finite although the
    mean has long ceased to exist.
    """
    finite = df > 0.5
    df = np.where(finite, df, 1.0)
    error = np.abs(y - loc)
    z = np.minimum(error / scale, 1e300)  # a scale may be so small that this overflows
    d, half_log = df - 1.0, 0.5 * student_t_log_kernel(z, df)
    peak = np.exp(log_half_step(0.5 * df)) / np.sqrt(np.pi * df)
    rate = _student_t_spread_rate(df)
    spread = (
        2.0
        * peak
        * df
        * (_exprel(d * rate) * -rate - _exprel(-d * half_log) * half_log)
    )
    inside = 1.0 - 2.0 * student_t_tail(z, df)
    return np.where(finite, error * inside + scale * spread, np.inf)


def student_t_log_kernel(z: Any, df: Any) -> Floats:
    """Return log(1 + z^2 / df), also where z^2 overflows."""
    t = np.abs(z) / np.sqrt(df)
    return np.where(t < 1e8, np.log1p(t * t), 2.0 * np.log(t))


def student_t_tail(z: Any, df: Any) -> Floats:
    """Return P(T > |z|), through whichever beta integral keeps its digits there."""
    t = np.abs(z) / np.sqrt(df)
    square = np.minimum(t, 1e100) ** 2
    share = np.minimum(square / (1.0 + square), 0.5)
    middle = 1.0 - betainc(0.5, 0.5 * df, share)
    near = np.where(np.abs(z) < 1.0, middle, betaincc(0.5, 0.5 * df, share))
    far = betainc(0.5 * df, 0.5, 1.0 / (1.0 + square))
    # Beyond, the tail is a power of z, and the integral's argument would underflow.
    power = np.exp(log_half_step(0.5 * df) - df * np.log(t)) / (0.5 * df * SQRT_PI)
    return 0.5 * np.where(t < 1.0, near, np.where(t < FAR, far, power))


def student_t_quantile(tails: Any, df: Any) -> Floats:
    """Return the z > 0 with P(|T| > z) = `tails`: the inverse, case by case."""
    middle = betaincinv(0.5, 0.5 * df, 1.0 - tails)
    near = np.where(tails > 0.5, middle, betainccinv(0.5, 0.5 * df, tails))
    far = betaincinv(0.5 * df, 0.5, tails)
    z = np.sqrt(df * np.where(near < 0.5, near / (1.0 - near), (1.0 - far) / far))
    log_share = np.log(0.5 * df * SQRT_PI * tails) - log_half_step(0.5 * df)
    power = np.exp(-log_share / df)
    return np.where(power < FAR, z, np.sqrt(df) * power)


def _student_t_spread_rate(df: Any) -> Floats:
    """Return log(B(1/2, df - 1/2) / B(1/2, df / 2)) / (df - 1); -log 2 at df = 1."""
    d = df - 1.0
    close = np.abs(d) < 0.3
    near = np.where(close, d, 0.0)
    far = log_half_step(0.5 * df) - log_half_step(df - 0.5)
    quotient = far / np.where(close, 1.0, d)
    mean = mean_digamma_half_step(0.5 + 0.5 * near, 0.5 * near)
    return np.where(close, -0.5 * mean, quotient)


def _exprel(x: Any) -> Floats:
    """Return (exp(x) - 1) / x, 1 at x = 0."""
    return np.where(x == 0.0, 1.0, np.expm1(x) / np.where(x == 0.0, 1.0, x))


# -- log-normal ----------------------------------------------------------------------


def log_ratio(x: Any, scale: Any) -> Floats:
    """Return log(x / scale), with all digits where x is close to scale."""
    e = (x - scale) / scale
    return np.where(np.abs(e) < 0.5, np.log1p(e), np.log(x) - np.log(scale))


def log_normal_crps(y: Any, s: Any, scale: Any) -> Floats:
    """Return the CRPS of log-normal distributions.

    With w the normal score of y, the published form is y (2 Phi(w) - 1) - 2 m
    (Phi(w - s) - Phi(-s / sqrt 2)), where the mean m overflows and Phi underflows for
    large s, and everything cancels for small s: two arrangements, two ranges.
    """
    inside = np.maximum(y, 0.0)
    w = log_ratio(inside, scale) / s
    score = np.where(
        s < 0.5,
        _narrow_log_normal_crps(inside, w, np.minimum(s, 0.5), scale),
        _wide_log_normal_crps(inside, w, s, scale),
    )
    return score + np.maximum(-y, 0.0)


def _wide_log_normal_crps(y: Any, w: Any, s: Any, scale: Any) -> Floats:
    """Write m Phi(w - s) and m Phi(-s / sqrt 2) through the scaled erfc."""
    left = np.exp(-0.5 * w * w) * erfcx(SQRT_HALF * np.maximum(s - w, 0.0))
    right = 2.0 * np.exp(s * (0.5 * s - w)) * ndtr(w - s)
    growth = np.exp(0.125 * s * s)
    spread = scale * growth * (growth * erfcx(0.5 * s))
    below = y * (erf(SQRT_HALF * w) - np.where(w < s, left, right))
    return np.where(y > 0.0, below, 0.0) + spread


def _narrow_log_normal_crps(y: Any, w: Any, s: Any, scale: Any) -> Floats:
    """Take y - scale and Phi(w) - Phi(w - s) as differences from the start."""
    step = np.zeros(np.broadcast_shapes(np.shape(w), np.shape(s)))
    for node, weight in UNIT_NODES:
        step += weight * np.exp(-0.5 * (w - s * node) ** 2)
    step *= 2.0 * s / math.sqrt(TWO_PI)
    drift = 2.0 * np.expm1(0.5 * s * s) * (ndtr(w - s) - ndtr(-SQRT_HALF * s))
    return (y - scale) * erf(SQRT_HALF * w) + scale * (step - erf(0.5 * s) - drift)


# -- gamma ---------------------------------------------------------------------------


def gamma_crps(y: Any, a: Any, scale: Any) -> Floats:
    """Return the CRPS of gamma distributions.

    Above a = 1, P(a + 1, x) is replaced by P(a, x) less a density, which leaves terms
    of the size of sqrt(a). Below, the published form is right, if 1 - a B(1/2, a) is
    not a difference.
    """
    inside = np.maximum(y, 0.0)
    x = inside / scale
    excess = product_difference(inside, 1.0, a, scale) / scale
    probability = gamma_lower(a, x, excess)
    large = _large_gamma_crps(x, excess, probability, np.maximum(a, 1.0))
    small = np.minimum(a, 1.0)
    missing = -np.expm1(-small * mean_digamma_half_step(0.5, small))
    near = x * (2.0 * probability - 1.0) + small * (
        missing - 2.0 * gamma_lower(small + 1.0, x, x - small - 1.0)
    )
    score = scale * np.where(a < 1.0, near, large)
    return np.where(x == np.inf, inside, score) + np.maximum(-y, 0.0)


def _large_gamma_crps(x: Any, excess: Any, probability: Any, a: Any) -> Floats:
    """Return the CRPS at scale 1, where `excess` = x - a."""
    density = np.exp(-stirling_error(a) - deviance_term(a, x, excess))
    return (
        excess * (2.0 * probability - 1.0)
        + 2.0 * np.sqrt(a / TWO_PI) * density
        - np.exp(log_half_step(a)) / SQRT_PI
    )


# -- Poisson -------------------------------------------------------------------------


def poisson_log_pmf(k: Any, mu: Any) -> Floats:
    """Return the log probability of non-negative integers `k`."""
    large = np.maximum(k, 1.0)
    log_pmf = (
        -0.5 * np.log(TWO_PI * large)
        - stirling_error(large)
        - deviance_term(large, mu, mu - large)
    )
    return np.where(k < 1.0, -mu, log_pmf)


def poisson_cdf(k: Any, mu: Any) -> Floats:
    """Return the probability of at most `k`, an integer or -1."""
    a = np.maximum(k, 0.0) + 1.0
    return np.where(k < 0.0, 0.0, gamma_upper(a, mu, mu - a))


def poisson_crps(y: Any, mu: Any) -> Floats:
    """Return the CRPS of Poisson distributions."""
    k = np.floor(y)
    probability = poisson_cdf(k, mu)
    at_k = np.where(k < 0.0, 0.0, np.exp(poisson_log_pmf(np.maximum(k, 0.0), mu)))
    spread = mu * (i0e(2.0 * mu) + i1e(2.0 * mu))
    large = (y - mu) * (2.0 * probability - 1.0) + 2.0 * mu * at_k - spread
    small = (
        y * (2.0 * probability - 1.0)
        - 2.0 * mu * poisson_cdf(k - 1.0, mu)
        + mu * _bessel_complement(np.minimum(mu, 1.0))
    )
    return np.where(mu < 1.0, small, large)


def _bessel_complement(mu: Any) -> Floats:
    """Return 1 - exp(-2 mu) (I0 + I1)(2 mu) for mu <= 1, about mu when it is small."""
    square = mu * mu
    even = tuple(1.0 / math.factorial(j) ** 2 for j in range(1, 12))
    odd = tuple(1.0 / (math.factorial(j) * math.factorial(j + 1)) for j in range(11))
    series = square * np.polynomial.polynomial.polyval(square, even)
    series += mu * np.polynomial.polynomial.polyval(square, odd)
    return -np.expm1(-2.0 * mu) - np.exp(-2.0 * mu) * series


# -- negative binomial ---------------------------------------------------------------


def negative_binomial_log_pmf(k: Any, n: Any, p: Any) -> Floats:
    """Return the log probability of non-negative integers `k` (Loader's form)."""
    large = np.maximum(k, 1.0)
    total, excess = n + large, _excess(large, n, p)
    log_pmf = (
        0.5 * np.log(n / (TWO_PI * large * total))
        + stirling_error(total)
        - stirling_error(n)
        - stirling_error(large)
        - deviance_term(n, total * p, excess)
        - deviance_term(large, total * (1.0 - p), -excess)
    )
    return np.where(k < 1.0, n * np.log(p), log_pmf)


def negative_binomial_cdf(k: Any, n: Any, p: Any) -> Floats:
    """Return the probability of at most `k`, an integer or -1."""
    return np.where(k < 0.0, 0.0, betainc(n, np.maximum(k, 0.0) + 1.0, p))


def negative_binomial_crps(y: Any, n: Any, p: Any) -> Floats:
    """Return the CRPS of negative binomial distributions.

    When the mean exceeds the standard deviation (n q > 1), mean and spread stay
    apart; otherwise both vanish together, and their difference is integrated instead.
    """
    q = 1.0 - p
    k, mean, wide = np.floor(y), n * q / p, n * q < 1.0
    probability = negative_binomial_cdf(k, n, p)
    at_k = np.exp(negative_binomial_log_pmf(np.maximum(k, 0.0), n, p))
    distance = _excess(y, n, p) / p * (2.0 * probability - 1.0)
    distance += np.where(k < 0.0, 0.0, 2.0 * (q / p) * (n + k) * at_k)
    large = distance - mean * _half_spread(
        np.where(wide, 2.0, n), np.where(wide, 0.5, p)
    )
    before = np.where(k < 1.0, 0.0, betainc(n + 1.0, np.maximum(k, 1.0), p))
    at_zero = mean * _zero_score(np.where(wide, n, 1.0), np.where(wide, p, 0.5))
    small = y * (2.0 * probability - 1.0) - 2.0 * mean * before + at_zero
    return np.where(wide, small, large)


def _excess(y: Any, n: Any, p: Any) -> Floats:
    """Return y p - n (1 - p), with 1 - p carried to twice the digits."""
    q = 1.0 - p
    lost = (1.0 - q) - p
    return product_difference(y, p, n, q) - n * lost


def _half_spread(n: Any, p: Any) -> Floats:
    """Return E|X - X'| / 2 in units of the mean, for n >= 1.

    Fejer's kernel turns the mean difference into an integral of the squared
    characteristic function, which by parts and with tan = sinh x becomes
    4 / (pi (1 + q)) times the integral of (1 - m tanh^2 x)^(n - 1) / cosh^3 x over
    x > 0, where m = 4 q / (1 + q)^2. It is analytic in |Im x| < pi / 2 and even, so
    the trapezoid rule gains digits exponentially with every point.
    """
    m = 4.0 * (1.0 - p) / (2.0 - p) ** 2
    decay = (n - 1.0) * m
    narrow = np.sqrt(np.minimum(38.0 / decay, 0.9))
    end = np.where(0.9 * decay > 38.0, np.arctanh(narrow), 12.8)
    step = np.minimum(0.1, 0.4 / np.sqrt(decay + 1.5))
    return _trapezoid(_half_spread_integrand, end, step, n, p)


def _half_spread_integrand(sinh: Any, n: Any, ratio: Any) -> Floats:
    return np.exp((1.0 - n) * np.log1p(ratio) - 1.5 * np.log1p(sinh * sinh))


def _zero_score(n: Any, p: Any) -> Floats:
    """Return the CRPS of y = 0 in units of the mean: 1 - `_half_spread`, undivided."""
    kappa = p / (2.0 - p)
    end = np.minimum(38.5, 12.8 - np.log(kappa))
    return _trapezoid(_zero_score_integrand, end, np.full_like(end, 0.1), n, p)


def _zero_score_integrand(sinh: Any, n: Any, ratio: Any) -> Floats:
    # (1 + ratio) (1 + kappa^2 sinh^2) = cosh^2 x
    square = 1.0 + sinh * sinh
    return -np.expm1(-n * np.log1p(ratio)) * (1.0 + ratio) / (square * np.sqrt(square))


def _trapezoid(integrand: Any, end: Any, step: Any, n: Any, p: Any) -> Floats:
    """Integrate over x from 0 to `end`, and normalise by 4 / (pi (1 + q))."""
    m, kappa = 4.0 * (1.0 - p) / (2.0 - p) ** 2, p / (2.0 - p)
    count = max(int(np.ceil(np.max(end / step))), 24)
    width = end / count
    total = 0.5 * integrand(np.zeros_like(width), n, np.zeros_like(width))
    for j in range(1, count + 1):
        sinh = np.sinh(width * j)
        square = sinh * sinh
        total = total + integrand(sinh, n, m * square / (1.0 + kappa * kappa * square))
    return 4.0 / (math.pi * (2.0 - p)) * width * total
