"""The answer of an audit: a verdict, findings, and what every rule came to."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sklearn_negloss._validation import check_option
from sklearn_negloss.audit._rule import Finding
from sklearn_negloss.audit.case._forecast import ClassGain
from sklearn_negloss.audit.report._html import report_html, report_page
from sklearn_negloss.audit.report._text import report_text
from sklearn_negloss.metrics import NLLDecomposition


class AuditError(ValueError):
    """The audit found an error; `report` is the whole report.

    Parameters
    ----------
    report : AuditReport
        What was found.
    """

    def __init__(self, report: AuditReport) -> None:
        super().__init__(str(report))
        self.report = report

    def __reduce__(self) -> Any:
        """Pickle through the report, for workers of a parallel search."""
        return type(self), (self.report,)


@dataclass(frozen=True)
class AuditReport:
    """What an audit found; made by `audit`.

    Parameters
    ----------
    verdict : str
        Cause of the finding that explains most: "legitimate", "units", "convention",
        "data", "code" or "degenerate"; "clear" if nothing was found and no loss is
        negative.
    summary : str
        The answer in a sentence or two.
    findings : list of Finding
        The rules that fired, the one that explains most first.
    outcomes : dict of str to str
        For the code of every rule "found", "clear", "not applicable" or "ignored".
    reasons : dict of str to str
        For the code of every rule that was not applicable, why.
    decomposition : NLLDecomposition, ClassGain or None
        The loss split into units and gain, where forecasts are known.
    columns : dict of str to AuditReport
        The report of each column, for a target of several.

    See Also
    --------
    sklearn_negloss.audit : Makes it.
    """

    verdict: str
    summary: str
    findings: list[Finding]
    outcomes: dict[str, str]
    reasons: dict[str, str] = field(default_factory=dict)
    decomposition: NLLDecomposition | ClassGain | None = None
    columns: dict[str, AuditReport] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Number of rules for each outcome."""
        return dict(Counter(self.outcomes.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a dict that JSON can hold, its keys always the same.

        Returns
        -------
        report : dict
            With ``verdict``, ``summary``, ``findings``, ``outcomes``, ``reasons``,
            ``decomposition`` and ``columns``. An infinite term is None, since JSON has
            no infinity.
        """
        terms = self.decomposition
        return {
            "verdict": self.verdict,
            "summary": self.summary,
            "findings": [finding.to_dict() for finding in self.findings],
            "outcomes": dict(self.outcomes),
            "reasons": dict(self.reasons),
            "decomposition": None if terms is None else _finite(terms._asdict()),
            "columns": {k: report.to_dict() for k, report in self.columns.items()},
        }

    def to_frame(self, library: str = "pandas") -> Any:
        """Return the findings as a table, one row each.

        Parameters
        ----------
        library : {"pandas", "polars"}, default="pandas"
            Whose frame.

        Returns
        -------
        frame : DataFrame
            With columns ``code``, ``name``, ``cause``, ``severity``, ``column``,
            ``message`` and ``advice``.

        Raises
        ------
        ValueError
            If `library` is another one.
        ImportError
            If it is not installed.
        """
        import importlib

        name = check_option("library", library, ("pandas", "polars"))
        names = ("code", "name", "cause", "severity", "column", "message", "advice")
        rows = [tuple(getattr(f, n) for n in names) for f in self.findings]
        data = {n: [row[i] for row in rows] for i, n in enumerate(names)}
        return importlib.import_module(name).DataFrame(data)

    def to_html(self) -> str:
        """Return the report as a piece of HTML that needs no other file.

        Returns
        -------
        html : str
            One ``<div>`` with its own style, light or dark as the reader's page.
        """
        return report_html(self)

    def to_page(self, title: str = "Audit of a loss") -> str:
        """Return the report as an HTML page, to be written to a file.

        Parameters
        ----------
        title : str, default="Audit of a loss"
            What was audited.

        Returns
        -------
        html : str
            A document with pictures, all evidence and the outcome of every rule, which
            opens from disk with no network and prints well.
        """
        return report_page(self, title)

    def raise_for_errors(self) -> None:
        """Raise if a finding is of severity error.

        Raises
        ------
        AuditError
            With the report as its text, and as its attribute ``report``.
        """
        if any(finding.severity == "error" for finding in self.findings):
            raise AuditError(self)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        """Return the report as text of 80 columns."""
        return report_text(self)


def _finite(terms: dict[str, float]) -> dict[str, float | None]:
    """Return terms with None for what JSON cannot hold."""
    return {name: v if math.isfinite(v) else None for name, v in terms.items()}
