"""The smooth member of the built-in mean: a kernel ridge that validates itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_even_slices

from sklearn_negloss.regression._calibration import Floats
from sklearn_negloss.regression._folds import Fold

# Rows predicted at a time: their kernel with 300 landmarks takes about 10 MB.
ROWS_AT_ONCE = 4_096


class SmoothRegressor(RegressorMixin, BaseEstimator):
    """Kernel ridge whose width and penalty are chosen by leave-one-out error.

    A Gaussian kernel on standardised columns, on at most ``n_components`` landmarks
    (Nystroem), so that time grows linearly in the number of rows. The leave-one-out
    error of a ridge is had in closed form from one eigendecomposition, so the
    penalty costs nothing to choose; the width is chosen on a subsample. What the
    ridge would predict without a fold is had in closed form, too: one fit instead of
    one for each fold.

    There is no intercept: the target is expected to be standardised.

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

    def fit(self, X: Any, y: Floats, sample_weight: Any = None) -> SmoothRegressor:
        """Fit the smoother."""
        self._fit(X, y, sample_weight)
        return self

    def fit_out_of_fold(
        self, X: Any, y: Floats, folds: Sequence[Fold], sample_weight: Any = None
    ) -> list[Floats]:
        """Fit to all rows; return what a fit without each test fold predicts there."""
        solved, w = self._fit(X, y, sample_weight)
        return [_without(solved, y, w, train, test) for train, test in folds]

    def _fit(self, X: Any, y: Floats, sample_weight: Any) -> tuple[_Solved, Floats]:
        X = np.asarray(X, dtype=np.float64)
        w = np.ones(len(y))
        if sample_weight is not None:
            w = np.asarray(sample_weight, dtype=np.float64)
        self.scaler_ = StandardScaler().fit(X)
        Z = self.scaler_.transform(X)
        order = np.random.default_rng(self.random_state).permutation(len(y))
        some = order[: self.subsample]
        trials = [self._solve(Z[some], y[some], w[some], v) for v in self.widths]
        best = int(np.argmin([trial.loo for trial in trials]))
        width = self.widths[best]
        solved = self._solve(Z[order], y[order], w[order], width)
        self.gamma_ = width / Z.shape[1]
        self.landmarks_ = Z[order[: self.n_components]]
        self.coef_ = solved.to_landmarks @ (
            solved.moments / (solved.eigenvalues + solved.penalty)
        )
        solved.basis[order] = solved.basis.copy()
        self.n_features_in_ = X.shape[1]
        return solved, w

    def _solve(self, Z: Floats, y: Floats, w: Floats, width: float) -> _Solved:
        """Solve for one width: the first rows are the landmarks."""
        landmarks = Z[: self.n_components]
        gamma = width / Z.shape[1]
        root = _inverse_root(rbf_kernel(landmarks, gamma=gamma))
        basis = rbf_kernel(Z, landmarks, gamma=gamma) @ root
        s, U = np.linalg.eigh((basis * w[:, None]).T @ basis)
        s = np.maximum(s, 0)
        basis = basis @ U  # in the eigenbasis the leverage is a sum of squares
        moments = basis.T @ (w * y)
        least, chosen = np.inf, 0.0
        for penalty in self.penalties * w.sum():
            d = 1 / (s + penalty)
            leverage = w * ((basis * basis) @ d)
            loo = (y - basis @ (d * moments)) / np.maximum(1 - leverage, 1e-6)
            loss = float(np.average(loo * loo, weights=w))
            if loss < least:
                least, chosen = loss, penalty
        return _Solved(least, chosen, s, basis, moments, root @ U)

    def predict(self, X: Any) -> Floats:
        """Predict; a value missing only here counts as the mean of its column."""
        Z = self.scaler_.transform(np.asarray(X, dtype=np.float64))
        Z = np.nan_to_num(Z, posinf=1e6, neginf=-1e6)
        predicted = np.empty(len(Z))
        for rows in gen_even_slices(len(Z), -(-len(Z) // ROWS_AT_ONCE)):
            kernel = rbf_kernel(Z[rows], self.landmarks_, gamma=self.gamma_)
            predicted[rows] = kernel @ self.coef_
        return predicted


class _Solved(NamedTuple):
    """A ridge in the eigenbasis of its Gram matrix."""

    loo: float
    penalty: float
    eigenvalues: Floats
    basis: Floats  # one row for each sample
    moments: Floats
    to_landmarks: Floats  # from coefficients in the basis to those of the kernel


def _without(s: _Solved, y: Floats, w: Floats, train: Any, test: Any) -> Floats:
    """Predict the test rows by the ridge of the training rows alone.

    The Gram matrix of the training rows is the whole one less that of all others.
    """
    others = np.setdiff1d(np.arange(len(y)), train)
    P, w_others = s.basis[others], w[others]
    gram = np.diag(s.eigenvalues + s.penalty) - (P * w_others[:, None]).T @ P
    coef = np.linalg.solve(gram, s.moments - P.T @ (w_others * y[others]))
    return s.basis[test] @ coef


def _inverse_root(kernel: Floats) -> Floats:
    values, vectors = np.linalg.eigh(kernel)
    return vectors / np.sqrt(np.maximum(values, 1e-12))
