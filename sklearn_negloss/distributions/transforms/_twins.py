"""Families that a transform leads back into: what needs no quadrature."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sklearn_negloss.distributions._base import Distribution
from sklearn_negloss.distributions._empirical import EmpiricalDistribution, QuantileGrid
from sklearn_negloss.distributions._families import (
    Laplace,
    Logistic,
    Normal,
    StudentT,
)
from sklearn_negloss.distributions._positive import Gamma, LogNormal
from sklearn_negloss.distributions.transforms._maps import Affine, Known, TargetMap


class Twin(NamedTuple):
    """A simple distribution that y + shift has."""

    dist: Any
    shift: float = 0.0


LOCATION_SCALE = (Normal, Laplace, Logistic, StudentT)
SCALE = (Gamma, LogNormal)

# How often a logarithm goes into the natural one, and what it adds to y first.
LOGS = {
    "log": (1.0, 0.0),
    "log1p": (1.0, 1.0),
    "log10": (math.log(10.0), 0.0),
    "log2": (math.log(2.0), 0.0),
}


def twin_of(base: Distribution, transform: TargetMap) -> Twin | None:
    """Return the simple distribution of y when transform(y) ~ base, if it is known.

    Parameters
    ----------
    base : distribution
        Distribution of the transformed target.
    transform : TargetMap
        From y to the transformed target.

    Returns
    -------
    twin : Twin or None
        A distribution and a shift.
    """
    if isinstance(base, EmpiricalDistribution | QuantileGrid):
        return _image(base, transform)
    if transform.affine is not None:
        return _affine_twin(base, transform.affine)
    if isinstance(base, Normal):
        return _log_normal_twin(base, transform)
    return None


def _affine_twin(base: Any, affine: Affine) -> Twin | None:
    """Move and stretch a family that allows it."""
    if affine == Affine(1.0, 0.0):
        return Twin(base) if isinstance(base, Distribution) else None
    values = dict(getattr(base, "_values", {}))
    if isinstance(base, LOCATION_SCALE):
        values["loc"] = affine.inverse(values["loc"])
        values["scale"] = values["scale"] / abs(affine.slope)
        return Twin(type(base)(**values))
    if isinstance(base, SCALE) and affine.shift == 0.0 and affine.slope > 0:
        values["scale"] = values["scale"] / affine.slope
        return Twin(type(base)(**values))
    return None


def _log_normal_twin(base: Normal, transform: TargetMap) -> Twin | None:
    """Undo affine -> logarithm -> affine of a normal: log-normal, but for a shift."""
    parts = list(transform.parts)
    before = _pop_affine(parts)
    log = parts.pop(0) if parts else None
    after = _pop_affine(parts)
    if not isinstance(log, Known) or log.name not in LOGS or parts or before.slope < 0:
        return None
    factor, added = LOGS[log.name]
    with np.errstate(all="ignore"):
        median = np.exp(after.inverse(base.loc) * factor) / before.slope
        s = base.scale / abs(after.slope) * factor
    if not np.all((median > 0) & np.isfinite(median) & (s > 0) & np.isfinite(s)):
        return None  # beyond what a double can hold, except in logs
    return Twin(LogNormal(s=s, scale=median), (before.shift + added) / before.slope)


def _pop_affine(parts: list[Any]) -> Affine:
    """Take an affine map from the front of a list, or the identity from nowhere."""
    found = parts and isinstance(parts[0], Affine)
    return parts.pop(0) if found else Affine(1.0, 0.0)


def _image(base: Any, transform: TargetMap) -> Twin:
    """Map the members, or quantiles, themselves; those that z cannot have make room.

    Where some are lost, the rest is spread over as many equally likely places.
    """
    rows = base._rows
    low, high = transform.range
    lost = (rows < low) | (rows > high)
    if lost.any():
        rows = _respread(base, low, high)
    y = np.sort(transform.inverse(rows), axis=-1)
    if isinstance(base, EmpiricalDistribution):
        return Twin(EmpiricalDistribution(np.atleast_2d(y))[_whole(rows)])
    if transform.increasing:
        return Twin(QuantileGrid(base.levels, np.atleast_2d(y))[_whole(rows)])
    levels = 1.0 - base.levels[::-1]
    return Twin(QuantileGrid(levels, np.atleast_2d(y))[_whole(rows)])


def _respread(base: Any, low: float, high: float) -> Any:
    """Quantiles of what lies in the range, at the levels of the members."""
    m = base._rows.shape[-1]
    members = (np.arange(m) + 0.5) / m
    levels = base.levels if isinstance(base, QuantileGrid) else members
    # The largest number below the range still counts as below it.
    start = base.cdf(np.nextafter(low, -np.inf)) if np.isfinite(low) else 0.0
    end = base.cdf(high) if np.isfinite(high) else 1.0
    columns = [base.ppf(start + level * (end - start)) for level in levels]
    return np.clip(np.stack(columns, axis=-1), low, high)


def _whole(rows: Any) -> Any:
    """Index that keeps all samples, or takes the only one of a single distribution."""
    return slice(None) if np.ndim(rows) > 1 else 0
