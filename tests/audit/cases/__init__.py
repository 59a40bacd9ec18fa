"""Guilty and innocent cases of every rule: what must be found, and what must not.

A case is a function of a random generator and a number of samples, and returns keyword
arguments of `audit`. Tests and the table of hit and false-alarm rates read the same.
"""

from importlib import import_module
from importlib.util import find_spec

FAMILIES = ("units", "convention", "target", "prediction", "callable")


def _gather(table):
    """Join one table of all families."""
    names = [f"{__name__}.{family}" for family in FAMILIES]
    modules = [import_module(name) for name in names if find_spec(name)]
    return {k: v for m in modules for k, v in getattr(m, table, {}).items()}


GUILTY = _gather("GUILTY")
INNOCENT = _gather("INNOCENT")

# Least number of samples at which a rule can tell at all.
NOT_AT = _gather("NOT_AT")
