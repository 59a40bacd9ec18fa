"""The data of a study: a target and its features, and what makes them unusable."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes

from sklearn_negloss._cli._files import (
    UnusableInputError,
    check_numeric,
    is_numeric,
    read_frame,
)
from sklearn_negloss._cli._missing import lost_rows

Floats = NDArray[np.float64]

# Below this, five folds leave too few samples to estimate a spread from.
MIN_ROWS = 20

# Squares of larger numbers, and of smaller ones than its inverse, are no doubles.
LARGEST = 1e140


@dataclass(frozen=True)
class Table:
    """A target, its features, and what had to be left out.

    Parameters
    ----------
    source : str
        Where it comes from, for people.
    target : str
        Name of the target.
    X : ndarray of shape (n_samples, n_features)
        Features; NaN where a value is missing.
    y : ndarray of shape (n_samples,)
        Target.
    notes : list of str
        What was left out, a line each.
    features : list of str
        Names of the columns of `X`; empty if they have none.
    """

    source: str
    target: str
    X: Floats
    y: Floats
    notes: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)


def bundled() -> Table:
    """Return scikit-learn's bundled diabetes data."""
    X, y = load_diabetes(return_X_y=True)
    return Table("scikit-learn's diabetes data", "disease progression", X, y)


def from_file(path: str, target: str, *, drop_missing: bool = False) -> Table:
    """Read a table with a header line, and take its numeric columns as features."""
    frame = read_frame(path, holds=[target])
    if frame.empty:
        raise UnusableInputError(f"{path} holds no rows below its header.")
    notes: list[str] = []
    y = _target(frame, target)
    known = np.isfinite(y)
    lost = int(np.sum(~known))
    notes += lost_rows(path, lost, y.size, {target: lost}, drop_missing)
    X, names = _features(frame.drop(columns=target)[known], notes)
    return Table(Path(path).name, target, X, y[known], notes, names)


def _target(frame: Any, target: str) -> Floats:
    """Return the target as floats, NaN where it is missing."""
    column = frame[target]
    check_numeric(column, f"target {target!r}")
    y = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(y).any():
        raise UnusableInputError(
            f"target {target!r} must be finite; {int(np.isinf(y).sum())} of {y.size} "
            "values are infinite; remove those rows."
        )
    missing = int(np.isnan(y).sum())
    if y.size - missing < MIN_ROWS:
        raise UnusableInputError(
            f"{y.size - missing} rows with a value in {target!r} are too few; at least "
            f"{MIN_ROWS} are needed."
        )
    if np.nanmin(y) == np.nanmax(y):
        raise UnusableInputError(
            f"target {target!r} is constant ({np.nanmin(y):.6g}); there is nothing to "
            "predict."
        )
    _check_scale(f"target {target!r}", y[np.isfinite(y)])
    return y


def _check_scale(name: str, values: Floats) -> None:
    """Refuse a unit in which squares over- or underflow."""
    size = float(np.abs(values).max()) if values.size else 0.0
    if size > LARGEST or 0.0 < size < 1.0 / LARGEST:
        raise UnusableInputError(
            f"{name} must be in a unit of ordinary size; its largest value is {size:.3g}; "
            "divide it by a constant."
        )


def _features(frame: Any, notes: list[str]) -> tuple[Floats, list[str]]:
    """Return the numeric columns and their names, and note those that are left out."""
    numeric = [c for c in frame.columns if is_numeric(frame[c])]
    text = [str(c) for c in frame.columns if c not in numeric]
    empty = [c for c in numeric if frame[c].isna().all()]
    if text:
        notes.append(f"columns left out, not numeric: {', '.join(text)}")
    if empty:
        notes.append(f"columns left out, without a value: {', '.join(map(str, empty))}")
    used = [c for c in numeric if c not in empty]
    if not used:
        raise UnusableInputError(
            "no numeric column is left to predict from; encode some of "
            f"{', '.join(text) or 'the columns'} as numbers."
        )
    X: Floats = frame[used].to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = [
        str(c) for c, column in zip(used, X.T, strict=True) if np.isinf(column).any()
    ]
    if infinite:
        raise UnusableInputError(
            f"features must be finite; {', '.join(infinite)} hold infinite values; remove "
            "or replace them."
        )
    for column, values in zip(used, X.T, strict=True):
        _check_scale(f"feature {column!r}", values[np.isfinite(values)])
    missing = int(np.isnan(X).sum())
    if missing:
        notes.append(
            f"missing feature values: {missing}, which the trees of the model take as "
            "they are"
        )
    return X, [str(name) for name in used]
