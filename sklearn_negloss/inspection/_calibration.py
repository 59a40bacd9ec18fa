"""Numbers behind the pictures of calibration: PIT intervals, their mean, and bands."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sklearn_negloss._reduction import Floats
from sklearn_negloss._validation import (
    UNIT,
    Argument,
    check_option,
    check_share,
    checked,
)
from sklearn_negloss.distributions import EmpiricalDistribution, QuantileGrid
from sklearn_negloss.inspection._forecast import Forecast

BANDS = ("simultaneous", "pointwise")
CDF = Argument(
    "dist.cdf(y_true)", UNIT, "the distribution is broken; check its parameters"
)
# Narrower steps of a cdf are what rounding leaves of a continuous one.
STEP = 1e-9


def pit_intervals(forecast: Forecast) -> tuple[Floats, Floats]:
    """Return the step of each cdf at what happened: F(y-) and F(y).

    Both are the same for a continuous distribution. For counts, ensembles and grids the
    probability integral transform is any number between them.
    """
    lower, upper = forecast.each(_lower), forecast.each(_upper)
    return checked(lower, CDF), checked(upper, CDF)


def _lower(y: Floats, dist: Any) -> Any:
    if isinstance(dist, EmpiricalDistribution):
        m = dist.samples.shape[-1]
        return _before(y, dist) * (m / (m + 1))
    if isinstance(dist, QuantileGrid):
        # Beyond its outer levels a grid says nothing: anything there is as likely.
        return np.minimum(_before(y, dist), dist.levels[-1])
    return _before(y, dist)


def _upper(y: Floats, dist: Any) -> Any:
    if isinstance(dist, EmpiricalDistribution):
        # With m draws, what happened takes any of m + 1 ranks: a rank histogram.
        m = dist.samples.shape[-1]
        return (dist.cdf(y) * m + 1) / (m + 1)
    if isinstance(dist, QuantileGrid):
        return np.maximum(dist.cdf(y), dist.levels[0])
    return dist.cdf(y)


def _before(y: Floats, dist: Any) -> Any:
    """Probability of less than y."""
    return dist.cdf(np.nextafter(y, -np.inf))


def mean_cdf(lower: Floats, upper: Floats, weight: Floats, at: Floats) -> Floats:
    """Return the mean distribution function of PIT values spread over their steps."""
    width = upper - lower
    step = width > STEP
    safe = np.where(step, width, 1.0)
    shares = []
    for u in at:
        inside = np.clip((u - lower) / safe, 0.0, 1.0)
        shares.append(np.average(np.where(step, inside, upper <= u), weights=weight))
    return np.array(shares)


def histogram(lower: Floats, upper: Floats, weight: Floats, n_bins: int) -> Floats:
    """Return the height of each bin, 1 where as many fall in as should."""
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    cumulative = mean_cdf(lower, upper, weight, edges)
    cumulative[[0, -1]] = 0.0, 1.0  # the first bin holds its left edge, too
    return np.diff(cumulative) * n_bins


def central_coverage(
    lower: Floats, upper: Floats, weight: Floats, nominal: Floats
) -> Floats:
    """Return the share of what happened inside central intervals of given coverage."""
    below = mean_cdf(lower, upper, weight, (1.0 + nominal) / 2.0)
    return below - mean_cdf(lower, upper, weight, (1.0 - nominal) / 2.0)


def bin_band(
    n_effective: float, n_bins: int, confidence: float, band: str
) -> tuple[float, float]:
    """Return the heights between which bins of calibrated forecasts lie."""
    n = max(1, round(n_effective))
    miss = _miss(confidence, band)
    if band == "simultaneous":
        miss /= n_bins  # Bonferroni: nearly exact, since bins crowd each other out
    count = stats.binom(n, 1.0 / n_bins)
    low, high = count.ppf(miss / 2.0), count.ppf(1.0 - miss / 2.0)
    return float(low * n_bins / n), float(high * n_bins / n)


def coverage_band(
    nominal: Floats, n_effective: float, confidence: float, band: str
) -> tuple[Floats, Floats]:
    """Return between what the empirical coverage of calibrated forecasts lies."""
    n = max(1, round(n_effective))
    miss = _miss(confidence, band)
    if band == "pointwise":
        count = stats.binom(n, nominal)
        ends = count.ppf(miss / 2.0), count.ppf(1.0 - miss / 2.0)
        return np.asarray(ends[0]) / n, np.asarray(ends[1]) / n
    # The coverage curve of calibrated forecasts is the empirical distribution function
    # of uniform numbers, and Kolmogorov knows how far that strays.
    reach = float(stats.kstwo.ppf(1.0 - miss, n))
    return np.clip(nominal - reach, 0.0, 1.0), np.clip(nominal + reach, 0.0, 1.0)


def _miss(confidence: float, band: str) -> float:
    check_option("band", band, BANDS)
    return 1.0 - check_share("confidence", confidence)


def outside(heights: Floats, low: float, high: float) -> NDArray[np.bool_]:
    """Return which heights lie outside a band, but for rounding."""
    slack = 1e-9
    return (heights < low - slack) | (heights > high + slack)
