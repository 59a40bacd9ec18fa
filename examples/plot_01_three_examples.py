"""
Three examples of negative losses, right and wrong
==================================================

The article that started this project gives three examples of a negative loss. One is
right for another reason than it says, one is impossible, and one is a sign error. Here
they run.
"""

import textwrap

import matplotlib.pyplot as plt
import numpy as np

from sklearn_negloss import (
    binary_cross_entropy_loss,
    gaussian_nll_loss,
    log1p_absolute_loss,
)

y_true = np.array([1.0, 2.0, 3.0, 4.0])
y_pred = np.array([1.1, 1.9, 3.2, 3.8])

# %%
# 1. A Gaussian likelihood *can* be negative
# ------------------------------------------
# But not with the article's ``sigma = 1``: there the least possible loss is 0.9189.

print(f"sigma 1:       {gaussian_nll_loss(y_true, y_pred, 1.0):.4f}")
print(f"a perfect fit: {gaussian_nll_loss(y_true, y_true, 1.0):.4f}")

# %%
# It is negative where the density exceeds 1, which is a matter of units. The same
# forecasts in thousandths are no better:

for unit in (1, 1000):
    loss = gaussian_nll_loss(y_true / unit, y_pred / unit, 0.2 / unit)
    print(f"sigma 0.2, y / {unit}: {loss:.4f}")

# %%
# 2. Binary cross-entropy cannot
# ------------------------------
# With labels and probabilities in [0, 1] it is never negative. The bare formula turns
# negative when a label is 2, and that is the bug to look for; this package refuses.


def bare_formula(y, p):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


print(f"label 2 in the bare formula: {bare_formula(2, 0.99):.3f}")
try:
    binary_cross_entropy_loss([2], [0.99])
except ValueError as error:
    print(textwrap.fill(str(error), 70))

# %%
# 3. Minus log(1 + error) is a sign error
# ---------------------------------------
# It is greatest, zero, at a perfect prediction: whoever minimises it makes the errors
# grow. With the right sign it is never negative.

errors = np.linspace(0, 5, 200)
right = [log1p_absolute_loss([0.0], [e]) for e in errors]

# %%
# In one picture
# --------------

fig, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
sigma = np.geomspace(0.02, 5, 200)
axes[0].semilogx(sigma, np.log(sigma) + 1.4189, color="C0", label="mean loss")
axes[0].axvline(0.242, color="0.6", linestyle="--", label="sigma 0.242")
axes[0].set(title="Gaussian NLL, calibrated", xlabel="sigma, in units of y")
p = np.linspace(0.001, 0.999, 200)
for label, style in [(0, "-"), (1, "--"), (2, ":")]:
    axes[1].plot(p, bare_formula(label, p), style, color="C1", label=f"label {label}")
axes[1].set(title="Bare cross-entropy formula", xlabel="predicted probability")
axes[2].plot(errors, -np.log1p(errors), ":", color="C2", label="the article's")
axes[2].plot(errors, right, color="C2", label="log1p_absolute_loss")
axes[2].set(title="Log loss on errors", xlabel="absolute error")
for ax, corner in zip(axes, ["lower right", "upper right", "lower left"], strict=True):
    ax.axhline(0, color="0.2", linewidth=0.8)
    ax.set_ylabel("loss")
    ax.legend(loc=corner)
plt.show()

# %%
# **To remember:** a negative density loss is a matter of units, a negative cross-entropy
# is a bug, and a loss that falls as errors grow has the wrong sign.
