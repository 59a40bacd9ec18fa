"""The audit: why is a loss negative, and does it matter?

Its rules and probes are more than half of this package. They load when a name below is
first asked for, or `audit` first called, so that who wants a loss does not wait for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sklearn_negloss.audit._audit import audit

if TYPE_CHECKING:
    from sklearn_negloss.audit._audited_transformer import AuditedTargetTransformer
    from sklearn_negloss.audit._auditor import AuditWarning, TargetAuditor
    from sklearn_negloss.audit._checks import check_loss, check_scorer
    from sklearn_negloss.audit._rule import Finding, NotApplicable, Rule
    from sklearn_negloss.audit.report._report import AuditError, AuditReport
    from sklearn_negloss.audit.rules import RULES

__all__ = [
    "RULES",
    "AuditError",
    "AuditReport",
    "AuditWarning",
    "AuditedTargetTransformer",
    "Finding",
    "NotApplicable",
    "Rule",
    "TargetAuditor",
    "audit",
    "check_loss",
    "check_scorer",
]

_HOMES = {
    "RULES": "rules",
    "AuditError": "report._report",
    "AuditReport": "report._report",
    "AuditWarning": "_auditor",
    "AuditedTargetTransformer": "_audited_transformer",
    "Finding": "_rule",
    "NotApplicable": "_rule",
    "Rule": "_rule",
    "TargetAuditor": "_auditor",
    "check_loss": "_checks",
    "check_scorer": "_checks",
}


def __getattr__(name: str) -> Any:
    """Load the home of a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
