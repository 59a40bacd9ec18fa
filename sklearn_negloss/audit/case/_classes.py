"""Class labels and what was predicted for them, as one forecast."""

from __future__ import annotations

from typing import Any

import numpy as np

from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.case._forecast import (
    ClassForecast,
    Floats,
    log_probabilities,
    log_softmax_of,
)
from sklearn_negloss.audit.case._supplied import Supplied

# Rows of float32 probabilities sum to 1 within a few times 1e-7 for each class.
ROW_SUM_TOLERANCE = float(np.sqrt(np.finfo(np.float32).eps))
ROW_SUM_HALF = float(np.sqrt(np.finfo(np.float16).eps))

# Decimals to which probabilities may have been rounded; with one, none is meant to sum.
DECIMALS = range(2, 8)


def class_forecast(
    given: Supplied, weights: Floats | None
) -> ClassForecast | NotApplicable | None:
    """Return classes next to their predicted log probabilities.

    Parameters
    ----------
    given : Supplied
        What was handed in.
    weights : ndarray of shape (n_samples,) or None
        Weights of the samples.

    Returns
    -------
    forecast : ClassForecast, NotApplicable or None
        None if there are no predictions of classes; NotApplicable if the numbers are no
        probabilities or the labels do not fit their columns.
    """
    if given.y_labels is None or (given.y_prob is None and given.logits is None):
        return None
    log_prob = _log_prob(given)
    if isinstance(log_prob, NotApplicable):
        return log_prob
    target = class_target(given, log_prob.shape[1])
    if isinstance(target, NotApplicable):
        return target
    return ClassForecast(target, log_prob, weights)


def are_normalised(table: Any) -> bool:
    """Tell whether rows of probabilities sum to 1, but for how they were recorded.

    Parameters
    ----------
    table : ndarray of shape (n_samples, n_classes)
        Non-negative numbers.

    Returns
    -------
    normalised : bool
        Whether each sum is 1 up to the precision of the dtype, or of the decimals to
        which all values were rounded.
    """
    values = np.asarray(table, dtype=np.float64)
    off = values.sum(axis=1) - 1.0
    half = table.dtype == np.float16
    if np.abs(off).max() <= (ROW_SUM_HALF if half else ROW_SUM_TOLERANCE):
        return True
    step = _decimal_step(values)
    if step is None:
        return False
    # Half a step each: every value may hide so much, and a positive one exceed by it.
    slack = 0.5 * step + 1e-9
    missing, positive = values.shape[1], np.count_nonzero(values, axis=1)
    return bool(np.all((off >= -slack * missing) & (off <= slack * positive)))


def _decimal_step(values: Floats) -> float | None:
    """Return 0.01, 0.001 or less if all values are multiples of it."""
    for decimals in DECIMALS:
        steps = values * 10.0**decimals
        # Numbers that went through single precision are off by its rounding.
        rounding = 10.0**decimals * np.finfo(np.float32).eps
        if np.abs(steps - np.rint(steps)).max() <= rounding:
            return 10.0**-decimals
    return None


def _log_prob(given: Supplied) -> Floats | NotApplicable:
    """Return log probabilities, if the numbers can be some."""
    if given.y_prob is None:
        logits = np.asarray(given.logits, dtype=np.float64)
        if not np.isfinite(logits).all():
            return NotApplicable("logits are infinite")
        return log_softmax_of(logits)
    prob = np.asarray(given.y_prob, dtype=np.float64)
    if prob.min() < 0 or prob.max() > 1:
        return NotApplicable("y_prob has values outside [0, 1]")
    if prob.ndim == 2 and prob.shape[1] > 1 and not are_normalised(given.y_prob):
        return NotApplicable("rows of y_prob do not sum to 1")
    return log_probabilities(prob)


def class_target(given: Supplied, n_classes: int) -> Floats | NotApplicable:
    """Return the probability of each class in each sample: 0 or 1 for hard labels."""
    labels = given.y_labels
    if labels.ndim == 2 and labels.shape[1] > 1:
        soft = np.asarray(labels, dtype=np.float64)
        if soft.shape[1] != n_classes:
            return NotApplicable("y_true has another number of columns than y_prob")
        if soft.min() < 0 or not are_normalised(labels):
            return NotApplicable("rows of y_true are no probabilities")
        return soft
    flat = labels.reshape(-1)
    if n_classes == 2 and _literal(given, flat):
        numbers = np.asarray(flat, dtype=np.float64)
        return np.column_stack([1.0 - numbers, numbers])
    return _one_hot(flat, _classes(given, flat, n_classes), n_classes)


def _literal(given: Supplied, flat: Any) -> bool:
    """Whether labels are numbers in [0, 1] that mean themselves."""
    if given.labels is not None or given.y_true is None:
        return False
    return bool(flat.min() >= 0 and flat.max() <= 1)


def _classes(given: Supplied, flat: Any, n_classes: int) -> list[Any]:
    """Return the labels in the order of their columns."""
    if given.labels is not None:
        return list(given.labels)
    present = np.unique(flat).tolist()
    integers = given.y_true is not None and all(
        0 <= v < n_classes and v == int(v) for v in present
    )
    return list(range(n_classes)) if integers else present


def _one_hot(flat: Any, classes: list[Any], n_classes: int) -> Floats | NotApplicable:
    """Return one column for each class, 1 where it is the label."""
    if len(classes) != n_classes:
        return NotApplicable(
            f"y_true has {len(classes)} classes and the predictions {n_classes} columns; "
            "give labels="
        )
    target = np.asarray(flat[:, None] == np.asarray(classes)[None, :], dtype=np.float64)
    if not target.any(axis=1).all():
        return NotApplicable("y_true holds labels that are not in labels")
    return target
