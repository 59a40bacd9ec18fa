"""Every rule of the audit, in the order of its code."""

from __future__ import annotations

from sklearn_negloss.audit._rule import Rule
from sklearn_negloss.audit.rules._units import SmallUnits

RULES: tuple[type[Rule], ...] = (SmallUnits,)

# Codes of rules that were once here; a code is never used again.
RETIRED: tuple[str, ...] = ()
