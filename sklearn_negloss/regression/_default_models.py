"""The regressors that ProbabilisticRegressor uses when it is given none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.kernel_approximation import Nystroem
from sklearn.model_selection import KFold, RepeatedKFold
from sklearn.preprocessing import StandardScaler

from sklearn_negloss.regression._calibration import Floats

# Above this many rows a smooth member is no longer tried: its kernel matrix of
# n x 300 would dominate time and memory, and trees have enough rows to be smooth.
MAX_ROWS_SMOOTH = 10_000
# Below this many rows a leaf of 20 is a large share of the data.
MAX_ROWS_SMALL_LEAVES = 2_000
FEW_ROWS = 500
MANY_ROWS = 20_000


def default_mean_members(X: Any, n_samples: int, seed: int | None) -> list[Any]:
    """Return the unfitted members of the built-in mean, to be blended by error."""
    many = n_samples > MANY_ROWS
    trees = HistGradientBoostingRegressor(
        # Few folds leave little to average: trees that see half of the columns at
        # each split are less alike, and there are rows enough for more of them.
        max_iter=200 if many else 150,
        learning_rate=0.1 if many else 0.12,
        max_features=0.5 if many else 1.0,
        min_samples_leaf=5 if n_samples < MAX_ROWS_SMALL_LEAVES else 20,
        early_stopping=False,
        random_state=seed,
    )
    if n_samples <= MAX_ROWS_SMOOTH and _is_dense_and_numeric(X):
        return [trees, KernelRidgeLOO(random_state=seed)]
    return [trees]


def default_variance(seed: int | None) -> HistGradientBoostingRegressor:
    """Return the built-in variance regressor: few small trees, well regularised.

    Squared residuals are about as noisy as a target can be (one degree of freedom).
    With ``l2_regularization=0`` the Newton step of the gamma loss overflows in leaves
    whose gradient is large and whose Hessian has vanished.
    """
    return HistGradientBoostingRegressor(
        loss="gamma",
        max_iter=80,
        learning_rate=0.05,
        max_leaf_nodes=8,
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


class KernelRidgeLOO(RegressorMixin, BaseEstimator):
    """Kernel ridge whose width and penalty are chosen by leave-one-out error.

    A Gaussian kernel on standardised columns, on at most ``n_components`` landmarks
    (Nystroem), so that time grows linearly in the number of rows. The leave-one-out
    error of a ridge is had in closed form from one eigendecomposition, so the
    penalty costs nothing to choose; the width is chosen on a subsample.

    Parameters
    ----------
    n_components : int, default=300
        Number of landmarks.
    random_state : int or None, default=None
        Seed of the choice of landmarks and of the subsample.
    """

    widths = (0.1, 0.5)  # gamma times the number of columns
    penalties = np.logspace(-7, 1, 17)  # relative to the total weight
    subsample = 500

    def __init__(
        self, n_components: int = 300, random_state: int | None = None
    ) -> None:
        self.n_components = n_components
        self.random_state = random_state

    def fit(self, X: Any, y: Floats, sample_weight: Any = None) -> KernelRidgeLOO:
        """Fit the smoother."""
        X = np.asarray(X, dtype=np.float64)
        w = np.ones(len(y))
        if sample_weight is not None:
            w = np.asarray(sample_weight, dtype=np.float64)
        self.scaler_ = StandardScaler().fit(X)
        Z = self.scaler_.transform(X)
        some = np.random.default_rng(self.random_state).permutation(len(y))
        some = some[: self.subsample]
        trials = [
            self._solve(Z[some], y[some], w[some], width) for width in self.widths
        ]
        best = int(np.argmin([trial.loo for trial in trials]))
        chosen = trials[best]
        if len(some) < len(y):
            chosen = self._solve(Z, y, w, self.widths[best])
        self.features_, self.mean_, self.coef_ = chosen[1:]
        self.n_features_in_ = X.shape[1]
        return self

    def _solve(self, Z: Floats, y: Floats, w: Floats, width: float) -> _Trial:
        features = Nystroem(
            gamma=width / Z.shape[1],
            n_components=min(self.n_components, len(y)),
            random_state=self.random_state,
        )
        phi = features.fit_transform(Z)
        mean = np.average(y, weights=w)
        t = y - mean
        s, U = np.linalg.eigh((phi * w[:, None]).T @ phi)
        P = phi @ U  # rows in the eigenbasis: the leverage is a sum of squares
        Pt = P.T @ (w * t)
        least, chosen = np.inf, 0.0
        for penalty in self.penalties * w.sum():
            d = 1 / (np.maximum(s, 0) + penalty)
            leverage = w * ((P * P) @ d)
            loo = (t - P @ (d * Pt)) / np.maximum(1 - leverage, 1e-6)
            loss = float(np.average(loo * loo, weights=w))
            if loss < least:
                least, chosen = loss, penalty
        coef = U @ (Pt / (np.maximum(s, 0) + chosen))
        return _Trial(least, features, mean, coef)

    def predict(self, X: Any) -> Floats:
        """Predict; a value missing only here counts as the mean of its column."""
        Z = self.scaler_.transform(np.asarray(X, dtype=np.float64))
        Z = np.nan_to_num(Z, posinf=1e6, neginf=-1e6)
        return self.features_.transform(Z) @ self.coef_ + self.mean_


class _Trial(NamedTuple):
    """One width of the kernel, solved."""

    loo: float
    features: Nystroem
    mean: float
    coef: Floats


def default_cv(n_samples: int, seed: int) -> KFold | RepeatedKFold:
    """Return the splitter for so many rows: the fewer, the more and larger folds."""
    if n_samples <= FEW_ROWS:
        folds = min(10, n_samples)
        return RepeatedKFold(n_splits=folds, n_repeats=2, random_state=seed)
    folds = 5 if n_samples <= MANY_ROWS else 3
    return KFold(folds, shuffle=True, random_state=seed)
