"""From findings to an answer: which one explains the others, and one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sklearn_negloss.audit._rule import SEVERITIES, Finding, Rule
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._forecast import ClassForecast, Forecast

# What to believe first among findings of one severity: rounding, then the direction of
# a scorer, then data and code that break a bound, then what a density's value owes to
# constants, transforms and units, then how far sigma can be trusted.
ORDER = (
    *("NEG108", "NEG202", "NEG203", "NEG201", "NEG204", "NEG205", "NEG206"),
    *("NEG306", "NEG303", "NEG301", "NEG302", "NEG307", "NEG309", "NEG304", "NEG308"),
    *("NEG411", "NEG409", "NEG410", "NEG412", "NEG406"),
    *("NEG501", "NEG503", "NEG504", "NEG510", "NEG509", "NEG502", "NEG507", "NEG505"),
    *("NEG508", "NEG506", "NEG104", "NEG103", "NEG102", "NEG106", "NEG105"),
    *("NEG401", "NEG408", "NEG404", "NEG403", "NEG402", "NEG405", "NEG407", "NEG305"),
    *("NEG107", "NEG101"),
)


# With fewer rules than that, silence means little.
FEW = 5


def settle(found: Sequence[tuple[type[Rule], Finding]]) -> dict[str, str]:
    """Return which found rules yield to which others, as {code: code}."""
    codes = {rule.code for rule, _ in found}
    return {
        rule.code: next(code for code in rule.yields_to if code in codes)
        for rule, _ in found
        if codes & set(rule.yields_to)
    }


def ranked(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with the one that explains most first."""

    def key(finding: Finding) -> tuple[int, int]:
        return -SEVERITIES.index(finding.severity), ORDER.index(finding.code)

    return sorted(findings, key=key)


def verdict_of(findings: Sequence[Finding], case: Case) -> str:
    """Return one word for the cause: that of the first finding.

    With nothing found but missing guards, a negative loss is "legitimate", and else all
    is "clear"; but a loss that has a lower bound of 0 and came out below is wrong,
    wherever the fault is.
    """
    answers = [f for f in findings if not is_missing_guard(f)]
    if answers:
        return answers[0].cause
    if negative_loss(case) is None:
        return "clear"
    return "code" if _is_bounded(case) else "legitimate"


def is_missing_guard(finding: Finding) -> bool:
    """Whether a correct function merely lacks a check of what it is given."""
    return finding.severity == "info" and finding.cause == "code"


def _is_bounded(case: Case) -> bool:
    """Whether the loss can never be negative."""
    return case.loss is not None and case.loss.minimum >= 0


def negative_loss(case: Case) -> float | None:
    """Return the loss to explain, if it is negative."""
    for value in (case.loss_value, _measured(case)):
        if value is not None and value < 0:
            return float(value)
    return None


def _measured(case: Case) -> float | None:
    """Return the loss of the forecasts that were given."""
    for forecast in (case.forecast, case.class_forecast):
        if isinstance(forecast, Forecast | ClassForecast):
            return forecast.loss.value
    return None


def summary_of(findings: Sequence[Finding], case: Case) -> str:
    """Return the answer in a sentence or two."""
    answers = [f for f in findings if not is_missing_guard(f)]
    lead = answers[0].message if answers else _nothing_found(case)
    guards = len(findings) - len(answers)
    more = [f"It lacks {guards} guards against wrong input."] if guards > 1 else []
    more += ["It lacks a guard against wrong input."] if guards == 1 else []
    return " ".join([lead, *more, *_gain(case)])


def _nothing_found(case: Case) -> str:
    """Say that no rule fired, and what that means."""
    loss = negative_loss(case)
    if loss is None:
        return "Nothing was found that would make a loss negative."
    lead = f"The loss of {loss:.4g} is negative"
    if case.loss is None or not _is_bounded(case):
        return f"{lead} and nothing was found to be wrong with it."
    measured, name = case.measured, case.loss.name.replace("_", " ")
    other = (
        f", and these forecasts have {measured:.4g}"
        if isinstance(measured, float)
        else ""
    )
    return (
        f"{lead}, which a {name} never is{other}: what computed it, or what that was "
        "given, is wrong."
    )


def few_ran(outcomes: Mapping[str, str]) -> str:
    """Say so where next to nothing could be looked at; else return nothing."""
    ran = sum(outcome in ("clear", "found") for outcome in outcomes.values())
    if ran >= FEW or len(outcomes) < 2 * FEW:
        return ""
    return (
        f" Only {ran} of {len(outcomes)} rules had what they need: add y_true, forecasts "
        "(mu and sigma, or probabilities), or an estimator with X."
    )


def _gain(case: Case) -> list[str]:
    """Say what the forecasts win over a constant, the number that no unit changes."""
    for forecast in (case.forecast, case.class_forecast):
        if isinstance(forecast, Forecast | ClassForecast) and forecast.gain is not None:
            gain = forecast.gain
            return [
                f"The forecasts gain {gain.value:.4g} nats per sample over a constant "
                f"(standard error {gain.error:.2g})."
            ]
    return []
