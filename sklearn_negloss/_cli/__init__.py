"""The command line: a demonstration on bundled data, and the same for your table."""

from sklearn_negloss._cli._main import main

__all__ = ["main"]
