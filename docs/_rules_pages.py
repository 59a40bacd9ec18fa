"""One page for each rule of the audit, written from its class before the site is built.

A rule's docstring is its page; thresholds are filled in from its attributes, and measured
rates from the table that ``benchmarks/audit_rates.py`` writes. No fact is typed twice.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

from sklearn_negloss.audit import RULES

DOCS = Path(__file__).parent
FAMILIES = {
    "1": "Units: the number is right, and its sign follows the unit",
    "2": "Convention: scores, losses and their direction",
    "3": "Target: labels, values and weights",
    "4": "Prediction: what the forecasts say of themselves",
    "5": "Callable: your own loss, probed",
}
SEVERITY = {
    "info": "info: the sign is explained and harmless",
    "warning": "warning: a comparison or a calibration is doubtful",
    "error": "error: the number is wrong",
}


def thresholds(rule):
    """Return the numbers that a rule compares with."""
    return {k: v for k, v in vars(rule).items() if isinstance(v, int | float)}


def text_of(rule):
    """Return the docstring with its thresholds filled in; examples stay as they are."""
    text = inspect.getdoc(rule)
    prose, lead, examples = text.partition("Examples\n--------")
    text = prose.format(**thresholds(rule)) + lead + examples
    # References are a list here: nothing on the page cites them by number.
    return re.sub(r"^\.\. \[\d+\] ", "*  ", text, flags=re.MULTILINE)


def rates():
    """Return the measured rates, {} before they were ever measured."""
    path = DOCS / "_static" / "audit_rates.json"
    return json.loads(path.read_text()) if path.exists() else {}


def page(rule, measured):
    """Return the page of a rule."""
    title = f"{rule.code}: {rule.name}"
    summary, _, body = text_of(rule).partition("\n")
    facts = [f":cause: {rule.cause}", f":severity: {SEVERITY[rule.severity]}"]
    facts.append(f":reads: {', '.join(f'``{name}``' for name in rule.reads)}")
    if rule.yields_to:
        others = ", ".join(f":doc:`{code}`" for code in rule.yields_to)
        facts.append(f":yields to: {others}")
    lines = [title, "=" * len(title), "", f"*{summary}*", "", *facts, body]
    return "\n".join([*lines, "", *rate_lines(measured.get(rule.code))]) + "\n"


def rate_lines(row):
    """Return the measured rates of a rule as a small table."""
    if row is None:
        return []
    head = ["Measured", "--------", ".. list-table::", "   :header-rows: 1", ""]
    cells = [["samples", "guilty cases found", "innocent cases flagged"]]
    for n, counts in row.items():
        found, guilty, flagged, innocent = counts
        cells.append(
            [f"{int(n):,}", f"{found} of {guilty}", f"{flagged} of {innocent}"]
        )
    rows = [
        f"   {'* -' if i == 0 else '  -'} {cell}"
        for line in cells
        for i, cell in enumerate(line)
    ]
    return [head[0], head[1], "", *head[2:], *rows]


def index(measured):
    """Return the page that lists all rules."""
    title = "Rules"
    lines = [title, "=" * len(title), "", INTRODUCTION + totals(measured), ""]
    for digit, heading in FAMILIES.items():
        family = [rule for rule in RULES if rule.code[3] == digit]
        lines += [heading, "-" * len(heading), "", ".. list-table::"]
        lines += ["   :widths: 30 15 55", ""]
        for rule in family:
            summary = text_of(rule).splitlines()[0]
            lines += [f"   * - :doc:`{rule.code}`", f"     - {rule.severity}"]
            lines += [f"     - {summary}"]
        lines.append("")
    toctree = [".. toctree::", "   :hidden:", "", *(f"   {r.code}" for r in RULES)]
    return "\n".join([*lines, *toctree]) + "\n"


def totals(measured):
    """Say how often all rules together were right."""
    rows = [row for sizes in measured.values() for row in sizes.values()]
    if not rows:
        return ""
    found, guilty, flagged, innocent = map(sum, zip(*rows, strict=True))
    return (
        f" In all, {found:,} of {guilty:,} guilty cases were found, and {flagged:,} of "
        f"{innocent:,} innocent ones flagged; rules and cases were made together, so "
        "that cases of your own may fare worse."
    )


INTRODUCTION = (
    "Each rule measures evidence and fires on numbers, never on a sign alone. Pages and "
    "thresholds are generated from the rules themselves, and both examples of each page "
    "are run by the tests. The rates are those of ``benchmarks/audit_rates.py``: guilty "
    "cases, and innocent ones that look guilty."
)


def write_pages(app):
    """Write what changed, so that a second build has nothing to do."""
    folder, measured = DOCS / "rules", rates()
    folder.mkdir(exist_ok=True)
    pages = {rule.code: page(rule, measured) for rule in RULES}
    pages["index"] = index(measured)
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def setup(app):
    """Write the pages before the sources are read."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
