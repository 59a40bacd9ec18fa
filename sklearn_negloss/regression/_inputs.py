"""What ProbabilisticRegressor is given, checked at the door."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_array

from sklearn_negloss._sklearn import routing_enabled, rows_of
from sklearn_negloss.distributions._base import check_levels
from sklearn_negloss.regression._calibration import Floats
from sklearn_negloss.regression._cross_fit import (
    Target,
    cut_to,
    router_of,
    weight_keyword,
)
from sklearn_negloss.regression._descent import Part


def check_parameters(max_iter: Any, tol: Any, beta: Any) -> None:
    """Refuse numbers outside their ranges."""
    if not isinstance(max_iter, numbers.Integral) or max_iter < 1:
        raise ValueError(
            f"max_iter must be an integer of at least 1. Got {max_iter!r}."
        )
    if not isinstance(tol, numbers.Real) or not float(tol) >= 0:
        raise ValueError(f"tol must be a number of at least 0. Got {tol!r}.")
    if not isinstance(beta, numbers.Real) or not 0 <= float(beta) <= 1:
        raise ValueError(f"beta must be a number in [0, 1]. Got {beta!r}.")


def check_regressor(name: str, regressor: Any) -> None:
    """Refuse what cannot be one of the two regressors."""
    if isinstance(regressor, type):
        raise ValueError(
            f"{name} must be an instance. Got the class {regressor.__name__}; write "
            f"{regressor.__name__}()."
        )
    # Before it is fitted, a StackingRegressor does not say that it will predict.
    if regressor is not None and not hasattr(regressor, "fit"):
        raise ValueError(f"{name} must be None or a regressor. Got {regressor!r}.")


def refuse_infinity(X: Any) -> None:
    """Refuse what trees would take and a kernel would not; NaN is for them to judge."""
    # Columns of a pyarrow table are the columns themselves; it has names beside them.
    names = getattr(X, "column_names", getattr(X, "columns", None))
    columns = [X] if names is None else [X[name] for name in names]
    for column in columns:
        sparse = hasattr(column, "tocsr")
        values = np.asarray(column.tocsr().data if sparse else column)
        if values.dtype.kind == "f" and np.isinf(values).any():
            raise ValueError(
                "Input X contains infinity or a value too large for dtype"
                f"('{values.dtype}')."
            )


def numbers_of(X: Any) -> Any:
    """Return numbers that come as objects, or in another container, as an array.

    `predict` of some regressors checks X only if it is not asked for a sigma. Tables
    and text stay as they are: encoders in a Pipeline want to see them.
    """
    if hasattr(X, "columns") or getattr(getattr(X, "dtype", "O"), "kind", "O") != "O":
        return X
    try:
        array = np.asarray(X)
    except ValueError:  # lists of unequal lengths, such as tokens
        return X
    if array.dtype.kind == "O" and all(isinstance(v, numbers.Real) for v in array.flat):
        array = array.astype(float)
    return array if array.dtype.kind in "biuf" else X


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
    keyword = weight_keyword(members[0], routing=routing_enabled())
    routed = frozen or routing_enabled()  # routing itself refuses what is not asked
    if weight is not None and not routed and keyword is None:
        raise _no_weights(name, members[0])
    return Part(
        members=members,
        units=Target(0.0, 1.0) if built_in else units,
        params=params,
        weight=None if weight is None or frozen else _in_range(weight),
        keyword=keyword,
        built_in=built_in,
    )


def _no_weights(name: str, regressor: Any) -> ValueError:
    remedy = "choose a regressor that does"
    if router_of(regressor) is not None:
        remedy += (
            ", or, if one inside it does, enable metadata routing and call "
            "set_fit_request(sample_weight=True) on that one"
        )
    return ValueError(
        f"{name} must take sample_weight in fit when weights are given. Got "
        f"{type(regressor).__name__}, which does not; {remedy}."
    )


def _in_range(weight: Any) -> Floats:
    """Return weights as given, unless they are too large or small to count rows.

    Trees sum them in single precision. All others stay as they are: to a regressor
    with a penalty, a weight of 2 must be worth two rows.
    """
    weight = np.asarray(weight, dtype=float)
    largest = float(weight.max())
    return weight if 1e-15 <= largest <= 1e15 else weight / (largest or 1.0)


def without_idle_rows(
    X: Any, y: Floats, weight: Floats, routed: dict[str, Any]
) -> tuple[Any, Floats, Floats, dict[str, Any]]:
    """Drop the rows of zero weight, which must not even count in the choice of folds."""
    rows = np.flatnonzero(weight)
    if len(rows) == len(y):
        return X, y, weight, routed
    routed = {part: cut_to(given, len(y), rows) for part, given in routed.items()}
    return rows_of(X, rows), y[rows], weight[rows], routed


def check_weight(sample_weight: Any, n_samples: int) -> Floats:
    """Return the weights relative to their largest."""
    if sample_weight is None:
        return np.ones(n_samples)
    if np.asarray(sample_weight).ndim == 0:
        raise ValueError(
            f"sample_weight must have one value for each of the {n_samples} rows. Got "
            f"{sample_weight!r}."
        )
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
    if (positive := np.count_nonzero(weight)) < 2:
        raise ValueError(
            "At least 2 rows of positive sample_weight are needed: one to learn from, "
            f"the other to be predicted. Got {positive} of {n_samples}."
        )
    # By a power of two, which costs no digit.
    return np.ldexp(weight, -np.frexp(weight.max())[1])


def quantiles_of(predict: Callable[[], Any], quantiles: ArrayLike) -> Floats:
    """Return a column for each level; for one number, an array without columns."""
    levels = check_levels(quantiles, "quantiles")
    if levels.ndim > 1 or not levels.size:
        raise ValueError(
            "quantiles must have shape (n_quantiles,), not empty; got shape "
            f"{levels.shape}; give a level or a list of levels, such as [0.05, 0.95]."
        )
    dist = predict()
    columns = [dist.ppf(level) for level in np.ravel(levels)]
    return np.asarray(columns[0] if levels.ndim == 0 else np.stack(columns, axis=-1))
