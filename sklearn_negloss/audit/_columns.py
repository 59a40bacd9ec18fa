"""A target of several columns: one audit each, and one report of them all."""

from __future__ import annotations

from typing import Any

import numpy as np

from sklearn_negloss._validation import as_array
from sklearn_negloss.audit._rule import SEVERITIES
from sklearn_negloss.audit._verdict import ranked
from sklearn_negloss.audit.case._declared import declared_loss
from sklearn_negloss.audit.report._report import AuditReport

# Arrays that have one column for each column of the target.
SPLIT = (
    *("y_true", "mu", "sigma", "y_pred"),
    *("y_train", "mu_train", "sigma_train"),
)


def column_cases(given: dict[str, Any]) -> dict[str, dict[str, Any]] | None:
    """Return what was given for each column, or None for a target of one.

    Parameters
    ----------
    given : dict
        Arguments of `audit`.

    Returns
    -------
    parts : dict of str to dict, or None
        Arguments for each column, by its name.
    """
    y = given["y_true"]
    shape = _shape("y_true", y)
    if len(shape) != 2 or shape[1] < 2 or _holds_probabilities(given):
        return None
    names = [str(name) for name in getattr(y, "columns", range(shape[1]))]
    names = [name if hasattr(y, "columns") else f"column {name}" for name in names]
    return {name: _column(given, k, len(names)) for k, name in enumerate(names)}


def _holds_probabilities(given: dict[str, Any]) -> bool:
    """Whether the columns are classes: soft labels rather than several targets."""
    if given["y_prob"] is not None or given["logits"] is not None:
        return True
    loss = given["loss"]
    return isinstance(loss, str) and declared_loss(loss).kind == "cross-entropy"


def _column(given: dict[str, Any], k: int, n_columns: int) -> dict[str, Any]:
    """Return the arguments for one column; what has no columns serves for all."""
    part = given | {"n_columns": n_columns}
    for name in SPLIT:
        value, shape = given[name], _shape(name, given[name])
        if len(shape) == 2 and shape[1] == n_columns:
            part[name] = value.iloc[:, k] if hasattr(value, "iloc") else _take(value, k)
    return part


def _shape(name: str, value: Any) -> tuple[int, ...]:
    """Return the shape of an array, () if there is none; rows have to be alike."""
    return () if value is None else as_array(value, name).shape


def _take(value: Any, k: int) -> Any:
    """Return a column of a table."""
    return np.asarray(value)[:, k]


def merged(reports: dict[str, AuditReport]) -> AuditReport:
    """Return one report of several columns.

    Parameters
    ----------
    reports : dict of str to AuditReport
        Report of each column.

    Returns
    -------
    report : AuditReport
        Every finding, and for each rule the outcome that says most.
    """
    findings = ranked([f for report in reports.values() for f in report.findings])
    first = next(iter(reports.values()))
    worst = max(reports.values(), key=_weight)
    order = ("found", "clear", "not applicable", "ignored")
    outcomes = {
        code: min((r.outcomes[code] for r in reports.values()), key=order.index)
        for code in first.outcomes
    }
    return AuditReport(
        verdict=worst.verdict,
        summary=_summary(reports, worst),
        findings=findings,
        outcomes=outcomes,
        reasons={
            code: reason
            for code, reason in first.reasons.items()
            if outcomes[code] == "not applicable"
        },
        columns=reports,
    )


def _weight(report: AuditReport) -> int:
    """How much a report has to say."""
    if report.findings:
        return 2 + SEVERITIES.index(report.findings[0].severity)
    return {"clear": 0, "legitimate": 1}.get(report.verdict, 2)


def _summary(reports: dict[str, AuditReport], worst: AuditReport) -> str:
    """Say what the column that has most to say is about."""
    name = next(name for name, report in reports.items() if report is worst)
    said = sum(bool(report.findings) for report in reports.values())
    if not said:
        return f"{len(reports)} columns. {worst.summary}"
    return f"{len(reports)} columns, {said} with findings. {name}: {worst.summary}"
