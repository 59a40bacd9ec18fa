"""Every touch of scikit-learn's inside, so that a new release has one place to break."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import sklearn
from joblib.parallel import get_active_backend
from sklearn.utils import _safe_indexing
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads


def routing_enabled() -> bool:
    """Whether metadata routing is switched on."""
    return bool(sklearn.get_config()["enable_metadata_routing"])


def rows_of(X: Any, indices: Any) -> Any:
    """Return some rows of an array, a list, a sparse matrix or a dataframe."""
    return _safe_indexing(X, indices)


def scored_in_search() -> bool:
    """Whether the code that is running was called by a search to score a fold.

    `cross_validate`, the searches, `learning_curve`, `RFECV` and their like score in
    one private function, `sklearn.model_selection._validation._score`, which turns
    every exception into NaN (`error_score`). Only the call stack tells that we are
    inside it. Should the name move, the answer is False and a search shows its NaN and
    a warning, as it does for any other loss.
    """
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__")
        if module == "sklearn.model_selection._validation":
            return frame.f_code.co_name == "_score"
        frame = frame.f_back  # type: ignore[assignment]
    return False


def usable_threads() -> int:
    """Return how many threads a computation may use, as HistGradientBoosting counts.

    That is the number of cores, or less: what OMP_NUM_THREADS, threadpoolctl or a
    container allow, and one inside a worker of joblib, where the cores are taken.
    """
    if getattr(get_active_backend()[0], "nesting_level", 0):
        return 1
    return int(_openmp_effective_n_threads())


def gaussian_process_target_scale(regressor: Any) -> Any:
    """Return what a fitted GaussianProcessRegressor divided its target by.

    `alpha` is a variance of the normalised target; no public attribute tells by how
    much it was normalised.
    """
    return getattr(regressor, "_y_train_std", 1.0)


class ScorerParts(NamedTuple):
    """What `make_scorer` put together.

    Parameters
    ----------
    function : callable
        Metric.
    sign : int
        -1 if its sign is turned.
    methods : tuple of str
        Methods of the estimator that it may ask.
    """

    function: Callable[..., Any]
    sign: int
    methods: tuple[str, ...]


def scorer_parts(scorer: Any) -> ScorerParts | None:
    """Return what a scorer of `make_scorer` is made of, None for any other scorer."""
    function = getattr(scorer, "_score_func", None)
    sign = getattr(scorer, "_sign", None)
    if function is None or sign is None:
        return None
    methods = getattr(scorer, "_response_method", ())
    methods = (methods,) if isinstance(methods, str) else tuple(methods)
    return ScorerParts(function, int(sign), methods)


def is_passthrough(scorer: Any) -> bool:
    """Whether a scorer only asks for the estimator's own score."""
    return type(scorer).__name__ == "_PassthroughScorer"
