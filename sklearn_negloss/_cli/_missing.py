"""Rows without a value: counted and said, and refused where they are most of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sklearn_negloss._cli._files import UnusableInputError
from sklearn_negloss.audit import AuditReport

# One row has no spread, which is what an audit compares all else with.
MIN_ROWS = 2


def complete_rows(path: str, frame: Any, drop_missing: bool) -> tuple[Any, list[str]]:
    """Return the rows in which no value is missing, and say how many were left out.

    Parameters
    ----------
    path : str
        Where the table comes from, for people.
    frame : pandas.DataFrame
        The columns that are needed.
    drop_missing : bool
        Whether more than half of the rows may be left out.

    Returns
    -------
    frame : pandas.DataFrame
        The complete rows.
    notes : list of str
        What was left out; empty if nothing was.
    """
    complete = frame.dropna()
    lost = len(frame) - len(complete)
    counts = {str(name): int(frame[name].isna().sum()) for name in frame.columns}
    if len(complete) < MIN_ROWS:
        rows = f"{len(complete)} row" if len(complete) else "no row"
        named = ", ".join(counts)
        raise UnusableInputError(
            f"{path} has {rows} with a value in {named}; at least {MIN_ROWS} are needed."
        )
    return complete, lost_rows(path, lost, len(frame), counts, drop_missing)


def lost_rows(
    path: str, lost: int, total: int, counts: Mapping[str, int], drop_missing: bool
) -> list[str]:
    """Say how many rows are left out and why, or refuse if they are more than half.

    A join that went wrong looks like that, and an audit of what it left is of no use.

    Parameters
    ----------
    path : str
        Where the table comes from, for people.
    lost, total : int
        Number of rows that are left out, and of all.
    counts : mapping of str to int
        How many values each column lacks.
    drop_missing : bool
        Whether more than half of the rows may be left out.

    Returns
    -------
    notes : list of str
        One note, or none if no row is lost.
    """
    if not lost:
        return []
    lacking = {name: count for name, count in counts.items() if count}
    where = ", ".join(
        f"{name} ({count})" if len(lacking) > 1 else name
        for name, count in lacking.items()
    )
    if 2 * lost > total and not drop_missing:
        raise UnusableInputError(
            f"{path} has no value in {where} in {lost} of {total} rows, more than half; "
            "fill them in, remove these rows, or add --drop-missing to go on with the "
            f"other {total - lost}."
        )
    return [f"{lost} of {total} rows left out: no value in {where}"]


def noted(report: AuditReport, notes: list[str]) -> AuditReport:
    """Return a report whose summary says what was left out.

    Parameters
    ----------
    report : AuditReport
        What was found.
    notes : list of str
        What was left out.

    Returns
    -------
    report : AuditReport
        The same, so that text, page and JSON all say it beside the answer.
    """
    said = [report.summary, *(f"{note}." for note in notes)]
    return replace(report, summary=" ".join(said))
