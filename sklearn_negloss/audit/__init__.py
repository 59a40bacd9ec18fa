"""The audit: why is a loss negative, and does it matter?"""

from sklearn_negloss.audit._audit import audit
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
