"""
Sample weights, all the way to the score
========================================

Half of the rows were measured with a bad instrument and carry a weight of 0.05. Do the
weights reach the fit, the score, both, or neither?
"""

import matplotlib.pyplot as plt
import numpy as np
import sklearn
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import cross_validate

from sklearn_negloss import gaussian_nll_loss, make_distribution_scorer

rng = np.random.default_rng(0)
X = rng.normal(size=(1_500, 3))
bad = rng.uniform(size=1_500) < 0.5
y = X @ [1.0, -0.5, 0.2] + np.where(bad, 6.0, 0.5) * rng.normal(size=1_500)
weight = np.where(bad, 0.05, 1.0)

# %%
# A weight of 2 is the same sample twice
# --------------------------------------
# That holds for every loss here, to the last digit but rounding.

mu, sigma = np.zeros(4), np.ones(4)
twice = gaussian_nll_loss([1, 1, 2, 3], mu, sigma)
weighted = gaussian_nll_loss([1, 2, 3], mu[:3], sigma[:3], sample_weight=[2, 1, 1])
print(twice, weighted)

# %%
# Ask for them
# ------------
# With metadata routing on, scikit-learn hands weights to whoever asks: the estimator to
# be fitted with them, the scorer to be scored with them.

scorers = {
    "score unweighted": make_distribution_scorer(gaussian_nll_loss),
    "score weighted": make_distribution_scorer(gaussian_nll_loss),
}
with sklearn.config_context(enable_metadata_routing=True):
    scorers["score unweighted"].set_score_request(sample_weight=False)
    scorers["score weighted"].set_score_request(sample_weight=True)
    models = {
        "fit unweighted": BayesianRidge().set_fit_request(sample_weight=False),
        "fit weighted": BayesianRidge().set_fit_request(sample_weight=True),
    }
    losses = {}
    for fit, model in models.items():
        for score, scorer in scorers.items():
            # Metadata that nobody asked for is an error, and rightly so.
            asked = " weighted" in fit + score
            params = {"sample_weight": weight} if asked else None
            result = cross_validate(model, X, y, scoring=scorer, params=params)
            losses[f"{fit}, {score}"] = -result["test_score"]
for name, values in losses.items():
    print(f"{name:<34} {values.mean():6.3f}")

# %%
# Only a weighted score shows what the weighted fit is worth.

fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for row, values in enumerate(losses.values()):
    ax.plot(values, np.full(len(values), row), "o", color="0.2", markersize=4)
    ax.plot(values.mean(), row, "|", color="C0", markersize=22, markeredgewidth=3)
ax.set_yticks(range(4), list(losses))
ax.set(xlabel="Gaussian NLL of each fold (lower is better)", ylim=(3.5, -0.5))
plt.show()

# %%
# **To remember:** ask for weights twice, with ``set_fit_request`` and with
# ``set_score_request``.
