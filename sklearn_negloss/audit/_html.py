"""A report as HTML: no other file needed, and everything from outside escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sklearn_negloss.audit._text import report_text

if TYPE_CHECKING:
    from sklearn_negloss.audit._report import AuditReport


def report_html(report: AuditReport) -> str:
    """Return a report as HTML.

    Parameters
    ----------
    report : AuditReport
        What was found.

    Returns
    -------
    html : str
        One element.
    """
    return f"<pre>{escape(report_text(report))}</pre>"
