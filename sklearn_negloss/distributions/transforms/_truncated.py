"""A distribution restricted to an interval, exact in both tails.

The transforms of a target may not reach every z: sqrt leaves out the negative half. What
a model predicts there is lost, and the rest is divided by what remains. All of that is
done with logs of probabilities, from the nearer tail, because a confident model may well
put all but 1e-100 of its mass outside.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri_exp

from sklearn_negloss.distributions._families import (
    Laplace,
    Logistic,
    Normal,
    StudentT,
)

Floats = NDArray[np.float64]

SYMMETRIC = (Normal, Laplace, Logistic, StudentT)
TINY = np.finfo(float).tiny
LOG_HALF = math.log(0.5)

# Less than this outside is nothing that a double of the rest could show...
NEGLIGIBLE = 1e-17
# ...unless y goes to infinity there: then only what no double can hold is nothing.
NEGLIGIBLE_AT_POLE = 1e-300


class Truncated:
    """A continuous distribution of z given low <= z <= high.

    Parameters
    ----------
    base : object
        With ``cdf`` and ``ppf``, vectorised over the samples; ``sf`` and ``isf``, or
        ``logcdf`` and ``logsf``, are used if it has them.
    low, high : float
        Ends of the interval; infinite for none.
    negligible : float, default=NEGLIGIBLE
        Mass outside that is not worth cutting off.
    """

    def __init__(
        self, base: Any, low: float, high: float, negligible: float = NEGLIGIBLE
    ) -> None:
        self.base, self.low, self.high = base, low, high
        with np.errstate(all="ignore"):
            self.log_below, self.log_above = self._log_cdf(low), self._log_sf(high)
            self.lost = np.exp(self.log_below) + np.exp(self.log_above)
            self.whole = not np.any(self.lost > negligible)
            self.log_mass = self._log_mass()

    def _log_mass(self) -> Floats:
        """Log of what lies between the ends, from the tail that resolves it."""
        if self.whole:
            return np.zeros(np.shape(self.lost))
        if self.low == -math.inf:
            return self._log_cdf(self.high)
        if self.high == math.inf:
            return self._log_sf(self.low)
        left = log_difference(self._log_cdf(self.high), self.log_below)
        right = log_difference(self._log_sf(self.low), self.log_above)
        return np.where(self.log_below < LOG_HALF, left, right)

    # -- tails of the base, in logs --------------------------------------------------

    def _log_cdf(self, z: Any) -> Floats:
        base = self.base
        if isinstance(base, Normal):
            return log_ndtr((z - base.loc) / base.scale)
        if hasattr(base, "logcdf"):
            return np.asarray(base.logcdf(z))
        return np.log(base.cdf(z))

    def _log_sf(self, z: Any) -> Floats:
        base = self.base
        if isinstance(base, Normal):
            return log_ndtr((base.loc - z) / base.scale)
        if hasattr(base, "logsf"):
            return np.asarray(base.logsf(z))
        if isinstance(base, SYMMETRIC):
            return np.log(base.cdf(2.0 * base.loc - z))
        return np.log1p(-np.asarray(base.cdf(z)))

    def _quantile(self, log_q: Floats, upper: Any) -> Floats:
        """Quantile of the base at a level given by its log, from one tail or the other."""
        base = self.base
        if isinstance(base, Normal):
            return base.loc + np.where(upper, -1.0, 1.0) * base.scale * ndtri_exp(log_q)
        q = np.clip(np.exp(log_q), TINY, 0.5)
        upper = np.broadcast_to(
            upper, np.broadcast_shapes(np.shape(q), np.shape(upper))
        )
        lower = _ppf(base, q) if not upper.all() else 0.0
        return np.where(upper, self._isf(q) if upper.any() else 0.0, lower)

    def _isf(self, q: Floats) -> Floats:
        base = self.base
        if hasattr(base, "isf"):
            return np.asarray(base.isf(q))
        if isinstance(base, SYMMETRIC):
            return 2.0 * base.loc - base.ppf(q)
        return _ppf(base, np.minimum(1.0 - q, 1.0 - 2.0**-53))

    # -- the truncated distribution --------------------------------------------------

    def below(self, z: Floats) -> Floats:
        """Probability of at most z."""
        with np.errstate(all="ignore"):
            if self.whole:
                return np.asarray(self.base.cdf(z))
            return self._between(self._log_cdf(z), self.log_below, self._log_sf, z)

    def above(self, z: Floats) -> Floats:
        """Probability of more than z."""
        with np.errstate(all="ignore"):
            if self.whole:
                return np.exp(self._log_sf(z))
            return self._between(self._log_sf(z), self.log_above, self._log_cdf, z)

    def _between(self, log_p: Any, log_end: Any, other: Any, z: Floats) -> Floats:
        """Mass between an end and z, by the tail on that side unless most is cut off."""
        near = np.exp(log_p - self.log_mass) - np.exp(log_end - self.log_mass)
        if np.all(log_end < LOG_HALF):
            return np.clip(near, 0.0, 1.0)
        end = self.low if log_end is self.log_below else self.high
        far = np.exp(other(end) - self.log_mass) - np.exp(other(z) - self.log_mass)
        return np.clip(np.where(log_end < LOG_HALF, near, far), 0.0, 1.0)

    def quantile(self, q: Any, from_above: bool = False) -> Floats:
        """Quantile of z with probability q in (0, 1) below, or above, it."""
        q = np.asarray(q, dtype=np.float64)
        with np.errstate(all="ignore"):
            if self.whole:
                return self._isf(q) if from_above else _ppf(self.base, q)
            log_q, log_rest = np.log(q), np.log1p(-q)
            if from_above:
                log_q, log_rest = log_rest, log_q
            return self._at(log_q, log_rest)

    def at_score(self, t: Floats) -> Floats:
        """Quantile at the level of a standard normal score: also far in the upper tail."""
        with np.errstate(all="ignore"):
            if self.whole and isinstance(self.base, Normal):
                return self.base.loc + self.base.scale * t
            return self._at(log_ndtr(t), log_ndtr(-t))

    def _at(self, log_q: Floats, log_rest: Floats) -> Floats:
        """Quantile with q below and the rest above, from the nearer tail of the base."""
        if self.whole:
            upper = log_q > LOG_HALF
            return self._quantile(np.where(upper, log_rest, log_q), upper)
        below = np.logaddexp(self.log_below, log_q + self.log_mass)
        above = np.logaddexp(self.log_above, log_rest + self.log_mass)
        upper = below > LOG_HALF
        z = self._quantile(np.where(upper, above, below), upper)
        return np.clip(z, self.low, self.high)

    def score(self, z: Floats) -> Floats:
        """Standard normal score of the level of z; infinite at and beyond the ends."""
        below, above = self.below(z), self.above(z)
        with np.errstate(all="ignore"):
            lower = ndtri_exp(np.log(below))
            return np.where(below > 0.5, -ndtri_exp(np.log(above)), lower)


def log_difference(log_p: Floats, log_q: Floats) -> Floats:
    """Return log(p - q) from the logs."""
    return log_p + np.log1p(-np.exp(log_q - log_p))


def _ppf(base: Any, q: Floats) -> Floats:
    return np.asarray(base.ppf(q), dtype=np.float64)
