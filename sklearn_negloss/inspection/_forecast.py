"""What is drawn: forecasts and what happened, from a model, from folds, or as given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from sklearn_negloss._reduction import Floats
from sklearn_negloss._sklearn import rows_of
from sklearn_negloss._validation import SAMPLE_WEIGHT, Y_TRUE, Checked
from sklearn_negloss.distributions._adapters import predict_dist
from sklearn_negloss.distributions._coerce import as_distribution
from sklearn_negloss.distributions._families import Normal
from sklearn_negloss.metrics._distribution import fitting

KEYS = ("estimator", "indices")


class Part(NamedTuple):
    """What happened, and one distribution for each sample (or one for all)."""

    y: Floats
    dist: Any


@dataclass(frozen=True)
class Forecast:
    """Forecasts of one model, or of one model for each fold.

    Distributions of several folds cannot be joined whatever their family; what is
    measured of them can.
    """

    parts: tuple[Part, ...]
    weight: Floats
    n_effective: float
    weighted: bool

    @property
    def y(self) -> Floats:
        """What happened, all parts together."""
        return np.concatenate([part.y for part in self.parts])

    @property
    def sample_weight(self) -> Floats | None:
        """Weights as the losses take them: None if all samples count alike."""
        return self.weight if self.weighted else None

    def each(self, measure: Callable[[Floats, Any], Any]) -> Floats:
        """Return a measure of each sample, one number for each."""
        values = [one_each(measure(part.y, part.dist), part) for part in self.parts]
        return np.concatenate(values)

    def mean(self, values: Floats) -> float:
        """Return the weighted mean of one number for each sample."""
        kept = self.weight > 0  # 0 times infinity is NaN; what has no weight is dropped
        return float(np.average(values[kept], weights=self.weight[kept]))


def one_each(values: Any, part: Part) -> Floats:
    """Return one real number for each sample; a single one stands for all."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((), part.y.shape):
        raise ValueError(
            f"{type(part.dist).__name__} must give one number for each sample; got shape "
            f"{array.shape} for y_true of shape {part.y.shape}; predict the same samples."
        )
    return np.broadcast_to(array, part.y.shape)


def of_predictions(
    y_true: ArrayLike, dist: Any, mu: Any, sigma: Any, sample_weight: Any
) -> Forecast:
    """Read forecasts given as a distribution, or as mu and sigma."""
    data = _target(y_true, sample_weight)
    part = _part(data.arrays[0], _distribution(dist, mu, sigma))
    weight = _weights(data)
    return Forecast((part,), weight, effective_size(weight), data.weighted)


def of_estimator(estimator: Any, X: Any, y: ArrayLike, sample_weight: Any) -> Forecast:
    """Read the forecasts of a fitted estimator."""
    return of_predictions(y, predict_dist(estimator, X), None, None, sample_weight)


def of_folds(
    cv_results: Mapping[str, Any], X: Any, y: ArrayLike, sample_weight: Any
) -> Forecast:
    """Read out-of-fold forecasts: each estimator predicts the rows it has not seen."""
    missing = [key for key in KEYS if key not in cv_results]
    if missing:
        raise ValueError(
            f"cv_results must hold 'estimator' and 'indices'; got no {missing[0]!r}; call "
            "cross_validate with return_estimator=True and return_indices=True."
        )
    data, tests = _target(y, sample_weight), cv_results["indices"]["test"]
    _check_rows(tests, data)
    _check_samples(X, data)
    folds = enumerate(zip(cv_results["estimator"], tests, strict=True))
    parts = tuple(
        _part(
            data.arrays[0][test],
            _of_fold(cv_results, fold, estimator, rows_of(X, test)),
        )
        for fold, (estimator, test) in folds
    )
    rows = np.concatenate(tests)
    weight = _weights(data)[rows]
    _check_total(weight)
    # A row that several repetitions tested is still one row: it narrows no band.
    by_row = np.bincount(rows, weights=weight).astype(np.float64)
    return Forecast(parts, weight, effective_size(by_row), data.weighted)


def _of_fold(cv_results: Mapping[str, Any], fold: int, estimator: Any, X: Any) -> Any:
    """Return the distributions that the estimator of one fold predicts."""
    try:
        return predict_dist(estimator, X)
    except Exception as error:
        # A fit that failed half-way leaves an estimator that passes for fitted and fails
        # anyhow; then only the scores, all NaN, tell.
        if not isinstance(error, NotFittedError) and not _unscored(cv_results, fold):
            raise
        raise ValueError(
            "cv_results must hold a fitted estimator for each fold; got a "
            f"{name_of(estimator)} that cannot predict, because fold {fold} (the first is "
            '0) failed; call cross_validate with error_score="raise" to see why.'
        ) from error


def _unscored(cv_results: Mapping[str, Any], fold: int) -> bool:
    """Whether every test score of a fold is NaN, as it is where the fit failed."""
    scores = [cv_results[key][fold] for key in cv_results if key.startswith("test_")]
    return bool(scores) and bool(np.isnan(scores).all())


def effective_size(weight: Floats) -> float:
    """Return how many equally weighted samples are as informative (Kish)."""
    return float(weight.sum() ** 2 / np.square(weight).sum())


def name_of(estimator: Any) -> str:
    """Return the class of an estimator, for a Pipeline of its last step."""
    if isinstance(estimator, Pipeline):
        return name_of(estimator.steps[-1][1])
    if hasattr(estimator, "best_estimator_"):
        return name_of(estimator.best_estimator_)
    return type(estimator).__name__


def _target(y_true: ArrayLike, sample_weight: Any) -> Checked:
    """Validate target and weights."""
    data = Checked.of((Y_TRUE,), (y_true,), sample_weight)
    data.verify()
    data.arrays = [np.asarray(array, dtype=np.float64) for array in data.arrays]
    return data


def _weights(data: Checked) -> Floats:
    """Return the weights, the largest one scaled to 1; all 1 if there are none."""
    if not data.weighted:
        return np.ones(data.n_samples)
    # Scaled, so that no square of a tiny or huge weight leaves the range of floats.
    return np.asarray(data.arrays[-1] / data.arrays[-1].max())


def _check_rows(tests: Any, data: Checked) -> None:
    """Refuse folds of other data than X and y."""
    largest = max(int(np.max(test)) for test in tests)
    if largest >= data.n_samples:
        raise ValueError(
            f"y must be the target that was cross-validated; got {data.n_samples} samples "
            f"for a fold that holds row {largest}; pass the X and y given to "
            "cross_validate."
        )


def _check_samples(X: Any, data: Checked) -> None:
    """Refuse X and y of different lengths."""
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    if n_rows != data.n_samples:
        raise ValueError(
            f"X must have one row for each sample of y; got {n_rows} rows for "
            f"{data.n_samples} samples; pass the X and y given to cross_validate."
        )


def _check_total(weight: Floats) -> None:
    """Refuse folds that test no sample of positive weight."""
    if not weight.any():
        raise ValueError(
            f"{SAMPLE_WEIGHT.name} must be positive for a sample of a fold; got 0 for all "
            f"{weight.size} of them; give weight to what was tested."
        )


def _distribution(dist: Any, mu: Any, sigma: Any) -> Any:
    """Return a distribution from whichever of the two ways to give it was used."""
    given = (dist is not None, mu is not None, sigma is not None)
    if given == (True, False, False):
        return as_distribution(dist)
    if given == (False, True, True):
        return Normal(mu, sigma)
    got = [n for n, g in zip(("dist", "mu", "sigma"), given, strict=True) if g]
    raise TypeError(
        "a forecast must be given as dist, or as mu and sigma; got "
        f"{' and '.join(got) or 'neither'}; pass dist=predict_dist(estimator, X), or both "
        "mu= and sigma=."
    )


def _part(y: Floats, dist: Any) -> Part:
    """Hold the number of distributions, and the kind of target, against the samples."""
    return Part(y, fitting("dist", dist, Checked((Y_TRUE,), [y])))
