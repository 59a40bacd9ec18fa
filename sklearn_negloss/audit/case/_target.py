"""A target in a few numbers, which is all that the rules about targets read.

The numbers can be had from a column, or gathered batch by batch from one that is larger
than memory; a rule does not know which.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A gap below this many units of rounding of the largest value is none.
SAME = 4.0

# A range below this share of the largest value is what rounding leaves of a constant.
CONSTANT = 1e-12


@dataclass(frozen=True)
class TargetSummary:
    """What the rules know of one column of a target.

    Parameters
    ----------
    n : int
        Number of samples.
    n_infinite : int
        How many are infinite; all else is about the finite ones.
    dtype : str
        Name of the dtype that it came in.
    mean, std, minimum, maximum : float
        Moments and range; nan if no value is finite.
    n_distinct : int
        Number of distinct values.
    values : tuple of float
        The distinct values, ascending, if there are at most `MAX_LISTED`.
    top_value, top_share : float
        Most frequent value, and the share of the samples that equal it.
    beside_share : float
        The greater share of the two values next to it, one on each side.
    rest_iqr : float
        Interquartile range of the samples that do not equal it.
    gap : float
        Least difference between two distinct values: the step of recording, if there
        is one; nan for a constant target.
    on_grid : bool
        Whether all values lie on a grid of step `gap`, as recorded numbers do.
    integer_share, unit_share : float
        Shares of integers, and of values inside [0, 1].
    n_effective : float
        Number of equally weighted samples that tell as much; `n` without weights.
    heaviest : float
        Share of the sample of the greatest weight.

    Notes
    -----
    Moments, shares and quartiles are weighted where there are weights, as if samples
    were repeated; `n` and `n_infinite` count samples.
    """

    n: int
    n_infinite: int
    dtype: str
    mean: float
    std: float
    minimum: float
    maximum: float
    n_distinct: int
    values: tuple[float, ...]
    top_value: float
    top_share: float
    beside_share: float
    rest_iqr: float
    gap: float
    on_grid: bool
    integer_share: float
    unit_share: float
    n_effective: float
    heaviest: float

    MAX_LISTED = 20

    @property
    def is_regression(self) -> bool:
        """Whether the values look like measurements, and not like class labels."""
        if self.integer_share < 1.0:
            return True
        return self.n_distinct > min(self.MAX_LISTED, self.n / 3)

    @property
    def is_constant(self) -> bool:
        """Whether all values are the same, but for rounding."""
        size = max(abs(self.minimum), abs(self.maximum))
        return self.maximum - self.minimum <= CONSTANT * size

    @classmethod
    def of(
        cls, y: NDArray[np.generic], weights: NDArray[np.float64] | None = None
    ) -> TargetSummary:
        """Summarise a column.

        Parameters
        ----------
        y : ndarray of shape (n_samples,)
            Numbers without NaN.
        weights : ndarray of shape (n_samples,), default=None
            Positive weights of the samples.

        Returns
        -------
        summary : TargetSummary
            Its numbers.
        """
        dtype, column = str(y.dtype), np.asarray(y, dtype=np.float64).reshape(-1)
        known = np.isfinite(column)
        finite = column[known]
        if not finite.size:
            return cls._without_values(dtype, column.size)
        weights = None if weights is None else weights[known]
        values, counts = _counted(finite, weights)
        mean, std = _moments(finite, weights)
        return cls.of_counts(
            *(values, counts),
            n=column.size,
            n_finite=finite.size,
            dtype=dtype,
            mean=mean,
            std=std,
            weights=weights,
        )

    @classmethod
    def of_counts(
        cls,
        values: NDArray[np.float64],
        counts: NDArray[Any],
        *,
        n: int,
        n_finite: int,
        dtype: str,
        mean: float,
        std: float,
        weights: NDArray[np.float64] | None = None,
    ) -> TargetSummary:
        """Summarise a column of which every distinct value has been counted.

        Parameters
        ----------
        values, counts : ndarray of shape (n_distinct,)
            Finite values, ascending, and how often each one came, or the sum of its
            weights.
        n, n_finite : int
            Number of samples, and of finite ones.
        dtype : str
            Name of the dtype that they came in.
        mean, std : float
            Moments of the finite values.
        weights : ndarray of shape (n_finite,), default=None
            Weights that were summed.

        Returns
        -------
        summary : TargetSummary
            Its numbers.
        """
        total, top = counts.sum(), int(np.argmax(counts))
        gaps, rounding = gaps_of(values, dtype)
        return cls(
            n=n,
            n_infinite=n - n_finite,
            dtype=dtype,
            mean=mean,
            std=std,
            minimum=float(values[0]),
            maximum=float(values[-1]),
            n_distinct=values.size,
            values=tuple(values.tolist()) if values.size <= cls.MAX_LISTED else (),
            top_value=float(values[top]),
            top_share=float(counts[top] / total),
            beside_share=float(_beside(counts, top) / total),
            rest_iqr=_iqr(values, counts, top),
            gap=float(gaps.min()) if gaps.size else np.nan,
            on_grid=on_grid(values, gaps, rounding),
            integer_share=float(counts[values == np.rint(values)].sum() / total),
            unit_share=float(counts[(values >= 0) & (values <= 1)].sum() / total),
            n_effective=_effective(n_finite, weights),
            heaviest=float((1.0 if weights is None else weights.max()) / total),
        )

    @classmethod
    def _without_values(cls, dtype: str, n: int) -> TargetSummary:
        """Return the summary of a column of infinities."""
        nan = float("nan")
        moments = (nan, nan, nan, nan)
        modes = (nan, nan, nan, nan, nan)
        return cls(n, n, dtype, *moments, 0, (), *modes, False, 0.0, 0.0, 0.0, nan)


def _counted(
    column: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Return the distinct values, and how often each came or what its weights sum to."""
    if weights is None:
        return np.unique(column, return_counts=True)
    values, where = np.unique(column, return_inverse=True)
    return values, np.bincount(where.reshape(-1), weights, values.size)


def _moments(
    column: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> tuple[float, float]:
    """Return mean and standard deviation."""
    # A power of two changes no digit, and squares neither overflow nor vanish.
    largest = max(abs(float(column.min())), abs(float(column.max())))
    unit = 2.0 ** min(math.frexp(largest)[1], 1023)
    scaled = column / unit
    if weights is None:
        return unit * float(scaled.mean()), unit * float(scaled.std())
    mean = np.average(scaled, weights=weights)
    square = float(np.average((scaled - mean) ** 2, weights=weights))
    return unit * float(mean), unit * math.sqrt(square)


def _effective(n: int, weights: NDArray[np.float64] | None) -> float:
    """Return how many samples of one weight would tell as much (Kish)."""
    if weights is None:
        return float(n)
    share = weights / weights.sum()
    return 1.0 / float(share @ share)


def _beside(counts: NDArray[Any], top: int) -> Any:
    """Count of the more frequent neighbour of a value."""
    neighbours = [counts[k] for k in (top - 1, top + 1) if 0 <= k < counts.size]
    return max(neighbours, default=0)


def _iqr(values: NDArray[np.float64], counts: NDArray[Any], top: int) -> float:
    """Interquartile range of all samples but those of the most frequent value."""
    rest = counts.copy()
    rest[top] = 0
    if not rest.any():
        return 0.0
    ranks = np.cumsum(rest) / rest.sum()
    low, high = values[np.searchsorted(ranks, [0.25, 0.75])]
    return float(high - low)


def gaps_of(
    values: NDArray[np.float64], dtype: str
) -> tuple[NDArray[np.float64], float]:
    """Return the differences of ascending values, and how far rounding moves one."""
    rounding = SAME * _eps(dtype, values) * float(np.abs(values[[0, -1]]).max())
    gaps = np.diff(values)
    # 0.1 + 0.2 and 0.3 are one recorded number, unless all there is differs so.
    return gaps[gaps > rounding] if (gaps > rounding).any() else gaps, rounding


def _eps(dtype: str, values: NDArray[np.float64]) -> float:
    """Rounding of numbers as they were before they became float64, which may not tell."""
    if dtype == "float64" and not np.array_equal(values, np.rint(values)):
        with np.errstate(over="ignore"):
            single = values.astype(np.float32)
        dtype = "float32" if np.array_equal(values, single) else dtype
    kept = dtype if dtype in ("float16", "float32") else "float64"
    return float(np.finfo(kept).eps)


def on_grid(
    values: NDArray[np.float64], gaps: NDArray[np.float64], rounding: float
) -> bool:
    """Whether values lie on a grid, up to the rounding of numbers of their size."""
    if not gaps.size:
        return False
    step = gaps.min()
    if step <= 1e3 * rounding:
        return False
    # One gap has the rounding of two values; the whole range knows the step better.
    above = values - values[0]
    step = above[-1] / np.rint(above[-1] / step)
    off = np.abs(above / step - np.rint(above / step))
    return bool(np.all(off * step <= 1e-6 * step + rounding))
