"""From findings to one word: which one explains the others, and the reported number."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sklearn_negloss.audit._rule import SEVERITIES, Finding, Rule
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._declared import DeclaredLoss, scored_loss
from sklearn_negloss.audit.case._forecast import ClassForecast, Forecast
from sklearn_negloss.audit.case._measured import (
    Infinity,
    agrees,
    expected_number,
    infinity,
    is_far,
)

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


# Nats by which the logarithm of a unit may be off, and the powers of ten that units are.
SAME_SHIFT = 5e-3
MOST_POWER = 9

# How good a forecast is, or what its unit does, never tells where a number comes from.
QUALITY = (*ORDER[ORDER.index("NEG401") :], "NEG102", "NEG106")


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
    wherever the fault is. A number that is of other data is not wrong for that.
    """
    infinite = infinity_of(findings, case)
    if infinite is not None:
        return infinite.cause
    if impossible(findings, case):
        return "code"
    answers = answers_of(findings)
    if answers and answers[0].cause != "legitimate":
        return answers[0].cause
    if contradicted(findings, case) and unit_of_number(case):
        return "units"
    return "clear" if not answers and negative_loss(case) is None else "legitimate"


def answers_of(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings but those that a correct function lacks a check of its input."""
    return [f for f in findings if f.severity != "info" or f.cause != "code"]


def infinity_of(findings: Sequence[Finding], case: Case) -> Infinity | None:
    """Return why the number is infinite, unless a finding tells where it comes from."""
    grave = any(finding.severity == "error" for finding in findings)
    return None if grave or _explained(findings) else infinity(case)


def impossible(findings: Sequence[Finding], case: Case) -> bool:
    """Whether the loss is below its bound, and no finding tells how that came."""
    loss = case.loss if case.loss_value is None else loss_of(case)
    bounded = loss is not None and loss.minimum >= 0
    return bounded and negative_loss(case) is not None and not _explained(findings)


def contradicted(findings: Sequence[Finding], case: Case) -> bool:
    """Whether the number to explain is far from the density loss of what was given."""
    forecast, expected = case.forecast, another(findings, case)
    if expected is None or not isinstance(forecast, Forecast):
        return False
    if case.loss is None or case.loss.kind != "density":
        return False
    times = _nats(case)
    return is_far(case.loss_value / times, expected / times, forecast.loss.error)


def another(findings: Sequence[Finding], case: Case) -> float | None:
    """Return what the number to explain ought to be, if it is not that."""
    value, expected = case.loss_value, expected_number(case)
    if expected is None or not math.isfinite(value) or _explained(findings):
        return None
    return None if agrees(value, expected) else expected


def unit_of_number(case: Case) -> str:
    """Say in which unit of the target the forecasts have this number, if in a usual one."""
    expected = expected_number(case)
    if expected is None:
        return ""
    shift = (expected - case.loss_value) / _nats(case)
    for name, array in (
        ("y", case.supplied.y_true),
        ("y_train", case.supplied.y_train),
    ):
        std = 0.0 if array is None else float(np.std(array))
        if std > 0 and abs(shift - math.log(std)) < SAME_SHIFT:
            return f"in units of the standard deviation of {name}"
    power = round(shift / math.log(10.0))
    same = abs(shift - power * math.log(10.0)) < SAME_SHIFT
    if 0 < abs(power) <= MOST_POWER and same:
        factor = f"{10.0 ** abs(power):.6g}"
        return f"in a unit {factor} times as {'large' if power > 0 else 'small'}"
    return ""


def _nats(case: Case) -> float:
    """Return how many times a log density the loss counts: Dawid and Sebastiani's twice."""
    return 2.0 if case.loss and case.loss.name == "dawid_sebastiani" else 1.0


def _explained(findings: Sequence[Finding]) -> bool:
    """Whether a finding tells where the reported number comes from."""
    return any(f.code not in QUALITY for f in answers_of(findings))


def loss_of(case: Case) -> DeclaredLoss | None:
    """Return the loss that the number is of: as named, as scored, or as inferred."""
    if case.supplied.loss is None and case.supplied.scorer is not None:
        return scored_loss(case.supplied.scorer) or case.loss
    return case.loss


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
