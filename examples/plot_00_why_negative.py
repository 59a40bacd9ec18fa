"""
Why is my loss negative?
========================

One model, one set of forecasts, one number that is positive in centimetres and negative
in metres. Nothing is wrong with either.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

from sklearn_negloss import audit, gaussian_nll_loss

# %%
# Forecasts of a height
# ---------------------
# Right to 3 cm, and honest about it.

rng = np.random.default_rng(0)
centimetres = rng.normal(172, 9, size=500)
forecast = centimetres + rng.normal(0, 3, size=500)

print(f"in centimetres {gaussian_nll_loss(centimetres, forecast, 3.0):7.3f}")
print(
    f"in metres      {gaussian_nll_loss(centimetres / 100, forecast / 100, 0.03):7.3f}"
)
print(f"log(100)       {np.log(100):7.3f}")

# %%
# The two differ by log(100), exactly, and so would those of any other model. The loss is
# minus the logarithm of a *density*: probability per centimetre, or per metre. A metre
# holds a hundred times as much.

fig, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
units = {"centimetres": (172, 3.0), "metres": (1.72, 0.03)}
for ax, (unit, (mu, sigma)) in zip(axes, units.items(), strict=True):
    y = mu + sigma * np.linspace(-4, 4, 400)
    density = norm.pdf(y, mu, sigma)
    ax.plot(y, density, color="C0", linewidth=2)
    above = density > 1
    ax.fill_between(y, 1, density, where=above, color="C1", alpha=0.35, linewidth=0)
    ax.axhline(1, color="0.2", linewidth=0.8)
    ax.set(title=f"the same forecast in {unit}", xlabel=f"height, {unit}", ylim=0)
    ax.set_ylabel(f"density per {unit[:-1]}")
axes[0].set_ylim(0, 1.15)
axes[0].text(160.5, 1.02, "above 1, the loss is negative", fontsize=9)
axes[1].text(1.772, 8, "above 1 nearly\neverywhere", fontsize=9)
plt.show()

# %%
# Ask the audit
# -------------
# It names the cause, and the number that has no unit: the gain over a constant forecast.

for unit, k in {"centimetres": 1, "metres": 100}.items():
    report = audit(y_true=centimetres / k, mu=forecast / k, sigma=3.0 / k)
    terms = report.decomposition
    print(
        f"{unit:<12} {report.verdict:<11} loss {terms.loss:6.3f}, gain {terms.gain:.3f}"
    )

# %%
# The whole report, as a notebook shows it:

report

# %%
# **To remember:** a density is no probability, so its loss may be negative; ask for the
# gain.
