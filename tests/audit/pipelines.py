"""Ten pipelines as people build them, each sound, and each with one fault in it.

A pipeline is a function of a generator and of whether the fault is there, and returns the
arguments of `audit`.
"""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import (
    BayesianRidge,
    GammaRegressor,
    LogisticRegression,
    Ridge,
)
from sklearn.metrics import log_loss, make_scorer, mean_squared_error
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    PowerTransformer,
    StandardScaler,
)

from sklearn_negloss import (
    ProbabilisticRegressor,
    TransformedTargetProbabilisticRegressor,
    gaussian_nll_loss,
    make_distribution_scorer,
)


class MeanAndSigma(RegressorMixin, BaseEstimator):
    """What many people write: one model of the mean, one of the absolute error."""

    def __init__(self, mean=None, spread=None, honest=True, variance=False, floor=1e-2):
        self.mean = mean
        self.spread = spread
        self.honest = honest
        self.variance = variance
        self.floor = floor

    def fit(self, X, y):
        half = len(y) // 2 if self.honest else len(y)
        rest = slice(half, None) if self.honest else slice(None)
        self.mean_ = clone(self.mean).fit(X[:half], y[:half])
        error2 = (y[rest] - self.mean_.predict(X[rest])) ** 2
        self.spread_ = clone(self.spread).fit(X[rest], np.maximum(error2, 1e-12))
        return self

    def predict(self, X, return_std=False):
        if not return_std:
            return self.mean_.predict(X)
        variance = np.maximum(self.spread_.predict(X), self.floor**2)
        return self.mean_.predict(X), variance if self.variance else np.sqrt(variance)


class TreeSpread(RandomForestRegressor):
    """A forest that takes the spread of its trees for the spread of the target."""

    def predict(self, X, return_std=False):
        trees = np.array([tree.predict(X) for tree in self.estimators_])
        spread = trees.std(axis=0) / np.sqrt(len(trees))
        return (trees.mean(axis=0), spread) if return_std else trees.mean(axis=0)


def split(X, y, n_test=400, **more):
    """Return names of the parts as `audit` calls them."""
    X, X_test, y, y_test = train_test_split(X, y, test_size=n_test, random_state=0)
    return {"X": X_test, "y_true": y_test, "X_train": X, "y_train": y, **more}


def fitted(model, parts):
    return {"estimator": model.fit(parts["X_train"], parts["y_train"]), **parts}


def linear(rng, n=1_200, noise=1.0):
    X = rng.normal(size=(n, 3))
    return X, X @ [2.0, -1.0, 0.5] + noise * rng.normal(size=n)


def uneven(rng, n=1_600, base=0.3, slope=0.8):
    X = rng.normal(size=(n, 3))
    sigma = base * np.exp(slope * X[:, 1])
    return X, X[:, 0] + sigma * rng.normal(size=n)


def prices_under_a_logarithm(rng, fault):
    X, z = linear(rng, noise=0.4)
    parts = split(X, np.exp(0.5 * z + 3.0))
    log = FunctionTransformer(np.log, np.exp, check_inverse=False)
    model = TransformedTargetProbabilisticRegressor(
        make_pipeline(StandardScaler(), BayesianRidge()), transformer=log
    )
    parts = fitted(model, parts)
    if fault:  # a free sample among the test data
        parts["y_true"] = np.where(np.arange(400) == 7, 0.0, parts["y_true"])
    return parts


def gaussian_process_with_its_noise_in_alpha(rng, fault):
    X = rng.uniform(-3, 3, size=(300, 1))
    y = np.sin(2 * X[:, 0]) + 0.3 * rng.normal(size=300)
    smooth = ConstantKernel() * RBF()
    model = (
        GaussianProcessRegressor(smooth, alpha=0.09, random_state=0)
        if fault
        else GaussianProcessRegressor(smooth + WhiteKernel(), random_state=0)
    )
    return fitted(make_pipeline(StandardScaler(), model), split(X, y, 150))


def variance_where_sigma_was_asked_for(rng, fault):
    parts = split(*uneven(rng), 800)
    model = MeanAndSigma(Ridge(), GammaRegressor(alpha=1e-3), variance=fault)
    return fitted(make_pipeline(StandardScaler(), model), parts)


def a_column_that_knows_the_answer(rng, fault):
    X, y = linear(rng)
    pd = __import__("pandas")
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    frame["shop"] = rng.choice(["north", "south"], len(y))
    frame["billed"] = 1.19 * y if fault else 1.19 * rng.permutation(y)
    columns = ColumnTransformer(
        [
            ("words", OneHotEncoder(), ["shop"]),
            ("numbers", StandardScaler(), ["a", "b", "c", "billed"]),
        ]
    )
    return fitted(make_pipeline(columns, BayesianRidge()), split(frame, y))


def a_search_that_maximises_the_loss(rng, fault):
    scorer = make_scorer(mean_squared_error, greater_is_better=fault)
    model = make_pipeline(StandardScaler(), BayesianRidge())
    grid = {"bayesianridge__lambda_init": [1e-3, 1.0]}
    return fitted(GridSearchCV(model, grid, scoring=scorer, cv=3), split(*linear(rng)))


def a_search_whose_scorer_has_the_sign_twice(rng, fault):
    def negative(y_true, mu, sigma, sample_weight=None):
        return -gaussian_nll_loss(y_true, mu, sigma, sample_weight=sample_weight)

    scorer = make_distribution_scorer(negative if fault else gaussian_nll_loss)
    model = make_pipeline(StandardScaler(), BayesianRidge())
    grid = {"bayesianridge__lambda_init": [1e-3, 1.0]}
    return fitted(GridSearchCV(model, grid, scoring=scorer, cv=3), split(*linear(rng)))


def a_search_that_takes_the_log_of_hard_labels(rng, fault):
    X, z = linear(rng, noise=2.0)
    response = {"response_method": "predict"} if fault else {}
    response = response or {"response_method": "predict_proba"}
    scorer = make_scorer(log_loss, greater_is_better=False, **response)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    search = GridSearchCV(
        model, {"logisticregression__C": [0.1, 1.0]}, scoring=scorer, cv=3
    )
    return fitted(search, split(X, (z > 0).astype(int)))


def a_forest_that_trusts_its_trees(rng, fault):
    X, y = linear(rng, 1_500)
    forest = RandomForestRegressor(60, min_samples_leaf=5, random_state=0)
    model = (
        TreeSpread(60, min_samples_leaf=5, random_state=0)
        if fault
        else MeanAndSigma(forest, GammaRegressor(alpha=1e-2))
    )
    return fitted(make_pipeline(StandardScaler(), model), split(X, y))


def a_sigma_learnt_where_the_mean_was(rng, fault):
    deep = HistGradientBoostingRegressor(
        max_iter=400, min_samples_leaf=2, random_state=0
    )
    X, y = uneven(rng, 900, base=0.5, slope=0.4)
    sound = ProbabilisticRegressor(Ridge(), GammaRegressor(), random_state=0)
    model = MeanAndSigma(deep, GammaRegressor(), honest=False) if fault else sound
    return fitted(make_pipeline(StandardScaler(), model), split(X, y))


def rain_with_many_dry_days(rng, fault):
    X, z = linear(rng, noise=0.5)
    y = np.exp(0.4 * z)
    dry = rng.random(len(y)) < 0.3
    parts = split(X, np.where(dry & fault, 0.0, y))
    model = TransformedTargetRegressor(BayesianRidge(), transformer=PowerTransformer())
    return fitted(make_pipeline(StandardScaler(), model), parts)


# What is built, and the code that its fault must be found by.
PIPELINES = {
    prices_under_a_logarithm: "NEG306",
    gaussian_process_with_its_noise_in_alpha: "NEG408",
    variance_where_sigma_was_asked_for: "NEG406",
    a_column_that_knows_the_answer: "NEG407",
    a_search_that_maximises_the_loss: "NEG202",
    a_search_whose_scorer_has_the_sign_twice: "NEG203",
    a_search_that_takes_the_log_of_hard_labels: "NEG205",
    a_forest_that_trusts_its_trees: "NEG404",
    a_sigma_learnt_where_the_mean_was: "NEG405",
    rain_with_many_dry_days: "NEG305",
}
