"""1xx: what a reported number is: a sum, or zero but for rounding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.case._forecast import Floats
from sklearn_negloss.audit.case._inputs import as_column
from sklearn_negloss.audit.case._measured import agrees
from sklearn_negloss.audit.probes._loss import LossProbe
from sklearn_negloss.audit.probes._sandbox import BudgetSpent, RefusedCall


class SummedLoss(Rule):
    """The number is a sum over samples, and not a mean.

    **Why the loss goes negative.** It was negative as a mean already; the sum multiplies
    it by the number of samples (or their weight), so that a loss of -0.9 per sample reads
    -2871. Sums of different sizes cannot be compared.

    **What is measured.** Whether `loss_value` is the mean loss of the forecasts, as
    computed here, times the number of samples or their total weight (and of columns,
    where the target has several). Of a callable loss: whether twice the samples have
    twice the value. Of a density estimator with X: whether its score is the sum of its
    log densities, as that of KernelDensity is.

    **What to do.** Divide by the number of samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit, gaussian_nll_loss
    >>> rng = np.random.default_rng(0)
    >>> mu = rng.normal(size=500)
    >>> y = mu + 0.1 * rng.normal(size=500)
    >>> total = gaussian_nll_loss(y, mu, np.full(500, 0.1), reduction="sum")
    >>> audit(y_true=y, mu=mu, sigma=0.1, loss_value=total).outcomes["NEG105"]
    'found'
    >>> audit(y_true=y, mu=mu, sigma=0.1, loss_value=total / 500).outcomes["NEG105"]
    'clear'
    """

    code = "NEG105"
    cause = "units"
    severity = "info"
    message = (
        "{what} is a sum: {size:.6g} times {mean:.4g}, the mean per sample; the sum grows "
        "with the size of the data, whatever its sign."
    )
    advice = "Divide by {size:.6g} and report nats (or units of the loss) per sample."
    # These are no means over samples.
    no_means = ("max_error", "median_absolute_error", "root_mean_squared_error")
    # A density estimator is tried on a few rows only.
    most_rows = 100

    @classmethod
    def measure(
        cls,
        loss: DeclaredLoss | None = None,
        loss_value: float | None = None,
        measured_columns: tuple[float, ...] | None = None,
        y_labels: Any = None,
        weights: Floats | None = None,
        estimator: Any = None,
        X: Any = None,
        loss_probe: LossProbe | None = None,
    ) -> Evidence | NotApplicable | None:
        """Look for the number of samples as a factor."""
        if loss_probe is not None:
            return cls._of_callable(loss_probe)
        leaf = estimator[-1] if isinstance(estimator, Pipeline) else estimator
        if loss_value is not None and hasattr(leaf, "log_marginal_likelihood_value_"):
            found = cls._of_evidence(leaf, loss_value)
            if found is not None:
                return found
        if hasattr(estimator, "score_samples") and hasattr(estimator, "score"):
            return cls._of_estimator(estimator, X, loss_value)
        if loss is None or loss_value is None or measured_columns is None:
            return NotApplicable("needs loss_value and the forecasts that it is of")
        if loss.kind == "score" or loss.name in cls.no_means:
            return NotApplicable("the number is no mean over samples")
        return cls._of_value(loss_value, measured_columns, len(y_labels), weights)

    @classmethod
    def _of_callable(cls, probe: LossProbe) -> Evidence | NotApplicable | None:
        """Ask a callable loss whether twice the samples have twice the value."""
        try:
            if not probe.sums:
                return None
            size = float(len(probe.setting.y))
            return {"what": probe.subject, "size": size, "mean": probe.wrong / size}
        except (BudgetSpent, RefusedCall) as error:
            return NotApplicable(str(error))

    @classmethod
    def _of_value(
        cls,
        loss_value: float,
        columns: tuple[float, ...],
        n: int,
        weights: Floats | None,
    ) -> Evidence | None:
        """Compare the reported number with multiples of the mean."""
        d, mean = len(columns), math.fsum(columns) / len(columns)
        total = float(n) if weights is None else float(weights.sum())
        known = (mean, *columns)  # of all columns, or of any one
        if mean == 0.0 or any(agrees(abs(loss_value), abs(v)) for v in known):
            return None
        for size in (total * d, float(n * d), total, float(n), float(d)):
            if size != 1.0 and agrees(abs(loss_value), size * abs(mean)):
                signed = math.copysign(mean, loss_value)
                return {"what": "loss_value", "size": size, "mean": signed}
        return None

    @classmethod
    def _of_estimator(
        cls, estimator: Any, X: Any, loss_value: float | None
    ) -> Evidence | NotApplicable | None:
        """Compare the score of an estimator with the log densities of its samples."""
        if X is None:
            return NotApplicable("needs X, to score the estimator")
        some = X[: cls.most_rows]
        try:
            densities = np.asarray(estimator.score_samples(some), dtype=np.float64)
            score = float(estimator.score(some))
        except (TypeError, ValueError, AttributeError):
            return NotApplicable("the estimator does not score X")
        size, mean = densities.size, float(densities.mean())
        if size < 2 or agrees(score, mean) or not agrees(score, size * mean):
            return None
        n = X.shape[0] if hasattr(X, "shape") else len(X)
        if loss_value is not None and math.isfinite(loss_value):
            mean = loss_value / n
        what = f"The score of {type(estimator).__name__}"
        return {"what": what, "size": float(n), "mean": mean}

    @staticmethod
    def _of_evidence(leaf: Any, loss_value: float) -> Evidence | None:
        """Compare with the log marginal likelihood of a Gaussian process."""
        total, n = float(leaf.log_marginal_likelihood_value_), len(leaf.X_train_)
        if n < 2 or not agrees(abs(loss_value), abs(total)):
            return None
        what = "The log marginal likelihood"
        return {"what": what, "size": float(n), "mean": loss_value / n}


class FloatRounding(Rule):
    """The number is zero, but for rounding.

    **Why the loss goes negative.** A loss that cannot be negative is computed as a
    difference of numbers that are rounded, in single precision to {digits:d} digits.
    Where the true value is zero, half of all results are negative.

    **What is measured.** A negative value of a loss whose minimum is zero. Found if it
    lies within {steps:g} units of rounding: of single precision, unless all arrays given
    are of double precision; times the size of the target, for a loss that has its unit.

    **What to do.** Read it as zero.

    Examples
    --------
    >>> from sklearn_negloss import audit
    >>> audit(loss="log_loss", loss_value=-1.2e-7).outcomes["NEG108"]
    'found'
    >>> audit(loss="log_loss", loss_value=-0.7).outcomes["NEG108"]
    'clear'
    """

    code = "NEG108"
    cause = "legitimate"
    severity = "info"
    message = (
        "The value {value:.3g} is zero but for rounding: within {tolerance:.2g}, the "
        "rounding of {precision} numbers of this size."
    )
    advice = "Read it as zero; show max(0, value) if the sign disturbs."
    steps = 100.0
    digits = 7
    DOUBLE = ("float64", "int", "uint", "bool")

    @classmethod
    def measure(
        cls,
        dtypes: dict[str, str],
        loss: DeclaredLoss | None = None,
        loss_value: float | None = None,
        measured: float | None = None,
        y_true: Any = None,
    ) -> Evidence | NotApplicable | None:
        """Hold a negative value against the rounding of its inputs."""
        value = measured if loss_value is None else loss_value
        if value is None:
            return NotApplicable("needs loss_value, or forecasts and their loss")
        if (loss is None and y_true is not None) or (loss and loss.minimum < 0):
            return NotApplicable("the loss is not known to be bounded by zero")
        if value >= 0:
            return None
        double = bool(dtypes) and all(d.startswith(cls.DOUBLE) for d in dtypes.values())
        precision = np.float64 if double else np.float32
        tolerance = cls.steps * float(np.finfo(precision).eps) * _scale(loss, y_true)
        if value < -tolerance:
            return None
        return {
            "value": float(value),
            "tolerance": tolerance,
            "precision": "double-precision" if double else "single-precision",
        }


def _scale(loss: DeclaredLoss | None, y_true: Any) -> float:
    """Return the size of the numbers that a loss subtracts from one another."""
    if loss is None or y_true is None or loss.kind == "cross-entropy":
        return 1.0
    largest = float(np.abs(as_column(y_true)).max())
    squared = "squared" in loss.name and not loss.name.startswith("root")
    scale = largest**2 if squared else largest
    return max(1.0, scale) if math.isfinite(scale) else 1.0
