"""Why is my loss negative, and does it matter?

Probabilistic losses and scorers for scikit-learn whose sign cannot fool anyone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sklearn_negloss.audit import audit
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

if TYPE_CHECKING:  # the rest of the audit loads when it is first asked for
    from sklearn_negloss.audit import (
        AuditedTargetTransformer,
        TargetAuditor,
        check_loss,
        check_scorer,
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
    """Load what takes a while when it is first asked for: the audit, the metadata."""
    if name == "__version__":
        from importlib.metadata import version

        return version("sklearn-negloss")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # By its full name: `sklearn_negloss.audit` is the function, which hides its room.
    found = getattr(import_module("sklearn_negloss.audit"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
