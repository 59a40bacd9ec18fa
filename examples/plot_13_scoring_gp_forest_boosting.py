"""
Scoring a Gaussian process, a forest and a boosted model alike
==============================================================

One predicts a normal distribution, one a cloud of values, one a list of quantiles. Which
is best? The CRPS scores all three, because ``predict_dist`` reads all three.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import crps_skill_score, get_scorer, make_distribution_scorer
from sklearn_negloss.distributions import EmpiricalDistribution, QuantileGrid
from sklearn_negloss.inspection import CoverageDisplay

# %%
# A method called ``predict_dist`` is all it takes
# ------------------------------------------------
# A forest: draw one training target from the leaf that each tree leads to.


class Forest(RandomForestRegressor):
    def fit(self, X, y):
        super().fit(X, y)
        self.y_, self.leaves_ = y, self.apply(X)
        return self

    def predict_dist(self, X):
        rng, reached = np.random.default_rng(0), self.apply(X)
        draws = np.empty(reached.shape)
        for row, tree in np.ndindex(reached.shape):
            together = self.leaves_[:, tree] == reached[row, tree]
            draws[row, tree] = rng.choice(self.y_[together])
        return EmpiricalDistribution(draws)


class QuantileBoosting(RegressorMixin, BaseEstimator):
    levels = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)

    def fit(self, X, y):
        small = HistGradientBoostingRegressor(loss="quantile", max_leaf_nodes=3)
        each = (clone(small).set_params(quantile=q) for q in self.levels)
        self.members_ = [member.fit(X, y) for member in each]
        return self

    def predict_dist(self, X):
        values = np.column_stack([member.predict(X) for member in self.members_])
        return QuantileGrid(self.levels, np.sort(values, axis=1))


# %%
# One scorer for all
# ------------------

process = GaussianProcessRegressor(1.0 * RBF(3.0) + WhiteKernel(1.0), normalize_y=True)
models = {
    "Gaussian process": make_pipeline(StandardScaler(), process),
    "forest": Forest(60, min_samples_leaf=5, random_state=0),
    "boosted quantiles": QuantileBoosting(),
}
skill = make_distribution_scorer(crps_skill_score, greater_is_better=True)
scoring = {"crps": get_scorer("neg_crps"), "skill": skill}
X, y = load_diabetes(return_X_y=True)
folds = {}
for name, model in models.items():
    result = folds[name] = cross_validate(
        model, X, y, scoring=scoring, return_estimator=True, return_indices=True
    )
    crps, won = -result["test_crps"].mean(), result["test_skill"].mean()
    print(f"{name:<18}CRPS {crps:.1f} (units of y), {won:.0%} saved of the baseline's")

# %%
# And one :class:`~sklearn_negloss.inspection.CoverageDisplay` for all.

ax = None
for name, result in folds.items():
    ax = CoverageDisplay.from_cv_results(result, X, y, name=name, ax=ax).ax_
plt.show()

# %%
# **To remember:** whatever a model predicts, give it ``predict_dist`` and score it by the
# CRPS; a density loss only where there is a density.
