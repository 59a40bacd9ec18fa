"""Families of counts: Poisson, negative binomial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sklearn_negloss._validation import OPEN_UNIT, POSITIVE, Argument, Domain, checked
from sklearn_negloss.distributions._base import Distribution, Floats
from sklearn_negloss.distributions._crps import (
    negative_binomial_cdf,
    negative_binomial_crps,
    negative_binomial_log_pmf,
    poisson_cdf,
    poisson_crps,
    poisson_log_pmf,
)
from sklearn_negloss.distributions._inputs import check_moments, generator, points

RATE_REMEDY = (
    "counts have a positive mean: predict it on a log scale, or put a floor under a mean "
    "that vanished"
)
RATE = Argument("mu", POSITIVE, RATE_REMEDY, scalar=True)
N = Argument(
    "n", POSITIVE, "n is a positive number, not necessarily whole", scalar=True
)
P = Argument("p", OPEN_UNIT, "p is mean / variance, a probability", scalar=True)
DISPERSION = Argument(
    "sigma**2 / mu",
    Domain("greater than 1", low=1.0, low_open=True),
    "a negative binomial varies more than a Poisson: use Poisson.from_moments(mu) where "
    "the variance does not exceed the mean",
    scalar=True,
)

EQUIDISPERSION = Argument(
    "sigma**2 / mu",
    Domain("1 (to six digits)", low=1.0 - 1e-6, high=1.0 + 1e-6),
    "the variance of a Poisson is its mean: leave sigma out, or use NegativeBinomial for "
    "counts that vary more",
    scalar=True,
)


class _Counts(Distribution):
    """What distributions on 0, 1, 2, ... share: points between, and quantiles."""

    discrete = True

    def logpmf(self, k: Any) -> Floats:
        """Log probability of exactly `k`, in nats; minus infinity unless a count."""
        k = points(k)
        with np.errstate(all="ignore"):
            count = (k >= 0.0) & (k == np.floor(k)) & np.isfinite(k)
            inside = self._log_pmf(np.where(count, k, 0.0))
            return np.where(count, inside, np.where(np.isnan(k), k, -np.inf))

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        x = np.floor(points(x))
        with np.errstate(all="ignore"):
            finite = self._cdf(np.where(np.isfinite(x), x, 0.0))
            return np.where(np.isfinite(x), finite, np.where(np.isnan(x), x, x > 0.0))

    def _ppf(self, q: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return _smallest_count(self._cdf, self.mean(), self.std(), q)

    def _log_pmf(self, k: Floats) -> Floats:
        """Log probability of non-negative `k`."""
        raise NotImplementedError

    def _cdf(self, k: Floats) -> Floats:
        """Probability of at most a whole number `k`."""
        raise NotImplementedError

    def mean(self) -> Floats:
        """Mean of each distribution."""
        raise NotImplementedError


class Poisson(_Counts):
    """Poisson distribution with mean and variance `mu`.

    Parameters
    ----------
    mu : array-like of shape (n_samples,) or float
        Mean count, strictly positive.

    Raises
    ------
    ValueError
        If `mu` is not finite and strictly positive.

    References
    ----------
    .. [1] W. Wei and L. Held. Calibration tests for count data. TEST, 23(4), 787-805,
       2014. :doi:`10.1007/s11749-014-0380-8`
    .. [2] C. Loader. Fast and accurate computation of binomial probabilities. 2000.

    Examples
    --------
    >>> from sklearn_negloss.distributions import Poisson
    >>> dist = Poisson(mu=[0.5, 1e4])
    >>> dist.logpmf([0, 10_000]).round(4)
    array([-0.5   , -5.5241])
    >>> dist.crps([0, 10_000]).round(4)
    array([ 0.1632, 23.3692])
    """

    parameters = (RATE,)

    def __init__(self, mu: ArrayLike) -> None:
        self._set(mu=mu)

    @classmethod
    def from_moments(cls, mu: ArrayLike, sigma: ArrayLike | None = None) -> Poisson:
        """Return the member with mean `mu`; `sigma`, if given, has to be its root."""
        if sigma is not None:
            mu, sigma = check_moments(mu, sigma, RATE)
            with np.errstate(all="ignore"):
                checked((sigma / mu) * sigma, EQUIDISPERSION)
        return cls(mu=mu)

    def _log_pmf(self, k: Floats) -> Floats:
        return poisson_log_pmf(k, self.mu)

    def _cdf(self, k: Floats) -> Floats:
        return poisson_cdf(k, self.mu)

    def mean(self) -> Floats:
        """Mean of each distribution."""
        return self.mu

    def var(self) -> Floats:
        """Variance of each distribution."""
        return self.mu

    def entropy(self) -> Floats:
        """Entropy of each distribution, in nats."""
        with np.errstate(all="ignore"):
            return _entropy_by_sum(self._log_pmf, self.mu, self.std(), 40.0)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        with np.errstate(all="ignore"):
            return poisson_crps(points(y), self.mu)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one count from each distribution."""
        return np.asarray(generator(random_state).poisson(self.mu), dtype=np.float64)


class NegativeBinomial(_Counts):
    """Negative binomial distribution: mean n (1 - p) / p, variance mean / p.

    It counts failures before the n-th success of probability p, and is defined for
    every n > 0: a Poisson whose mean varies by a gamma distribution of shape n.

    Parameters
    ----------
    n : array-like of shape (n_samples,) or float
        Dispersion, strictly positive, not necessarily whole; the greater, the closer
        to a Poisson.
    p : array-like of shape (n_samples,) or float
        Ratio of mean to variance, strictly between 0 and 1.

    Raises
    ------
    ValueError
        If `n` is not strictly positive, `p` not in (0, 1), or shapes differ.

    References
    ----------
    .. [1] W. Wei and L. Held. Calibration tests for count data. TEST, 23(4), 787-805,
       2014. :doi:`10.1007/s11749-014-0380-8`
    .. [2] C. Loader. Fast and accurate computation of binomial probabilities. 2000.

    Examples
    --------
    >>> from sklearn_negloss.distributions import NegativeBinomial
    >>> dist = NegativeBinomial.from_moments(mu=[2.0, 1e4], sigma=[2.0, 200.0])
    >>> dist.mean().round(8), dist.std().round(8)
    (array([2.e+00, 1.e+04]), array([  2., 200.]))
    >>> dist.crps([2, 10_000]).round(4)
    array([ 0.463 , 46.7391])
    """

    parameters = (N, P)

    def __init__(self, n: ArrayLike, p: ArrayLike) -> None:
        self._set(n=n, p=p)

    @classmethod
    def from_moments(cls, mu: ArrayLike, sigma: ArrayLike) -> NegativeBinomial:
        """Return the member with mean `mu` and standard deviation `sigma`^2 > `mu`."""
        mu, sigma = check_moments(mu, sigma, RATE)
        with np.errstate(all="ignore"):
            p = 1.0 / checked((sigma / mu) * sigma, DISPERSION)
            # n follows from the rounded p, so that the mean stays exact even where
            # 1 - p has few digits left.
            return cls(n=mu * (p / (1.0 - p)), p=p)

    def _log_pmf(self, k: Floats) -> Floats:
        return negative_binomial_log_pmf(k, self.n, self.p)

    def _cdf(self, k: Floats) -> Floats:
        return negative_binomial_cdf(k, self.n, self.p)

    def mean(self) -> Floats:
        """Mean of each distribution."""
        with np.errstate(all="ignore"):
            return self.n * ((1.0 - self.p) / self.p)

    def var(self) -> Floats:
        """Variance of each distribution."""
        with np.errstate(all="ignore"):
            return self.mean() / self.p

    def entropy(self) -> Floats:
        """Entropy of each distribution, in nats."""
        n, p = np.atleast_1d(self.n), np.atleast_1d(self.p)
        entropy, small = np.empty(n.shape), n < 50.0
        with np.errstate(all="ignore"):
            if small.any():
                entropy[small] = _entropy_of_small_n(n[small], p[small])
            if not small.all():
                rest = NegativeBinomial(n[~small], p[~small])
                entropy[~small] = _entropy_by_sum(
                    rest._log_pmf, rest.mean(), rest.std(), 40.0 / rest.p
                )
        return entropy.reshape(self.shape)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        with np.errstate(all="ignore"):
            return negative_binomial_crps(points(y), self.n, self.p)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one count from each distribution."""
        draw = generator(random_state).negative_binomial(self.n, self.p)
        return np.asarray(draw, dtype=np.float64)


def _smallest_count(
    cdf: Callable[[Floats], Floats], mean: Floats, std: Floats, q: Floats
) -> Floats:
    """Return the least count whose probability of being reached is at least `q`.

    Cantelli's inequality brackets it rigorously, and bisection over whole numbers is
    exact by definition; no starting value can mislead it.
    """
    low = np.floor(mean - std * np.sqrt((1.0 - q) / q)) - 2.0
    low = np.maximum(low, -1.0)  # always below the answer
    high = np.maximum(np.ceil(mean + std * np.sqrt(q / (1.0 - q))) + 2.0, 0.0)
    while np.any(high - low > 1.0):
        middle = np.floor(low + 0.5 * (high - low))
        reached = cdf(middle) >= q
        stuck = (middle <= low) | (middle >= high)  # neighbours in floating point
        high = np.where(reached | stuck, np.where(stuck, high, middle), high)
        low = np.where(stuck, high - 1.0, np.where(reached, low, middle))
        if np.all((high - low <= 1.0) | stuck):
            break
    return high


def _entropy_by_sum(
    log_pmf: Callable[[Floats], Floats], mean: Floats, std: Floats, tail: Any
) -> Floats:
    """Return minus the sum of f log f, over the counts that matter.

    A wide pmf is a smooth function sampled far more densely than it varies: then every
    (std / 6)-th count is enough, for the same reason that makes the trapezoid rule
    exact for a Gaussian.
    """
    step = np.maximum(1.0, np.floor(std / 6.0))
    first = np.maximum(np.floor(mean - 12.0 * std - 2.0), 0.0)
    last = mean + 12.0 * std + tail
    count = int(np.max(np.ceil((last - first) / step))) + 1
    entropy = np.zeros(np.shape(mean))
    for j in range(count):
        log_f = log_pmf(first + j * step)
        f = np.exp(log_f)
        entropy = entropy - np.where(f > 0.0, f * log_f, 0.0)
    return step * entropy


def _entropy_of_small_n(n: Floats, p: Floats) -> Floats:
    """Return the entropy of a negative binomial with a long tail of power-law start.

    Malmsten's integral of log Gamma turns E[log Gamma(X + n)] into an integral over
    the probability generating function, so that no sum over the support is needed.
    """
    q = 1.0 - p
    first = np.log(np.minimum(p, np.minimum(1.0, 1.0 / n))) - 40.0 - np.log1p(n)
    last = np.log(40.0 * np.maximum(1.0, 1.0 / n))
    count = int(np.max(np.ceil((last - first) / 0.2)))
    width = (last - first) / count
    total = np.zeros(np.shape(n))
    for j in range(count + 1):
        t = np.exp(first + j * width)
        step = -np.expm1(-t)
        missing = -np.expm1(-n * np.log1p(q * step / p))
        # exp(-n t) - exp(-t), without the difference
        shift = np.exp(-np.minimum(n, 1.0) * t) * -np.expm1(-np.abs(n - 1.0) * t)
        total = total + np.where(n > 1.0, -shift, shift) * missing / step
    return width * total - n * np.log(p) - n * (q / p) * np.log1p(-p)
