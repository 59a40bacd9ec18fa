"""3xx: rows of probabilities that are none."""

from __future__ import annotations

from typing import Any

import numpy as np

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._classes import (
    ROW_SUM_HALF,
    ROW_SUM_TOLERANCE,
    are_normalised,
)
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.case._forecast import Floats

REMEDIES = {
    "log-probabilities": "take exp of them, or call predict_proba",
    "logits": "pass them as logits=, or take softmax (sigmoid for one column)",
    "percentages": "divide by 100",
    "unnormalised scores": "divide each row by its sum, or call predict_proba",
    "values outside [0, 1]": "use calibrated probabilities, or clip what is rounding",
    "weights of classes": "divide each row by its sum",
}


class UnnormalisedProbabilities(Rule):
    """Probabilities, predicted or as soft labels, lie outside [0, 1] or do not sum to 1.

    **Why the loss goes negative.** -log p is negative for p above 1. Rows that sum to s
    lower a cross-entropy by up to log(s); soft labels that sum to s below 1 have a
    least Kullback-Leibler divergence of s log(s), down to -0.368. Keras and PyTorch
    renormalise neither, and `sklearn.metrics.log_loss` only warns.

    **What is measured.** The range of `y_prob` and the sum of each row, of soft labels
    in `y_true`, too. Found if a value lies outside [0, 1] by more than {rounding:g} or a
    sum is off 1 by more than {row_sum:.2g}, which single precision explains
    ({row_sum_half:.2g} for half precision), and by more than half a unit of the last
    decimal for each column, where all values were rounded to two decimals or more.
    Columns of several labels a sample (multilabel) are no rows of probabilities.

    **What to do.** Normalise rows, or predict with `predict_proba`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> y, score = rng.integers(0, 3, size=200), rng.uniform(size=(200, 3))
    >>> audit(y_true=y, y_prob=score).outcomes["NEG308"]
    'found'
    >>> prob = score / score.sum(axis=1, keepdims=True)
    >>> audit(y_true=y, y_prob=prob).outcomes["NEG308"]
    'clear'
    """

    code = "NEG308"
    cause = "data"
    severity = "error"
    message = (
        "{what} are {pattern}, not probabilities: values from {minimum:.4g} to "
        "{maximum:.4g}{rows}."
    )
    advice = "Give probabilities that sum to 1 in each row: {remedy}."
    yields_to = ("NEG409", "NEG410")
    row_sum = ROW_SUM_TOLERANCE
    row_sum_half = ROW_SUM_HALF
    rounding = 1e-6

    @classmethod
    def measure(
        cls,
        y_prob: Any = None,
        y_labels: Any = None,
        loss: DeclaredLoss | None = None,
    ) -> Evidence | NotApplicable | None:
        """Look at the range and the row sums of each table."""
        soft = _is_table(y_labels) and loss is not None and loss.kind == "cross-entropy"
        multilabel = (
            soft and loss is not None and loss.inferred and _is_multilabel(y_labels)
        )
        if y_prob is None and not soft:
            return NotApplicable("needs y_prob, or soft labels of a cross-entropy")
        tables = [] if y_prob is None else [("The predictions", y_prob)]
        tables += [("The soft labels", y_labels)] if soft and not multilabel else []
        for what, table in tables:
            found = cls._of_table(what, table, rows=not multilabel)
            if found is not None:
                return found
        return None

    @classmethod
    def _of_table(cls, what: str, table: Any, rows: bool) -> Evidence | None:
        """Return what is wrong with one table."""
        values = np.asarray(table, dtype=np.float64)
        summed = rows and _is_table(values)
        sums = values.sum(axis=1) if summed else np.ones(1)
        outside = values.min() < -cls.rounding or values.max() > 1.0 + cls.rounding
        if not outside and (not summed or are_normalised(table)):
            return None
        pattern = (
            _pattern(values, rows)
            if what == "The predictions"
            else "weights of classes"
        )
        finite, finite_sums = values[np.isfinite(values)], sums[np.isfinite(sums)]
        return {
            "what": what,
            "pattern": pattern,
            "remedy": REMEDIES[pattern],
            "minimum": _least(finite),
            "maximum": -_least(-finite),
            "rows": _rows(finite_sums) if sums.size > 1 else "",
            "least_sum": _least(finite_sums),
            "greatest_sum": -_least(-finite_sums),
        }


def _rows(sums: Floats) -> str:
    """Say what rows sum to."""
    least, greatest = _least(sums), -_least(-sums)
    if greatest - least < 1e-3 * abs(greatest):
        return f", rows that sum to {greatest:.4g}"
    return f", rows that sum to {least:.4g} up to {greatest:.4g}"


def _least(values: Floats) -> float:
    """Return the least value; 0 where none is finite."""
    return float(values.min()) if values.size else 0.0


def _is_table(values: Any) -> bool:
    """Whether there are several columns."""
    if values is None or values.dtype.kind not in "fiub":
        return False
    return values.ndim == 2 and values.shape[1] > 1


def _is_multilabel(labels: Any) -> bool:
    """Whether rows mark none, one or several classes, each by 0 or 1."""
    hard = bool(np.isin(labels, (0, 1)).all())
    return hard and bool((labels.sum(axis=1) != 1).any())


def _pattern(values: Floats, rows: bool) -> str:
    """Name what is given in place of probabilities."""
    table = rows and _is_table(values)
    if values.max() <= 0.0:
        off = np.abs(np.exp(values).sum(axis=1) - 1.0).max() if table else 0.0
        return "log-probabilities" if off < 1e-2 else "logits"
    if values.min() < 0.0:
        scores = values.min() < -1.0 or values.max() > 2.0
        return "logits" if scores else "values outside [0, 1]"
    sums = values.sum(axis=1) if table else values
    if np.abs(sums - 100.0).max() < 2.0 or (not table and 2.0 < values.max() <= 100.0):
        return "percentages"
    return "unnormalised scores" if table else "values outside [0, 1]"
