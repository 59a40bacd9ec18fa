"""
Cross-entropy from logits, and labels {1, 2}
============================================

A cross-entropy cannot be negative. Mine is -0.12. Whose fault is it?
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import audit, binary_cross_entropy_with_logits_loss

X, X_test, y, y_test = train_test_split(
    *load_breast_cancer(return_X_y=True), random_state=0
)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
logits = model.decision_function(X_test)

# %%
# Labels {0, 1} and labels {1, 2}
# -------------------------------
# Most frameworks compute ``softplus(z) - y * z`` and never look at y.


def unguarded(y, z):
    """Binary cross-entropy as most frameworks compute it."""
    return np.mean(np.logaddexp(0, z) - y * z)


print(f"labels 0 and 1: {unguarded(y_test, logits):7.3f}")
print(f"labels 1 and 2: {unguarded(y_test + 1, logits):7.3f}")

# %%
# Ours refuses, and says what to do; the audit accepts, and says why.

try:
    binary_cross_entropy_with_logits_loss(y_test + 1, logits)
except ValueError as error:
    print(error)

report = audit(y_true=y_test + 1, logits=logits)
print(report.findings[0].message)

# %%
# What the label does to the loss
# -------------------------------
# With labels 0 and 1 the loss has a floor at 0. With a label of 2 it falls without end as
# the logit grows, so training makes the logits grow without end.

z = np.linspace(-6, 6, 300)
fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
for label, style in {0: "-", 1: "--", 2: "-."}.items():
    loss = np.logaddexp(0, z) - label * z
    ax.plot(z, loss, style, linewidth=2, label=f"label {label}")
ax.axhline(0, color="0.2", linewidth=0.8)
ax.axhspan(-6, 0, color="C3", alpha=0.12, linewidth=0)
ax.text(-5.8, -1.2, "impossible for a label in [0, 1]")
ax.set(xlabel="logit z", ylabel="loss", ylim=(-6, 7))
ax.legend(frameon=False)
plt.show()

# %%
# **To remember:** a negative cross-entropy is a label outside [0, 1], nearly always;
# look at the target, not at the model.
