"""
A linear model of the mean and of the spread
============================================

The more there is, the more it varies: a mean that grows, and a spread that grows with it.
Two generalised linear models describe both, with coefficients to read: one of the mean,
one of the variance.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import BayesianRidge, GammaRegressor, LinearRegression
from sklearn.model_selection import train_test_split

from sklearn_negloss import ProbabilisticRegressor, gaussian_nll_loss

# %%
# The truth
# ---------
# The mean is ``2 + 3 x``, and the logarithm of the standard deviation is ``-1 + 1.2 x``.

rng = np.random.default_rng(0)
X = rng.uniform(0, 2, size=(3_000, 1))
mean, std = 2 + 3 * X[:, 0], np.exp(-1 + 1.2 * X[:, 0])
y = mean + std * rng.normal(size=3_000)
X, X_test, y, y_test = train_test_split(X, y, random_state=0)

# %%
# Two stock regressors
# --------------------
# The variance is fitted to squared residuals of out-of-fold predictions, under a gamma
# deviance: for a given mean that *is* the Gaussian likelihood. The mean is then fitted
# again with weights, so that quiet samples count for more.

model = ProbabilisticRegressor(
    LinearRegression(), GammaRegressor(alpha=0.0, tol=1e-8), max_iter=5
).fit(X, y)
plain = BayesianRidge().fit(X, y)
for name, each in {"two models": model, "BayesianRidge": plain}.items():
    mu, sigma = each.predict(X_test, return_std=True)
    print(f"{name:<14} NLL {gaussian_nll_loss(y_test, mu, sigma):.3f}")

# %%
# The picture
# -----------
# Bands of two standard deviations. One sigma for all is far too wide on the left and far
# too narrow on the right, though both lines are right.

grid = np.linspace(0, 2, 100).reshape(-1, 1)
fig, axes = plt.subplots(1, 2, figsize=(8, 3.6), sharey=True, layout="constrained")
panels = {"one sigma for all": plain, "a model of sigma": model}
for ax, (title, each) in zip(axes, panels.items(), strict=True):
    mu, sigma = each.predict(grid, return_std=True)
    ax.plot(X_test[:, 0], y_test, ".", color="0.6", markersize=3)
    ax.plot(grid[:, 0], mu, color="C0", linewidth=2)
    ax.fill_between(
        grid[:, 0], mu - 2 * sigma, mu + 2 * sigma, color="C0", alpha=0.25, linewidth=0
    )
    ax.set(title=title, xlabel="x")
axes[0].set_ylabel("y")
plt.show()

# %%
# **To remember:** where the spread varies, model it: any regressor of scikit-learn will
# do for the variance, if it predicts positive values.
