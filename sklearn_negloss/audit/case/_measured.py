"""The declared loss, computed from what was given: what a user's number ought to be."""

from __future__ import annotations

import inspect
import math
import warnings
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn import metrics as sklearn_metrics

from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.case._declared import DeclaredLoss, scored_loss
from sklearn_negloss.audit.case._forecast import ClassForecast, Floats, Forecast
from sklearn_negloss.audit.case._inputs import as_column
from sklearn_negloss.metrics import (
    dawid_sebastiani_loss,
    gaussian_crps_loss,
    gaussian_nll_loss,
    log1p_absolute_loss,
)

if TYPE_CHECKING:
    from sklearn_negloss.audit.case._case import Case

# Numbers that were summed in single precision, or another way, agree to this share.
AGREEMENT = 1e-3

# A number that was rounded for print may be off by half of its last digit, up to this.
ROUNDED = 1e-2

# Other samples of the same kind have a loss within so many standard errors, and nats.
FAR = 10.0
FAR_NATS = 0.1

MOMENTS = {
    "gaussian_nll": gaussian_nll_loss,
    "gaussian_crps": gaussian_crps_loss,
    "crps": gaussian_crps_loss,
    "dawid_sebastiani": dawid_sebastiani_loss,
}

Measured = float | NotApplicable | None


def measured_loss(case: Case) -> Measured:
    """Return the mean of the declared loss over the samples.

    Parameters
    ----------
    case : Case
        What is known.

    Returns
    -------
    loss : float, NotApplicable or None
        In the space in which mu was predicted; None where no loss is known, or nothing
        that it reads was given.
    """
    loss = case.loss
    if loss is None or case.supplied.y_labels is None:
        return None
    if case.supplied.sample_weight is not None and case.weights is None:
        return NotApplicable("the weights are negative")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value = _value(case, loss)
    if isinstance(value, float) and not math.isfinite(value):
        return NotApplicable("the loss of what was given is infinite")
    return value


def expected_number(case: Case) -> float | None:
    """Return what the number to explain ought to be, if it is of what was measured.

    Parameters
    ----------
    case : Case
        What is known.

    Returns
    -------
    expected : float or None
        None where the number is of a callable, of several columns together, or of a
        scorer that computes another loss.
    """
    measured, given = case.measured, case.supplied
    if case.loss_value is None or not isinstance(measured, float):
        return None
    if given.loss_function is not None or len(case.columns) > 1:
        return None
    if given.scorer is not None:
        scored = scored_loss(given.scorer)
        if scored is None or case.loss is None or scored.name != case.loss.name:
            return None
    return measured


def agrees(value: float, expected: float) -> bool:
    """Whether a number that somebody reports is the expected one, as it was printed.

    Parameters
    ----------
    value : float
        What was reported, perhaps with few digits.
    expected : float
        What was computed.

    Returns
    -------
    agrees : bool
        Whether they differ by no more than rounding.
    """
    if not math.isfinite(value) or not math.isfinite(expected):
        return False
    exponent = Decimal(repr(float(value))).as_tuple().exponent
    last_digit = 10.0 ** int(exponent) if float(value) % 1.0 else 1.0
    rounding = min(0.5 * last_digit, ROUNDED * abs(expected))
    return abs(value - expected) <= max(AGREEMENT * abs(expected), rounding)


def is_far(value: float, expected: float, error: float) -> bool:
    """Whether no other sample of the kind would have this loss.

    Parameters
    ----------
    value : float
        What was reported.
    expected : float
        What was computed.
    error : float
        Standard error of that.

    Returns
    -------
    is_far : bool
        Whether they differ by more than chance, or rows left out, can make.
    """
    return not abs(value - expected) <= FAR * error + FAR_NATS


def _value(case: Case, loss: DeclaredLoss) -> Measured:
    """Return the loss by the way that its kind is computed."""
    if loss.kind == "cross-entropy":
        return _cross_entropy(case, loss)
    if loss.name in ("nll", "information_gain", *MOMENTS):
        return _of_forecast(case.forecast, loss)
    return _of_point(case, loss)


def _of_forecast(
    forecast: Forecast | NotApplicable | None, loss: DeclaredLoss
) -> Measured:
    """Return a loss of mu and sigma."""
    if not isinstance(forecast, Forecast):
        return forecast
    if loss.name == "information_gain":
        return None if forecast.gain is None else forecast.gain.value
    if loss.name == "nll" or (loss.inferred and loss.kind == "density"):
        return forecast.loss.value
    if loss.name == "crps" and not forecast.gaussian:
        return NotApplicable("the CRPS of this family does not follow from its moments")
    args = (forecast.y, forecast.mu, forecast.sigma)
    return float(MOMENTS[loss.name](*args, sample_weight=forecast.weights))


def _cross_entropy(case: Case, loss: DeclaredLoss) -> Measured:
    """Return a cross-entropy; numbers that mean themselves may lie outside [0, 1]."""
    if loss.literal:
        value = _literal_cross_entropy(case)
        if value is not None:
            return value
    forecast = case.class_forecast
    return forecast.loss.value if isinstance(forecast, ClassForecast) else forecast


def _literal_cross_entropy(case: Case) -> float | None:
    """Return -y log p - (1 - y) log(1 - p) of labels read as numbers, or None."""
    given = case.supplied
    if given.y_true is None or given.labels is not None or given.y_true.ndim == 2:
        return None
    pair = _log_pair(given.y_prob, given.logits)
    if pair is None:
        return None
    y, (log_p, log_q) = as_column(given.y_true), pair
    # A label of exactly 0 or 1 makes the other term vanish, infinite or not.
    terms = np.where(y == 0, 0.0, y * log_p) + np.where(y == 1, 0.0, (1 - y) * log_q)
    return float(-np.average(terms, weights=case.weights))


def _log_pair(prob: Any, logits: Any) -> tuple[Floats, Floats] | None:
    """Return log p and log(1 - p) of the positive class, if there are two classes."""
    if prob is not None:
        p = _positive(prob)
        if p is None or p.min() < 0 or p.max() > 1:
            return None
        return np.log(p), np.log1p(-p)
    z = None if logits is None else _positive(logits, difference=True)
    return None if z is None else (-np.logaddexp(0.0, -z), -np.logaddexp(0.0, z))


def _positive(values: Any, *, difference: bool = False) -> Floats | None:
    """Return the numbers of the positive class from one column or two."""
    if values.ndim == 1 or values.shape[1] == 1:
        return as_column(values)
    if values.shape[1] != 2:
        return None
    second = as_column(values[:, 1])
    return second - as_column(values[:, 0]) if difference else second


def _of_point(case: Case, loss: DeclaredLoss) -> Measured:
    """Return a loss, or a score, of predicted values or classes."""
    given = case.supplied
    function = _function(loss.name)
    if function is None:
        return NotApplicable(f"{loss.name} cannot be computed from what was given")
    predicted = given.y_pred if given.y_pred is not None else given.mu
    if loss.name in ("brier_score", "d2_brier_score", "d2_log_loss_score", "roc_auc"):
        predicted = given.y_prob
    if predicted is None:
        return None
    y = given.y_labels if given.y_true is None else given.y_true
    weighted = "sample_weight" in inspect.signature(function).parameters
    kwargs = {"sample_weight": case.weights} if weighted else {}
    try:
        return float(
            function(y, np.broadcast_to(predicted, _shape(y, predicted)), **kwargs)
        )
    except (TypeError, ValueError) as error:
        return NotApplicable(f"{loss.name} refuses what was given: {error}".rstrip("."))


def _shape(y: Any, predicted: Any) -> tuple[int, ...]:
    """Return the shape of predictions; one number stands for all samples."""
    return np.shape(y) if np.ndim(predicted) == 0 else np.shape(predicted)


def _function(name: str) -> Any:
    """Return the function behind a name: ours, or a public metric of scikit-learn."""
    if name == "log1p_absolute":
        return log1p_absolute_loss
    for candidate in (name, f"{name}_score", f"{name}_loss"):
        if candidate in sklearn_metrics.__all__ and "likelihood" not in candidate:
            return getattr(sklearn_metrics, candidate)
    return None


class Infinity(NamedTuple):
    """Why a number to explain is infinite.

    Parameters
    ----------
    cause : str
        Cause, as a rule has one.
    reason : str
        A sentence.
    """

    cause: str
    reason: str


def infinity(case: Case) -> Infinity | None:
    """Return why the number to explain is infinite, as far as what was given tells.

    Parameters
    ----------
    case : Case
        What is known.

    Returns
    -------
    infinity : Infinity or None
        None if the number is finite, or there is none.
    """
    value = case.supplied.loss_value
    if value is None or math.isfinite(value):
        return None
    found = _infinite_samples(case)
    if found:
        sign = "" if value > 0 else f"; {value} is minus that, as a score has it"
        cause = "degenerate" if value > 0 else "convention"
        return Infinity(cause, f"The loss is infinite: {found}{sign}.")
    expected = expected_number(case)
    if expected is not None:
        return Infinity(
            "code",
            f"The loss of {value} is not that of these forecasts, which have "
            f"{expected:.4g}: it is of other data, or something overflowed.",
        )
    return Infinity(
        "degenerate", f"The loss of {value} compares nothing: {HINTS[value]}."
    )


HINTS = {
    math.inf: (
        "a loss is infinite where what came had probability 0, where a sigma is 0, or "
        "where a square overflows"
    ),
    -math.inf: (
        "a density loss has it where a sigma is 0 and the error, too, and a score (minus a "
        "loss) where what came had probability 0"
    ),
}


def _infinite_samples(case: Case) -> str:
    """Say how many samples have an infinite loss, and why; else return nothing."""
    for forecast, what in (
        (case.class_forecast, "probability 0"),
        (case.forecast, "a density of 0"),
    ):
        if isinstance(forecast, Forecast | ClassForecast):
            count = int(np.count_nonzero(np.isposinf(forecast.losses)))
            if count:
                return f"{count} of {forecast.n} samples came with {what}"
    return ""
