"""Families on the whole line: normal, Laplace, logistic, Student t."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit, ndtr, ndtri

from sklearn_negloss._validation import POSITIVE, SIGMA, Argument, Domain, checked
from sklearn_negloss.distributions._base import Distribution, Floats
from sklearn_negloss.distributions._crps import (
    laplace_crps,
    logistic_crps,
    student_t_crps,
    student_t_log_kernel,
    student_t_quantile,
    student_t_tail,
)
from sklearn_negloss.distributions._formulas import (
    HALF_LOG_2PI,
    gaussian_crps,
    gaussian_nll,
)
from sklearn_negloss.distributions._inputs import check_moments, generator, points
from sklearn_negloss.distributions._special import digamma_half_step, log_half_step

LOC = Argument("loc", scalar=True)
SCALE = Argument("scale", POSITIVE, SIGMA.remedy, scalar=True)
DF = Argument("df", POSITIVE, "degrees of freedom are a positive number", scalar=True)
DF_WITH_STD = Argument(
    "df",
    Domain("greater than 2", low=2.0, low_open=True),
    "a Student t has a standard deviation only then: pass a greater df, or construct "
    "StudentT(df, loc, scale) directly",
    scalar=True,
)

LOG_2 = math.log(2.0)
SQRT_2 = math.sqrt(2.0)
PI_OVER_SQRT_3 = math.pi / math.sqrt(3.0)


class Normal(Distribution):
    """Normal distribution with mean `loc` and standard deviation `scale`.

    Parameters
    ----------
    loc : array-like of shape (n_samples,) or float, default=0.0
        Mean, in the units of y.
    scale : array-like of shape (n_samples,) or float, default=1.0
        Standard deviation, in the units of y, strictly positive.

    Raises
    ------
    ValueError
        If a parameter is not finite, `scale` is not positive, or shapes differ.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery. Strictly proper scoring rules, prediction,
       and estimation. Journal of the American Statistical Association, 102(477),
       359-378, 2007. :doi:`10.1198/016214506000001437`

    Examples
    --------
    >>> from sklearn_negloss.distributions import Normal
    >>> dist = Normal(loc=[0.0, 1.0], scale=0.1)
    >>> dist.logpdf([0.0, 1.0])
    array([1.38364656, 1.38364656])
    """

    parameters = (LOC, SCALE)

    def __init__(self, loc: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> None:
        self._set(loc=loc, scale=scale)

    @classmethod
    def from_moments(cls, mu: ArrayLike, sigma: ArrayLike) -> Normal:
        """Return the member with mean `mu` and standard deviation `sigma`."""
        mu, sigma = check_moments(mu, sigma)
        return cls(loc=mu, scale=sigma)

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats."""
        with np.errstate(all="ignore"):
            return -gaussian_nll(points(x), self.loc, self.scale)

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        with np.errstate(all="ignore"):
            return ndtr((points(x) - self.loc) / self.scale)

    def _ppf(self, q: Floats) -> Floats:
        return self.loc + self.scale * ndtri(q)

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y."""
        return self.loc

    def var(self) -> Floats:
        """Variance of each distribution."""
        with np.errstate(all="ignore"):
            return self.scale**2

    def std(self) -> Floats:
        """Standard deviation of each distribution, in the units of y."""
        return self.scale

    def entropy(self) -> Floats:
        """Differential entropy of each distribution, in nats."""
        return np.log(self.scale) + (HALF_LOG_2PI + 0.5)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        with np.errstate(all="ignore"):
            return gaussian_crps(points(y), self.loc, self.scale)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one value from each distribution."""
        return generator(random_state).normal(self.loc, self.scale)


class Laplace(Distribution):
    """Laplace (double exponential) distribution around `loc`.

    Parameters
    ----------
    loc : array-like of shape (n_samples,) or float, default=0.0
        Mean and median, in the units of y.
    scale : array-like of shape (n_samples,) or float, default=1.0
        Mean absolute deviation, in the units of y, strictly positive: the standard
        deviation divided by the square root of 2.

    Raises
    ------
    ValueError
        If a parameter is not finite, `scale` is not positive, or shapes differ.

    References
    ----------
    .. [1] A. Jordan, F. Krueger and S. Lerch. Evaluating probabilistic forecasts with
       scoringRules. Journal of Statistical Software, 90(12), 1-37, 2019.
       :doi:`10.18637/jss.v090.i12`

    Examples
    --------
    >>> from sklearn_negloss.distributions import Laplace
    >>> dist = Laplace.from_moments(mu=[0.0, 1.0], sigma=1.0)
    >>> dist.std()
    array([1., 1.])
    """

    parameters = (LOC, SCALE)

    def __init__(self, loc: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> None:
        self._set(loc=loc, scale=scale)

    @classmethod
    def from_moments(cls, mu: ArrayLike, sigma: ArrayLike) -> Laplace:
        """Return the member with mean `mu` and standard deviation `sigma`."""
        mu, sigma = check_moments(mu, sigma)
        return cls(loc=mu, scale=sigma / SQRT_2)

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats."""
        with np.errstate(all="ignore"):
            return (
                -np.abs(points(x) - self.loc) / self.scale - np.log(self.scale) - LOG_2
            )

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        with np.errstate(all="ignore"):
            z = (points(x) - self.loc) / self.scale
            tail = 0.5 * np.exp(-np.abs(z))
            return np.where(z < 0.0, tail, 1.0 - tail)

    def _ppf(self, q: Floats) -> Floats:
        distance = np.log(2.0 * np.minimum(q, 1.0 - q))
        return self.loc + self.scale * np.where(q < 0.5, distance, -distance)

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y."""
        return self.loc

    def var(self) -> Floats:
        """Variance of each distribution."""
        with np.errstate(all="ignore"):
            return 2.0 * self.scale**2

    def std(self) -> Floats:
        """Standard deviation of each distribution, in the units of y."""
        return SQRT_2 * self.scale

    def entropy(self) -> Floats:
        """Differential entropy of each distribution, in nats."""
        return np.log(self.scale) + (LOG_2 + 1.0)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        with np.errstate(all="ignore"):
            return laplace_crps(points(y), self.loc, self.scale)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one value from each distribution."""
        return generator(random_state).laplace(self.loc, self.scale)


class Logistic(Distribution):
    """Logistic distribution around `loc`.

    Parameters
    ----------
    loc : array-like of shape (n_samples,) or float, default=0.0
        Mean and median, in the units of y.
    scale : array-like of shape (n_samples,) or float, default=1.0
        Scale, in the units of y, strictly positive: the standard deviation times the
        square root of 3, divided by pi.

    Raises
    ------
    ValueError
        If a parameter is not finite, `scale` is not positive, or shapes differ.

    References
    ----------
    .. [1] A. Jordan, F. Krueger and S. Lerch. Evaluating probabilistic forecasts with
       scoringRules. Journal of Statistical Software, 90(12), 1-37, 2019.
       :doi:`10.18637/jss.v090.i12`

    Examples
    --------
    >>> from sklearn_negloss.distributions import Logistic
    >>> dist = Logistic(loc=0.0, scale=[1.0, 2.0])
    >>> dist.logpdf(1000.0)
    array([-1000.        ,  -500.69314718])
    """

    parameters = (LOC, SCALE)

    def __init__(self, loc: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> None:
        self._set(loc=loc, scale=scale)

    @classmethod
    def from_moments(cls, mu: ArrayLike, sigma: ArrayLike) -> Logistic:
        """Return the member with mean `mu` and standard deviation `sigma`."""
        mu, sigma = check_moments(mu, sigma)
        return cls(loc=mu, scale=sigma / PI_OVER_SQRT_3)

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats."""
        with np.errstate(all="ignore"):
            z = np.abs(points(x) - self.loc) / self.scale
            return -z - 2.0 * np.log1p(np.exp(-z)) - np.log(self.scale)

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        with np.errstate(all="ignore"):
            return expit((points(x) - self.loc) / self.scale)

    def _ppf(self, q: Floats) -> Floats:
        return self.loc + self.scale * logit(q)

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y."""
        return self.loc

    def var(self) -> Floats:
        """Variance of each distribution."""
        with np.errstate(all="ignore"):
            return (PI_OVER_SQRT_3 * self.scale) ** 2

    def std(self) -> Floats:
        """Standard deviation of each distribution, in the units of y."""
        return PI_OVER_SQRT_3 * self.scale

    def entropy(self) -> Floats:
        """Differential entropy of each distribution, in nats."""
        return np.log(self.scale) + 2.0

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        with np.errstate(all="ignore"):
            return logistic_crps(points(y), self.loc, self.scale)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one value from each distribution."""
        return generator(random_state).logistic(self.loc, self.scale)


class StudentT(Distribution):
    """Student t distribution with `df` degrees of freedom, shifted and scaled.

    `scale` is not the standard deviation, which is scale * sqrt(df / (df - 2)), is
    infinite for 1 < df <= 2, and does not exist (NaN, like the mean) for df <= 1.

    Parameters
    ----------
    df : array-like of shape (n_samples,) or float
        Degrees of freedom, strictly positive.
    loc : array-like of shape (n_samples,) or float, default=0.0
        Median, in the units of y; the mean if df > 1.
    scale : array-like of shape (n_samples,) or float, default=1.0
        Scale, in the units of y, strictly positive.

    Raises
    ------
    ValueError
        If a parameter is not finite, `df` or `scale` is not positive, or shapes differ.

    Notes
    -----
    The CRPS is finite for df > 1/2, also where the mean does not exist; it is given in
    closed form there, and is infinite for df <= 1/2.

    References
    ----------
    .. [1] A. Jordan, F. Krueger and S. Lerch. Evaluating probabilistic forecasts with
       scoringRules. Journal of Statistical Software, 90(12), 1-37, 2019.
       :doi:`10.18637/jss.v090.i12`

    Examples
    --------
    >>> from sklearn_negloss.distributions import StudentT
    >>> dist = StudentT.from_moments(mu=[0.0, 1.0], sigma=2.0, df=5.0)
    >>> dist.std()
    array([2., 2.])
    >>> StudentT(df=[1.0, 5.0]).crps(0.0).round(4)
    array([0.4413, 0.257 ])
    """

    parameters = (DF, LOC, SCALE)

    def __init__(
        self, df: ArrayLike, loc: ArrayLike = 0.0, scale: ArrayLike = 1.0
    ) -> None:
        self._set(df=df, loc=loc, scale=scale)

    @classmethod
    def from_moments(
        cls, mu: ArrayLike, sigma: ArrayLike, df: ArrayLike = 5.0
    ) -> StudentT:
        """Return the member with mean `mu`, standard deviation `sigma` and `df` > 2.

        Moments say nothing of `df`; 5 has the tails of many errors (kurtosis 9).
        """
        mu, sigma = check_moments(mu, sigma)
        df = checked(df, DF_WITH_STD)
        if df.ndim and df.shape != np.broadcast_shapes(mu.shape, sigma.shape):
            cls(df=df, loc=mu, scale=sigma)  # says which shapes differ
        return cls(df=df, loc=mu, scale=sigma * np.sqrt((df - 2.0) / df))

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats."""
        with np.errstate(all="ignore"):
            z = (points(x) - self.loc) / self.scale
            kernel = 0.5 * (self.df + 1.0) * student_t_log_kernel(z, self.df)
            return self._log_peak() - kernel - np.log(self.scale)

    def _log_peak(self) -> Floats:
        """Log density of the standard distribution at 0."""
        return log_half_step(0.5 * self.df) - 0.5 * np.log(math.pi * self.df)

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        with np.errstate(all="ignore"):
            z = (points(x) - self.loc) / self.scale
            tail = student_t_tail(z, self.df)
            return np.where(z < 0.0, tail, 1.0 - tail)

    def _ppf(self, q: Floats) -> Floats:
        with np.errstate(all="ignore"):
            tails = 2.0 * np.minimum(q, 1.0 - q)
            z = np.copysign(student_t_quantile(tails, self.df), q - 0.5)
            return self.loc + self.scale * z

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y; NaN for df <= 1."""
        return np.where(self.df > 1.0, self.loc, np.nan)

    def var(self) -> Floats:
        """Variance of each distribution; infinite for df <= 2, NaN for df <= 1."""
        with np.errstate(all="ignore"):
            return self.scale**2 * self._standard_variance()

    def std(self) -> Floats:
        """Standard deviation of each distribution, in the units of y."""
        with np.errstate(all="ignore"):
            return self.scale * np.sqrt(self._standard_variance())

    def _standard_variance(self) -> Floats:
        """Variance at scale 1."""
        finite = self.df / np.maximum(self.df - 2.0, 0.0)
        return np.where(self.df > 1.0, finite, np.nan)

    def entropy(self) -> Floats:
        """Differential entropy of each distribution, in nats."""
        with np.errstate(all="ignore"):
            kernel = 0.5 * (self.df + 1.0) * digamma_half_step(0.5 * self.df)
            return kernel - self._log_peak() + np.log(self.scale)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        with np.errstate(all="ignore"):
            return student_t_crps(points(y), self.df, self.loc, self.scale)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one value from each distribution."""
        return self.loc + self.scale * generator(random_state).standard_t(self.df)
