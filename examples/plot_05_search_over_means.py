"""
Let the loss choose the mean: a search on one screen
====================================================

No regressor is the best mean on every table. ``ProbabilisticRegressor`` takes any, and a
grid search compares them by a loss that sees sigma as well as mu.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklearn_negloss import get_scorer
from sklearn_negloss.regression import ProbabilisticRegressor

# %%
# A smooth mean, and noise that one column drives
# -----------------------------------------------

rng = np.random.default_rng(0)
X = rng.uniform(-2, 2, size=(600, 4))
mu = 3 * np.sin(X[:, 0]) * X[:, 1] + X[:, 2] ** 2
y = mu + 0.3 * np.exp(0.6 * X[:, 3]) * rng.normal(size=600)

# %%
# The recipe
# ----------
# ``None`` is the default, which blends trees with a kernel ridge. Without ``scoring=``
# the search would compare R2 and never look at sigma.

means = {
    "default": None,
    "trees": HistGradientBoostingRegressor(random_state=0),
    "SVR": make_pipeline(StandardScaler(), SVR(C=10, epsilon=0.02)),
    "Ridge": make_pipeline(StandardScaler(), Ridge()),
}
search = GridSearchCV(
    ProbabilisticRegressor(cv=5, random_state=0),
    {"mean_regressor": list(means.values())},
    scoring={"nll": get_scorer("neg_gaussian_nll"), "r2": "r2"},
    refit="nll",
    cv=3,
).fit(X, y)

results = search.cv_results_
for i, name in enumerate(means):
    nll, r2 = results["mean_test_nll"][i], results["mean_test_r2"][i]
    print(f"{name:<8} neg_gaussian_nll {nll:6.3f}, r2 {r2:.3f}")

# %%
# Each dot is a fold; further right is better. The loss of the true mean and sigma, which
# no model can beat but by luck, is the line.

z = (y - mu) / (sigma := 0.3 * np.exp(0.6 * X[:, 3]))
truth = -np.mean(0.5 * np.log(2 * np.pi) + np.log(sigma) + 0.5 * z**2)
folds = np.array([results[f"split{k}_test_nll"] for k in range(3)])

fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.plot(results["mean_test_nll"], list(means), "|", color="C0", markersize=22, mew=3)
for fold in folds:
    ax.plot(fold, list(means), "o", color="0.2", markersize=4)
ax.axvline(truth, color="0.2", linewidth=0.8)
ax.text(truth, len(means) - 0.45, "truth", ha="center", va="bottom")
ax.set(xlabel="neg_gaussian_nll on new rows (higher is better)")
ax.set_ylim(-0.5, len(means) - 0.5)
plt.show()

# %%
# **To remember:** the mean matters most; search over a few by ``neg_gaussian_nll``.
