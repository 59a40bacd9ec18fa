"""The regressors that ProbabilisticRegressor uses when it is given none."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from sklearn_negloss.regression._folds import MANY_ROWS
from sklearn_negloss.regression._kernel_ridge import SmoothRegressor

# Above this many rows a smooth member is no longer tried: its kernel matrix of
# n x 300 would dominate time and memory, and trees have enough rows to be smooth.
MAX_ROWS_SMOOTH = 10_000
# Below this many rows a leaf of 20 is a large share of the data.
MAX_ROWS_SMALL_LEAVES = 2_000


def default_mean_members(X: Any, n_samples: int, seed: int | None) -> list[Any]:
    """Return the unfitted members of the built-in mean, to be blended by error."""
    many = n_samples > MANY_ROWS
    trees = HistGradientBoostingRegressor(
        # Few folds leave little to average: trees that see half of the columns at
        # each split are less alike.
        max_iter=200,
        learning_rate=0.1 if many else 0.15,
        max_features=0.5 if many else 1.0,
        max_leaf_nodes=n_leaves(n_samples),
        min_samples_leaf=5 if n_samples < MAX_ROWS_SMALL_LEAVES else 20,
        early_stopping=False,
        random_state=seed,
    )
    if n_samples <= MAX_ROWS_SMOOTH and _is_dense_and_numeric(X):
        return [trees, SmoothRegressor(random_state=seed)]
    return [trees]


def n_leaves(n_samples: int) -> int:
    """Return the greatest number of leaves of a tree of the mean.

    With more rows both should grow: the number of leaves, for detail, and the rows in
    each, for precision. So the number grows as the square root, from the 8 of a tree
    of depth 3 to the 31 that scikit-learn takes. With few rows, smaller trees cost
    half and are more accurate, too.
    """
    return int(np.clip(0.5 * np.sqrt(n_samples), 8, 31))


def default_variance(seed: int | None) -> HistGradientBoostingRegressor:
    """Return the built-in variance regressor: few small trees, well regularised.

    Squared residuals are about as noisy as a target can be (one degree of freedom): the
    logarithm of a leaf's mean of 30 still has a standard error of a quarter.
    With ``l2_regularization=0`` the Newton step of the gamma loss overflows in leaves
    whose gradient is large and whose Hessian has vanished.
    """
    return HistGradientBoostingRegressor(
        loss="gamma",
        max_iter=40,
        learning_rate=0.1,
        max_leaf_nodes=8,
        min_samples_leaf=30,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )


def _is_dense_and_numeric(X: Any) -> bool:
    """Tell whether a kernel can read X: a dense, finite table of numbers."""
    if hasattr(X, "dtypes"):
        if any(getattr(dtype, "kind", "O") not in "biuf" for dtype in X.dtypes):
            return False
    elif not isinstance(X, np.ndarray):
        return False
    values = np.asarray(X)
    return values.dtype.kind in "biuf" and bool(np.isfinite(values).all())
