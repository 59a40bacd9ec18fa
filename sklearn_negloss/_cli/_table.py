"""Where the data of the command line come from, and what makes them unusable."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes

Floats = NDArray[np.float64]

# Below this, five folds leave too few samples to estimate a spread from.
MIN_ROWS = 20

# Squares of larger numbers, and of smaller ones than its inverse, are no doubles.
LARGEST = 1e140


class UnusableInputError(Exception):
    """The user's input cannot be studied; the message is one line that says why."""


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
    """

    source: str
    target: str
    X: Floats
    y: Floats
    notes: list[str] = field(default_factory=list)


def bundled() -> Table:
    """Return scikit-learn's bundled diabetes data."""
    X, y = load_diabetes(return_X_y=True)
    return Table("scikit-learn's diabetes data", "disease progression", X, y)


def from_file(path: str, target: str) -> Table:
    """Read a table with a header line, and take its numeric columns as features."""
    frame = _read(path)
    if frame.empty:
        raise UnusableInputError(f"{path} holds no rows below its header.")
    if target not in frame.columns:
        listed = ", ".join(map(str, frame.columns[:10]))
        more = ", ..." if frame.shape[1] > 10 else ""
        raise UnusableInputError(
            f"{path} has no column {target!r}; its columns are {listed}{more}."
        )
    notes: list[str] = []
    y = _target(frame, target, notes)
    known = np.isfinite(y)
    X = _features(frame.drop(columns=target)[known], notes)
    return Table(Path(path).name, target, X, y[known], notes)


def _read(path: str) -> Any:
    """Return a CSV file as a frame."""
    try:
        import pandas as pd
    except ImportError:
        raise UnusableInputError(
            "reading a table needs pandas; install it with "
            "pip install 'sklearn-negloss[cli]'."
        ) from None
    try:
        _check_header(path)
        with warnings.catch_warnings():
            # A row longer than the header is cut with a warning: values would be lost.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(path, index_col=False)
    except FileNotFoundError:
        raise UnusableInputError(f"there is no file {path}.") from None
    except pd.errors.EmptyDataError:
        raise UnusableInputError(f"{path} is empty.") from None
    except UnusableInputError:
        raise
    except Exception as error:
        # pandas opens many formats with many libraries, each with errors of its own.
        reason = " ".join(str(error).split()).rstrip(".")
        raise UnusableInputError(f"{path} cannot be read as CSV: {reason}.") from None


def _check_header(path: str) -> None:
    """Refuse two columns of one name: pandas would rename the second."""
    import pandas as pd

    names = pd.read_csv(path, header=None, nrows=1, dtype=str).iloc[0].dropna().tolist()
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UnusableInputError(
            f"{path} has several columns named {', '.join(repeated)}; rename all but one."
        )


def _target(frame: Any, target: str, notes: list[str]) -> Floats:
    """Return the target as floats, NaN where it is missing."""
    column = frame[target]
    if not _is_numeric(column):
        import pandas as pd

        text = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
        shown = text.iloc[0] if len(text) else column.iloc[0]
        raise UnusableInputError(
            f"target {target!r} must be numeric; it holds {shown!r} ({len(text)} of "
            f"{len(column)} values are no numbers); choose another column, or encode this "
            "one."
        )
    y = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(y).any():
        raise UnusableInputError(
            f"target {target!r} must be finite; {int(np.isinf(y).sum())} of {y.size} "
            "values are infinite; remove those rows."
        )
    missing = int(np.isnan(y).sum())
    if missing:
        notes.append(f"{missing} of {y.size} rows left out: no value in {target}")
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


def _features(frame: Any, notes: list[str]) -> Floats:
    """Return the numeric columns, and note those that are left out."""
    numeric = [c for c in frame.columns if _is_numeric(frame[c])]
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
        notes.append(f"{missing} missing feature values replaced by the column mean")
    return X


def _is_numeric(column: Any) -> bool:
    """Whether a column holds real numbers (or True and False)."""
    import pandas as pd

    types = pd.api.types
    return bool(types.is_numeric_dtype(column) and not types.is_complex_dtype(column))
