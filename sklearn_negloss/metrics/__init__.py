"""Losses, scores and scorers: what a prediction costs."""

from sklearn_negloss.metrics._classification import (
    binary_cross_entropy_loss,
    binary_cross_entropy_with_logits_loss,
    cross_entropy_with_logits_loss,
)
from sklearn_negloss.metrics._density import (
    dawid_sebastiani_loss,
    gaussian_crps_loss,
    gaussian_nll_loss,
    interval_loss,
)
from sklearn_negloss.metrics._distribution import (
    crps_loss,
    crps_skill_score,
    information_gain_score,
    nll_loss,
)
from sklearn_negloss.metrics._facts import LOSS_FACTS, ZERO_NLL_SIGMA, LossFacts
from sklearn_negloss.metrics._point import log1p_absolute_loss
from sklearn_negloss.metrics._scorer import (
    get_scorer,
    get_scorer_names,
    make_distribution_scorer,
)
from sklearn_negloss.metrics._skill import NLLDecomposition, decompose_nll

__all__ = [
    "LOSS_FACTS",
    "ZERO_NLL_SIGMA",
    "LossFacts",
    "NLLDecomposition",
    "binary_cross_entropy_loss",
    "binary_cross_entropy_with_logits_loss",
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
]
