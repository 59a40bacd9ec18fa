"""Folds and members of the built-in regressors: what out-of-fold must mean."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.datasets import make_friedman1
from sklearn.gaussian_process.kernels import RBF
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from sklearn_negloss.regression import ProbabilisticRegressor
from sklearn_negloss.regression._default_models import n_leaves
from sklearn_negloss.regression._folds import (
    FEW_ROWS,
    honest_squares,
    leave_pairs_out,
    make_design,
)
from sklearn_negloss.regression._kernel_ridge import SmoothRegressor


def smooth_data(n=120, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    t = np.sin(X[:, 0]) + 0.1 * rng.normal(size=n)
    return X, t, rng.uniform(0.5, 2, size=n)


def test_no_residual_that_a_variance_learns_from_has_seen_its_test_rows():
    n = 50
    design = leave_pairs_out(n, seed=0)
    # A "mean" that predicts the number of its fold tells which model a residual is of.
    predicted = [
        np.full(len(test), 10.0 + k) for k, (_, test) in enumerate(design.mean)
    ]
    targets = honest_squares(predicted, np.zeros(n), 0.0, np.zeros(n), design)
    for (train, test), target in zip(design.variance, targets, strict=True):
        models = np.sqrt(target[train]).astype(int) - 10
        for row, model in zip(train, models, strict=True):
            seen = design.mean[model][0]
            assert row not in seen
            assert not np.intersect1d(test, seen).size


def test_every_row_is_tested_by_as_many_models():
    design = leave_pairs_out(77, seed=0)
    times = np.bincount(np.concatenate([test for _, test in design.mean]))
    assert len(design.mean) == 28
    assert set(times) == {7}


@pytest.mark.parametrize(
    ("n", "averaged", "cv", "n_mean", "n_variance"),
    [
        (5, True, None, 10, 10),  # too few for eight blocks: each row left out, twice
        (FEW_ROWS, True, None, 28, 8),
        (FEW_ROWS, False, None, 20, 20),
        (FEW_ROWS, True, 4, 4, 4),
        (FEW_ROWS + 1, True, None, 5, 5),
        (20_001, True, None, 3, 3),
    ],
)
def test_folds_follow_from_the_number_of_rows(n, averaged, cv, n_mean, n_variance):
    y = np.zeros(n)
    design = make_design(cv, y[:, None], y, {}, 0, averaged=averaged)
    assert (len(design.mean), len(design.variance)) == (n_mean, n_variance)


@pytest.mark.parametrize("complete", [True, False], ids=["all others", "some others"])
def test_the_smooth_member_validates_itself_as_refits_would(complete):
    X, t, weight = smooth_data()
    folds = [
        (train if complete else train[::2], test)
        for train, test in KFold(4, shuffle=True, random_state=0).split(X)
    ]
    model = SmoothRegressor(random_state=0)
    predicted = model.fit_out_of_fold(X, t, folds, sample_weight=weight)
    Z = StandardScaler().fit_transform(X)
    alpha = _penalty(X, t, weight)
    for (train, test), p in zip(folds, predicted, strict=True):
        refit = KernelRidge(kernel="rbf", gamma=model.gamma_, alpha=alpha)
        refit.fit(Z[train], t[train], sample_weight=weight[train])
        np.testing.assert_allclose(p, refit.predict(Z[test]), atol=2e-3)


def _penalty(X, t, weight):
    """Return the penalty that the smooth member chooses."""
    solved, _ = SmoothRegressor(random_state=0)._fit(X, t, weight)
    return solved.penalty


def test_the_smooth_member_predicts_as_its_kernel_does():
    X, t, _ = smooth_data()
    model = SmoothRegressor(random_state=0).fit(X, t)
    kernel = RBF(np.sqrt(0.5 / model.gamma_))(
        model.scaler_.transform(X), model.landmarks_
    )
    np.testing.assert_allclose(model.predict(X), kernel @ model.coef_, atol=1e-10)


def test_trees_grow_with_the_rows_up_to_scikit_learns_default():
    assert [n_leaves(n) for n in (10, 256, 900, 3844, 10**6)] == [8, 8, 15, 31, 31]


def nearly_exact(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(n, 5))
    mu = np.exp(X[:, 0]) * np.sin(3 * X[:, 1]) + X[:, 2] * X[:, 3]
    return X, mu + 1e-3 * rng.normal(size=n)


def friedman(n, seed):
    return make_friedman1(n, noise=1.0, random_state=seed)


@pytest.mark.slow
@pytest.mark.parametrize("make", [nearly_exact, friedman])
@pytest.mark.parametrize("n", [200, 500])
def test_few_rows_are_calibrated(make, n):
    z2, inside = [], []
    for seed in range(3):
        X, y = make(n + 2000, seed)
        model = ProbabilisticRegressor(random_state=0).fit(X[:n], y[:n])
        mu, sigma = model.predict(X[n:], return_std=True)
        z = (y[n:] - mu) / sigma
        z2.append(np.mean(z * z))
        inside.append(np.mean(np.abs(z) < norm.ppf(0.95)))
    assert 0.8 < np.mean(z2) < 1.3
    assert 0.85 < np.mean(inside) < 0.95
