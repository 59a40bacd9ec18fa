"""
Sigma collapse, and how to see it
=================================

Train a model of sigma on the errors that the mean makes on its own training rows, and
sigma collapses: those errors are too small. The training loss falls below zero, and
everything looks wonderful.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import train_test_split

from sklearn_negloss import ProbabilisticRegressor, gaussian_nll_loss
from sklearn_negloss.inspection import LossDecompositionDisplay, PITDisplay

X, y = load_diabetes(return_X_y=True)
y = y / 100  # disease progression, in hundreds
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=0)

# %%
# The wrong way
# -------------
# Fit the mean, square its residuals, fit the variance to them.

mean = HistGradientBoostingRegressor(
    max_leaf_nodes=8, min_samples_leaf=5, random_state=0
)
variance = HistGradientBoostingRegressor(
    loss="gamma", max_iter=40, max_leaf_nodes=4, l2_regularization=5.0, random_state=0
)
mean.fit(X_train, y_train)
variance.fit(X_train, (y_train - mean.predict(X_train)) ** 2 + 1e-9)


def forecast(X):
    return mean.predict(X), np.sqrt(variance.predict(X))


train_loss = gaussian_nll_loss(y_train, *forecast(X_train))
test_loss = gaussian_nll_loss(y_test, *forecast(X_test))
print(f"in-sample residuals:   train {train_loss:6.2f}, test {test_loss:6.2f} nats")

# %%
# The same two regressors, with residuals of rows that the mean has not seen:

model = ProbabilisticRegressor(mean, variance, cv=10, random_state=0)
model.fit(X_train, y_train)
train_loss = gaussian_nll_loss(y_train, *model.predict(X_train, return_std=True))
test_loss = gaussian_nll_loss(y_test, *model.predict(X_test, return_std=True))
print(f"out-of-fold residuals: train {train_loss:6.2f}, test {test_loss:6.2f} nats")

# %%
# How to see it
# -------------
# On new rows. Above, :class:`~sklearn_negloss.inspection.PITDisplay` is a bowl: y lies in
# the outer tenths of its forecast far too often. In
# :class:`~sklearn_negloss.inspection.LossDecompositionDisplay` miscalibration is most of
# the loss. Below, the same regressors, with honest residuals.

mu, sigma = forecast(X_test)
fig, axes = plt.subplots(2, 2, figsize=(7.2, 6.4), layout="constrained")
rows = {
    "in-sample residuals": {"mu": mu, "sigma": sigma},
    "out-of-fold residuals": {"dist": model.predict_dist(X_test)},
}
for (left, right), (name, given) in zip(axes, rows.items(), strict=True):
    PITDisplay.from_predictions(y_test, **given, name=name, ax=left)
    LossDecompositionDisplay.from_predictions(y_test, **given, name=name, ax=right)
axes[1, 1].set_ylim(axes[0, 1].get_ylim())
plt.show()

# %%
# **To remember:** a negative training loss proves nothing about sigma; look for the bowl
# on rows that no part of the model has seen.
