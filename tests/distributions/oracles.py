"""Log scores and CRPS to 50 digits, from the published formulas, by mpmath."""

from __future__ import annotations

import numpy as np
import pytest

mp = pytest.importorskip("mpmath")
mp.mp.dps = 50
M = mp.mpf
HALF = M(1) / 2


def relative_error(ours, theirs):
    """Largest relative error of an array against numbers of 50 digits."""
    pairs = zip(np.ravel(ours), theirs, strict=True)
    return max(float(abs(M(float(a)) - b) / abs(b)) for a, b in pairs)


def normal_cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def laplace_log(z):
    return -abs(M(z)) - mp.log(2)


def laplace_crps(z):
    return abs(M(z)) + mp.exp(-abs(M(z))) - M(3) / 4


def logistic_log(z):
    z = abs(M(z))
    return -z - 2 * mp.log1p(mp.exp(-z))


def logistic_crps(z):
    return M(z) + 2 * mp.log1p(mp.exp(-M(z))) - 1


def student_log(z, df):
    z, df = M(z), M(df)
    constant = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2
    return constant - (df + 1) / 2 * mp.log1p(z * z / df)


def student_cdf(z, df):
    z, df = M(z), M(df)
    tail = mp.betainc(df / 2, HALF, 0, df / (df + z * z), regularized=True) / 2
    return tail if z < 0 else 1 - tail


def student_crps(z, df):
    z, v = abs(M(z)), M(df)
    v += M(10) ** -22 if v == 1 else 0  # a removable singularity
    density = mp.exp(student_log(z, v))
    ratio = mp.beta(HALF, v - HALF) / mp.beta(HALF, v / 2) ** 2
    spread = 2 * density * (v + z * z) / (v - 1) - 2 * mp.sqrt(v) / (v - 1) * ratio
    return z * (2 * student_cdf(z, v) - 1) + spread


def lognormal_log(y, s):
    y, s = M(y), M(s)
    return -((mp.log(y) / s) ** 2) / 2 - mp.log(s * y) - mp.log(2 * mp.pi) / 2


def lognormal_crps(y, s):
    y, s = M(y), M(s)
    mean, apart = mp.exp(s * s / 2), normal_cdf(-s / mp.sqrt(2))
    if y <= 0:
        return 2 * mean * apart - y
    w = mp.log(y) / s
    return y * (2 * normal_cdf(w) - 1) - 2 * mean * (normal_cdf(w - s) - apart)


def gamma_cdf(a, x):
    """Sum the power series, which converges at every a and x."""
    a, x = M(a), M(x)
    if x > a + 100 * mp.sqrt(a) + 400:
        return M(1)
    term, total, k = M(1), M(1), 0
    while term > total * M(10) ** -40:
        k += 1
        term *= x / (a + k)
        total += term
    return total * mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) if x else M(0)


def gamma_log(y, a):
    y, a = M(y), M(a)
    return (a - 1) * mp.log(y) - y - mp.loggamma(a)


def gamma_crps(y, a):
    y, a = M(y), M(a)
    x = max(y, M(0))
    below = gamma_cdf(a, x)
    step = mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) if x else M(0)
    centre = x * (2 * below - 1) - a * (2 * (below - step) - 1)
    return centre - 1 / mp.beta(HALF, a) + (x - y)


def poisson_log(k, mu):
    k, mu = M(k), M(mu)
    return k * mp.log(mu) - mu - mp.loggamma(k + 1)


def poisson_crps(y, mu):
    y, mu, k = M(y), M(mu), mp.floor(M(y))
    cdf = 1 - gamma_cdf(k + 1, mu) if k >= 0 else M(0)
    pmf = mp.exp(poisson_log(k, mu)) if k >= 0 else M(0)
    bessel = mp.exp(-2 * mu) * (mp.besseli(0, 2 * mu) + mp.besseli(1, 2 * mu))
    return (y - mu) * (2 * cdf - 1) + 2 * mu * pmf - mu * bessel


def negative_binomial_log(k, n, p):
    k, n, p = M(k), M(n), M(p)
    choices = mp.loggamma(k + n) - mp.loggamma(n) - mp.loggamma(k + 1)
    return choices + n * mp.log(p) + k * mp.log1p(-p)


def negative_binomial_cdf(k, n, p):
    return mp.betainc(n, k + 1, 0, p, regularized=True) if k >= 0 else M(0)


def negative_binomial_crps(y, n, p):
    y, n, p = M(y), M(n), M(p)
    q, k = 1 - p, mp.floor(M(y))
    near = y * (2 * negative_binomial_cdf(k, n, p) - 1)
    far = p * (2 * negative_binomial_cdf(k - 1, n + 1, p) - 1)
    return near - n * q / p**2 * (far + mp.hyp2f1(n + 1, HALF, 2, -4 * q / p**2))


def negative_binomial_crps_by_sum(y, n, p):
    """Sum (F - 1)^2 over the support, where the hypergeometric series is too slow."""
    n, p = M(n), M(p)
    q, k, score = 1 - p, 0, M(0)
    mean, pmf = n * q / p, p**n
    cdf = pmf
    while k <= max(mean, y) or pmf > M(10) ** -40:
        score += (cdf - (k >= y)) ** 2
        pmf *= (k + n) / (k + 1) * q
        cdf += pmf
        k += 1
    return score
