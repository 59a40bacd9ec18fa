"""Out-of-fold predictions, and what is left of the fold models afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import MetadataRouter, get_routing_for_object
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import has_fit_parameter

from sklearn_negloss._sklearn import rows_of
from sklearn_negloss.regression._calibration import Floats
from sklearn_negloss.regression._folds import Fold
from sklearn_negloss.regression._progress import show_progress


class Target(NamedTuple):
    """The change of units between the fit (standardised) and a regressor's own."""

    location: float
    scale: float

    def to_regressor(self, t: Floats) -> Floats:
        return self.location + self.scale * t

    def from_regressor(self, p: Floats) -> Floats:
        return (p - self.location) / self.scale


def takes_weight(regressor: Any) -> bool:
    """Tell whether ``fit(X, y, sample_weight=...)`` works."""
    if isinstance(regressor, FrozenEstimator):
        return False
    return has_fit_parameter(regressor, "sample_weight")


def router_of(regressor: Any) -> MetadataRouter | None:
    """Return what a regressor around others passes on to them, None if it cannot."""
    try:
        routing = get_routing_for_object(regressor)
    except NotImplementedError:
        return None
    return routing if isinstance(routing, MetadataRouter) else None


def weight_keyword(regressor: Any, *, routing: bool) -> str | None:
    """Return the keyword under which ``fit`` takes weights, None if it takes none.

    A Pipeline without routing takes those of its last step under the step's name.
    """
    if routing and (router := router_of(regressor)) is not None:
        return "sample_weight" if router.consumes("fit", ["sample_weight"]) else None
    if isinstance(regressor, Pipeline):
        name, last = regressor.steps[-1]
        return f"{name}__sample_weight" if takes_weight(last) else None
    return "sample_weight" if takes_weight(regressor) else None


def fit_on(regressor: Any, X: Any, y: Floats, params: dict[str, Any], rows: Any) -> Any:
    """Fit a clone on some rows; what is aligned with the rows is cut to them."""
    if rows is None:
        return clone(regressor).fit(X, y, **params)
    cut = cut_to(params, len(y), rows)
    return clone(regressor).fit(rows_of(X, rows), y[rows], **cut)


def cut_to(params: dict[str, Any], n_samples: int, rows: Any) -> dict[str, Any]:
    """Cut to some rows every value that is aligned with them."""
    return {
        name: rows_of(value, rows) if _is_per_row(value, n_samples) else value
        for name, value in params.items()
    }


def _is_per_row(value: Any, n_samples: int) -> bool:
    if value is None or isinstance(value, str) or not hasattr(value, "__len__"):
        return False
    length = value.shape[0] if hasattr(value, "shape") else len(value)
    return length == n_samples


def _fit_and_predict(
    regressor: Any, X: Any, y: Floats, params: dict[str, Any], fold: Fold
) -> tuple[Any, Floats]:
    train, test = fold
    model = fit_on(regressor, X, y, params, train)
    return model, np.asarray(model.predict(rows_of(X, test)), dtype=float)


def cross_fit(
    regressors: Sequence[Any],
    X: Any,
    targets: Sequence[Floats],
    params: dict[str, Any],
    folds: Sequence[Fold],
    *,
    n_jobs: int | None,
    progress: str | None = None,
) -> tuple[list[list[Any]], list[list[Floats]]]:
    """Fit every regressor on every fold and predict the rows each has not seen.

    ``targets`` holds one y for each fold. Returns the models and the predictions of
    the test rows: for each regressor a list with one entry per fold. A regressor that
    can validate itself is fitted once, and its list of models has one entry.
    """
    own = [r for r in regressors if hasattr(r, "fit_out_of_fold")]
    tasks = [
        (r, y, fold)
        for r in regressors
        if r not in own
        for y, fold in zip(targets, folds, strict=True)
    ]
    # joblib 1.2, the oldest that scikit-learn takes, cannot hand results on one by one.
    one_by_one = {} if progress is None else {"return_as": "generator"}
    fitted = Parallel(n_jobs=n_jobs, **one_by_one)(
        delayed(_fit_and_predict)(r, X, y, params, fold) for r, y, fold in tasks
    )
    results = iter(list(show_progress(fitted, len(tasks), progress)))
    models, predicted = [], []
    for r in regressors:
        if r in own:
            model = clone(r)
            predicted.append(model.fit_out_of_fold(X, targets[0], folds, **params))
            models.append([model])
        else:
            group = [next(results) for _ in folds]
            models.append([model for model, _ in group])
            predicted.append([p.reshape(-1) for _, p in group])
    return models, predicted


def over_repeats(
    predicted: Sequence[Floats], folds: Sequence[Fold], n_samples: int
) -> tuple[Floats, Floats]:
    """Return mean and variance of what the folds that test a row predict for it.

    Of a row tested once, the variance is zero.
    """
    times, total, square = np.zeros((3, n_samples))
    for p, (_, test) in zip(predicted, folds, strict=True):
        times[test] += 1
        total[test] += p
    mean = total / times
    for p, (_, test) in zip(predicted, folds, strict=True):
        square[test] += (p - mean[test]) ** 2
    return mean, square / np.maximum(times - 1, 1)


class AveragedRegressor(RegressorMixin, BaseEstimator):
    """A weighted average of fitted models: what the built-in regressors become.

    The models of the folds are kept and averaged instead of refitting on all rows:
    as accurate on held-out data, and a fit less.

    Parameters
    ----------
    estimators : list of fitted regressors
        The models.
    coefficients : list of float
        Their weights.
    location, scale : float
        The prediction is ``location + scale * average``.
    log : bool
        Average logarithms (a geometric mean, for variances).
    """

    def __init__(
        self,
        estimators: list[Any],
        coefficients: list[float],
        location: float = 0.0,
        scale: float = 1.0,
        log: bool = False,
    ) -> None:
        self.estimators = estimators
        self.coefficients = coefficients
        self.location = location
        self.scale = scale
        self.log = log

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> AveragedRegressor:
        """Do nothing: the models are fitted already."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Floats:
        """Return the average prediction."""
        total: Any = 0.0
        for model, coefficient in zip(self.estimators, self.coefficients, strict=True):
            predicted = model.predict(X)
            total = total + coefficient * (np.log(predicted) if self.log else predicted)
        return self.location + self.scale * (np.exp(total) if self.log else total)


def average(
    models: Sequence[Sequence[Any]],
    coefficients: Floats,
    units: Target,
    *,
    log: bool = False,
) -> AveragedRegressor:
    """Average the fold models of every member whose coefficient is not zero."""
    kept = [
        (model, float(c) / len(group))
        for group, c in zip(models, coefficients, strict=True)
        if c > 0
        for model in group
    ]
    estimators, weights = zip(*kept, strict=True)
    return AveragedRegressor(
        list(estimators), list(weights), units.location, units.scale, log
    )


def check_positive(v: Floats, regressor: Any) -> Floats:
    """Refuse variances that are not: one sentence that says what to use."""
    wrong = ~(v > 0)
    if wrong.any():
        raise ValueError(
            "variance_regressor must predict strictly positive values. Got "
            f"{float(v[wrong][0]):g} from {type(regressor).__name__} in "
            f"{int(wrong.sum())} of {v.size} rows; use a regressor with a log link, such "
            "as GammaRegressor() or HistGradientBoostingRegressor(loss='gamma'), or "
            "TransformedTargetRegressor(..., func=np.log, inverse_func=np.exp)."
        )
    return v
