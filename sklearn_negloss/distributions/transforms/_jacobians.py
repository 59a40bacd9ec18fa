"""The one room for Jacobians: what a fitted target transformer does to a density.

If z = g(y), the density of y is that of z at g(y), times abs(dz/dy). A loss of z and a
loss of y therefore differ by the mean of log abs(dz/dy): nats that belong to the units, and
to no model.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from sklearn_negloss._validation import (
    Y_TRUE,
    Argument,
    Domain,
    as_numeric,
    value_error,
)
from sklearn_negloss.distributions.transforms._maps import (
    KNOWN,
    STRICTLY_POSITIVE,
    Affine,
    BoxCox,
    NoDensityError,
    Part,
    TargetMap,
    YeoJohnson,
)
from sklearn_negloss.distributions.transforms._numeric_map import (
    Numeric,
    column_function,
    function_name,
)

Floats = NDArray[np.float64]


def target_map(transformer: Any, y: ArrayLike | None = None) -> TargetMap:
    """Return what a fitted target transformer does, with its Jacobian.

    Parameters
    ----------
    transformer : object
        Fitted scikit-learn transformer of one column, a Pipeline of such, None or
        "passthrough" for the identity, or a `TargetMap`, which is returned as it is.
    y : array-like of shape (n_samples,), default=None
        Values of the target at which a transformer without a closed form is explored.

    Returns
    -------
    map : TargetMap
        With ``forward``, ``inverse``, ``log_abs_derivative``, ``domain``, ``range``,
        ``increasing`` and ``exact``.

    Raises
    ------
    NoDensityError
        If the transform leaves no density: it has steps or corners everywhere, is not
        monotone, or returns several columns. The message is the reason.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_negloss.distributions.transforms._jacobians import target_map
    >>> log = target_map(FunctionTransformer(np.log, np.exp))
    >>> log.domain, log.log_abs_derivative(np.e)
    ((0.0, inf), array(-1.))
    """
    return TargetMap.of(_parts(transformer, y))


def mean_log_jacobian(
    transformer: Any, y: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Mean of log abs(dz/dy): the nats of a density loss that are the transform's.

    The loss of y is the loss of z minus this number.

    Parameters
    ----------
    transformer : object
        Fitted target transformer, as for `target_map`.
    y : array-like of shape (n_samples,)
        Values of the target, before the transform.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the mean.

    Returns
    -------
    mean : float
        In nats per sample; infinite where a value of y has an infinite slope.

    Raises
    ------
    NoDensityError
        If the transform leaves no density; the message is the reason.
    ValueError
        If a value of y is outside the domain of the transform.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_negloss.distributions.transforms._jacobians import mean_log_jacobian
    >>> y = np.array([1.0, 2.0, 3.0, 10.0])
    >>> scaler = StandardScaler().fit(y.reshape(-1, 1))
    >>> round(mean_log_jacobian(scaler, y), 4), round(-float(np.log(y.std())), 4)
    (-1.2629, -1.2629)
    """
    y = as_numeric(y, Y_TRUE).astype(np.float64)
    check_domain(transformer, y)
    values = target_map(transformer, y).log_abs_derivative(y)
    if np.isnan(values).any():
        raise _outside_error(transformer, y, np.isnan(values))
    weights = None if sample_weight is None else np.asarray(sample_weight, float)
    return float(np.average(values, weights=weights))


# -- values that a transform cannot take ---------------------------------------------


def check_domain(transformer: Any, y: ArrayLike) -> None:
    """Refuse values of y that a transformer, fitted or not, cannot take.

    Parameters
    ----------
    transformer : object
        Target transformer, as for `target_map`; it need not be fitted.
    y : array-like of shape (n_samples,)
        Finite values of the target.

    Raises
    ------
    ValueError
        Naming the constraint, the first value and how many there are.
    """
    y = np.asarray(y, dtype=np.float64)
    for step, values in _stages(transformer, y):
        outside = _outside(step, values)
        if outside.any():
            raise _outside_error(step, values, outside, of_y=values is y)


class OutsideDomain(NamedTuple):
    """Values that a step of a transformer cannot take.

    Parameters
    ----------
    name : str
        Name of the step.
    values : ndarray of float
        The values that it cannot take, as they reach it.
    remedy : str
        What to use instead.
    """

    name: str
    values: Floats
    remedy: str


def outside_domain(transformer: Any, y: ArrayLike) -> OutsideDomain | None:
    """Return the finite values that a transformer cannot take, None if there are none.

    Parameters
    ----------
    transformer : object
        Target transformer, as for `target_map`; it need not be fitted.
    y : array-like of shape (n_samples,)
        Finite values of the target.

    Returns
    -------
    outside : OutsideDomain or None
        The first step that fails, with its values.
    """
    for step, values in _stages(transformer, np.asarray(y, dtype=np.float64)):
        outside = _outside(step, values)
        if outside.any():
            name = getattr(step, "method", None) or function_name(step)
            return OutsideDomain(name, values[outside], REMEDIES.get(name, REMEDY))
    return None


def _stages(transformer: Any, y: Floats) -> Iterator[tuple[Any, Floats]]:
    """Yield the steps of a transformer, each with the values that reach it."""
    steps = _steps(transformer)
    for k, step in enumerate(steps):
        yield step, y
        if k < len(steps) - 1:
            fitted = clone(step).fit(
                y.reshape(-1, 1)
            )  # a clone of a frozen one is itself
            y = column_function(fitted, "transform")(y)


def _steps(transformer: Any) -> list[Any]:
    """Flatten Pipelines into the steps that do something."""
    if transformer is None or isinstance(transformer, str):
        return []
    if isinstance(transformer, Pipeline):
        return [inner for _, step in transformer.steps for inner in _steps(step)]
    if hasattr(transformer, "target_map"):  # a wrapper of ours hides nothing
        return _steps(transformer.transformer)
    return [transformer]


def _outside(step: Any, values: Floats) -> NDArray[np.bool_]:
    """Mask of finite values from which a step makes none."""
    domain = _known_domain(step)
    if domain is not None:
        return domain.outside(values)
    if isinstance(step, FunctionTransformer) and step.func is not None:
        try:
            return ~np.isfinite(column_function(step, "transform")(values))
        except NoDensityError:
            pass  # several columns: not a matter of the values
    return np.zeros(values.shape, dtype=bool)


def _known_domain(step: Any) -> Domain | None:
    """Return what a step can take, if its own code is known."""
    if isinstance(step, PowerTransformer) and step.method == "box-cox":
        return STRICTLY_POSITIVE
    if isinstance(step, FunctionTransformer):
        known = _known_function(step)
        return known.values if known is not None else None
    return None


REMEDIES = {
    "log": "use log1p if zeros are true values, yeo-johnson if negative ones are",
    "box-cox": "use PowerTransformer(method='yeo-johnson'), which takes any value",
    "log1p": "use arcsinh or PowerTransformer(), which take any value",
    "sqrt": "use arcsinh or PowerTransformer(), which take any value",
    "logit": "squeeze y away from 0 and 1, or do not transform it",
    "square": "do not transform it, or use a function that is monotone, such as arcsinh",
    "reciprocal": "take log1p if zeros are true values, or model -y if all are negative",
}
REMEDY = "use a transform that takes any value, such as arcsinh"
REMEDIES["log10"] = REMEDIES["log2"] = REMEDIES["log"]


def _outside_error(
    step: Any, values: Floats, outside: NDArray[np.bool_], of_y: bool = True
) -> ValueError:
    """Name the values that a step cannot take, and what to do."""
    name = getattr(step, "method", None) or function_name(step)
    domain = _known_domain(step) or Domain("inside the domain")
    reach = "y" if of_y else "y, as the steps before it leave it,"
    remedy = REMEDIES.get(name, REMEDY)
    argument = Argument(f"{reach} for {name}".replace(",  for", " for"), domain, remedy)
    shown = value_error(argument, values)
    if shown is not None:
        return shown
    first = int(np.flatnonzero(outside)[0])
    return ValueError(
        f"y must be inside the domain of {name}; got {values[first]:.6g} at index {first} "
        f"({int(outside.sum())} of {values.size} values); {remedy}."
    )


# -- one reader for each kind of transformer -----------------------------------------


def _parts(transformer: Any, y: Any) -> list[Part]:
    """Return the parts of a fitted transformer."""
    if transformer is None or isinstance(transformer, str):
        return []
    if isinstance(transformer, TargetMap):
        return list(transformer.parts)
    if isinstance(transformer, FrozenEstimator):
        return _parts(transformer.estimator, y)
    if isinstance(transformer, Pipeline):
        return _pipeline_parts(transformer, y)
    if hasattr(transformer, "target_map"):  # a wrapper of ours says it itself
        return list(transformer.target_map(y).parts)
    check_is_fitted(transformer)
    for kind, reason in REFUSED.items():
        if isinstance(transformer, kind):
            raise NoDensityError(f"{kind.__name__} leaves no density of y: {reason}.")
    # Only the class itself: a subclass may do something else.
    read = READERS.get(type(transformer))
    parts = None if read is None else read(transformer, y)
    return [Numeric.probe(transformer, y)] if parts is None else parts


def _pipeline_parts(pipeline: Pipeline, y: Any) -> list[Part]:
    """Chain the steps, handing each the values that reach it."""
    parts: list[Part] = []
    for _, step in pipeline.steps:
        reached = None if y is None else TargetMap.of(parts).forward(y)
        parts += _parts(step, reached)
    return parts


def _one_column(transformer: Any, values: Any) -> float:
    """Return the only entry of a fitted attribute."""
    if np.size(values) != 1:
        raise NoDensityError(
            f"{type(transformer).__name__} must have one column for a density; got "
            f"{np.size(values)} of them; fit one regressor for each column of y."
        )
    return float(np.ravel(values)[0])


def _centred(centre: str) -> Callable[..., list[Part]]:
    """Return a reader of z = (y - centre) / scale, where both may be off."""

    def read(transformer: Any, y: Any) -> list[Part]:
        _one_column(transformer, np.zeros(transformer.n_features_in_))
        shift, scale = getattr(transformer, centre), transformer.scale_
        scale = 1.0 if scale is None else _one_column(transformer, scale)
        on = shift is not None and getattr(transformer, f"with_{WITH[centre]}")
        shift = _one_column(transformer, shift) if on else 0.0
        return [Affine(1.0 / scale, -shift / scale)]

    return read


WITH = {"mean_": "mean", "center_": "centering"}


def _min_max(transformer: Any, y: Any) -> list[Part]:
    _refuse_clip(transformer)
    slope = _one_column(transformer, transformer.scale_)
    return [Affine(slope, _one_column(transformer, transformer.min_))]


def _max_abs(transformer: Any, y: Any) -> list[Part]:
    _refuse_clip(transformer)
    return [Affine(1.0 / _one_column(transformer, transformer.scale_), 0.0)]


def _refuse_clip(transformer: Any) -> None:
    """Refuse a scaler that maps all values beyond the fitted ones to the same number."""
    if getattr(transformer, "clip", False):  # MaxAbsScaler has it since 1.9
        raise NoDensityError(
            f"{type(transformer).__name__}(clip=True) leaves no density of y: beyond the "
            "fitted values, all have the same image; use clip=False."
        )


def _power(transformer: Any, y: Any) -> list[Part]:
    """Read the exponent, and the standardisation behind it from two of its values.

    The scaler inside is private, and the map is affine in the power: two points tell it.
    """
    lmbda = _one_column(transformer, transformer.lambdas_)
    power: Part = (
        BoxCox(lmbda) if transformer.method == "box-cox" else YeoJohnson(lmbda)
    )
    if transformer.method == "yeo-johnson" and lmbda == 1.0:
        power = Affine(1.0, 0.0)
    if not transformer.standardize:
        return [power]
    z = np.array([-0.25, 0.25])
    y = column_function(transformer, "inverse_transform")(z)
    z, inner = column_function(transformer, "transform")(y), power.forward(y)
    slope = float(np.diff(z)[0] / np.diff(inner)[0])
    return [power, Affine(slope, float(np.mean(z) - slope * np.mean(inner)))]


def _function(transformer: FunctionTransformer, y: Any) -> list[Part] | None:
    """Read a function that is in the table."""
    if transformer.kw_args or transformer.inv_kw_args:
        return None
    if transformer.func is None or transformer.func is np.positive:
        return []
    if transformer.func is np.negative:
        return [Affine(-1.0, 0.0)]
    known = _known_function(transformer)
    return None if known is None else [known]


def _known_function(transformer: FunctionTransformer) -> Any:
    """Return the row of the table for a function, or None."""
    func = transformer.func
    if transformer.kw_args or not isinstance(func, Hashable):
        return None
    return FUNCTIONS.get(func)


FUNCTIONS: dict[Any, Any] = {part.forward: part for part in KNOWN}

READERS: dict[type, Callable[..., list[Part] | None]] = {
    StandardScaler: _centred("mean_"),
    RobustScaler: _centred("center_"),
    MinMaxScaler: _min_max,
    MaxAbsScaler: _max_abs,
    PowerTransformer: _power,
    FunctionTransformer: _function,
}

REFUSED: dict[type, str] = {
    QuantileTransformer: (
        "its slope jumps at every quantile of the training data and is 0 outside them; "
        "use PowerTransformer, which is smooth"
    ),
    KBinsDiscretizer: "it maps whole intervals to one number; use PowerTransformer",
    SplineTransformer: "it makes several columns; use PowerTransformer",
}
