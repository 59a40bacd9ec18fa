"""Class labels: read literally as numbers, or mapped by `pos_label` or `labels`.

A fold may hold one class only. Which class is positive is therefore never guessed
from the labels that happen to be present: numbers mean themselves, and anything else
needs the caller to say.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_negloss._validation import (
    UNIT,
    Argument,
    Domain,
    as_array,
    as_numeric,
    value_error,
)

TARGET = Argument(
    "y_true",
    UNIT,
    "numbers are read literally as labels 0, 1 or between; for other labels, such as "
    "{1, 2} or {-1, 1}, pass pos_label",
    boolean=True,
)
Y_PROB = Argument(
    "y_prob",
    UNIT,
    "if these are logits (a decision function), use "
    "binary_cross_entropy_with_logits_loss",
)
CLASS_PROBABILITY = Argument(
    "y_true", UNIT, "pass one probability for each class, or the class's column index"
)

# Rows of float32 softmax sums are off by a few times 1e-7.
ROW_SUM_TOLERANCE = 1e-5


def binary_target(y_true: ArrayLike, pos_label: Any) -> ArrayLike:
    """Return labels as numbers: as they are, or 1 where they equal `pos_label`."""
    if pos_label is None:
        return y_true
    labels = _labels(y_true)
    if isinstance(pos_label, str) != _holds_text(labels):
        raise TypeError(
            f"pos_label must be of the kind of the labels; got pos_label={pos_label!r} "
            f"for y_true of dtype {labels.dtype}; pass a label that y_true can hold."
        )
    positive = np.asarray(labels == pos_label)
    others = labels[~positive]
    if others.size and not np.all(others == others[0]):
        raise ValueError(
            f"y_true must hold pos_label={pos_label!r} and at most one other label; got "
            f"{_some(others)} besides it ({others.size} of {labels.size} values are not "
            "pos_label); check pos_label, or use cross_entropy_with_logits_loss for "
            "several classes."
        )
    return positive.astype(np.float64)


def _labels(y_true: ArrayLike) -> NDArray[Any]:
    """Return labels of any kind, refusing the missing ones."""
    if isinstance(y_true, list | tuple):
        # As text, NaN would become a label of its own.
        y_true = np.array(y_true, dtype=object)
    labels = as_array(y_true, "y_true")
    if labels.dtype.kind in "OfcmM":
        values = labels.ravel().tolist()
        missing = [i for i, value in enumerate(values) if is_missing(value)]
        if missing:
            raise ValueError(
                f"y_true must have no missing labels; got {values[missing[0]]!r} at index "
                f"{missing[0]} ({len(missing)} of {labels.size} values); drop these "
                "samples."
            )
    return labels


def _holds_text(labels: NDArray[Any]) -> bool:
    """Whether labels are text; those of an array of objects are of one kind."""
    if labels.dtype.kind == "O":
        return labels.size > 0 and isinstance(labels.flat[0], str)
    return labels.dtype.kind in "UT"


def is_missing(value: Any) -> bool:
    """Whether a label is None, NaN, infinite, or what pandas calls NA."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def positive_column(y_prob: ArrayLike, pos_label: Any) -> NDArray[Any]:
    """Return the probability of the positive class, of one column or of two."""
    probability = as_numeric(y_prob, Y_PROB)
    if probability.ndim != 2 or probability.shape[1] != 2:
        return probability
    if pos_label is not None:
        raise ValueError(
            "y_prob must be the column of pos_label; got two columns with pos_label="
            f"{pos_label!r}; pass y_prob[:, i] with i the place of pos_label in "
            "estimator.classes_."
        )
    _check_rows(Y_PROB, probability)
    return probability[:, 1]


def class_weights_of(
    y_true: ArrayLike, shape: tuple[int, ...], labels: ArrayLike | None
) -> tuple[NDArray[Any], Argument]:
    """Return each sample's column index, or its row of class probabilities."""
    n_classes = shape[1]
    if labels is not None:
        return _column_of(y_true, labels, n_classes), Argument(
            "y_true", per_sample=True
        )
    target = as_numeric(y_true, Argument("y_true"))
    if target.ndim == 2 and target.shape[1] == n_classes:
        _check_rows(CLASS_PROBABILITY, target)
        return target, CLASS_PROBABILITY
    words = f"a column index, a whole number from 0 to {n_classes - 1}"
    argument = Argument(
        "y_true",
        Domain(words, low=0.0, high=n_classes - 1.0),
        "pass labels=estimator.classes_ if y_true holds class labels",
        per_sample=True,
    )
    fractional = np.flatnonzero(np.isfinite(target) & (target != np.round(target)))
    if fractional.size:
        raise ValueError(
            f"y_true must be {words}; got {target.flat[fractional[0]]:.6g} at index "
            f"{fractional[0]} ({fractional.size} of {target.size} values); "
            f"{argument.remedy}."
        )
    error = value_error(argument, target)
    if error is not None:
        raise error
    return target, argument


def _column_of(
    y_true: ArrayLike, labels: ArrayLike, n_classes: int
) -> NDArray[np.intp]:
    """Return the column of each label."""
    columns = np.ravel(as_array(labels, "labels")).tolist()
    if len(set(columns)) != n_classes or len(columns) != n_classes:
        raise ValueError(
            f"labels must name each of the {n_classes} columns of logits once; got "
            f"{_some(columns)} ({len(columns)} labels); pass estimator.classes_."
        )
    place = {label: i for i, label in enumerate(columns)}
    target = _labels(y_true)
    index = np.array(
        [place.get(label, -1) for label in target.ravel().tolist()], np.intp
    )
    unknown = np.flatnonzero(index < 0)
    if unknown.size:
        raise ValueError(
            f"y_true must hold only labels from labels; got "
            f"{target.ravel().tolist()[unknown[0]]!r} at index {unknown[0]} "
            f"({unknown.size} of {target.size} values); pass every class "
            "in labels, of the same type."
        )
    return index.reshape(target.shape)


def _check_rows(argument: Argument, rows: NDArray[Any]) -> None:
    """Refuse rows of probabilities that do not sum to 1."""
    error = value_error(argument, rows)
    if error is not None:
        raise error
    sums = rows.sum(axis=1, dtype=np.float64)
    wrong = np.flatnonzero(np.abs(sums - 1.0) > ROW_SUM_TOLERANCE)
    if wrong.size:
        raise ValueError(
            f"rows of {argument.name} must sum to 1; got a sum of {sums[wrong[0]]:.6g} at "
            f"row {wrong[0]} ({wrong.size} of {len(sums)} rows); divide each row by its "
            "sum, or check that these are probabilities."
        )


def _some(values: Any, limit: int = 5) -> str:
    """Show a few distinct values."""
    distinct = list(dict.fromkeys(np.asarray(values, dtype=object).ravel().tolist()))
    shown = ", ".join(repr(value) for value in distinct[:limit])
    more = len(distinct) - limit
    return shown + (f" and {more} more" if more > 0 else "")
