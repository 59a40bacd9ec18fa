"""
Model y, or model log y?
========================

A model of log y has a lower loss than a model of y, by far. It has nothing to do with
the models: the loss of log y is in other units. Here both are brought into the units of
y, and one search chooses.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.preprocessing import FunctionTransformer, PowerTransformer

from sklearn_negloss import TransformedTargetProbabilisticRegressor as Transformed
from sklearn_negloss import get_scorer, predict_dist
from sklearn_negloss.distributions import LostMassWarning, mean_log_jacobian

# %%
# Prices that depend on a size with a constant spread: the truth is normal in y, and a
# logarithm is the wrong thing to do.

rng = np.random.default_rng(0)
size = rng.uniform(1, 3, (500, 1))
price = 100 * size[:, 0] + 25 * rng.normal(size=500)
X_train, X_test, y_train, y_test = train_test_split(size, price, random_state=0)

log = FunctionTransformer(np.log, np.exp)
raw_model = Transformed(BayesianRidge()).fit(X_train, y_train)
log_model = Transformed(BayesianRidge(), transformer=log).fit(X_train, y_train)

# %%
# The wrong comparison
# --------------------
# Score the inner model where it lives: on log y.

inner = predict_dist(log_model.regressor_, X_test)
loss_of_log = -inner.logpdf(np.log(y_test)).mean()
loss_of_raw = -raw_model.predict_dist(X_test).logpdf(y_test).mean()
print(f"loss of y:     {loss_of_raw:.3f} nats")
print(f"loss of log y: {loss_of_log:.3f} nats, which says nothing")

# %%
# The right one
# -------------
# The loss of y is the loss of log y minus the mean log Jacobian. ``predict_dist`` does
# that for every sample, exactly.

in_units_of_y = loss_of_log - mean_log_jacobian(log, y_test)
the_same = -log_model.predict_dist(X_test).logpdf(y_test).mean()
print(f"in the units of y: {in_units_of_y:.3f} nats; by predict_dist: {the_same:.3f}")

# %%
# One search over transforms
# --------------------------
# Since all are scored in the units of y, the transform is a parameter like any other. The
# square root cannot be negative; should a model think otherwise, a warning says so.

root = FunctionTransformer(np.sqrt, np.square)
transformers = {"y": None, "log y": log, "sqrt y": root, "power": PowerTransformer()}
search = GridSearchCV(
    Transformed(BayesianRidge()),
    {"transformer": list(transformers.values())},
    scoring=get_scorer("neg_nll"),
)
with warnings.catch_warnings(action="ignore", category=LostMassWarning):
    search.fit(X_train, y_train)
scores = search.cv_results_["mean_test_score"]
for name, score in zip(transformers, scores, strict=True):
    print(f"{name:8s} loss {-score:.3f}")

# %%
# The band of the log model grows with the price. That of the data does not.

grid = np.linspace(1, 3)[:, np.newaxis]
fig, axes = plt.subplots(1, 2, sharey=True, figsize=(8, 3.4), layout="constrained")
for ax, model, title in zip(axes, [raw_model, log_model], ["y", "log y"], strict=True):
    ax.plot(X_test[:, 0], y_test, ".", grid[:, 0], model.predict(grid))
    ax.fill_between(grid[:, 0], *model.predict_interval(grid), alpha=0.2, label="90 %")
    ax.set(title=f"model of {title}", xlabel="size", ylabel="price")
    ax.legend(loc="upper left")
    ax.label_outer()
plt.show()

# %%
# **To remember:** bring both losses into the units of y; then compare them.
