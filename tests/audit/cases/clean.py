"""Cases in which nothing is wrong, whatever the sign of the loss."""

import numpy as np
from scipy import stats
from sklearn import datasets

SIZES = (50, 100, 1_000, 10_000, 100_000)
SCALES = (1e-6, 1e-3, 1.0, 1e3, 1e6)


def heteroscedastic(rng, n):
    """Sigma varies by a factor of ten and is known."""
    mu, sigma = rng.normal(size=n), np.exp(rng.uniform(-1.2, 1.2, size=n))
    return mu + sigma * rng.normal(size=n), mu, sigma


def two_levels(rng, n):
    """Sigma has two values, each for half of the samples."""
    mu, sigma = rng.normal(size=n), np.where(rng.uniform(size=n) < 0.5, 0.2, 1.0)
    return mu + sigma * rng.normal(size=n), mu, sigma


def family(law, std):
    """Errors of a family, all of one sigma."""

    def make(rng, n):
        mu = 2.0 * rng.normal(size=n)
        return mu + law(rng, n), mu, np.full(n, std)

    return make


def gamma(rng, n):
    """Positive and skewed, with the spread proportional to the mean."""
    mu = np.exp(rng.normal(size=n))
    return mu * rng.gamma(4.0, 0.25, size=n), mu, mu / 2.0


def poisson(rng, n):
    """Counts."""
    mu = np.exp(rng.normal(1.5, 0.7, size=n))
    return rng.poisson(mu).astype(float), mu, np.sqrt(mu)


def rounded(rng, n):
    """Recorded with one decimal."""
    mu = rng.normal(size=n)
    return np.round(mu + rng.normal(size=n), 1), mu, np.ones(n)


def uninformative(rng, n):
    """The forecast is the same for every sample, and honest."""
    return rng.normal(size=n), np.zeros(n), np.ones(n)


def accurate(rng, n):
    """Nearly all of the variance is explained."""
    mu = 10.0 * rng.normal(size=n)
    return mu + 0.1 * rng.normal(size=n), mu, np.full(n, 0.1)


CLEAN = {
    "normal": family(lambda rng, n: rng.normal(size=n), 1.0),
    "student-t5": family(lambda rng, n: rng.standard_t(5, size=n), np.sqrt(5 / 3)),
    "laplace": family(lambda rng, n: rng.laplace(size=n), np.sqrt(2.0)),
    "gamma": gamma,
    "poisson": poisson,
    "rounded": rounded,
    "heteroscedastic": heteroscedastic,
    "two-levels": two_levels,
    "uninformative": uninformative,
    "accurate": accurate,
}


def clean_case(name, seed, n, scale):
    """Return arguments of `audit` for a clean case."""
    y, mu, sigma = CLEAN[name](np.random.default_rng(seed), n)
    return {"y_true": scale * y, "mu": scale * mu, "sigma": scale * sigma}


def bundled_targets():
    """Yield the targets that scikit-learn ships."""
    loaders = {
        name: getattr(datasets, f"load_{name}")
        for name in ("diabetes", "iris", "wine", "breast_cancer", "linnerud", "digits")
    }
    return {name: load().target for name, load in loaders.items()}


def honest_probabilities(rng, n, n_classes=3):
    """Classes drawn from the very probabilities that are forecast."""
    prob = rng.dirichlet(np.ones(n_classes), size=n)
    cumulated = np.cumsum(prob, axis=1)[:, :-1]
    labels = (rng.uniform(size=(n, 1)) > cumulated).sum(axis=1)
    return {"y_true": labels, "y_prob": prob}


def honest_binary(rng, n):
    """One probability a sample."""
    prob = stats.beta(0.7, 2.0).rvs(size=n, random_state=rng)
    return {"y_true": (rng.uniform(size=n) < prob).astype(int), "y_prob": prob}
