"""Predictive distributions: what a prediction is."""

from sklearn_negloss.distributions._families import Normal

__all__ = ["Normal"]
