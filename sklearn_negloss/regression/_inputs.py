"""What ProbabilisticRegressor is given, checked at the door."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_array
from sklearn.utils.validation import column_or_1d

from sklearn_negloss._sklearn import routing_enabled
from sklearn_negloss.regression._calibration import Floats
from sklearn_negloss.regression._cross_fit import (
    Target,
    takes_weight,
    weight_keyword,
)
from sklearn_negloss.regression._descent import Part


def check_parameters(max_iter: Any, tol: Any, beta: Any) -> None:
    """Refuse numbers outside their ranges."""
    if not isinstance(max_iter, numbers.Integral) or max_iter < 1:
        raise ValueError(
            f"max_iter must be an integer of at least 1. Got {max_iter!r}."
        )
    if not tol >= 0:
        raise ValueError(f"tol must be at least 0. Got {tol!r}.")
    if not 0 <= beta <= 1:
        raise ValueError(f"beta must be in [0, 1]. Got {beta!r}.")


def check_target(y: Any, owner: str) -> Floats:
    """Return y as one column of finite numbers."""
    if y is None:
        # The words are those that scikit-learn's own checks look for.
        raise ValueError(f"{owner} requires y to be passed, but the target y is None.")
    y = check_array(y, ensure_2d=False, dtype=None, input_name="y")
    if y.ndim > 1 and y.shape[1] > 1:
        raise ValueError(
            f"y must have one column. Got {y.shape[1]}; MultiOutputRegressor fits one "
            "model per column, but its predict has no return_std and returns the means "
            "alone, so keep one ProbabilisticRegressor per column if you need sigma."
        )
    return column_or_1d(y, dtype=np.float64, warn=True)


def asking(regressor: Any) -> Any:
    """Let a built-in regressor ask for weights, where routing wants to be asked."""
    if routing_enabled():
        return regressor.set_fit_request(sample_weight=True)
    return regressor


def make_part(
    name: str, members: Any, built_in: bool, units: Target, params: dict[str, Any]
) -> Part:
    """Collect how one regressor is fitted, or say that it cannot take weights."""
    params = dict(params)
    weight = params.pop("sample_weight", None)
    frozen = isinstance(members[0], FrozenEstimator)
    routed = frozen or routing_enabled()  # routing itself refuses what is not asked
    if weight is not None and not routed and not takes_weight(members[0]):
        raise ValueError(
            f"{name} must take sample_weight in fit when weights are given. Got "
            f"{type(members[0]).__name__}, which does not; choose a regressor that "
            "does, or, for a Pipeline, enable metadata routing and call "
            "set_fit_request(sample_weight=True) on its steps."
        )
    return Part(
        members=members,
        units=Target(0.0, 1.0) if built_in else units,
        params=params,
        weight=None if weight is None or frozen else np.asarray(weight, dtype=float),
        keyword=weight_keyword(members[0], routing=routing_enabled()),
        built_in=built_in,
    )


def check_weight(sample_weight: Any, n_samples: int) -> Floats:
    if sample_weight is None:
        return np.ones(n_samples)
    weight = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weight.shape != (n_samples,):
        raise ValueError(
            f"sample_weight must have one value for each of the {n_samples} rows. Got "
            f"shape {weight.shape}."
        )
    if (weight < 0).any():
        raise ValueError(
            f"sample_weight must not be negative. Got a minimum of {weight.min():g}."
        )
    if not weight.any():
        raise ValueError(
            "sample_weight must not be zero in every row: all weights are zero."
        )
    return weight


def check_open_unit(name: str, value: Any) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} must be between 0 and 1. Got {value!r}.")
