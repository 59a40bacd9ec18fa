"""Why is my loss negative, and does it matter?

Probabilistic losses and scorers for scikit-learn whose sign cannot fool anyone.
"""

from importlib.metadata import version

from sklearn_negloss.metrics import (
    binary_cross_entropy_loss,
    binary_cross_entropy_with_logits_loss,
    cross_entropy_with_logits_loss,
    dawid_sebastiani_loss,
    decompose_nll,
    gaussian_crps_loss,
    gaussian_nll_loss,
    interval_loss,
    log1p_absolute_loss,
)

__version__ = version("sklearn-negloss")

__all__ = [
    "binary_cross_entropy_loss",
    "binary_cross_entropy_with_logits_loss",
    "cross_entropy_with_logits_loss",
    "dawid_sebastiani_loss",
    "decompose_nll",
    "gaussian_crps_loss",
    "gaussian_nll_loss",
    "interval_loss",
    "log1p_absolute_loss",
]
