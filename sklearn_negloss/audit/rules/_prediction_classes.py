"""4xx: probabilities that are something else, or belong to other classes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._classes import class_target
from sklearn_negloss.audit.case._forecast import (
    ClassForecast,
    Floats,
    Mean,
    log_probabilities,
    log_softmax_of,
    mean_of,
)
from sklearn_negloss.audit.case._measured import agrees
from sklearn_negloss.audit.case._supplied import Supplied

# Cross-entropies are compared with log probabilities no lower than that of 2.2e-16.
LEAST_LOG = float(np.log(np.finfo(np.float64).eps))

# Rows of probabilities in half precision sum to 1 within this.
ROW_SUM = 1e-2


def cross_entropies(target: Floats, log_prob: Floats) -> Floats:
    """Return the cross-entropy of each sample, finite whatever was predicted."""
    return np.asarray(-(target * np.maximum(log_prob, LEAST_LOG)).sum(axis=1))


def n_classes(values: Any) -> int:
    """Return how many classes predictions are for; one column stands for two."""
    return 2 if values.ndim == 1 or values.shape[1] == 1 else int(values.shape[1])


def sums_to_one(prob: Floats) -> bool:
    """Whether the rows of a table are probabilities; one column has no rows to sum."""
    return bool(np.abs(prob.sum(axis=1) - 1.0).max() < ROW_SUM)


def are_log_probabilities(values: Floats) -> bool | None:
    """Tell log probabilities by their values; None where one column cannot tell."""
    if values.max() > ROW_SUM:
        return False
    if values.ndim == 1 or values.shape[1] == 1:
        return None
    return sums_to_one(np.exp(values))


def lower(first: Floats, second: Floats, weights: Floats | None) -> Mean:
    """Return by how much the first losses are below the second on average."""
    return mean_of(second - first, weights)


class LogitsPassedAsProbabilities(Rule):
    """What was passed as probabilities are logits.

    **Why the loss goes negative.** Logits above 1 taken for probabilities have a positive
    logarithm, so minus it is negative; those below 0 have none.

    **What is measured.** The cross-entropy of values partly below 0, read in two ways:
    as logits, and as probabilities that overshoot and are clipped to
    [{clip:g}, 1 - {clip:g}]. Found if the first is lower by more than {errors:g} standard
    error, or if more than {far_share:.0%} of the values lie below {below:g} or above
    {above:g}, farther out than any probability overshoots. Values whose exponentials are
    probabilities are log-probabilities, NEG410.

    **What to do.** Pass them as ``logits=``, or through a sigmoid or softmax once. A
    `decision_function` is no logit of a calibrated probability: calibrate it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> logits = rng.normal(size=200)
    >>> prob = 1 / (1 + np.exp(-logits))
    >>> y = (rng.uniform(size=200) < prob).astype(int)
    >>> audit(y_true=y, y_prob=logits).outcomes["NEG409"]
    'found'
    >>> audit(y_true=y, y_prob=prob).outcomes["NEG409"]
    'clear'
    """

    code = "NEG409"
    cause = "code"
    severity = "error"
    message = (
        "y_prob runs from {least:.4g} to {greatest:.4g}: these are logits. Read as such "
        "they have a cross-entropy of {loss:.4g}; clipped to [{low:g}, {high:g}] as "
        "probabilities, {clipped:.4g}."
    )
    advice = (
        "Pass them as logits=, or apply a sigmoid or softmax once; with a loss that has "
        "a from_logits switch, set it."
    )
    errors = 1.0
    # What overshoots is forgiven that much: a linear model of probabilities is no logit.
    clip = 1e-3
    # A perfect classifier's logits, clipped, make perfect probabilities; their size tells.
    below, above, far_share = -1.0, 2.0, 0.2

    @classmethod
    def measure(
        cls, supplied: Supplied, y_prob: Any, weights: Any = None
    ) -> Evidence | NotApplicable | None:
        """Read the values as logits and as probabilities that overshoot."""
        values = np.asarray(y_prob, dtype=np.float64)
        if values.min() >= 0:
            return None
        if not np.isfinite(values).all():
            return None if values.max() <= 0 else NotApplicable("y_prob is infinite")
        if supplied.y_labels is None:
            return NotApplicable("needs y_true")
        target = class_target(supplied, n_classes(values))
        if isinstance(target, NotApplicable):
            return target
        if are_log_probabilities(values) or _lower_as_log(target, values):
            return None
        as_logits = cross_entropies(target, log_softmax_of(values))
        as_clipped = cross_entropies(target, cls._clipped(values))
        far = np.mean((values < cls.below) | (values > cls.above)) > cls.far_share
        if not far and not lower(as_logits, as_clipped, weights).t > cls.errors:
            return None
        return {
            "least": float(values.min()),
            "greatest": float(values.max()),
            "loss": mean_of(as_logits, weights).value,
            "clipped": mean_of(as_clipped, weights).value,
            "low": cls.clip,
            "high": 1.0 - cls.clip,
        }

    @classmethod
    def _clipped(cls, values: Floats) -> Floats:
        """Return log probabilities of values that overshoot."""
        prob = np.clip(values, cls.clip, 1.0 - cls.clip)
        if prob.ndim == 2 and prob.shape[1] > 1:
            prob = prob / prob.sum(axis=1, keepdims=True)
        return log_probabilities(prob)


def _lower_as_log(target: Floats, values: Floats) -> bool:
    """Whether one column without positive values is better read as log probabilities."""
    if are_log_probabilities(values) is not None:
        return False
    as_log = cross_entropies(target, log_probabilities(np.exp(np.minimum(values, 0.0))))
    as_logits = cross_entropies(target, log_softmax_of(values))
    return bool(as_log.mean() < as_logits.mean())


class LogProbabilityExpected(Rule):
    """Probabilities went where their logarithms are expected, or the other way round.

    **Why the loss goes negative.** A loss that expects log-probabilities, such as
    PyTorch's ``NLLLoss``, returns minus the mean of what it is given at the label: for
    probabilities a number between -1 and 0. A softmax in front of a loss that applies one
    itself does not change the sign, and flattens every forecast.

    **What is measured.** Whether `logits` are probabilities (all in [0, 1] with rows that
    sum to 1, or one column that scores better as probabilities by more than {errors:g}
    standard error and {least_drop:g} nat); whether `y_prob` holds log-probabilities; and
    whether `loss_value` is minus the mean probability of the labels.

    **What to do.** Pass log-probabilities (``log_softmax``, ``predict_log_proba``) to a
    loss that expects them, logits to one that expects logits, and each of them once.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> prob = rng.dirichlet([1, 1, 1], size=200)
    >>> y = [rng.choice(3, p=row) for row in prob]
    >>> audit(y_true=y, logits=prob).outcomes["NEG410"]
    'found'
    >>> audit(y_true=y, logits=np.log(prob)).outcomes["NEG410"]
    'clear'
    >>> value = -np.mean(prob[np.arange(200), y])
    >>> audit(y_true=y, y_prob=prob, loss_value=value).outcomes["NEG410"]
    'found'
    """

    code = "NEG410"
    cause = "code"
    severity = "error"
    message = "{what}{effect}."
    advice = (
        "Pass log-probabilities (log_softmax, predict_log_proba) to a loss that expects "
        "them, logits to one that expects logits, and apply softmax or sigmoid once."
    )
    errors = 1.0
    # Near 0.66, where a number is its own sigmoid, both readings are the same.
    least_drop = 0.01

    @classmethod
    def measure(
        cls,
        supplied: Supplied,
        y_prob: Any = None,
        logits: Any = None,
        class_forecast: ClassForecast | None = None,
        loss_value: float | None = None,
        weights: Any = None,
    ) -> Evidence | NotApplicable | None:
        """Look for each of the three mistakes."""
        if y_prob is None and logits is None:
            return NotApplicable("needs y_prob or logits")
        if loss_value is not None and class_forecast is not None:
            evidence = cls._of_value(loss_value, class_forecast)
            if evidence is not None:
                return evidence
        if logits is not None:
            return cls._of_logits(np.asarray(logits, np.float64), supplied, weights)
        return cls._of_prob(np.asarray(y_prob, np.float64), supplied)

    @classmethod
    def _of_value(cls, value: float, forecast: ClassForecast) -> Evidence | None:
        """Compare the reported loss with minus the mean probability of the labels."""
        chosen = (forecast.target * np.exp(forecast.log_prob)).sum(axis=1)
        mean = mean_of(chosen, forecast.weights).value
        if not agrees(value, -mean):
            return None
        right = cross_entropies(forecast.target, forecast.log_prob)
        loss = mean_of(right, forecast.weights).value
        return {
            "what": f"The loss of {value:.4g} is minus the mean probability of the labels",
            "effect": f": a loss that expects log-probabilities was fed probabilities; "
            f"it should be {loss:.4g}",
            "loss": loss,
        }

    @classmethod
    def _of_logits(
        cls, values: Floats, supplied: Supplied, weights: Any
    ) -> Evidence | NotApplicable | None:
        """Tell probabilities from logits."""
        if values.min() < 0 or values.max() > 1:
            return None
        what = "The logits are probabilities, all of them in [0, 1]"
        if values.ndim == 2 and values.shape[1] > 1 and not sums_to_one(values):
            return None
        target = None if supplied.y_labels is None else class_target(
            supplied, n_classes(values)
        )  # fmt: skip
        if isinstance(target, NotApplicable) or target is None:
            if values.ndim == 2 and values.shape[1] > 1:
                return {"what": what, "effect": " with rows that sum to 1"}
            return target or NotApplicable("needs y_true")
        as_prob = cross_entropies(target, log_probabilities(values))
        as_logits = cross_entropies(target, log_softmax_of(values))
        column = values.ndim == 1 or values.shape[1] == 1
        drop = lower(as_prob, as_logits, weights)
        if column and not (drop.t > cls.errors and drop.value > cls.least_drop):
            return None
        loss, squashed = (mean_of(v, weights).value for v in (as_prob, as_logits))
        return {
            "what": what,
            "effect": f": squashed once more they have a cross-entropy of {squashed:.4g} "
            f"in place of {loss:.4g}",
            "loss": loss,
        }

    @classmethod
    def _of_prob(
        cls, values: Floats, supplied: Supplied
    ) -> Evidence | NotApplicable | None:
        """Tell log-probabilities from probabilities."""
        if values.min() >= 0:
            return None
        are_log = are_log_probabilities(values)
        if are_log is None and supplied.y_labels is not None:
            target = class_target(supplied, 2)
            if isinstance(target, NotApplicable):
                return target
            are_log = _lower_as_log(target, values)
        if not are_log:
            return None
        return {
            "what": "y_prob holds log-probabilities, none above zero",
            "effect": f": {float(np.mean(values < 0)):.0%} of the values are negative and "
            "their exponentials are probabilities",
        }


class ColumnOrder(Rule):
    """The columns of the probabilities belong to other classes.

    **Why the loss goes negative.** It does not: it explodes, and so does every score that
    compares it with a baseline. Losses take the columns in the order of the sorted
    labels; a model or a table in another order is confidently wrong.

    **What is measured.** The loss under the best order of the columns. Found if it is
    lower by more than log(K) for K classes and below that of the prevalence, or if the
    columns as they are lose against the prevalence by more than {errors:g} standard
    errors and the best order wins as clearly. Forecasts that are certain and at times
    wrong win against nothing: there the drop by more than log(K), and how often columns
    and classes then meet beyond chance, both have to stand out from the best of all
    orders of mere noise. No honest forecast does any of it.

    **What to do.** Give ``labels=`` in the order of the columns
    (``estimator.classes_``), or reorder the columns.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> prob = rng.dirichlet([0.3, 0.3, 0.3], size=200)
    >>> y = [rng.choice(3, p=row) for row in prob]
    >>> audit(y_true=y, y_prob=prob).outcomes["NEG412"]
    'clear'
    >>> audit(y_true=y, y_prob=prob[:, [2, 0, 1]]).outcomes["NEG412"]
    'found'
    """

    code = "NEG412"
    cause = "code"
    severity = "error"
    message = (
        "The columns of the probabilities are in another order than the classes: with "
        "columns {order} the loss is {best:.4g} in place of {loss:.4g}{effect}."
    )
    advice = (
        "Give labels= in the order of the columns (estimator.classes_), or take the "
        "columns in the order {order}."
    )
    errors = 3.0
    fewest = 20

    @classmethod
    def measure(cls, class_forecast: ClassForecast) -> Evidence | NotApplicable | None:
        """Find the order of the columns with the lowest loss."""
        target, weights = class_forecast.target, class_forecast.weights
        if len(target) < cls.fewest:
            return NotApplicable(f"needs {cls.fewest} samples or more")
        prevalence = class_forecast.prevalence
        if np.count_nonzero(prevalence) < 2:
            return NotApplicable("y_true has one class")
        log_prob = np.maximum(class_forecast.log_prob, LEAST_LOG)
        share = np.ones(len(target)) if weights is None else weights
        order = linear_sum_assignment(-(target * share[:, None]).T @ log_prob)[1]
        if (order == np.arange(len(order))).all():
            return None
        given = cross_entropies(target, log_prob)
        best = cross_entropies(target, log_prob[:, order])
        constant = cross_entropies(target, np.log(np.maximum(prevalence, 1e-300))[None])
        gained = lower(best, constant, weights)
        wins = gained.t > cls.errors and lower(given, constant, weights).t < -cls.errors
        drop = lower(best, given, weights)
        if drop.value > np.log(len(order)):
            met = _beyond_chance(
                target, np.exp(class_forecast.log_prob[:, order]), weights
            )
            clear = min(drop.t, met.t) > cls.errors + _by_choice(order)
            wins = wins or gained.value > 0 or clear
        if not wins:
            return None
        return {
            "order": str([int(k) for k in order]),
            "loss": mean_of(given, weights).value,
            "best": mean_of(best, weights).value,
            "count": class_forecast.impossible,
            "effect": _clipped(class_forecast),
        }


def _clipped(forecast: ClassForecast) -> str:
    """Say what stood for probabilities of 0, without which a loss is infinite."""
    if not forecast.impossible:
        return ""
    return (
        f", with {np.exp(LEAST_LOG):.2g} in place of a probability of 0 for the class "
        f"of {forecast.impossible} of {forecast.n} samples"
    )


def _beyond_chance(target: Floats, prob: Floats, weights: Floats | None) -> Mean:
    """Return how much more often than by chance the class came that was predicted."""
    prevalence = np.average(target, axis=0, weights=weights)
    return mean_of((prob * (target - prevalence)).sum(axis=1), weights)


def _by_choice(order: NDArray[np.intp]) -> float:
    """Return how many standard errors the best of so many orders of noise stands out."""
    moved = np.count_nonzero(order != np.arange(len(order)))
    orders = math.lgamma(len(order) + 1) - math.lgamma(len(order) - moved + 1)
    return math.sqrt(2.0 * orders)
