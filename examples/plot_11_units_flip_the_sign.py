"""
Units flip the sign, and the gain does not move
===============================================

The same model, of the same wines, by the same loss: 0.84 or -3.76? It depends on whether
alcohol is written in percent or as a share.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import get_scorer
from sklearn_negloss.inspection import LossDecompositionDisplay, LossUnitsDisplay

# %%
# One model, three units
# ----------------------

wine = load_wine()
X, percent = wine.data[:, 1:], wine.data[:, 0]
model = make_pipeline(StandardScaler(), BayesianRidge())
cv = KFold(5, shuffle=True, random_state=0)  # the wines come sorted
scoring = {
    "loss": get_scorer("neg_gaussian_nll"),
    "gain": get_scorer("information_gain"),
}
units = {"percent": 1.0, "share": 0.01, "per mille": 10.0}

for unit, factor in units.items():
    y = factor * percent
    result = cross_validate(model, X, y, scoring=scoring, cv=cv)
    loss, gain = -result["test_loss"].mean(), result["test_gain"].mean()
    print(f"alcohol in {unit:<10}loss {loss:6.3f}, gain {gain:.3f} nats")

# %%
# The losses in two units differ by the logarithm of the factor between them, whatever the
# model:

print(f"log(0.01) = {np.log(0.01):.3f}, log(10) = {np.log(10):.3f}")

# %%
# Every unit at once
# ------------------
# Over the logarithm of the unit the loss is a straight line, and so it must cross zero
# somewhere. That is what :class:`~sklearn_negloss.inspection.LossUnitsDisplay` draws. The
# dashed line is a forecast that knows nothing but the mean and spread of all wines. It
# rises as fast, so the distance between the two is what the model has learnt, in every
# unit.

folds = cross_validate(
    model, X, percent, cv=cv, return_estimator=True, return_indices=True
)
LossUnitsDisplay.from_cv_results(
    folds, X, percent, name="alcohol of 178 wines", units=units
)
plt.show()

# %%
# Where the loss comes from
# -------------------------
# :class:`~sklearn_negloss.inspection.LossDecompositionDisplay` takes it apart.
# The first bar is the unit; only the second and third say anything about the model.

fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.4), layout="constrained")
for ax, unit in zip(axes, ["percent", "share"], strict=True):
    y = units[unit] * percent
    folds = cross_validate(
        model, X, y, cv=cv, return_estimator=True, return_indices=True
    )
    LossDecompositionDisplay.from_cv_results(folds, X, y, name=f"in {unit}", ax=ax)
plt.show()

# %%
# **To remember:** the sign of a density loss is the unit's, the gain is the model's.
