"""Predictive distributions: what a prediction is."""

from sklearn_negloss.distributions._adapters import (
    LatentSigmaWarning,
    predict_dist,
    register_predict_dist,
)
from sklearn_negloss.distributions._counts import NegativeBinomial, Poisson
from sklearn_negloss.distributions._empirical import EmpiricalDistribution, QuantileGrid
from sklearn_negloss.distributions._families import Laplace, Logistic, Normal, StudentT
from sklearn_negloss.distributions._numeric_crps import QuadratureWarning
from sklearn_negloss.distributions._positive import Gamma, LogNormal

__all__ = [
    "EmpiricalDistribution",
    "Gamma",
    "Laplace",
    "LatentSigmaWarning",
    "LogNormal",
    "Logistic",
    "NegativeBinomial",
    "Normal",
    "Poisson",
    "QuadratureWarning",
    "QuantileGrid",
    "StudentT",
    "predict_dist",
    "register_predict_dist",
]
