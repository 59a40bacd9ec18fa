"""Distributions of skpro, which speak in tables of one column.

Its densities of a transformed target are no derivatives of its own cdf, and its
ensembles call themselves discrete as counts do; both are read from what is inside.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import FunctionTransformer

from sklearn_negloss.distributions._coerce import PACKAGES
from sklearn_negloss.distributions._empirical import EmpiricalDistribution, QuantileGrid
from sklearn_negloss.distributions._families import Normal
from sklearn_negloss.distributions.transforms._maps import NoDensityError
from sklearn_negloss.distributions.transforms._transformed import transform_dist

Floats = NDArray[np.float64]

TRANSFORMED = "TransformedDistribution"
WRONG_DENSITY = (
    "the density of skpro's TransformedDistribution leaves out the slope of the "
    "transform, so its log density is wrong, and the transform could not be read to "
    "put it right; use crps_loss, or scikit-learn's TransformedTargetRegressor."
)


def from_skpro(table: Any) -> Any:
    """Return a distribution of skpro in the form that the losses read.

    Parameters
    ----------
    table : object
        What ``predict_proba`` of a regressor of skpro returns.

    Returns
    -------
    dist : distribution
        An ensemble for an ensemble or a certain value, a quantile grid for quantiles,
        the inner distribution through the transform for a transformed one, else a
        `ColumnDistribution`.
    """
    column = ColumnDistribution(table)
    read = READERS.get(type(table).__name__)
    return column if read is None else read(table, column)


def _ensemble(table: Any, column: ColumnDistribution) -> EmpiricalDistribution:
    if table.weights is not None and np.ptp(np.asarray(table.weights, float)) > 0:
        raise TypeError(
            "a skpro Empirical must have no weights; got weights for "
            f"{np.size(table.weights)} values; resample by weight, and pass an "
            "EmpiricalDistribution of equally likely values."
        )
    return EmpiricalDistribution(_members(table.spl, table)[1])


def _grid(table: Any, column: ColumnDistribution) -> QuantileGrid:
    levels, values = _members(table.quantiles, table)
    return QuantileGrid(levels, np.sort(values, axis=1))


def _members(frame: Any, table: Any) -> tuple[Floats, Floats]:
    """Return the first level of the index of a frame, and one row for each sample."""
    wide = frame.iloc[:, 0].unstack(level=0).loc[table.index]
    return wide.columns.to_numpy(), wide.to_numpy(dtype=np.float64)


def _certain(table: Any, column: ColumnDistribution) -> EmpiricalDistribution:
    return EmpiricalDistribution(column.mean()[:, np.newaxis])


def _normal(table: Any, column: ColumnDistribution) -> Normal:
    return Normal(column.mean(), column.std())


def _transformed(table: Any, column: ColumnDistribution) -> Any:
    """Send the inner distribution through the map; keep the cdf if that fails."""
    transformer = _transformer(table)
    if transformer is None:
        return column
    try:
        return transform_dist(from_skpro(table.distribution), transformer)
    except NoDensityError:
        return column


def _transformer(table: Any) -> Any:
    """Return the transformer of the target behind the methods that skpro keeps."""
    owner = getattr(table.transform, "__self__", None)
    if hasattr(owner, "inverse_transform"):
        return owner
    if table.inverse_transform is None:
        return None
    pair = FunctionTransformer(table.inverse_transform, table.transform)
    return pair.fit(np.zeros((1, 1)))


READERS = {
    "Empirical": _ensemble,
    "QPD_Empirical": _grid,
    "Delta": _certain,
    "Normal": _normal,
    TRANSFORMED: _transformed,
}


class ColumnDistribution:
    """A distribution of skpro, which speaks in tables of one column.

    Parameters
    ----------
    table : object
        What ``predict_proba`` of a regressor of skpro returns.
    """

    def __init__(self, table: Any) -> None:
        if len(table.shape) != 2 or table.shape[1] != 1:
            raise ValueError(
                "a skpro distribution must have one column; got shape "
                f"{table.shape}; score each target on its own."
            )
        self.table = table
        self.discrete = table.get_tag("distr:measuretype") == "discrete"

    def __repr__(self) -> str:
        """Return the family and the number of samples."""
        return f"{type(self.table).__name__}(<{self.table.shape[0]} values>)"

    def _call(self, method: str, x: Any) -> Floats:
        """Evaluate a method at one value for each sample, or at rows of such values."""
        x = np.asarray(x, dtype=np.float64)
        if x.ndim < 2:
            x = np.broadcast_to(x, self.table.shape[:1])
            frame = self._frame(x)
            return np.asarray(getattr(self.table, method)(frame), float)[:, 0]
        rows = np.broadcast_to(x, (*x.shape[:-1], self.table.shape[0]))
        return np.stack([self._call(method, row) for row in rows])

    def _frame(self, x: Floats) -> Any:
        """Return values as the table that skpro wants, with its own labels."""
        frame = self.table.mean().copy()
        frame.iloc[:, 0] = x
        return frame

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats."""
        if type(self.table).__name__ == TRANSFORMED:
            raise TypeError(WRONG_DENSITY)
        return self._call("log_pdf", x)

    def logpmf(self, x: Any) -> Floats:
        """Log probability of `x`, in nats."""
        return self._call("log_pmf", x)

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        return self._call("cdf", x)

    def ppf(self, q: Any) -> Floats:
        """Quantile at level `q`."""
        return self._call("ppf", q)

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Central interval that holds `confidence` of the probability."""
        tail = (1.0 - confidence) / 2.0
        return self.ppf(tail), self.ppf(1.0 - tail)

    def mean(self) -> Floats:
        """Mean of each distribution."""
        return np.asarray(self.table.mean(), dtype=np.float64)[:, 0]

    def std(self) -> Floats:
        """Standard deviation of each distribution."""
        return np.sqrt(np.asarray(self.table.var(), dtype=np.float64)[:, 0])


PACKAGES["skpro"] = from_skpro
