"""Regressors: where mu and sigma come from."""

from sklearn_negloss.regression._probabilistic import ProbabilisticRegressor
from sklearn_negloss.regression._transformed_target import (
    TransformedTargetProbabilisticRegressor,
)

__all__ = ["ProbabilisticRegressor", "TransformedTargetProbabilisticRegressor"]
