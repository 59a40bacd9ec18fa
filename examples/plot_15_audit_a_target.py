"""
What is wrong with this target?
===============================

Before any model: a column of rainfall in metres, with many dry days. What would a density
loss make of it, and of its logarithm?
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import BayesianRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_negloss.audit import AuditedTargetTransformer, TargetAuditor

rng = np.random.default_rng(0)
n = 600
X = rng.normal(size=(n, 3))
wet = rng.random(n) < 0.6
rain = np.where(wet, 0.004 * np.exp(0.8 * X[:, 0] + 0.5 * rng.normal(size=n)), 0.0)

# %%
# A step that looks at y
# ----------------------
# ``TargetAuditor`` stands anywhere in a pipeline. X goes by untouched; y is audited in
# ``fit``.

model = make_pipeline(TargetAuditor(), StandardScaler(), BayesianRidge())
model.fit(X, rain)
model[0].report_

# %%
# The dry days are the trouble: a model may put all of its density on zero, and the loss
# falls without end. The unit, metres, makes the rest negative, which is harmless.
#
# Around a target transform
# -------------------------
# The days with rain alone are well behaved on a logarithmic scale. Forgetting to leave
# the dry days out is an error, and the transformer says so before the regressor fails.

log = FunctionTransformer(np.log, np.exp, check_inverse=False)
audited = AuditedTargetTransformer(log)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    audited.fit(rain.reshape(-1, 1))
print(str(caught[0].message)[:160], "...")

# %%
# With wet days only, it says how many nats of a loss are the logarithm's own.

model = TransformedTargetRegressor(BayesianRidge(), transformer=audited)
model.fit(X[wet], rain[wet])
transformer = model.transformer_
print(transformer.report_.summary)
print(f"\na loss of 0.7 of log y is {transformer.loss_in_own_units(0.7):.2f} of y")

# %%
# One loss in two spaces: the bars differ by the mean log slope, for every model alike.

fig, ax = plt.subplots(figsize=(6.4, 2.4), layout="constrained")
losses = {"of log y": 0.7, "of y in metres": transformer.loss_in_own_units(0.7)}
bars = ax.barh([*losses], [*losses.values()], color=["C0", "C1"], height=0.5)
ax.bar_label(bars, fmt="{:.2f}", padding=4)
ax.axvline(0, color="0.5", linewidth=0.8)
ax.invert_yaxis()
ax.set(title="the same forecasts", xlabel="loss, nats per sample")
ax.margins(x=0.15)
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# **To remember:** audit the target first; no model can mend what its values decide.
