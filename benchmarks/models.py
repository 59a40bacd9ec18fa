"""The models of the benchmarks: each is a function (X, y, X_test) -> (mu, sigma).

Peers are imported when they run: a benchmark needs only those that it is asked for.
"""

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from sklearn_negloss.regression import ProbabilisticRegressor


def ours(X, y, X_test, **parameters):
    """Fit ProbabilisticRegressor with its defaults."""
    model = ProbabilisticRegressor(random_state=0, **parameters)
    return model.fit(X, y).predict(X_test, return_std=True)


def ngboost(X, y, X_test):
    """Fit NGBoost: 500 stages, its default learner made deterministic."""
    from ngboost import NGBRegressor

    base = DecisionTreeRegressor(max_depth=3, random_state=0)
    model = NGBRegressor(n_estimators=500, Base=base, random_state=0, verbose=False)
    dist = model.fit(X, y).pred_dist(X_test)
    return dist.loc, dist.scale


def catboost(X, y, X_test):
    """Fit CatBoost with its defaults; its second column is the variance."""
    from catboost import CatBoostRegressor

    model = CatBoostRegressor(
        loss_function="RMSEWithUncertainty",
        thread_count=1,
        random_seed=0,
        verbose=False,
        allow_writing_files=False,
    )
    mu, variance = model.fit(X, y).predict(X_test).T
    return mu, np.sqrt(variance)


def xgboost_distribution(X, y, X_test):
    """Fit xgboost-distribution: up to 500 rounds, stopped early on a tenth."""
    from xgboost_distribution import XGBDistribution

    X, X_val, y, y_val = train_test_split(X, y, test_size=0.1, random_state=0)
    model = XGBDistribution(
        n_estimators=500, early_stopping_rounds=10, n_jobs=1, random_state=0
    )
    model.fit(X, y, eval_set=[(X_val, y_val)], verbose=False)
    return tuple(model.predict(X_test))


def bayesian_ridge(X, y, X_test):
    """Fit a linear model on standardised columns."""
    model = make_pipeline(StandardScaler(), BayesianRidge()).fit(X, y)
    return model.predict(X_test, return_std=True)


def gaussian_process(X, y, X_test):
    """Fit a Gaussian process with one length scale per column (n below 2,000)."""
    kernel = ConstantKernel() * RBF(np.ones(X.shape[1])) + WhiteKernel()
    process = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0)
    model = make_pipeline(StandardScaler(), process).fit(X, y)
    return model.predict(X_test, return_std=True)


MODELS = {
    "ours": ours,
    "ngboost": ngboost,
    "catboost": catboost,
    "xgboost-distribution": xgboost_distribution,
    "bayesian-ridge": bayesian_ridge,
    "gaussian-process": gaussian_process,
}
# More rows would take minutes to hours.
GREATEST_ROWS = {"gaussian-process": 2_000, "ngboost": 100_000}


def feasible(name, n_rows):
    """Tell whether a model is fast enough for so many rows."""
    return n_rows <= GREATEST_ROWS.get(name, np.inf)
