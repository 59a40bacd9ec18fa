"""
NGBoost's grid search chose the worst model
===========================================

``GridSearchCV`` maximises a score. NGBoost's own ``score`` is a negative log-likelihood:
a loss. Without ``scoring=``, the search therefore picks the model with the greatest
loss, and says nothing.
"""

import matplotlib.pyplot as plt
import numpy as np
from ngboost import NGBRegressor
from sklearn.datasets import make_friedman1
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeRegressor

from sklearn_negloss import get_scorer

X, y = make_friedman1(300, noise=1.0, random_state=0)
tree = DecisionTreeRegressor(max_depth=3, random_state=0)
model = NGBRegressor(Base=tree, verbose=False, random_state=0)
grid = {"n_estimators": [5, 20, 60, 120]}

# %%
# The same search, once by NGBoost's own score and once by ours:

by_default = GridSearchCV(model, grid, cv=3).fit(X, y)
by_scorer = GridSearchCV(model, grid, cv=3, scoring=get_scorer("neg_nll")).fit(X, y)
print("by NGBoost's own score:", by_default.best_params_)
print("by neg_nll:            ", by_scorer.best_params_)

# %%
# The two disagree by a sign, on every candidate:

own = by_default.cv_results_["mean_test_score"]
ours = by_scorer.cv_results_["mean_test_score"]
print("largest difference of |score|:", f"{np.abs(own + ours).max():.1e}")

fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
stages = grid["n_estimators"]
ax.plot(stages, own, "o-", color="C1", label="NGBoost's own score")
ax.plot(stages, ours, "o-", color="C0", label="neg_nll")
for search, values, colour in ((by_default, own, "C1"), (by_scorer, ours, "C0")):
    i = search.best_index_
    ax.plot(stages[i], values[i], "o", color=colour, markersize=14, fillstyle="none")
ax.axhline(0, color="0.2", linewidth=0.8)
ax.set(xlabel="boosting stages", ylabel="score, maximised by the search")
ax.set_title("Circles: what each search chose")
ax.legend()
plt.show()

# %%
# **To remember:** a search believes the sign of a score. Give it one whose sign is in
# its name.
