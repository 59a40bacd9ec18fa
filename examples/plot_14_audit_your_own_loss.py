"""
Is my own loss a loss?
======================

Everybody writes a Gaussian loss once. Five of them, each with a slip that a test on a few
numbers does not see: which way does it point, and where is its minimum?
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

from sklearn_negloss import audit, check_loss

# %%
# Five losses
# -----------


def right(y, mu, sigma):
    return -norm.logpdf(y, mu, sigma).mean()


def squared(y, mu, sigma):  # a variance where scipy wants a standard deviation
    return -norm.logpdf(y, mu, sigma**2).mean()


def short(y, mu, sigma):  # without its constant
    return np.mean(np.log(sigma) + 0.5 * ((y - mu) / sigma) ** 2)


def beta(y, mu, sigma):  # made for training, here reported as a score
    return np.mean(-norm.logpdf(y, mu, sigma) * sigma)


def likelihood(y, mu, sigma):  # the sign
    return norm.logpdf(y, mu, sigma).mean()


# %%
# At sigma 1, three of them agree to the last digit, since 1 is its own square.

y = np.random.default_rng(0).normal(size=5)
losses = (right, squared, short, beta, likelihood)
print({f.__name__: round(float(f(y, np.zeros(5), np.ones(5))), 3) for f in losses})

# %%
# Call them
# ---------
# The audit calls each function with forecasts that are right and wrong. What it finds has
# a number that proves it; a missing guard is information.

for function in losses:
    print(f"\n{function.__name__}:")
    for finding in audit(loss=function).findings:
        print(f"  {finding.severity:7} {finding.code}  {finding.message}")

# %%
# In a test suite, one line does: it passes, or raises ``AssertionError`` with the report.

check_loss(right)

# %%
# Where is the minimum?
# ---------------------
# Errors of a known sigma, 2, tell more than any value: a proper loss is least there
# (dashed). A constant moves the curve and not the minimum; the log-likelihood has a
# maximum there.

errors = 2 * norm.ppf((np.arange(1000) + 0.5) / 1000)
grid = np.geomspace(0.7, 6, 120)
fig, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
for k, function in enumerate(losses):
    curve = [function(errors, 0 * errors, np.full(1000, s)) for s in grid]
    best = int(np.argmin(curve))
    ax.plot(grid, curve, color=f"C{k}", label=function.__name__)
    if 0 < best < len(grid) - 1:
        ax.plot(grid[best], curve[best], "o", color=f"C{k}")
ax.axvline(2, color="0.4", linestyle="--", linewidth=0.8)
ax.set(xscale="log", ylim=(-4, 6), xlabel="sigma of the forecast", ylabel="loss")
ax.set_xticks([1, 2, 4], ["1", "2", "4"])
ax.minorticks_off()
ax.legend(frameon=False)
plt.show()

# %%
# **To remember:** a loss is tested by where its minimum is, at a sigma that is not 1.
