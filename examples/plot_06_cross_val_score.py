"""
cross_val_score printed negative numbers
========================================

``cross_val_score(..., scoring="neg_mean_squared_error")`` prints -2869. A squared error
cannot be negative. What is this?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score

from sklearn_negloss import audit, get_scorer, get_scorer_names

X, y = load_diabetes(return_X_y=True)
alphas = np.logspace(-4, 2, 13)

scores = cross_val_score(Ridge(0.1), X, y, scoring="neg_mean_squared_error")
print(scores.round(0))

# %%
# A convention
# ------------
# Searches of scikit-learn maximise. So that "higher is better" holds for everything, a
# loss enters with its sign changed, and its name says so.

report = audit(scorer="neg_mean_squared_error")
print(report)

# %%
# Of all names that can be scored, those of losses start with ``neg_``:

names = get_scorer_names()
losses = [name for name in names if name.startswith("neg_")]
print(f"{len(losses)} of {len(names)}, among them {', '.join(losses[:4])}")

# %%
# The sign decides nothing about the model: it is the same curve, upside down.

scorer = get_scorer("neg_mean_squared_error")
values = np.array(
    [cross_val_score(Ridge(alpha), X, y, scoring=scorer).mean() for alpha in alphas]
)
fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained", sharex=True)
panels = {
    "what is printed: higher is better": (values, np.argmax),
    "mean squared error: lower is better": (-values, np.argmin),
}
for ax, (title, (curve, best)) in zip(axes, panels.items(), strict=True):
    ax.semilogx(alphas, curve, ".-", color="C0")
    ax.plot(alphas[best(curve)], curve[best(curve)], "o", color="C1", markersize=9)
    ax.set(title=title, xlabel="alpha of Ridge")
plt.show()

# %%
# **To remember:** ``neg_`` in front of a name is a changed sign; change it back to read
# the loss.
