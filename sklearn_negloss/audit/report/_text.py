"""A report as text of 80 columns: the answer, the evidence, what to do."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sklearn_negloss.audit.case._forecast import ClassGain

if TYPE_CHECKING:
    from sklearn_negloss.audit._rule import Finding
    from sklearn_negloss.audit.report._report import AuditReport

WIDTH = 80
OUTCOMES = ("found", "clear", "not applicable", "ignored")

# What a verdict means, whatever the severity of the finding behind it.
MEANING = {
    "legitimate": "the number means what it says",
    "units": "the sign follows the unit of the target",
    "convention": "the sign is a convention",
    "data": "look at the data",
    "code": "look at the code",
    "degenerate": "the number is not to be trusted",
    "clear": "nothing was found",
}

# Terms of a decomposition, in the order in which they add up to the loss.
TERMS = (
    ("units", "", "what the best constant forecast pays"),
    ("attainable_gain", "-", "won over it, sigma rescaled by one factor"),
    ("gain", "-", "won over it by the forecasts"),
    ("miscalibration", "+", "what that one factor would win"),
    ("loss", "=", "nats per sample"),
)


# A cross-entropy has no unit: its first term is no more than a baseline.
CLASS_TERMS = (
    ("units", "", "best constant forecast: the prevalence"),
    *((name, sign, said) for name, sign, said in TERMS if name != "units"),
)


def report_text(report: AuditReport) -> str:
    """Return a report as text.

    Parameters
    ----------
    report : AuditReport
        What was found.

    Returns
    -------
    text : str
        Lines of at most 80 characters, but for words that are longer.
    """
    parts = [f"Audit of a loss: {report.verdict}", _wrap(report.summary)]
    parts += [terms_text(report)] if report.decomposition is not None else []
    parts += [_finding(finding, report) for finding in report.findings]
    return "\n\n".join([*parts, _outcomes(report)])


def terms_text(report: AuditReport) -> str:
    """Return the decomposition, one term a line."""
    terms = report.decomposition._asdict() if report.decomposition else {}
    classes = isinstance(report.decomposition, ClassGain)
    if "miscalibration" in terms:
        del terms["gain"]  # attainable gain less miscalibration: both are shown
    label = {"units": "baseline"} if classes else {}
    rows = [
        f"  {sign:1} {label.get(name, name).replace('_', ' '):<16}{terms[name]:>12.4f}"
        f"   {meaning}"
        for name, sign, meaning in (CLASS_TERMS if classes else TERMS)
        if name in terms
    ]
    return "\n".join(rows)


def _finding(finding: Finding, report: AuditReport) -> str:
    """Return a finding: what, how bad, the evidence unless just said, the advice."""
    where = f" in {finding.column}" if finding.column else ""
    head = f"{finding.code} {finding.name}{where} ({finding.severity}, {finding.cause})"
    said = finding.message in report.summary
    body = [] if said else [_wrap(finding.message, "  ")]
    return "\n".join([head, *body, _wrap(f"Advice: {finding.advice}", "  ")])


def _outcomes(report: AuditReport) -> str:
    """Count the rules by outcome."""
    counts = report.counts
    said = ", ".join(f"{counts[o]} {o}" for o in OUTCOMES if counts.get(o))
    return f"{len(report.outcomes)} rules: {said}."


def _wrap(text: str, indent: str = "") -> str:
    """Wrap a sentence to the width."""
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
