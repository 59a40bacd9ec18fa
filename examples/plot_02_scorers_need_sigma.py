"""
Why make_scorer cannot see sigma, and what to use
=================================================

scikit-learn's ``make_scorer`` hands a loss what ``predict`` returns: one number for each
sample. A loss of mean *and* standard deviation cannot be scored that way. It can with
``make_distribution_scorer``, which fetches what the parameters of a loss name.
"""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import ARDRegression, BayesianRidge
from sklearn.metrics import make_scorer
from sklearn.model_selection import cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import (
    gaussian_crps_loss,
    gaussian_nll_loss,
    information_gain_score,
    make_distribution_scorer,
)

X, y = load_diabetes(return_X_y=True)

# %%
# The wrong tool says so
# ----------------------
# A search turns the errors of a scorer into NaN. This one it does not: it stops, and
# names what to use.

wrong = make_scorer(gaussian_nll_loss, greater_is_better=False)
try:
    cross_val_score(BayesianRidge(), X, y, scoring=wrong)
except TypeError as error:
    print(textwrap.fill(str(error), 70))

# %%
# The right tool
# --------------
# Several losses cost a single prediction. Every score is higher for better models.

scoring = {
    "neg_nll": make_distribution_scorer(gaussian_nll_loss),
    "neg_crps": make_distribution_scorer(gaussian_crps_loss),
    "gain": make_distribution_scorer(information_gain_score, greater_is_better=True),
}
kernel = 1.0 * RBF(3.0) + WhiteKernel(1.0)
models = {
    "BayesianRidge": BayesianRidge(),
    "ARDRegression": ARDRegression(),
    "Gaussian process": make_pipeline(
        StandardScaler(),
        GaussianProcessRegressor(kernel, normalize_y=True, random_state=0),
    ),
}
results = {
    name: cross_validate(model, X, y, scoring=scoring, cv=3)
    for name, model in models.items()
}
for name, result in results.items():
    row = ", ".join(f"{key} {result[f'test_{key}'].mean():.3f}" for key in scoring)
    print(f"{name:<17}{row}")

# %%
# The loss is in the unit of the target, so its value says little by itself. The gain
# is in nats over a constant forecast: above 0, a model has skill.

fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
gains = np.array([result["test_gain"] for result in results.values()])
ax.barh(list(results), gains.mean(axis=1), color="C0", height=0.55)
for fold in gains.T:
    ax.plot(fold, range(len(results)), "o", color="0.2", markersize=4)
ax.axvline(0, color="0.2", linewidth=0.8)
ax.set(title="Gain over a constant forecast, each fold", xlabel="nats per sample")
plt.show()

# %%
# **To remember:** give a loss of sigma to ``make_distribution_scorer``, and compare
# models by their gain.
