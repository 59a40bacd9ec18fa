"""Default role: a public name of the package links, in whichever module it is written."""

from __future__ import annotations

from importlib import import_module

from sphinx.ext.autosummary import AutoLink

ROOMS = ("", ".audit", ".distributions", ".inspection")


class Name(AutoLink):
    """As autosummary's role, which knows only the module that it is in."""

    def run(self):
        for room in ROOMS:
            module = f"sklearn_negloss{room}"
            if self.text in import_module(module).__all__:
                self.text = self.rawtext = f"~{module}.{self.text}"
                break
        return super().run()


def setup(app):
    """Register the role, chosen by ``default_role``."""
    app.add_role("name", Name())
    return {"parallel_read_safe": True}
