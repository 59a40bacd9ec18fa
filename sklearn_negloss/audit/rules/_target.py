"""3xx: targets and weights of which no loss is what it seems."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss._validation import NON_NEGATIVE, POSITIVE, Domain
from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.case._inputs import as_column, is_text
from sklearn_negloss.audit.case._target import CONSTANT, TargetSummary
from sklearn_negloss.distributions.transforms._jacobians import outside_domain
from sklearn_negloss.distributions.transforms._maps import (
    ABOVE_MINUS_ONE,
    NoDensityError,
)
from sklearn_negloss.distributions.transforms._numeric_map import (
    column_function,
    function_name,
)

CLASSES = NotApplicable("the values are those of classes")


class ConstantTarget(Rule):
    """All values of the target are the same.

    **Why the loss goes negative.** The best sigma of a constant is 0, and a density loss
    falls without end as sigma does: with a floor of 1e-6 under sigma it reads -12.9, and
    the number is the floor's. A skill score divides by zero.

    **What is measured.** Whether there is one distinct value, or a range below
    {rounding:g} of the largest. Not applicable to a cross-entropy, which one class
    does not harm, and below {least_samples} samples.

    **What to do.** Drop the target, or the group or fold, that is constant.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> audit(y_true=np.full(100, 3.7)).outcomes["NEG304"]
    'found'
    >>> audit(y_true=3.7 + 0.01 * np.arange(100)).outcomes["NEG304"]
    'clear'
    """

    code = "NEG304"
    cause = "data"
    severity = "error"
    message = (
        "The target is constant: {n} samples of {value:.6g}. A density loss of it has no "
        "lower bound, and no forecast can be told from another."
    )
    advice = (
        "Drop this target (or group, or fold); look for a column that was not filled."
    )
    rounding = CONSTANT
    least_samples = 10  # two equal values say nothing of a third

    @classmethod
    def measure(
        cls, target: TargetSummary, loss: DeclaredLoss | None = None
    ) -> Evidence | NotApplicable | None:
        """Count the distinct values."""
        if loss is not None and loss.kind == "cross-entropy":
            return NotApplicable("one class does not harm a cross-entropy")
        n = target.n - target.n_infinite
        if n < cls.least_samples:
            return NotApplicable(f"needs {cls.least_samples} samples or more, got {n}")
        return {"n": n, "value": target.top_value} if target.is_constant else None


class PointMass(Rule):
    """A share of the target sits on one value, and a density can put a spike there.

    **Why the loss goes negative.** If a share w of the samples equals one value (zeros, a
    cap, a filled gap), a density loss falls by w for each e-fold that sigma shrinks
    there, without end. The best model is then the one with the narrowest spike.

    **What is measured.** Of targets with more than {most_labels} distinct values, the
    share of the most frequent one. Found if it exceeds {least_share:.0%}, is
    {least_ratio:g} times what recording with the step of this target explains (step over
    the interquartile range of the other samples, or one sample), and
    {least_ratio:g} times the share of both its neighbours: rounded numbers pile up, too,
    but not on one value. Class labels and losses that are no density losses do not
    count. With weights, shares are of the weight, and one sample is the heaviest.

    **What to do.** Model the mass apart: a hurdle or zero-inflated model, a censored
    likelihood at a cap; or score by CRPS, which has a lower bound.

    Examples
    --------
    Rainfall, and the same without the dry days:

    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> rain = rng.gamma(2.0, 5.0, size=500)
    >>> dry = rng.uniform(size=500) < 0.3
    >>> audit(y_true=np.where(dry, 0.0, rain)).outcomes["NEG305"]
    'found'
    >>> audit(y_true=rain).outcomes["NEG305"]
    'clear'
    """

    code = "NEG305"
    cause = "degenerate"
    severity = "warning"
    message = (
        "{share:.3g} of the target equals {value:.6g}, {ratio:.3g} times what its "
        "recording explains: a density loss falls without end if sigma shrinks there."
    )
    advice = (
        "Model P(y = {value:.6g}) apart (a hurdle, or a censored likelihood), or use CRPS; "
        "do not choose models by a density loss of this target."
    )
    most_labels = TargetSummary.MAX_LISTED
    # Of 29 targets, 16 of them real, both with an atom passed and no other came near.
    least_share = 0.05
    least_ratio = 5.0

    @classmethod
    def measure(
        cls, target: TargetSummary, loss: DeclaredLoss | None = None
    ) -> Evidence | NotApplicable | None:
        """Compare the greatest share with what recording explains."""
        if loss is not None and loss.kind != "density":
            return NotApplicable(
                "the loss is no density loss: a point mass is harmless"
            )
        if loss is None or target.n_distinct <= cls.most_labels:
            return CLASSES
        ratio = target.top_share / cls._expected_share(target)
        if target.top_share <= cls.least_share or ratio <= cls.least_ratio:
            return None
        return {
            "value": target.top_value,
            "share": target.top_share,
            "ratio": ratio,
            "distinct": target.n_distinct,
        }

    @staticmethod
    def _expected_share(target: TargetSummary) -> float:
        """Return the share of a value that recording and a steep density explain."""
        step = target.gap / target.rest_iqr if target.rest_iqr > 0 else math.inf
        n = target.n_effective
        beside = target.beside_share * n
        if target.on_grid:  # the neighbour may be rare by chance
            beside += 2.0 * math.sqrt(beside) + 1.0
        # One sample of great weight is no mass either.
        return max(step, beside / n, target.heaviest)


class InvalidTransformDomain(Rule):
    """The transform cannot take values of the target, or has made infinities of them.

    **Why the loss goes negative.** The logarithm of 0 is minus infinity and that of -1
    is not a number. `FunctionTransformer(numpy.log)` passes both on without a word; a
    mean of them is infinite, NaN, or, once they are clipped or dropped, that of other
    samples.

    **What is measured.** Infinite values of the target itself; with a transformer, how
    many values lie outside its domain or come out infinite or NaN; and with a loss by
    name that takes logarithms itself (Poisson and gamma deviance, squared logarithmic
    error), how many lie outside its domain.

    **What to do.** Take a transform that takes any value (`PowerTransformer` or arcsinh),
    or log1p where zeros are true zeros. Adding a constant until the logarithm works
    makes the loss depend on that constant.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).poisson(2.0, size=200).astype(float)
    >>> log = FunctionTransformer(np.log).fit(y.reshape(-1, 1))
    >>> audit(y_true=y, transformer=log).outcomes["NEG306"]
    'found'
    >>> log1p = FunctionTransformer(np.log1p).fit(y.reshape(-1, 1))
    >>> audit(y_true=y, transformer=log1p).outcomes["NEG306"]
    'clear'
    """

    code = "NEG306"
    cause = "data"
    severity = "error"
    message = (
        "{amount} of {n} values {problem}; a loss of them is infinite or NaN, or leaves "
        "them out."
    )
    advice = "Find out what these values are; {remedy}."
    # What scikit-learn's own functions refuse, and a hand-written one does not.
    domains: ClassVar[dict[str, Domain]] = {
        "mean_poisson_deviance": NON_NEGATIVE,
        "mean_gamma_deviance": POSITIVE,
        "mean_squared_log_error": ABOVE_MINUS_ONE,
        "root_mean_squared_log_error": ABOVE_MINUS_ONE,
    }

    @classmethod
    def measure(
        cls,
        target: TargetSummary,
        y_true: Any = None,
        transformer: Any = None,
        compared: Sequence[Any] | None = None,
        loss: DeclaredLoss | None = None,
    ) -> Evidence | NotApplicable | None:
        """Count infinities, and values outside the domain of loss and transformers."""
        if target.n_infinite:
            remedy = "after a logarithm of 0, use log1p or arcsinh instead of it"
            problem = "of the target are infinite"
            return _outside(target.n_infinite, target.n, problem, remedy)
        y = None if y_true is None else as_column(y_true)
        domain = None if loss is None else cls.domains.get(loss.name)
        if loss is not None and domain is not None:
            outside = domain.outside(np.array([target.minimum]) if y is None else y)
            if outside.any():
                problem = (
                    f"of the target are outside the domain of {loss.name}, which takes "
                    f"values that are {domain.words}"
                )
                count = None if y is None else int(outside.sum())
                return _outside(count, target.n, problem, LOSS_REMEDY)
        if y is None:
            return None
        for each in [transformer] if compared is None else compared:
            found = cls._of_transformer(each, y)
            if found is not None:
                return found
        return None

    @staticmethod
    def _of_transformer(
        transformer: Any, y: NDArray[Any]
    ) -> Evidence | NotApplicable | None:
        """Count the values that a transformer cannot take."""
        if transformer is None or isinstance(transformer, str):
            return None
        name, count = function_name(transformer), 0
        remedy = "use a transform that takes any value, such as arcsinh"
        try:
            outside = outside_domain(transformer, y)
            if outside is not None:
                name, remedy = outside.name, outside.remedy
                count = outside.values.size
            else:
                z = column_function(transformer, "transform")(y)
                count = int(np.sum(~np.isfinite(z)))
        except (NoDensityError, ValueError, TypeError):
            return None  # several columns, or not one of numbers: no matter of values
        except Exception as error:  # anybody's function may do anything
            return NotApplicable(
                f"the transformer failed: {type(error).__name__}: {error}"
            )
        if not count:
            return None
        problem = f"of the target are outside the domain of {name}"
        return _outside(count, y.size, problem, remedy)


LOSS_REMEDY = (
    "if they are right, use a squared or absolute error, which takes any value"
)


def _outside(count: int | None, n: int, problem: str, remedy: str) -> Evidence:
    """Return how many values are where they cannot be; None for an unknown number."""
    amount, count = ("At least 1", 1) if count is None else (str(count), count)
    evidence = {"amount": amount, "count": count, "n": n}
    return evidence | {"problem": problem, "remedy": remedy}


class NegativeSampleWeight(Rule):
    """Some weights are negative.

    **Why the loss goes negative.** A weighted mean with negative weights is no mean: a
    large loss at a sample of negative weight lowers it. Most of scikit-learn's metrics
    take such weights without a word; a log loss of -4.4 can be had from three samples.

    **What is measured.** Whether any weight is below 0.

    **What to do.** Find out where they come from: a difference, an importance weight
    that was subtracted, a fill value of -1. Weights of simulated events, which cancel by
    design, need a loss that is meant for them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).normal(size=200)
    >>> weight = np.ones(200)
    >>> audit(y_true=y, sample_weight=weight - 1.1 * (y > 2)).outcomes["NEG307"]
    'found'
    >>> audit(y_true=y, sample_weight=weight * (y <= 2)).outcomes["NEG307"]
    'clear'
    """

    code = "NEG307"
    cause = "data"
    severity = "error"
    message = (
        "{count} of {n} weights are negative, the least {least:.6g} (all together "
        "{total:.6g}): a weighted mean with them has no lower bound."
    )
    advice = (
        "Find out why; give weight 0 to samples that shall not count, and positive "
        "weights to all others."
    )

    @classmethod
    def measure(
        cls, sample_weight: Any, shapes: dict[str, tuple[int, ...]]
    ) -> Evidence | None:
        """Count the negative weights."""
        weight = as_column(sample_weight)
        count = int(np.sum(weight < 0))
        if not count:
            return None
        return {
            "count": count,
            "n": shapes["sample_weight"][0],  # weights of 0 among them
            "least": float(weight.min()),
            "total": math.fsum(weight),
        }


class WrappingIntegerDtype(Rule):
    """Differences or squares of the target wrap around in its integer dtype.

    **Why the loss goes negative.** Integers of fixed width wrap without a warning. In
    uint8, 0 - 16 is 240 and its square is 0; in int32, 46342 squared is -2147386332. A
    squared error computed so is too small, zero, or negative.

    **What is measured.** With predictions of an integer dtype: whether a difference or a
    squared difference, computed in the dtype that NumPy takes, differs from that in
    float64. With a target alone, of an unsigned dtype or one of less than 64 bits:
    whether the squared difference of its own extremes fits. Predictions that are floats
    settle it: nothing wraps. Class labels do not count.

    **What to do.** Convert targets to float64 when they are loaded. The metrics of
    scikit-learn do it; hand-written ones in NumPy do not.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).integers(0, 256, size=200)
    >>> audit(y_true=y.astype(np.uint8)).outcomes["NEG309"]
    'found'
    >>> audit(y_true=y).outcomes["NEG309"]
    'clear'
    """

    code = "NEG309"
    cause = "data"
    severity = "warning"
    message = (
        "{what} in {dtype}: {example:.6g} becomes {wrapped:.6g}. An error computed "
        "without conversion is wrong, and its square may be negative."
    )
    advice = "Convert to float64 as soon as it is loaded: y = y.astype(float)."

    @classmethod
    def measure(
        cls,
        target: TargetSummary,
        loss: DeclaredLoss | None = None,
        y_true: Any = None,
        y_pred: Any = None,
        mu: Any = None,
    ) -> Evidence | NotApplicable | None:
        """Compute in the dtype given and in float64."""
        if loss is not None and loss.kind == "cross-entropy":
            return NotApplicable("a cross-entropy takes no differences of targets")
        if not np.issubdtype(np.dtype(target.dtype), np.integer):
            return None
        if not target.is_regression:
            return CLASSES
        predicted = mu if y_pred is None or is_text(y_pred) else y_pred
        if y_true is None or predicted is None:
            return cls._of_range(target)
        if predicted.dtype.kind not in "iu":
            return None
        return cls._of_errors(y_true, predicted)

    @staticmethod
    def _of_range(target: TargetSummary) -> Evidence | None:
        """Square the range of the target in its own dtype."""
        info = np.iinfo(target.dtype)
        square = (target.maximum - target.minimum) ** 2
        if target.dtype == "int64" or square <= info.max:
            return None
        # Exact in Python's integers, then as the machine keeps it.
        exact = (int(target.maximum) - int(target.minimum)) ** 2
        wrapped = (exact - info.min) % 2**info.bits + info.min
        return {
            "what": "The squared range of the target wraps around",
            "dtype": target.dtype,
            "example": square,
            "wrapped": float(wrapped),
        }

    @staticmethod
    def _of_errors(y_true: Any, y_pred: Any) -> Evidence | None:
        """Compare errors and their squares with those in float64."""
        y, predicted = y_true.reshape(-1), y_pred.reshape(-1)
        error, exact = y - predicted, as_column(y) - as_column(predicted)
        if error.dtype.kind not in "iu":  # uint64 and int64 meet as float64
            return None
        for what, wrapped, true in (
            ("Squared errors wrap around", error * error, exact * exact),
            ("Errors wrap around", error, exact),
        ):
            off = np.abs(wrapped.astype(np.float64) - true)
            # int64 holds digits that float64 does not: those are no wrapping.
            worst = int(
                np.argmax(np.where(off > 1e-6 * np.abs(true), np.abs(true), -1))
            )
            if off[worst] > 1e-6 * abs(true[worst]):
                return {
                    "what": what,
                    "dtype": str(error.dtype),
                    "example": float(true[worst]),
                    "wrapped": float(wrapped[worst]),
                }
        return None
