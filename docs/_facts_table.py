"""Directive ``loss-facts``: the table of all losses, read from the package itself."""

from __future__ import annotations

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from sklearn_negloss.metrics import LOSS_FACTS, LossFacts

HEAD = ("Loss", "Can be negative", "When y becomes a·y", "Proper")


def scale_law(facts: LossFacts) -> str:
    """Say what a change of unit does."""
    if facts.scale_law == "shift":
        times = "" if facts.shift == 1 else f"{facts.shift:g} "
        return f"adds {times}log a"
    return "is multiplied by a" if facts.scale_law == "linear" else "no law"


def row(name: str, facts: LossFacts) -> tuple[str, ...]:
    """Return the cells of a loss."""
    negative = "**yes**" if facts.can_be_negative else f"no, least {facts.minimum:g}"
    function = f":func:`~sklearn_negloss.{name}_loss`"
    return function, negative, scale_law(facts), facts.proper


class LossFactsDirective(SphinxDirective):
    """Write the table as reStructuredText, so that its names link."""

    def run(self) -> list[nodes.Node]:
        rows = [HEAD, *(row(name, facts) for name, facts in LOSS_FACTS.items())]
        lines = [".. list-table::", "   :header-rows: 1", ""]
        for cells in rows:
            lines += [
                f"   {'* -' if i == 0 else '  -'} {c}" for i, c in enumerate(cells)
            ]
        node = nodes.Element()
        self.state.nested_parse(StringList(lines, "loss-facts"), 0, node)
        return node.children


def setup(app):
    """Register the directive."""
    app.add_directive("loss-facts", LossFactsDirective)
    return {"parallel_read_safe": True}
