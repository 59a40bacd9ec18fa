"""The answer in words: what the findings come to, in a sentence or two."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sklearn_negloss.audit._rule import Finding
from sklearn_negloss.audit._verdict import (
    another,
    answers_of,
    contradicted,
    impossible,
    infinity_of,
    loss_of,
    negative_loss,
    unit_of_number,
)
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._forecast import (
    UNIT_ENTROPY,
    ClassForecast,
    Forecast,
    Mean,
)
from sklearn_negloss.audit.case._measured import expected_number
from sklearn_negloss.audit.case._target import TargetSummary
from sklearn_negloss.audit.rules._units import WorseThanBaseline

# With fewer rules than that, silence means little.
FEW = 5


def summary_of(findings: Sequence[Finding], case: Case) -> str:
    """Return the answer in a sentence or two."""
    answers = answers_of(findings)
    infinite = infinity_of(findings, case)
    if infinite is not None:
        lead = infinite.reason
    elif impossible(findings, case):
        lead = _below_its_bound(case)
    elif contradicted(findings, case) and (
        not answers or answers[0].cause == "legitimate"
    ):
        lead = _contradiction(case)
    else:
        lead = answers[0].message if answers else _nothing_found(case)
        lead += _aside(findings, case)
    guards = len(findings) - len(answers)
    more = [f"It lacks {guards} guards against wrong input."] if guards > 1 else []
    more += ["It lacks a guard against wrong input."] if guards == 1 else []
    return " ".join([lead, *more, *_gain(case)])


def _nothing_found(case: Case) -> str:
    """Say that no rule fired, and what that means."""
    value, loss = negative_loss(case), loss_of(case)
    if value is None:
        return "Nothing was found that would make a loss negative."
    if loss is not None and loss.kind == "score":
        return (
            f"{loss.name} is a score, higher is better, and {value:.4g} is below 0: worse "
            "than the constant forecast, or the chance, that it is measured by."
        )
    return f"The loss of {value:.4g} is negative and nothing was found to be wrong with it."


def _below_its_bound(case: Case) -> str:
    """Say that a number cannot be what it is said to be."""
    value, loss, expected = negative_loss(case), loss_of(case), expected_number(case)
    what = "score" if loss and loss.kind == "score" else "loss"
    name = loss.name.replace("_", " ") if loss else "loss"
    other = "" if expected is None else f", and these forecasts have {expected:.4g}"
    return (
        f"The {what} of {value:.4g} is negative, which {name} never is{other}: what "
        "computed it, or what that was given, is wrong."
    )


def _contradiction(case: Case) -> str:
    """Say that the number is not of what was given."""
    value, measured = case.loss_value, case.measured
    unit = unit_of_number(case)
    if unit:
        return (
            f"The loss of {value:.4g} is that of these forecasts {unit}; in the units of y "
            f"it is {measured:.4g}."
        )
    return (
        f"The loss of {value:.4g} is not that of these forecasts, which have "
        f"{measured:.4g}: it is of other data, such as the training set, in another unit, "
        "or of another function."
    )


def _aside(findings: Sequence[Finding], case: Case) -> str:
    """Say what the forecasts have, where the number to explain is another one."""
    measured, loss = another(findings, case), case.loss
    if measured is None or loss is None:
        return ""
    name = loss.name.replace("_", " ")
    return (
        f" These forecasts have a {name} of {measured:.4g}, not {case.loss_value:.4g}."
    )


def _gain(case: Case) -> list[str]:
    """Say what the forecasts win over a constant, the number that no unit changes."""
    for forecast in (case.forecast, case.class_forecast):
        if isinstance(forecast, Forecast | ClassForecast) and forecast.gain is not None:
            if not forecast.impossible:
                return [_finite(forecast.gain)]
            said = case.loss_value is not None and not math.isfinite(case.loss_value)
            return _infinite(forecast, said=said)
    return _gain_of_number(case)


def _finite(gain: Mean) -> str:
    """Say a gain, and what a small loss in its place may mean."""
    said = (
        f"The forecasts gain {gain.value:.4g} nats per sample over a constant (standard "
        f"error {gain.error:.2g})"
    )
    small = -WorseThanBaseline.least_gain <= gain.value < 0
    if small and gain.t < -WorseThanBaseline.most_t:
        said += ": worse than that, by no more than a fit to few samples may cost"
    return said + "."


def _infinite(forecast: Forecast | ClassForecast, *, said: bool) -> list[str]:
    """Say how many samples make a loss infinite, unless just said, and what others gain."""
    what = "density" if isinstance(forecast, Forecast) else "probability"
    count = forecast.impossible
    whose = "1 sample came" if count == 1 else f"{count} samples came"
    lead = [] if said else [f"{whose} with {what} 0, an infinite loss."]
    gain = getattr(forecast, "gain_of_possible", None)
    return [*lead, f"The others gain {gain.value:.4g} nats."] if gain else lead


def _gain_of_number(case: Case) -> list[str]:
    """Say what a bare number wins, where the target is known and the forecasts are not."""
    target, loss, value = case.target, case.loss, case.loss_value
    if value is None or not math.isfinite(value):
        return []
    if not isinstance(target, TargetSummary) or loss is None:
        return []
    given = case.supplied
    of_y = given.transformer is None and given.scorer is None
    of_y = of_y and not loss.negated and not loss.inferred
    density = loss.name in ("nll", "gaussian_nll")
    if not (of_y and density and target.is_regression and target.std > 0):
        return []
    units = math.log(target.std) + UNIT_ENTROPY
    return [
        f"The best constant Gaussian pays {units:.4g} for this target: if the number is in "
        f"the units of y_true, it is a gain of {units - value:.4g} nats per sample."
    ]


def few_ran(outcomes: Mapping[str, str], case: Case) -> str:
    """Say so where next to nothing could be looked at; else return nothing."""
    ran = sum(outcome in ("clear", "found") for outcome in outcomes.values())
    if ran >= FEW or len(outcomes) < 2 * FEW:
        return ""
    lead = f" Only {ran} of {len(outcomes)} rules had what they need"
    if case.loss_refusal is not None:
        return f"{lead}: {case.loss_refusal}."
    given = case.supplied
    known = given.y_labels is not None or case.target is not None
    wanted = [] if known else ["y_true"]
    if all(each is None for each in (given.mu, given.y_prob, given.logits)):
        wanted += ["forecasts (mu and sigma, or probabilities)"]
    if given.estimator is None:
        wanted += ["an estimator with X"]
    return f"{lead}: add {', or '.join(wanted)}." if wanted else f"{lead}."
