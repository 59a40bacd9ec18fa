"""
Can I believe the sigma?
========================

Two models of the same data: one gives every sample the same sigma, the other learns
it. The loss says which is better. Two pictures say what is wrong with it.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import BayesianRidge, GammaRegressor, Ridge
from sklearn.model_selection import KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import ProbabilisticRegressor, get_scorer
from sklearn_negloss.inspection import CoverageDisplay, PITDisplay

# %%
# How large is the largest cell nucleus?
# --------------------------------------
# From ten means over all nuclei of a sample. Large nuclei vary more than small ones, so
# one sigma for all cannot be right.

data = load_breast_cancer()
X, y = data.data[:, :10], data.data[:, list(data.feature_names).index("worst area")]

models = {
    "one sigma for all": BayesianRidge(),
    "sigma that is learnt": ProbabilisticRegressor(
        Ridge(), GammaRegressor(alpha=0.1), cv=5, max_iter=2, random_state=0
    ),
}

# %%
# Ask for what the pictures need
# ------------------------------
# Pictures of training rows flatter. With ``return_estimator`` and ``return_indices`` the
# displays predict each row by the model that has not seen it.

folds = {
    name: cross_validate(
        make_pipeline(StandardScaler(), model),
        X,
        y,
        scoring=get_scorer("neg_gaussian_nll"),
        cv=KFold(5, shuffle=True, random_state=0),
        return_estimator=True,
        return_indices=True,
    )
    for name, model in models.items()
}
for name, result in folds.items():
    print(f"{name:<21}loss {-result['test_score'].mean():.3f} nats")

# %%
# Where did y fall in its forecast?
# ---------------------------------
# :class:`~sklearn_negloss.inspection.PITDisplay` counts that.
# One sigma for all gives a hump, far too wide for most samples, and a raised last bar, too
# narrow for the few large ones. The learnt sigma is much flatter. Three bars still leave
# the band: the errors are more peaked than a normal distribution.

fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.2), sharey=True, layout="constrained")
for ax, (name, result) in zip(axes, folds.items(), strict=True):
    PITDisplay.from_cv_results(result, X, y, name=name, ax=ax)
axes[1].set_ylabel("")
plt.show()

# %%
# What do intervals hold, and what do they cost?
# ----------------------------------------------
# :class:`~sklearn_negloss.inspection.CoverageDisplay` compares.
# Intervals that promise half of the samples hold three quarters of them if sigma is the
# same for all, and six tenths if it is learnt. The inset shows that they are wider, too.

display = None
for name, result in folds.items():
    ax = display.ax_ if display else None
    display = CoverageDisplay.from_cv_results(result, X, y, name=name, ax=ax)
plt.show()

# %%
# **To remember:** a hump is a sigma too large, a bowl one too small; of forecasts that
# stay in the band, take the one with the narrower intervals.
