"""How an audit runs: collect the case, run every rule, return the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sklearn_negloss._validation import did_you_mean
from sklearn_negloss.audit._columns import column_cases, merged
from sklearn_negloss.audit._rule import Finding, NotApplicable, Rule
from sklearn_negloss.audit._summary import few_ran, summary_of
from sklearn_negloss.audit._verdict import ranked, settle, verdict_of
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._derive import complete
from sklearn_negloss.audit.case._supplied import read_supplied
from sklearn_negloss.audit.report._report import AuditReport
from sklearn_negloss.audit.rules import RULES


def audited(given: dict[str, Any], ignore: Iterable[str]) -> AuditReport:
    """Return the report of an audit.

    Parameters
    ----------
    given : dict
        Arguments of `audit`, by their names.
    ignore : iterable of str
        Codes of rules that shall not run.

    Returns
    -------
    report : AuditReport
        What was found.
    """
    ignored = check_codes(ignore)
    parts = column_cases(given)
    if parts is not None:
        cases = {k: Case(complete(read_supplied(**v))) for k, v in parts.items()}
        for case in cases.values():
            case.columns = tuple(cases.values())
        return merged({k: run(case, ignored, k) for k, case in cases.items()})
    return run(Case(complete(read_supplied(**given))), ignored)


def check_codes(codes: Iterable[str]) -> frozenset[str]:
    """Return codes of rules as a set, refusing those that no rule has."""
    if not isinstance(codes, Iterable):
        raise TypeError(
            f"ignore must be an iterable of codes of rules; got {codes!r}; give a list "
            "such as ['NEG102'], or () to run every rule."
        )
    codes = [codes] if isinstance(codes, str) else list(codes)
    known = [rule.code for rule in RULES]
    for code in codes:
        if code not in known:
            hint = did_you_mean(str(code).upper(), known)
            raise ValueError(
                f"ignore must hold codes of rules; got {code!r}; {hint}known codes run "
                f"from {known[0]} to {known[-1]}."
            )
    return frozenset(codes)


def run(
    case: Case,
    ignored: frozenset[str] = frozenset(),
    column: str | None = None,
    rules: Sequence[type[Rule]] = RULES,
) -> AuditReport:
    """Run rules over a case.

    Parameters
    ----------
    case : Case
        What is known.
    ignored : frozenset of str
        Codes of rules that shall not run.
    column : str, default=None
        Name of the column, for a target of several.
    rules : sequence of Rule
        The rules.

    Returns
    -------
    report : AuditReport
        What they found.
    """
    outcomes, reasons = {}, {}
    found: list[tuple[type[Rule], Finding]] = []
    for rule in rules:
        answer = "ignored" if rule.code in ignored else _measure(rule, case)
        outcomes[rule.code] = _outcome(answer)
        if isinstance(answer, NotApplicable):
            reasons[rule.code] = answer.reason
        elif isinstance(answer, dict):
            found.append((rule, rule.finding(answer, column)))
    yielding = settle(found)
    for code, other in yielding.items():
        outcomes[code], reasons[code] = "not applicable", f"explained by {other}"
    findings = ranked([f for rule, f in found if rule.code not in yielding])
    return AuditReport(
        verdict=verdict_of(findings, case),
        summary=summary_of(findings, case)
        + ("" if findings else few_ran(outcomes, case)),
        findings=findings,
        outcomes=outcomes,
        reasons=reasons,
        decomposition=_decomposition(case),
    )


def _measure(rule: type[Rule], case: Case) -> Any:
    """Return evidence, None or NotApplicable."""
    inputs = {name: case.get(name) for name in rule.reads}
    for name, value in inputs.items():
        if isinstance(value, NotApplicable):
            if name not in rule.optional:
                return value
            inputs[name] = None
    # A rule meets infinities and empty ranges on purpose; what it returns is checked.
    with np.errstate(all="ignore"):
        return rule.measure(**inputs)


def _outcome(answer: Any) -> str:
    """Name what a rule came to."""
    if answer == "ignored":
        return "ignored"
    if isinstance(answer, NotApplicable):
        return "not applicable"
    return "clear" if answer is None else "found"


def _decomposition(case: Case) -> Any:
    """Return the terms of the loss, where forecasts are known."""
    for forecast in (case.forecast, case.class_forecast):
        if forecast is not None and not isinstance(forecast, NotApplicable):
            return forecast.decomposition
    return None
