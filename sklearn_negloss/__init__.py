"""Why is my loss negative, and does it matter?

Probabilistic losses and scorers for scikit-learn whose sign cannot fool anyone.
"""

from typing import Any

from sklearn_negloss.audit import (
    AuditedTargetTransformer,
    TargetAuditor,
    audit,
    check_loss,
    check_scorer,
)
from sklearn_negloss.distributions import predict_dist, register_predict_dist
from sklearn_negloss.metrics import (
    binary_cross_entropy_loss,
    binary_cross_entropy_with_logits_loss,
    cross_entropy_with_logits_loss,
    crps_loss,
    crps_skill_score,
    dawid_sebastiani_loss,
    decompose_nll,
    gaussian_crps_loss,
    gaussian_nll_loss,
    get_scorer,
    get_scorer_names,
    information_gain_score,
    interval_loss,
    log1p_absolute_loss,
    make_distribution_scorer,
    nll_loss,
)
from sklearn_negloss.regression import (
    ProbabilisticRegressor,
    TransformedTargetProbabilisticRegressor,
)

__all__ = [
    "AuditedTargetTransformer",
    "ProbabilisticRegressor",
    "TargetAuditor",
    "TransformedTargetProbabilisticRegressor",
    "audit",
    "binary_cross_entropy_loss",
    "binary_cross_entropy_with_logits_loss",
    "check_loss",
    "check_scorer",
    "cross_entropy_with_logits_loss",
    "crps_loss",
    "crps_skill_score",
    "dawid_sebastiani_loss",
    "decompose_nll",
    "gaussian_crps_loss",
    "gaussian_nll_loss",
    "get_scorer",
    "get_scorer_names",
    "information_gain_score",
    "interval_loss",
    "log1p_absolute_loss",
    "make_distribution_scorer",
    "nll_loss",
    "predict_dist",
    "register_predict_dist",
]


def __getattr__(name: str) -> Any:
    """Look the version up when it is asked for: reading metadata takes a while."""
    if name == "__version__":
        from importlib.metadata import version

        return version("sklearn-negloss")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
