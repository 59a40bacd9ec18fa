"""Predictions without a density: ensembles of draws, and grids of quantiles."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from sklearn_negloss._validation import (
    MISSING_REMEDY,
    OPEN_UNIT,
    Argument,
    as_numeric,
    checked,
    value_error,
)
from sklearn_negloss.distributions._base import Distribution, Floats
from sklearn_negloss.distributions._inputs import generator, points
from sklearn_negloss.distributions._rows import (
    by_blocks,
    count_at_most,
    ensemble_crps,
    grid_crps,
    take,
)

SAMPLES = Argument("samples", remedy=MISSING_REMEDY)
VALUES = Argument("values", remedy=MISSING_REMEDY)
LEVELS = Argument(
    "levels", OPEN_UNIT, "levels are probabilities, such as 0.05 and 0.95"
)


class _Rows(Distribution):
    """What distributions described by one row of numbers per sample share."""

    _rows_name = ""
    _kind = ""

    @property
    def _rows(self) -> Floats:
        return self._values[self._rows_name]

    @classmethod
    def _of(cls, values: dict[str, Floats]) -> Any:
        """Make a distribution from arrays that are known to be valid."""
        made = cls.__new__(cls)
        for array in values.values():
            array.setflags(write=False)
        object.__setattr__(made, "_values", values)
        return made

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the distributions, `(n_samples,)`, or `()` for one of them."""
        return self._rows.shape[:-1]

    def __getitem__(self, index: Any) -> Any:
        """Return the distributions of a subset of samples."""
        index = index if isinstance(index, tuple) else (index,)
        # The ellipsis keeps the rows whole, and refuses to index into them.
        chosen = np.array(self._rows[(*index, Ellipsis, slice(None))])
        return type(self)._of({**self._values, self._rows_name: chosen})

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as arrays that need no check."""
        return (
            _restore,
            (type(self), {k: np.array(v) for k, v in self._values.items()}),
        )

    def logpdf(self, x: Any) -> NoReturn:
        """Refuse: there is no density.

        Parameters
        ----------
        x : array-like
            Ignored.

        Raises
        ------
        TypeError
            Always.
        """
        raise self._no_density("log density")

    def entropy(self) -> NoReturn:
        """Refuse: there is no density.

        Raises
        ------
        TypeError
            Always.
        """
        raise self._no_density("entropy")

    def _no_density(self, what: str) -> TypeError:
        return TypeError(
            f"{self._kind} has no density, so it has no {what}; use crps_loss, or fit a "
            "family to its moments with Normal.from_moments(dist.mean(), dist.std())."
        )

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y."""
        raise NotImplementedError

    def std(self) -> Floats:
        """Standard deviation of each distribution, in the units of y."""
        away = self._rows - self.mean()[..., None]
        # Scaled by the largest deviation, so that no square under- or overflows.
        size = np.abs(away).max(axis=-1, keepdims=True)
        away /= np.where(size > 0.0, size, 1.0)
        return size[..., 0] * np.sqrt(self._mean_square(away))

    def var(self) -> Floats:
        """Variance of each distribution."""
        with np.errstate(all="ignore"):
            return self.std() ** 2

    def _mean_square(self, v: Floats) -> Floats:
        """Mean of the square of deviations that belong to the rows."""
        raise NotImplementedError


class EmpiricalDistribution(_Rows):
    """Ensemble of equally likely values for each sample.

    The distribution of one sample puts probability 1 / n_members on each of its
    members; the standard deviation is that of this distribution (no Bessel
    correction).

    Parameters
    ----------
    samples : array-like of shape (n_samples, n_members)
        One row of members (posterior draws, trees, bootstrap predictions) for each
        sample, in any order.

    Raises
    ------
    ValueError
        If `samples` has not two dimensions, is empty, or is not finite.

    References
    ----------
    .. [1] A. Jordan, F. Krueger and S. Lerch. Evaluating probabilistic forecasts with
       scoringRules. Journal of Statistical Software, 90(12), 1-37, 2019.
       :doi:`10.18637/jss.v090.i12`
    .. [2] C. A. T. Ferro. Fair scores for ensemble forecasts. Quarterly Journal of the
       Royal Meteorological Society, 140(683), 1917-1923, 2014. :doi:`10.1002/qj.2270`

    Examples
    --------
    >>> from sklearn_negloss.distributions import EmpiricalDistribution
    >>> dist = EmpiricalDistribution([[3.0, 1.0, 2.0, 4.0], [0.0, 0.0, 0.0, 8.0]])
    >>> dist.ppf(0.5)
    array([2., 0.])
    >>> dist.crps([2.0, 2.0])
    array([0.375, 1.5  ])
    >>> dist.crps([2.0, 2.0], fair=True).round(4)
    array([0.1667, 1.    ])
    """

    _rows_name = "samples"
    _kind = "an ensemble"

    def __init__(self, samples: ArrayLike) -> None:
        array = as_numeric(samples, SAMPLES)
        _check_two_dimensions("samples", array, "n_members")
        rows = np.array(array, dtype=np.float64, order="C")
        rows.sort(axis=1)
        # Sorting puts NaN and infinity at the ends, so the ends tell all.
        if not np.isfinite(rows[:, [0, -1]]).all():
            raise value_error(SAMPLES, array) or AssertionError
        rows.setflags(write=False)
        object.__setattr__(self, "_values", {"samples": rows})

    def __repr__(self) -> str:
        """Return the size of the ensemble and its range."""
        rows = self._rows
        size = f"{rows.shape[-1]} members"
        if rows.ndim > 1:
            size = f"{rows.shape[0]} samples x {size}"
        return f"EmpiricalDistribution(<{size}, {_range(rows)}>)"

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`: the share of members that are."""
        x = points(x)
        share = count_at_most(self._rows, x) / self._rows.shape[-1]
        return np.where(np.isnan(x), np.nan, share)

    def _ppf(self, q: Floats) -> Floats:
        m = self._rows.shape[-1]
        rank = np.ceil(q * m)
        # The product may round across a step: hold the rank against count / m as
        # the cdf computes it.
        rank = np.where((rank - 1.0) / m >= q, rank - 1.0, rank)
        rank = np.where(rank / m < q, rank + 1.0, rank)
        index = np.clip(rank - 1.0, 0, m - 1).astype(np.intp)
        return take(self._rows, index)

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y."""
        return np.asarray(self._rows.mean(axis=-1))

    def _mean_square(self, v: Floats) -> Floats:
        return np.asarray((v * v).mean(axis=-1))

    def crps(self, y: Any, fair: bool = False) -> Floats:
        """Continuous ranked probability score of each observation.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Observations.
        fair : bool, default=False
            Whether to score the distribution that the members were drawn from (its
            estimate is unbiased, and may be negative) instead of the ensemble itself.

        Returns
        -------
        crps : ndarray of shape (n_samples,)
            In the units of y, the smaller the better.

        Raises
        ------
        ValueError
            If `fair` is asked of a single member.
        """
        m = self._rows.shape[-1]
        if fair and m == 1:
            raise ValueError(
                "fair must be False for an ensemble of 1 member; got True (the spread "
                "of one member is unknown); supply at least two members."
            )
        pairs = m * (m - 1) if fair else m * m
        # The k-th of m sorted members exceeds k - 1 and is exceeded by m - k.
        weights = (2.0 * np.arange(1, m + 1) - m - 1) / pairs
        return by_blocks(ensemble_crps, self._rows, points(y), weights)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one member from each distribution."""
        drawn = generator(random_state).integers(self._rows.shape[-1], size=self.shape)
        return take(self._rows, np.asarray(drawn))


class QuantileGrid(_Rows):
    """Quantiles of each sample at common levels, joined by straight lines.

    The quantile function interpolates linearly between the levels and is constant
    outside them: the outer values carry the probability of the tails, so no value is
    invented beyond the outermost quantiles. All methods are exact for this
    distribution.

    Parameters
    ----------
    levels : array-like of shape (n_levels,)
        Probabilities, strictly increasing, strictly between 0 and 1.
    values : array-like of shape (n_samples, n_levels)
        Quantiles of each sample at these levels, not decreasing along a row.

    Raises
    ------
    ValueError
        If levels or values are out of order, shapes do not fit, or a value is not
        finite.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery. Strictly proper scoring rules, prediction,
       and estimation. Journal of the American Statistical Association, 102(477),
       359-378, 2007. :doi:`10.1198/016214506000001437`

    Examples
    --------
    >>> from sklearn_negloss.distributions import QuantileGrid
    >>> dist = QuantileGrid([0.25, 0.5, 0.75], [[-1.0, 0.0, 1.0], [0.0, 2.0, 8.0]])
    >>> dist.ppf(0.625)
    array([0.5, 5. ])
    >>> dist.cdf(0.5)
    array([0.625 , 0.3125])
    >>> dist.crps([0.0, 2.0]).round(4)
    array([0.2917, 1.1667])
    """

    _rows_name = "values"
    _kind = "a quantile grid"

    def __init__(self, levels: ArrayLike, values: ArrayLike) -> None:
        grid = _checked_levels(levels)
        rows = checked(values, VALUES)
        _check_two_dimensions("values", rows, "n_levels")
        if rows.shape[1] != grid.size:
            raise ValueError(
                f"values must have one column for each level; got {rows.shape[1]} "
                f"columns and {grid.size} levels; pass the levels that were predicted."
            )
        _check_rows_in_order(rows)
        grid.setflags(write=False)
        rows.setflags(write=False)
        object.__setattr__(self, "_values", {"levels": grid, "values": rows})

    def __repr__(self) -> str:
        """Return the levels, the number of samples, and the range of the values."""
        grid, rows = self.levels, self._rows
        size = f"{rows.shape[0]} samples, " if rows.ndim > 1 else ""
        levels = f"<{grid.size} levels, {_range(grid)}>"
        return f"QuantileGrid({levels}, <{size}{_range(rows)}>)"

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        x = points(x)
        rows, levels = self._rows, self.levels
        below = count_at_most(rows, x)
        left = np.clip(below - 1, 0, None)
        right = np.clip(below, None, levels.size - 1)
        start = take(rows, left)
        width = take(rows, right) - start
        with np.errstate(all="ignore"):
            share = np.where(width > 0.0, (x - start) / width, 0.0)
        inside = levels[left] + share * (levels[right] - levels[left])
        ends = np.where(below == levels.size, 1.0, np.where(np.isnan(x), np.nan, 0.0))
        return np.where((below > 0) & (below < levels.size), inside, ends)

    def _ppf(self, q: Floats) -> Floats:
        levels = self.levels
        q = np.clip(q, levels[0], levels[-1])
        right = np.clip(np.searchsorted(levels, q), min(1, levels.size - 1), None)
        left = np.maximum(right - 1, 0)
        gap = np.where(right > left, levels[right] - levels[left], 1.0)
        share = (q - levels[left]) / gap
        start, end = take(self._rows, left), take(self._rows, right)
        return np.where(share == 1.0, end, start + share * (end - start))

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y."""
        inner = 0.5 * np.diff(self.levels)
        weights = np.append(inner, 0.0) + np.append(0.0, inner)
        weights[0] += self.levels[0]
        weights[-1] += 1.0 - self.levels[-1]
        first = self._rows[..., 0]
        return np.asarray(first + (self._rows - first[..., None]) @ weights)

    def _mean_square(self, v: Floats) -> Floats:
        left, right = v[..., :-1], v[..., 1:]
        inner = ((left * left + left * right + right * right) / 3.0) @ np.diff(
            self.levels
        )
        tails = (
            self.levels[0] * v[..., 0] ** 2 + (1.0 - self.levels[-1]) * v[..., -1] ** 2
        )
        return np.asarray(inner + tails)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        return by_blocks(grid_crps, self._rows, points(y), self.levels)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one value from each distribution."""
        return self._ppf(np.asarray(generator(random_state).random(self.shape)))


# -- checks --------------------------------------------------------------------------


def _check_two_dimensions(name: str, array: Any, columns: str) -> None:
    """Refuse anything but rows, at least one, of at least one number."""
    if array.ndim == 2 and array.size:
        return
    remedy = "pass one row for each sample"
    if array.ndim == 1 and array.size:
        remedy += f": {name}.reshape(1, -1) for one sample"
    raise ValueError(
        f"{name} must have shape (n_samples, {columns}), not empty; got shape "
        f"{array.shape}; {remedy}."
    )


def _checked_levels(levels: ArrayLike) -> Floats:
    """Return levels as a strictly increasing array."""
    grid = checked(levels, LEVELS)
    if grid.ndim != 1 or not grid.size:
        raise ValueError(
            f"levels must have shape (n_levels,), not empty; got shape {grid.shape}; "
            "pass the levels that all samples share."
        )
    wrong = np.diff(grid) <= 0.0
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"levels must be strictly increasing; got {grid[at]:.6g} before "
            f"{grid[at + 1]:.6g} ({int(wrong.sum())} of {grid.size - 1} steps); sort "
            "them together with the columns of values."
        )
    return grid


def _check_rows_in_order(rows: Floats) -> None:
    """Refuse quantiles that cross."""
    wrong = (np.diff(rows, axis=1) < 0.0).any(axis=1)
    if wrong.any():
        raise ValueError(
            "values must not decrease along a row; got quantiles out of order at index "
            f"{int(np.flatnonzero(wrong)[0])} ({int(wrong.sum())} of {rows.shape[0]} "
            "samples); sort them with np.sort(values, axis=1)."
        )


def _range(values: Floats) -> str:
    """Show the extremes of an array."""
    return f"{values.min():.4g} to {values.max():.4g}"


def _restore(family: Any, values: dict[str, Floats]) -> Any:
    """Make a distribution again from its arrays (for pickle)."""
    return family._of(values)
