"""
Early stopping on a negative loss
=================================

"Stop when the loss improves by less than 1 %." Sensible, until the loss is negative.
What goes wrong, and what to watch instead?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_friedman1
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import train_test_split

from sklearn_negloss import gaussian_nll_loss

# %%
# A loss, stage by stage
# ----------------------
# Of the same model, with the target in its own unit and in a unit a hundred times as large.

X, y = make_friedman1(1_000, noise=1.0, random_state=0)
X, X_test, y, y_test = train_test_split(X, y, random_state=0)
model = GradientBoostingRegressor(n_estimators=300, random_state=0).fit(X, y)


def losses(k):
    """Return the held-out loss after each stage, the target divided by k."""
    return np.array(
        [
            gaussian_nll_loss(y_test / k, mu / k, (y_test - mu).std() / k)
            for mu in model.staged_predict(X_test)
        ]
    )


# %%
# A relative tolerance
# --------------------
# The rule of many tools: a stage counts as better if it is below ``best * (1 - 0.01)``.
# For a positive loss that asks for a fall of 1 %. For a negative one, the bar lies *above*
# the best: a stage that is worse counts as better, and the rule never stops.


def stages(values, is_better, patience=10):
    """Return where a rule stops: after `patience` stages that are not better."""
    best, since = values[0], 0
    for stage, value in enumerate(values):
        best, since = (value, 0) if is_better(value, best) else (best, since + 1)
        if since == patience:
            return stage
    return len(values)


def relative(value, best):
    """Return whether a loss fell by 1 %, as if losses were positive."""
    return value < best * (1 - 0.01)


def absolute(value, best):
    """Return whether a loss fell by a hundredth of a nat."""
    return value < best - 0.01


for k in (1, 100):
    stopped = [stages(losses(k), rule) for rule in (relative, absolute)]
    print(f"y / {k:<4} relative stops at {stopped[0]:>3}, absolute at {stopped[1]:>3}")

# %%
# The gain, the loss of a constant forecast less that of the model, is the same curve in
# every unit, so any rule stops at the same stage.

fig, axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
for k, style in {1: "-", 100: "--"}.items():
    constant = gaussian_nll_loss(y_test / k, y_test.mean() / k, y_test.std() / k)
    axes[0].plot(losses(k), style, color="C0", label=f"y / {k}")
    axes[1].plot(constant - losses(k), style, color="C0", label=f"y / {k}")
    last = stages(losses(k), relative) - 1
    axes[0].plot(last, losses(k)[last], "o", color="C1")
axes[0].axhline(0, color="0.2", linewidth=0.8)
axes[0].set(title="loss, and where 1 % stops (dots)", xlabel="stage", ylabel="nats")
axes[1].set(title="gain: one curve", xlabel="stage", ylabel="nats")
axes[0].legend(frameon=False)
plt.show()

# %%
# **To remember:** measure progress in nats, not in per cent; watch the gain.
