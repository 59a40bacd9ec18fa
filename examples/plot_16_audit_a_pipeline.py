"""
Can this pipeline's loss be believed?
=====================================

Two searches over the same forests. One takes the spread of its trees for the spread of the
target, a common shortcut; the other learns sigma. Both print a number between 5 and 6.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import GammaRegressor
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import ProbabilisticRegressor, audit, get_scorer

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=0)


class TreeSpread(RandomForestRegressor):
    """A forest whose sigma is the standard deviation of its trees."""

    def predict(self, X, return_std=False):
        trees = np.array([tree.predict(X) for tree in self.estimators_])
        mu, sigma = trees.mean(axis=0), trees.std(axis=0)
        return (mu, sigma) if return_std else mu


def search(regressor, grid):
    pipeline = make_pipeline(StandardScaler(), regressor)
    scorer = get_scorer("neg_gaussian_nll")
    return GridSearchCV(pipeline, grid, scoring=scorer, cv=3).fit(X_train, y_train)


leaf_sizes = [5, 20]
forest = RandomForestRegressor(50, random_state=0)
models = {
    "spread of the trees": search(
        TreeSpread(50, random_state=0), {"treespread__min_samples_leaf": leaf_sizes}
    ),
    "learnt sigma": search(
        ProbabilisticRegressor(forest, GammaRegressor(), random_state=0),
        {"probabilisticregressor__mean_regressor__min_samples_leaf": leaf_sizes},
    ),
}

# %%
# One call for the whole thing
# ----------------------------
# The search and the pipeline are peeled; predictions, training data and scorer are read.

data = {"X": X_test, "y_true": y_test, "X_train": X_train, "y_train": y_train}
reports = {name: audit(estimator=model, **data) for name, model in models.items()}
print({name: f"{model.best_score_:.2f}" for name, model in models.items()})

# %%
reports["spread of the trees"]

# %%
# The other, whose sigma was learnt from errors on unseen data:

print(reports["learnt sigma"].summary)

# %%
# Where the loss comes from
# -------------------------
# Gain is what a forecast wins over the best constant one. All that the first model could
# win, and more, its sigma gives away.

fig, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
for k, report in enumerate(reports.values()):
    terms = report.decomposition
    won = ax.barh(k, terms.attainable_gain, color="#009E73", height=0.5)
    lost = ax.barh(k, -terms.miscalibration, color="#D55E00", height=0.5)
    text = f"gain {terms.gain:+.2f}"
    ax.text(terms.attainable_gain + 0.03, k, text, va="center", fontweight="bold")
ax.axvline(0, color="0.5", linewidth=0.8)
ax.set(yticks=[0, 1], yticklabels=[*reports], ylim=(1.6, -0.6), xlim=(-0.35, 0.45))
ax.set_xlabel("nats per sample")
ax.legend([won, lost], ["attainable gain", "lost to miscalibration"], frameon=False)
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# **To remember:** a score ranks models; only an audit on held-out data says whether the
# number means anything.
