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
    if prob.ndim == 2 and prob.shape[1] > 1:
        sums = prob.sum(axis=1)
        if np.abs(sums - 1).max() > ROW_SUM_TOLERANCE:
            return NotApplicable("rows of y_prob do not sum to 1")
    return log_probabilities(prob)


def class_target(given: Supplied, n_classes: int) -> Floats | NotApplicable:
    """Return the probability of each class in each sample: 0 or 1 for hard labels."""
    labels = given.y_labels
    if labels.ndim == 2 and labels.shape[1] > 1:
        soft = np.asarray(labels, dtype=np.float64)
        if soft.shape[1] != n_classes:
            return NotApplicable("y_true has another number of columns than y_prob")
        sums = soft.sum(axis=1)
        if soft.min() < 0 or np.abs(sums - 1).max() > ROW_SUM_TOLERANCE:
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
