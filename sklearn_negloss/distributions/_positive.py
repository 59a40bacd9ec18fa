"""Families on the positive half-line: log-normal, gamma."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import (
    digamma,
    gammainccinv,
    gammaincinv,
    gammaln,
    log_ndtr,
    ndtr,
    ndtri,
    xlogy,
)

from sklearn_negloss._validation import POSITIVE, Argument
from sklearn_negloss.distributions._base import Distribution, Floats, check_levels
from sklearn_negloss.distributions._crps import gamma_crps, log_normal_crps, log_ratio
from sklearn_negloss.distributions._formulas import HALF_LOG_2PI
from sklearn_negloss.distributions._inputs import (
    POSITIVE_MU,
    check_moments,
    generator,
    points,
)
from sklearn_negloss.distributions._special import (
    deviance_term,
    digamma_remainder,
    gamma_lower,
    gamma_upper,
    product_difference,
    stirling_error,
)

SHAPE_REMEDY = (
    "a shape is a positive number; see from_moments to get it from mu and sigma"
)
S = Argument("s", POSITIVE, SHAPE_REMEDY, scalar=True)
A = Argument("a", POSITIVE, SHAPE_REMEDY, scalar=True)
SCALE = Argument(
    "scale",
    POSITIVE,
    "a scale is a positive number in the units of y (for a log-normal: exp(mean of log y))",
    scalar=True,
)


class LogNormal(Distribution):
    """Log-normal distribution: log(y / scale) is normal with standard deviation `s`.

    Parameters
    ----------
    s : array-like of shape (n_samples,) or float
        Standard deviation of log y, strictly positive.
    scale : array-like of shape (n_samples,) or float, default=1.0
        Median, in the units of y, strictly positive: the exponential of the mean of
        log y.

    Raises
    ------
    ValueError
        If a parameter is not finite and strictly positive, or shapes differ.

    References
    ----------
    .. [1] A. Jordan, F. Krueger and S. Lerch. Evaluating probabilistic forecasts with
       scoringRules. Journal of Statistical Software, 90(12), 1-37, 2019.
       :doi:`10.18637/jss.v090.i12`

    Examples
    --------
    >>> from sklearn_negloss.distributions import LogNormal
    >>> dist = LogNormal.from_moments(mu=[1.0, 2.0], sigma=0.5)
    >>> dist.mean()
    array([1., 2.])
    >>> LogNormal(s=[1.0, 12.0]).crps(1.0)
    array([2.67405467e-01, 3.99981266e+14])
    """

    parameters = (S, SCALE)

    def __init__(self, s: ArrayLike, scale: ArrayLike = 1.0) -> None:
        self._set(s=s, scale=scale)

    @classmethod
    def from_moments(cls, mu: ArrayLike, sigma: ArrayLike) -> LogNormal:
        """Return the member with mean `mu` > 0 and standard deviation `sigma`."""
        mu, sigma = check_moments(mu, sigma, POSITIVE_MU)
        with np.errstate(all="ignore"):
            variation = sigma / mu
            growth = np.hypot(1.0, variation)  # mean / median
            narrow = np.log1p(np.minimum(variation, 1.0) ** 2)
            s = np.sqrt(np.where(variation < 1.0, narrow, 2.0 * np.log(growth)))
            return cls(s=s, scale=mu / growth)

    def _score(self, x: Floats) -> Floats:
        """Standardised logarithm of `x`; minus infinity at and below 0."""
        return log_ratio(np.maximum(x, 0.0), self.scale) / self.s

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats; minus infinity at and below 0."""
        x = points(x)
        with np.errstate(all="ignore"):
            w = self._score(x)
            inside = -0.5 * w * w - np.log(self.s) - np.log(x) - HALF_LOG_2PI
            return np.where(x <= 0.0, -np.inf, inside)

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        with np.errstate(all="ignore"):
            return ndtr(self._score(points(x)))

    def logcdf(self, x: Any) -> Floats:
        """Log of the probability of at most `x`."""
        with np.errstate(all="ignore"):
            return log_ndtr(self._score(points(x)))

    def logsf(self, x: Any) -> Floats:
        """Log of the probability of more than `x`, also where it is tiny."""
        with np.errstate(all="ignore"):
            return log_ndtr(-self._score(points(x)))

    def _ppf(self, q: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return self.scale * np.exp(self.s * ndtri(q))

    def isf(self, q: ArrayLike) -> Floats:
        """Value that is exceeded with probability `q`, strictly between 0 and 1."""
        with np.errstate(all="ignore"):
            return self.scale * np.exp(-self.s * ndtri(check_levels(q)))

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y."""
        with np.errstate(all="ignore"):
            return self.scale * np.exp(0.5 * self.s**2)

    def var(self) -> Floats:
        """Variance of each distribution."""
        with np.errstate(all="ignore"):
            return self.std() ** 2

    def std(self) -> Floats:
        """Standard deviation of each distribution, in the units of y."""
        with np.errstate(all="ignore"):
            return self.mean() * np.sqrt(np.expm1(self.s**2))

    def entropy(self) -> Floats:
        """Differential entropy of each distribution, in nats."""
        return np.log(self.s) + np.log(self.scale) + (HALF_LOG_2PI + 0.5)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        with np.errstate(all="ignore"):
            return log_normal_crps(points(y), self.s, self.scale)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one value from each distribution."""
        normal = generator(random_state).standard_normal(self.shape)
        with np.errstate(all="ignore"):
            return self.scale * np.exp(self.s * normal)


class Gamma(Distribution):
    """Gamma distribution with shape `a`, mean `a * scale`.

    Parameters
    ----------
    a : array-like of shape (n_samples,) or float
        Shape, strictly positive: the squared ratio of mean to standard deviation.
    scale : array-like of shape (n_samples,) or float, default=1.0
        Scale, in the units of y, strictly positive: the ratio of variance to mean.

    Raises
    ------
    ValueError
        If a parameter is not finite and strictly positive, or shapes differ.

    References
    ----------
    .. [1] M. Scheuerer and D. Moeller. Probabilistic wind speed forecasting on a grid
       based on ensemble model output statistics. Annals of Applied Statistics, 9(3),
       1328-1349, 2015. :doi:`10.1214/15-AOAS843`
    .. [2] C. Loader. Fast and accurate computation of binomial probabilities. 2000.

    Examples
    --------
    >>> from sklearn_negloss.distributions import Gamma
    >>> dist = Gamma.from_moments(mu=[1.0, 2.0], sigma=0.5)
    >>> dist.a, dist.scale
    (array([ 4., 16.]), array([0.25 , 0.125]))
    """

    parameters = (A, SCALE)

    def __init__(self, a: ArrayLike, scale: ArrayLike = 1.0) -> None:
        self._set(a=a, scale=scale)

    @classmethod
    def from_moments(cls, mu: ArrayLike, sigma: ArrayLike) -> Gamma:
        """Return the member with mean `mu` > 0 and standard deviation `sigma`."""
        mu, sigma = check_moments(mu, sigma, POSITIVE_MU)
        with np.errstate(all="ignore"):
            ratio = mu / sigma
            return cls(a=ratio**2, scale=sigma / ratio)

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats; minus infinity below 0."""
        x = points(x)
        with np.errstate(all="ignore"):
            z = np.maximum(x, 0.0) / self.scale
            small = np.minimum(self.a, 10.0)
            direct = xlogy(small - 1.0, z) - z - gammaln(small)
            inside = np.where(
                self.a < 10.0, direct, self._log_density_of_large_shape(x, z)
            )
            nowhere = (x < 0.0) | (z == np.inf)
            return np.where(nowhere, -np.inf, inside - np.log(self.scale))

    def _log_density_of_large_shape(self, x: Floats, z: Floats) -> Floats:
        """Log density at scale 1 (Loader's form: Stirling's terms are taken out)."""
        a = np.maximum(self.a, 10.0)
        excess = product_difference(x, 1.0, a, self.scale) / self.scale
        log_density = (
            0.5 * np.log(a)
            - HALF_LOG_2PI
            - np.log(z)
            - stirling_error(a)
            - deviance_term(a, z, excess)
        )
        return np.where(z > 0.0, log_density, np.where(z == 0.0, -np.inf, z))

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        with np.errstate(all="ignore"):
            x = np.maximum(points(x), 0.0)
            excess = product_difference(x, 1.0, self.a, self.scale) / self.scale
            return gamma_lower(self.a, x / self.scale, excess)

    def logsf(self, x: Any) -> Floats:
        """Log of the probability of more than `x`, also where it is tiny."""
        with np.errstate(all="ignore"):
            x = np.maximum(points(x), 0.0)
            excess = product_difference(x, 1.0, self.a, self.scale) / self.scale
            return np.log(gamma_upper(self.a, x / self.scale, excess))

    def _ppf(self, q: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return self.scale * gammaincinv(self.a, q)

    def isf(self, q: ArrayLike) -> Floats:
        """Value that is exceeded with probability `q`, strictly between 0 and 1."""
        with np.errstate(all="ignore"):
            return self.scale * gammainccinv(self.a, check_levels(q))

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y."""
        with np.errstate(all="ignore"):
            return self.a * self.scale

    def var(self) -> Floats:
        """Variance of each distribution."""
        with np.errstate(all="ignore"):
            return self.a * self.scale**2

    def std(self) -> Floats:
        """Standard deviation of each distribution, in the units of y."""
        with np.errstate(all="ignore"):
            return np.sqrt(self.a) * self.scale

    def entropy(self) -> Floats:
        """Differential entropy of each distribution, in nats."""
        with np.errstate(all="ignore"):
            small, large = np.minimum(self.a, 10.0), np.maximum(self.a, 10.0)
            direct = small + gammaln(small) + (1.0 - small) * digamma(small)
            stirling = HALF_LOG_2PI + 0.5 * np.log(large) + stirling_error(large)
            rest = (large - 1.0) * (0.5 / large + digamma_remainder(large))
            entropy = np.where(self.a < 10.0, direct, stirling + rest)
            return entropy + np.log(self.scale)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        with np.errstate(all="ignore"):
            return gamma_crps(points(y), self.a, self.scale)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one value from each distribution."""
        return generator(random_state).gamma(self.a, self.scale)
