"""
ProbabilisticRegressor next to NGBoost and CatBoost
===================================================

Three ways to predict a mean and a standard deviation, on data that scikit-learn bundles.
Which is best, and is it better than a constant?
"""

import matplotlib.pyplot as plt
import numpy as np
from catboost import CatBoostRegressor
from ngboost import NGBRegressor
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import cross_validate

from sklearn_negloss import (
    ProbabilisticRegressor,
    information_gain_score,
    make_distribution_scorer,
)

# %%
# One scorer for all
# ------------------
# NGBoost predicts a distribution object, CatBoost a mean and a *variance* in two columns,
# scikit-learn's regressors a mean and a standard deviation. The scorer reads each as it is.

models = {
    "ours": ProbabilisticRegressor(random_state=0),
    "NGBoost": NGBRegressor(n_estimators=200, verbose=False, random_state=0),
    "CatBoost": CatBoostRegressor(
        loss_function="RMSEWithUncertainty",
        iterations=300,
        verbose=False,
        allow_writing_files=False,
        thread_count=1,
        random_seed=0,
    ),
    "BayesianRidge": BayesianRidge(),
}
rng = np.random.default_rng(0)
X, mean = make_friedman1(600, random_state=0)
noisy = mean + 0.5 * np.exp(1.5 * X[:, 5]) * rng.normal(size=600)
data = {
    "diabetes": load_diabetes(return_X_y=True),
    "friedman, noise varies": (X, noisy),
}

scorer = make_distribution_scorer(information_gain_score, greater_is_better=True)
gains = {
    (table, name): cross_validate(model, X, y, scoring=scorer, cv=3)["test_score"]
    for table, (X, y) in data.items()
    for name, model in models.items()
}
for (table, name), values in gains.items():
    print(f"{table:<24}{name:<15}{values.mean():7.3f}")

# %%
# Gain over a constant forecast
# -----------------------------
# Left of 0 a model is worse than no model at all: its sigmas are too small, and a density
# loss does not forgive that.

fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained", sharey=True)
for ax, table in zip(axes, data, strict=True):
    for row, name in enumerate(models):
        values = np.maximum(gains[table, name], -1.0)
        ax.plot(values, np.full(3, row), "o", color="0.2", markersize=4)
        ax.plot(values.mean(), row, "|", color="C0", markersize=22, markeredgewidth=3)
    ax.axvline(0, color="0.2", linewidth=0.8)
    ax.set(title=table, xlabel="gain, nats (cut off at -1)", xlim=(-1.1, None))
axes[0].set_yticks(range(len(models)), models)
axes[0].set_ylim(len(models) - 0.5, -0.5)
plt.show()

# %%
# Settings here are chosen for a short build. The benchmark of the project runs five public
# tables with 20 splits each and the settings of each library.
#
# **To remember:** compare regressors of a whole distribution by a loss that sees all of it.
