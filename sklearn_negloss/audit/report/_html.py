"""A report as HTML: no other file needed, and everything from outside escaped.

`report_html` is a piece for notebooks and galleries, `report_page` a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from sklearn_negloss._links import DOCS, rule_link
from sklearn_negloss.audit.case._forecast import ClassGain
from sklearn_negloss.audit.report._style import style_sheet
from sklearn_negloss.audit.report._svg import number, units_picture, waterfall
from sklearn_negloss.audit.report._text import MEANING, OUTCOMES
from sklearn_negloss.audit.rules import RULES
from sklearn_negloss.metrics import NLLDecomposition

if TYPE_CHECKING:
    from sklearn_negloss.audit._rule import Finding
    from sklearn_negloss.audit.report._report import AuditReport

NAMES = {rule.code: rule.name for rule in RULES}

# The numbers of a decomposition that a reader looks for, and what to call them.
FIGURES = {
    "loss": "loss, nats per sample",
    "units": "best constant forecast",
    "gain": "gain over it",
    "miscalibration": "lost to miscalibration",
}
CLASS_FIGURES = FIGURES | {"units": "best constant forecast: the prevalence"}


def report_html(report: AuditReport) -> str:
    """Return a report as a piece of HTML.

    Parameters
    ----------
    report : AuditReport
        What was found.

    Returns
    -------
    html : str
        One ``<div>`` with its own style.
    """
    findings = [_folded(f, k == 0) for k, f in enumerate(report.findings)]
    parts = [
        f"<style>{style_sheet()}</style>",
        _verdict(report),
        _figures(report.decomposition),
        *findings,
        f"<details><summary class='muted'>{_counts(report)}</summary>"
        f"<div class='body'>{_outcomes(report, report.outcomes)}</div></details>",
    ]
    return f"<div class='negloss {_tone(report)}'>{''.join(parts)}</div>"


def report_page(report: AuditReport, title: str = "Audit of a loss") -> str:
    """Return a report as a page that opens from disk and needs nothing else.

    Parameters
    ----------
    report : AuditReport
        What was found.
    title : str, default="Audit of a loss"
        What was audited.

    Returns
    -------
    html : str
        A document.
    """
    body = [
        f"<h1>{escape(title)}</h1>",
        _verdict(report),
        _figures(report.decomposition),
        _pictures(report.decomposition),
        _columns(report.columns),
        _section("What was found", [_full(f) for f in report.findings]),
        _section(_counts(report), _every_rule(report)),
        f"<p class='muted'>What a rule measures, and why: <a href='{DOCS}/rules/'>the "
        "pages of the rules</a>.</p>",
    ]
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        "<meta name='color-scheme' content='light dark'>\n"
        f"<title>{escape(title)}: {escape(report.verdict)}</title>\n"
        f"<style>{style_sheet(page=True)}</style>\n</head>\n<body class='negloss-page'>\n"
        f"<main class='negloss page {_tone(report)}'>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


# -- the answer ----------------------------------------------------------------------


def _tone(report: AuditReport) -> str:
    """Return how alarming a report is."""
    severity = report.findings[0].severity if report.findings else "info"
    return {"warning": "warning", "error": "error"}.get(severity, "calm")


def _verdict(report: AuditReport) -> str:
    """Return the verdict, and the answer in a sentence or two."""
    meaning = MEANING.get(report.verdict, "")
    return (
        f"<p class='verdict'><strong>{escape(report.verdict)}</strong> "
        f"<span>{escape(meaning)}</span></p>"
        f"<p class='summary'>{escape(report.summary)}</p>"
    )


def _figures(terms: Any) -> str:
    """Return the numbers to look at."""
    if terms is None:
        return ""
    labels = CLASS_FIGURES if isinstance(terms, ClassGain) else FIGURES
    cells = [
        f"<div><b>{number(getattr(terms, name))}</b><span>{label}</span></div>"
        for name, label in labels.items()
        if hasattr(terms, name)
    ]
    return f"<div class='figures'>{''.join(cells)}</div>"


def _pictures(terms: Any) -> str:
    """Return the pictures, each with the sentence that tells how to read it."""
    if terms is None or not waterfall(terms):
        return ""
    decides = "prevalence" if isinstance(terms, ClassGain) else "unit"
    figures = [(waterfall(terms), WATERFALL.format(decides))]
    if isinstance(terms, NLLDecomposition):
        figures.append((units_picture(terms), KEYS + UNITS))
    shown = [
        f"<figure>{svg}<figcaption>{said}</figcaption></figure>"
        for svg, said in figures
    ]
    return _section("What the loss is made of", [_grid(shown)])


WATERFALL = (
    "From the loss of the best constant forecast, which the {} decides, to the loss: "
    "what the forecasts win, and what they lose. In nats per sample."
)
KEYS = (
    "<span class='keys'><span class='key'></span>loss <span class='key constant'></span>"
    "best constant <span class='key gain'></span>gain</span>"
)
UNITS = (
    "Measuring the target as k · y adds log k to every loss. The sign changes with the "
    "unit; the gain, the distance of the lines, does not."
)


def _grid(figures: Sequence[str]) -> str:
    return f"<div class='pictures'>{''.join(figures)}</div>"


def _section(title: str, parts: Sequence[str]) -> str:
    """Return a section, nothing if it is empty."""
    return f"<h2>{escape(title)}</h2>{''.join(parts)}" if any(parts) else ""


# -- findings ------------------------------------------------------------------------


def _folded(finding: Finding, unfolded: bool) -> str:
    """Return a finding to unfold."""
    is_open = " open" if unfolded else ""
    return (
        f"<details class='{escape(finding.severity)}'{is_open}><summary>"
        f"{_head(finding)}</summary><div class='body'>{_body(finding)}</div>"
        "</details>"
    )


def _full(finding: Finding) -> str:
    """Return a finding with its evidence."""
    return (
        f"<section class='finding {escape(finding.severity)}'><h3>{_head(finding)}</h3>"
        f"<div class='parts'><div>{_body(finding)}</div>{_evidence(finding)}"
        "</div></section>"
    )


def _head(finding: Finding) -> str:
    """Return code, name, column and severity."""
    where = f" in {escape(str(finding.column))}" if finding.column is not None else ""
    return (
        f"{_code(finding.code)} <span class='name'>{escape(finding.name)}</span>{where} "
        f"<span class='badge'>{escape(finding.severity)}</span> "
        f"<span class='muted'>{escape(finding.cause)}</span>"
    )


def _body(finding: Finding) -> str:
    """Return what was found, which the summary may stand too far above, and the advice."""
    return (
        f"<p>{escape(finding.message)}</p>"
        f"<p class='advice'>{escape(finding.advice)}</p>"
    )


def _evidence(finding: Finding) -> str:
    """Return the numbers behind a finding."""
    rows = [
        f"<tr><td>{escape(str(name).replace('_', ' '))}</td>"
        f"<td class='number'>{escape(_value(value))}</td></tr>"
        for name, value in finding.evidence.items()
    ]
    head = "<thead><tr><th>evidence</th><th></th></tr></thead>"
    return f"<table>{head}<tbody>{''.join(rows)}</tbody></table>" if rows else ""


def _value(value: Any) -> str:
    """Return a number of six digits, or the word."""
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")
    return str(value)


def _code(code: str) -> str:
    """Return a code that links to the page of its rule."""
    return f"<a class='code' href='{escape(rule_link(code))}'>{escape(code)}</a>"


# -- every rule ----------------------------------------------------------------------


def _counts(report: AuditReport) -> str:
    """Count the rules by outcome."""
    counts = report.counts
    said = ", ".join(f"{counts[o]} {o}" for o in OUTCOMES if counts.get(o))
    return escape(f"{len(report.outcomes)} rules: {said}")


def _every_rule(report: AuditReport) -> list[str]:
    """Return what every rule came to, those that did not apply folded away."""
    silent = [k for k, said in report.outcomes.items() if said == "not applicable"]
    ran = [k for k in report.outcomes if k not in silent]
    parts = [_outcomes(report, ran)] if ran else []
    if silent:
        parts.append(
            f"<details><summary class='muted'>{len(silent)} not applicable, and why"
            f"</summary><div class='body'>{_outcomes(report, silent)}</div></details>"
        )
    return parts


def _outcomes(report: AuditReport, codes: Iterable[str]) -> str:
    """Return what rules came to, those that ran first."""
    codes = sorted(codes, key=lambda k: (OUTCOMES.index(report.outcomes[k]), k))
    rows = [
        f"<tr><td>{_code(code)}</td><td>{escape(NAMES.get(code, ''))}</td>"
        f"<td class='word'>{escape(report.outcomes[code])}</td>"
        f"<td class='reason muted'>{escape(report.reasons.get(code, ''))}</td></tr>"
        for code in codes
    ]
    # Without reasons, three short columns would drift apart.
    wide = " class='wide'" if report.reasons.keys() & set(codes) else ""
    return f"<table{wide}><tbody>{''.join(rows)}</tbody></table>"


def _columns(columns: dict[str, AuditReport]) -> str:
    """Return the verdict of each column of a target of several."""
    rows = [
        f"<tr><td class='name'>{escape(name)}</td><td class='word'>"
        f"{escape(report.verdict)}</td><td>{escape(report.summary)}</td></tr>"
        for name, report in columns.items()
    ]
    table = f"<table class='wide'><tbody>{''.join(rows)}</tbody></table>"
    return _section("Columns", [table]) if rows else ""
