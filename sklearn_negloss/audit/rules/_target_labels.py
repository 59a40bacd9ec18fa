"""3xx: labels that a cross-entropy cannot have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.case._forecast import ClassForecast, Floats
from sklearn_negloss.audit.case._measured import agrees
from sklearn_negloss.audit.case._target import TargetSummary

NO_CROSS_ENTROPY = NotApplicable("the loss is no cross-entropy")
ENCODED = NotApplicable("the loss encodes labels: their numbers do not matter")

# What a pattern of labels is, and how to make it 0 and 1.
PATTERNS = {
    "numbered from 1": "subtract 1, or pass pos_label (LabelEncoder does it, too)",
    "signs": "use (y + 1) / 2, or pass pos_label",
    "mask of 0 to 255": "divide by 255, or use y > 127",
    "two other values": "use LabelEncoder, or pass pos_label",
    "class numbers": "use a loss of several classes, or y == the class that is meant",
    "overshoot": "clip to [0, 1] what is rounding, and find out where the rest is from",
}


class LabelOutOfRange(Rule):
    """Labels of a binary cross-entropy lie outside [0, 1].

    **Why the loss goes negative.** With a logit x, the binary cross-entropy is
    log(1 + exp(x)) - y x: bounded below if, and only if, y lies in [0, 1]. A label of 2
    costs -2 log p + log(1 - p), negative once p exceeds 0.618, and falls without end
    as the model gets surer. With labels in [0, 1] no prediction makes it negative.

    **What is measured.** The range of the labels, where the loss reads their numbers
    literally. Found if any lies outside [0, 1] and they look like labels: at most
    {most_labels} distinct values, class numbers, grey levels of a mask, or values in
    [0, 1] that overshoot (at least {least_inside:.0%} inside, or none further out than
    {overshoot:g}). Where the loss encodes labels, found if `loss_value` is what their
    numbers give when they are read literally all the same.

    **What to do.** Encode the labels as 0 and 1, or name the positive class by
    `pos_label`. Losses that encode labels, such as `sklearn.metrics.log_loss`, do not
    mind.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).integers(1, 3, size=200)
    >>> audit(y_true=y, loss="binary_cross_entropy").outcomes["NEG301"]
    'found'
    >>> audit(y_true=y - 1, loss="binary_cross_entropy").outcomes["NEG301"]
    'clear'
    """

    code = "NEG301"
    cause = "data"
    severity = "error"
    message = (
        "The labels of a binary cross-entropy run from {minimum:.9g} to {maximum:.9g} "
        "({pattern}), {share:.3g} of them outside [0, 1]: the loss has no lower bound."
    )
    advice = "Make labels of 0 and 1: {remedy}."
    most_labels = TargetSummary.MAX_LISTED
    # Noise on both classes pushes half of all labels out.
    least_inside = 0.5
    overshoot = 0.5
    # Two labels so close to [0, 1] were meant to be 0 and 1.
    rounding = 1e-3

    @classmethod
    def measure(
        cls,
        target: TargetSummary,
        loss: DeclaredLoss,
        labels: Sequence[Any] | None = None,
        y_true: Any = None,
        class_forecast: ClassForecast | None = None,
        loss_value: float | None = None,
    ) -> Evidence | NotApplicable | None:
        """Look at the range of the labels, and at what they look like."""
        if loss.kind != "cross-entropy":
            return NO_CROSS_ENTROPY
        encoded = not loss.literal or labels is not None
        if encoded and not _read_literally(y_true, class_forecast, loss_value):
            return ENCODED
        if target.unit_share == 1.0:
            return None
        pattern = cls._pattern(target)
        if pattern is None:
            return None
        return {
            "minimum": target.minimum,
            "maximum": target.maximum,
            "share": 1.0 - target.unit_share,
            "pattern": pattern,
            "remedy": PATTERNS[pattern],
        }

    @classmethod
    def _pattern(cls, target: TargetSummary) -> str | None:
        """Name what the labels look like; None for measurements."""
        if target.values in ((1.0, 2.0), (2.0,)):
            return "numbered from 1"
        if target.values in ((-1.0, 1.0), (-1.0, 0.0, 1.0), (-1.0,)):
            return "signs"
        if target.integer_share == 1.0:
            return cls._of_integers(target)
        few = target.n_distinct <= min(cls.most_labels, max(target.n / 3, 2))
        beyond = max(-target.minimum, target.maximum - 1.0)
        if few and target.n_distinct == 2 and beyond > cls.rounding:
            return "two other values"
        if target.unit_share >= cls.least_inside or beyond <= cls.overshoot:
            return "overshoot"
        return "class numbers" if few else None

    @classmethod
    def _of_integers(cls, target: TargetSummary) -> str | None:
        """Name what whole numbers look like; ages and prices are none."""
        # Ages fit into uint8, too, but stay below 128.
        image = target.dtype == "uint8" and target.maximum > 127.0
        if image or (target.minimum == 0.0 and target.maximum == 255.0):
            return "mask of 0 to 255"
        if target.n_distinct == 2:
            return "two other values"
        spans = target.maximum - target.minimum + 1.0
        counted = target.minimum in (0.0, 1.0) and target.n_distinct == spans
        if counted or target.n_distinct <= cls.most_labels:
            return "class numbers"
        return None


def _read_literally(
    y: Any, forecast: ClassForecast | None, loss_value: float | None
) -> bool:
    """Whether a number is the cross-entropy of labels taken for values in [0, 1]."""
    if y is None or forecast is None or loss_value is None:
        return False
    if y.ndim != 1 or forecast.log_prob.shape[1] != 2:
        return False
    labels = np.asarray(y, dtype=np.float64)
    terms = np.column_stack([1.0 - labels, labels]) * -forecast.log_prob
    value = float(np.average(terms.sum(axis=1), weights=forecast.weights))
    return value < 0 and agrees(loss_value, value)


class ContinuousTargetInCrossEntropy(Rule):
    """A cross-entropy is computed of measurements: prices, ages, temperatures.

    **Why the loss goes negative.** A sigmoid cannot predict a price. It saturates, and
    the cross-entropy becomes minus the price times the log of what is left of 1 - p: a
    loss of minus a million, that improves as long as training goes on.

    **What is measured.** Whether the target of a cross-entropy has more than
    {most_labels} distinct values that lie outside [0, 1] and look like no labels.
    Probabilities as soft labels in [0, 1] are fine.

    **What to do.** Use a loss of a regression, and a model without a sigmoid.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> prices = np.random.default_rng(0).uniform(1e3, 2e5, size=200)
    >>> audit(y_true=prices, loss="binary_cross_entropy").outcomes["NEG302"]
    'found'
    >>> audit(y_true=prices / 2e5, loss="binary_cross_entropy").outcomes["NEG302"]
    'clear'
    """

    code = "NEG302"
    cause = "data"
    severity = "error"
    message = (
        "The target of a cross-entropy has {distinct} distinct values from {minimum:.6g} "
        "to {maximum:.6g}: measurements, and no labels or probabilities."
    )
    advice = (
        "Use a loss of a regression (squared error, or the NLL of a distribution), and a "
        "model that predicts values; or turn the target into classes first."
    )
    yields_to = ("NEG301",)
    most_labels = TargetSummary.MAX_LISTED

    @classmethod
    def measure(
        cls,
        target: TargetSummary,
        loss: DeclaredLoss,
        labels: Sequence[Any] | None = None,
    ) -> Evidence | NotApplicable | None:
        """Look whether the values are measurements."""
        if loss.kind != "cross-entropy":
            return NO_CROSS_ENTROPY
        if labels is not None:
            return ENCODED
        # Where labels are encoded, whole numbers are classes, however many.
        continuous = target.is_regression and (
            loss.literal or target.integer_share < 1.0
        )
        many = target.n_distinct > min(cls.most_labels, target.n / 3)
        if not (continuous and many) or target.unit_share == 1.0:
            return None
        return {
            "distinct": target.n_distinct,
            "minimum": target.minimum,
            "maximum": target.maximum,
        }


class ScaledClassLabels(Rule):
    """Class labels went through a target scaler.

    **Why the loss goes negative.** Standardised labels 0 and 1 become -a and 1/a, -1 and
    1 if both are as frequent. Both may lie outside [0, 1], where a cross-entropy has no
    lower bound.

    **What is measured.** Whether the target has two values, and after its transformer
    two others than 0 and 1. Without a transformer: whether there are two values, no
    integers, whose mean is zero (within {rounding:g} of their distance) or whose
    product is -1, as standardising leaves them; -1 and 1 count as floats that are
    exactly as frequent. Two-valued targets of a regression do not count. Not
    applicable below {least_samples} samples.

    **What to do.** Never scale labels: a scaler belongs into the pipeline of X.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import scale
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).integers(0, 2, size=200)
    >>> audit(y_true=scale(y)).outcomes["NEG303"]
    'found'
    >>> audit(y_true=y).outcomes["NEG303"]
    'clear'
    """

    code = "NEG303"
    cause = "data"
    severity = "error"
    message = (
        "Class labels were scaled: the two values are {low:.6g} and {high:.6g}, where a "
        "cross-entropy needs 0 and 1."
    )
    advice = (
        "Leave labels as they are, and put the scaler into the pipeline of X; the classes "
        "can be had back as values above and below {middle:.6g}."
    )
    # What averaging leaves of zero in double precision; 100 times more in single.
    rounding = 1e-8
    least_samples = 10  # any two values are centred about their mean

    @classmethod
    def measure(
        cls,
        target: TargetSummary,
        scored_target: TargetSummary,
        loss: DeclaredLoss | None = None,
        transformer: Any = None,
        mu: Floats | None = None,
    ) -> Evidence | NotApplicable | None:
        """Look at the two values, before and after the transformer."""
        if loss is not None and not cls._may_be_labels(loss, mu):
            return NotApplicable("the loss is not one of labels")
        if target.n < cls.least_samples:
            return NotApplicable(
                f"needs {cls.least_samples} samples or more, got {target.n}"
            )
        if target.n_distinct != 2 or scored_target.n_distinct != 2:
            return None
        seen = scored_target if transformer is not None else target
        if seen.values == (0.0, 1.0):
            return None
        same = seen.values == target.values
        if (transformer is None or same) and not cls._standardised(target):
            return None
        low, high = seen.values
        return {"low": low, "high": high, "middle": (low + high) / 2.0}

    @staticmethod
    def _may_be_labels(loss: DeclaredLoss, mu: Floats | None) -> bool:
        """Whether nobody said that the target is one of a regression."""
        return loss.kind == "cross-entropy" or (loss.inferred and mu is None)

    @classmethod
    def _standardised(cls, target: TargetSummary) -> bool:
        """Whether two values are what standardising leaves of labels."""
        low, high = target.values
        double = target.dtype not in ("float32", "float16")
        rounding = cls.rounding if double else 100.0 * cls.rounding
        centred = abs(target.mean) < rounding * (high - low)
        if target.integer_share > 0.0:  # no scaler returns integers; signs may be some
            return centred and (low, high) == (-1.0, 1.0) and "float" in target.dtype
        return centred or math.isclose(low * high, -1.0, rel_tol=rounding)
