"""Predictive distributions: what a prediction is."""

from sklearn_negloss.distributions._adapters import (
    LatentSigmaWarning,
    predict_dist,
    register_predict_dist,
)
from sklearn_negloss.distributions._base import InfiniteDensityWarning
from sklearn_negloss.distributions._counts import NegativeBinomial, Poisson
from sklearn_negloss.distributions._empirical import EmpiricalDistribution, QuantileGrid
from sklearn_negloss.distributions._families import Laplace, Logistic, Normal, StudentT
from sklearn_negloss.distributions._numeric_crps import QuadratureWarning
from sklearn_negloss.distributions._positive import Gamma, LogNormal
from sklearn_negloss.distributions.transforms._jacobians import mean_log_jacobian
from sklearn_negloss.distributions.transforms._maps import NoDensityError
from sklearn_negloss.distributions.transforms._numeric_map import SlopeWarning
from sklearn_negloss.distributions.transforms._transformed import (
    LostMassWarning,
    TransformedDistribution,
    transform_dist,
)

__all__ = [
    "EmpiricalDistribution",
    "Gamma",
    "InfiniteDensityWarning",
    "Laplace",
    "LatentSigmaWarning",
    "LogNormal",
    "Logistic",
    "LostMassWarning",
    "NegativeBinomial",
    "NoDensityError",
    "Normal",
    "Poisson",
    "QuadratureWarning",
    "QuantileGrid",
    "SlopeWarning",
    "StudentT",
    "TransformedDistribution",
    "mean_log_jacobian",
    "predict_dist",
    "register_predict_dist",
    "transform_dist",
]
