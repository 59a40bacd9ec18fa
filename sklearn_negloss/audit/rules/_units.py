"""1xx: the number is right, and its sign follows the unit or the model's worth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.case._derive import leaf_of
from sklearn_negloss.audit.case._forecast import (
    UNIT_ENTROPY,
    ClassForecast,
    Floats,
    Forecast,
    Mean,
    mean_of,
)
from sklearn_negloss.audit.case._inputs import as_column, is_text
from sklearn_negloss.audit.case._target import TargetSummary
from sklearn_negloss.distributions.transforms._numeric_map import column_function
from sklearn_negloss.metrics import ZERO_NLL_SIGMA

NO_DENSITY = NotApplicable(
    "the loss is no density loss: its sign owes nothing to units"
)


class DensityAboveOne(Rule):
    """Densities exceed 1 where forecasts are narrow, and their loss is negative.

    **Why the loss goes negative.** A density is no probability: it has the unit 1/y and
    exceeds 1 wherever a forecast is narrow. A calibrated Gaussian forecast has an
    expected negative log-likelihood of mean log(sigma) + 1.4189, negative for a
    (geometric) mean sigma below {least:.6g}.

    **What is measured.** The sign of a density loss: the number reported, or that of
    the forecasts. Not applicable where sigma is too small for the errors (mean squared
    standardised error more than {most_t:g} standard errors above 1): then other rules
    speak.

    **What to do.** Nothing. A negative value is no sign of a good model, nor of a bad
    one: read the gain over a constant forecast.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> mu = rng.normal(size=500)
    >>> noise = rng.normal(size=500)
    >>> audit(y_true=mu + 0.1 * noise, mu=mu, sigma=0.1).outcomes["NEG101"]
    'found'
    >>> audit(y_true=mu + noise, mu=mu, sigma=1.0).outcomes["NEG101"]
    'clear'
    """

    code = "NEG101"
    cause = "legitimate"
    severity = "info"
    message = (
        "The loss of {value:.4g} is negative because densities exceed 1: a calibrated "
        "Gaussian forecast of sigma {sigma:.4g} has it, and any of sigma below "
        "{least_sigma:.4g} a negative one."
    )
    advice = (
        "Leave it as it is; compare models by their gain over a constant forecast, and "
        "divide by the number of samples if the number is a sum."
    )
    yields_to = (
        *("NEG108", "NEG304", "NEG401", "NEG403", "NEG404", "NEG405", "NEG406"),
        "NEG407",
    )
    least = ZERO_NLL_SIGMA
    # Two would accuse one honest forecast in forty.
    most_t = 3.0

    @classmethod
    def measure(
        cls,
        loss: DeclaredLoss,
        loss_value: float | None = None,
        measured: float | None = None,
        forecast: Forecast | None = None,
        scorer: Any = None,
    ) -> Evidence | NotApplicable | None:
        """Look at the sign, and at whether the errors allow for these sigmas."""
        if loss.kind != "density":
            return NO_DENSITY
        value = measured if measured is not None else loss_value
        scored = scorer is not None or loss.negated
        reason = cls._not_explained(value, loss_value, measured, forecast, scored)
        if value is None or reason:
            return NotApplicable(reason)
        if value >= 0:
            return None
        # Dawid-Sebastiani is twice the NLL without its constant: 1 + 2 log(sigma).
        twice = loss.name == "dawid_sebastiani"
        log_sigma = (value - 1.0) / 2.0 if twice else value - UNIT_ENTROPY
        return {
            "value": float(value),
            "sigma": math.exp(log_sigma),
            "least_sigma": math.exp(-0.5) if twice else cls.least,
        }

    @classmethod
    def _not_explained(
        cls,
        value: float | None,
        loss_value: float | None,
        measured: float | None,
        forecast: Forecast | None,
        scored: bool,
    ) -> str:
        """Say why narrow densities may not be what makes the number negative."""
        if value is None:
            return "needs loss_value, or y_true, mu and sigma"
        if not math.isfinite(value):
            return "the loss is infinite"
        if measured is None and scored:
            return "loss_value is a score: its sign may be that of the scorer"
        if loss_value is not None and loss_value * (measured or 0.0) < 0:
            return "loss_value has another sign than the loss of what was given"
        if forecast is not None and value < 0 and forecast.z2_t > cls.most_t:
            return "sigma is too small for the errors: calibration comes first"
        return ""


class SmallUnits(Rule):
    """The target's unit is so large that even a useless forecast has a negative loss.

    **Why the loss goes negative.** A density has the unit 1/y. Multiplying y by a adds
    log(a) to every density loss, good and bad forecasts alike. The best constant
    Gaussian forecast has a loss of log(sd) + 1.4189, negative for a standard deviation
    below {least:.6g}.

    **What is measured.** The standard deviation of the target. Found below {least:.6g}.

    **What to do.** Nothing: compare forecasts by their gain over a constant, which no
    unit changes.

    Examples
    --------
    Heights in kilometres, and in metres:

    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> metres = np.random.default_rng(0).normal(170, 30, size=500)
    >>> audit(y_true=metres / 1000).outcomes["NEG102"]
    'found'
    >>> audit(y_true=metres).outcomes["NEG102"]
    'clear'
    """

    code = "NEG102"
    cause = "units"
    severity = "info"
    message = (
        "The target has a standard deviation of {std:.4g}, below {least:.4g}: even a "
        "constant forecast has a negative Gaussian NLL, {baseline:.4g}."
    )
    advice = (
        "Keep the unit, and compare models by their gain, which has none; multiplied by "
        "{factor:.4g} or more, the target would have no such sign."
    )
    yields_to = ("NEG106",)
    least = ZERO_NLL_SIGMA

    @classmethod
    def measure(
        cls, target: TargetSummary, loss: DeclaredLoss
    ) -> Evidence | NotApplicable | None:
        """Compare the spread of the target with the one whose entropy is zero."""
        if loss.kind != "density":
            return NO_DENSITY
        if target.is_constant or not target.std > 0:
            return NotApplicable("the target is constant")
        if target.std >= cls.least:
            return None
        baseline = math.log(target.std / cls.least)
        return {
            "std": target.std,
            "least": cls.least,
            "baseline": baseline,
            "factor": cls.least / target.std,
        }


class BoundedSupport(Rule):
    """The target was squeezed into [0, 1], where a density loss is seldom positive.

    **Why the loss goes negative.** On an interval of length 1, the uniform density has
    the greatest entropy, and that is 0. Every other calibrated density that stays inside
    has a negative expected loss: after min-max scaling a negative value is expected, and
    says nothing. A Gaussian reaches outside, and its best constant forecast pays up to
    0.726 (for a target of zeros and ones).

    **What is measured.** The target as the loss sees it (after the transformer, if
    mu is in its space). Found if at least {most_inside:.0%} of the values lie in
    [0, 1], none is further out than {overshoot:g} (a test set overshoots a little), and
    they fill at least {least_width:g} of it. A transformer that is known has to scale, or
    to squeeze what lies {far:g} times the range outside into the same interval, as
    quantiles and sigmoids do; a logarithm does not. Class labels do not count.

    **What to do.** Report the loss in the target's own units, or the gain over a
    constant forecast.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import minmax_scale
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).normal(20, 5, size=500)
    >>> audit(y_true=minmax_scale(y)).outcomes["NEG106"]
    'found'
    >>> audit(y_true=y).outcomes["NEG106"]
    'clear'
    """

    code = "NEG106"
    cause = "units"
    severity = "info"
    message = (
        "The target fills {minimum:.4g} to {maximum:.4g}, the unit interval {origin}: a "
        "calibrated density that stays inside has no positive expected loss."
    )
    advice = (
        "Report {instead}the gain over a constant forecast, which no scaling changes."
    )
    most_inside = 0.98
    overshoot = 0.25
    # Values that fill less than half were not scaled to their own range.
    least_width = 0.5
    # So many ranges outside the target, only what has bounds still returns the same.
    far = 10.0

    @classmethod
    def measure(
        cls,
        target: TargetSummary,
        scored_target: TargetSummary,
        loss: DeclaredLoss,
        in_transformed_space: bool,
        forecast: Forecast | None = None,
        transformer: Any = None,
        transformed: Floats | None = None,
        y_true: Any = None,
    ) -> Evidence | NotApplicable | None:
        """Look whether the target fills the unit interval and nothing else."""
        if loss.kind != "density":
            return NO_DENSITY
        seen = scored_target if forecast is None or in_transformed_space else target
        if not target.is_regression or seen.n_distinct < 3:
            return NotApplicable("the values are those of classes")
        inside = seen.unit_share >= cls.most_inside
        beyond = max(-seen.minimum, seen.maximum - 1.0)
        width = min(seen.maximum, 1.0) - max(seen.minimum, 0.0)
        if not inside or beyond > cls.overshoot or width < cls.least_width:
            return None
        evidence = {"minimum": seen.minimum, "maximum": seen.maximum, "width": width}
        if transformed is None or seen is not scored_target:
            return evidence | SCALED
        y = as_column(y_true)
        if _is_affine(y, transformed):
            return evidence | SCALED
        squeezed = _is_squeezed(transformer, y, cls.far, cls.overshoot)
        return evidence | SQUEEZED if squeezed else None


SCALED = {
    "origin": "of a min-max scaling",
    "instead": "the loss in the target's own units (log(range) nats higher), or ",
}
SQUEEZED = {"origin": "into which its transformer squeezes any value", "instead": ""}


def _is_affine(y: Floats, z: Floats) -> bool:
    """Whether a target was scaled and shifted, and nothing but perhaps clipped."""
    inside = np.isfinite(z) & (z > np.nanmin(z)) & (z < np.nanmax(z))
    y, z = y[inside], z[inside]
    if y.size < 3 or y.min() == y.max():
        return True
    low, high = np.argmin(y), np.argmax(y)
    line = z[low] + (z[high] - z[low]) * ((y - y[low]) / (y[high] - y[low]))
    # Scalers may compute in single precision.
    return bool(np.abs(z - line).max() <= 1e-4 * np.ptp(z))


def _is_squeezed(transformer: Any, y: Floats, far: float, overshoot: float) -> bool:
    """Whether values far outside the target come out next to the unit interval, too."""
    low, high = y.min(), y.max()
    reach = far * (high - low)
    try:
        function = column_function(transformer, "transform")
        z = function(np.array([low - reach, high + reach]))
    except Exception:  # anybody's function may do anything
        return False
    return bool(z.min() >= -overshoot and z.max() <= 1.0 + overshoot)


class WorseThanBaseline(Rule):
    """The forecasts are worse than the same constant forecast for every sample.

    **Why the loss goes negative.** A skill score (R2, D2, information gain) is 1 minus
    the ratio of the loss to that of a constant forecast, or the difference. It is negative
    whenever the forecasts are worse than that, without bound; there is no error in it.

    **What is measured.** The mean gain in nats per sample over the best constant
    forecast: the Gaussian with the mean and standard deviation of the target itself, or
    the share of each class; for predicted values alone, the gain in squared error, as
    half the log of the ratio. Found if it is negative by more than {most_t:g} standard
    errors and more than {least_gain:g} nats. Labels that came with probability 0 have
    an infinite loss, whatever the rest; they are left out.

    **What to do.** Compare with `sklearn.dummy`: look for a shifted or shuffled test
    set, a model that overfits, or sigma that is far too small.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> y = rng.normal(size=500)
    >>> audit(y_true=y, mu=3 * rng.normal(size=500), sigma=3.2).outcomes["NEG107"]
    'found'
    >>> audit(y_true=y, mu=0.0, sigma=1.0).outcomes["NEG107"]
    'clear'
    """

    code = "NEG107"
    cause = "legitimate"
    severity = "warning"
    message = (
        "The forecasts are worse than a constant one by {deficit:.4g} nats per sample "
        "(standard error {error:.2g}){effect}: any skill score of them is negative."
    )
    advice = (
        "Compare with DummyRegressor or DummyClassifier on the same split; look for a "
        "shifted or misaligned test set, overfitting, or a sigma that is far off."
    )
    yields_to = ("NEG401", "NEG406", "NEG408", "NEG410", "NEG412")
    # A forecast without skill loses by chance, but hardly ever by so much.
    most_t = 3.0
    # Ten useless features and 100 samples cost as much by honest overfitting.
    least_gain = 0.05
    least_n = 10

    @classmethod
    def measure(
        cls,
        forecast: Forecast | None = None,
        class_forecast: ClassForecast | None = None,
        y_true: Any = None,
        y_pred: Any = None,
        target: TargetSummary | None = None,
        weights: Floats | None = None,
        estimator: Any = None,
    ) -> Evidence | NotApplicable | None:
        """Compare with the best constant forecast."""
        if forecast is not None:
            gain, n = forecast.gain, forecast.n
        elif class_forecast is not None:
            gain, n = class_forecast.gain_of_possible, class_forecast.n
        elif target is None or y_pred is None or is_text(y_pred):
            return NotApplicable("needs y_true, and predictions of it")
        elif not target.is_regression or y_pred.ndim != 1 or y_true.ndim != 1:
            return NotApplicable("predicted classes have no gain in nats")
        elif _predicts_quantiles(estimator):
            return NotApplicable("a quantile is no forecast of the mean")
        else:
            gain, n = cls._point_gain(y_true, y_pred, weights), len(y_true)
        if gain is None:
            return NotApplicable("all samples are alike, or all losses infinite")
        count = class_forecast.impossible if class_forecast is not None else 0
        return cls._evidence(gain, n, count)

    @classmethod
    def _evidence(
        cls, gain: Mean, n: int, count: int
    ) -> Evidence | NotApplicable | None:
        if n < cls.least_n:
            return NotApplicable(f"{n} samples are too few, of {cls.least_n}")
        if gain.value >= -cls.least_gain or gain.t >= -cls.most_t:
            return None
        effect = f", {count} of an infinite loss left out" if count else ""
        numbers = {"deficit": -gain.value, "error": gain.error}
        return numbers | {"n": n, "count": count, "effect": effect}

    @staticmethod
    def _point_gain(y_true: Any, y_pred: Any, weights: Floats | None) -> Mean | None:
        """Return half the log of the ratio of squared errors, with its error."""
        y, predicted = as_column(y_true), as_column(y_pred)
        constant = (y - np.average(y, weights=weights)) ** 2
        least = float(np.average(constant, weights=weights))
        if not 0.0 < least < math.inf:
            return None
        won = mean_of(constant - (y - predicted) ** 2, weights)
        gain = -0.5 * math.log1p(max(-won.value / least, -1.0 + 1e-15))
        return Mean(gain, abs(gain * won.error / won.value) if won.value else won.error)


def _predicts_quantiles(estimator: Any) -> bool:
    """Whether an estimator was fitted to a quantile."""
    params: dict[str, Any] = getattr(leaf_of(estimator), "get_params", dict)()
    return params.get("loss") == "quantile" or params.get("quantile") is not None
