"""Cases about calibration: a mu that is wrong, and errors that only look it."""

import numpy as np

from tests.audit.cases.clean import accurate


def forecast(y, mu, sigma):
    """Name the arguments."""
    return {"y_true": y, "mu": mu, "sigma": sigma}


def offset(rng, n):
    y, mu, sigma = accurate(rng, n)
    return forecast(y + 50.0, mu, sigma)


def mu_in_thousandths(rng, n):
    """The target in kilometres, its forecast in metres."""
    y, mu, sigma = accurate(rng, n)
    return forecast(y, 1_000.0 * mu, sigma)


def other_rows(rng, n):
    y, mu, sigma = accurate(rng, n)
    return forecast(rng.permutation(y), mu, sigma)


def skewed(rng, n):
    """Lognormal errors: most of them small, and the variance in a few."""
    y = np.exp(rng.normal(size=n))
    sd = np.exp(0.5) * np.sqrt(np.e - 1)
    return forecast(y, np.full(n, np.exp(0.5)), sd)


def rare_counts(rng, n):
    mu = np.full(n, 0.05)
    return forecast(rng.poisson(mu), mu, np.sqrt(mu))


def heavy(df):
    """Student errors of a known standard deviation, which few of them show."""

    def make(rng, n):
        return forecast(rng.standard_t(df, size=n), np.zeros(n), np.sqrt(df / (df - 2)))

    return make


def rare_shifts(rng, n):
    """One in thirteen is far off, as a constant sigma of that spread expects."""
    y = 4.0 * (rng.uniform(size=n) < 0.08) + 0.1 * rng.normal(size=n)
    return forecast(y, np.full(n, 0.32), np.sqrt(16 * 0.08 * 0.92 + 0.01))


def boosted_leaves(rng, n):
    """Half of the samples in one leaf, and the others in small leaves of their own."""
    leaf = np.where(rng.uniform(size=n) < 0.5, 0, rng.integers(1, 21, size=n))
    sigma = np.exp(np.linspace(-0.6, 0.6, 21))[leaf]
    return forecast(sigma * rng.normal(size=n), np.zeros(n), sigma)


WRONG_MU = {
    "an offset": offset,
    "mu in thousandths": mu_in_thousandths,
    "other rows": other_rows,
}

BLAMELESS_SIGMA = {
    "skewed": skewed,
    "rare counts": rare_counts,
    "student-t3": heavy(3),
    "student-t2.5": heavy(2.5),
    "rare shifts": rare_shifts,
}
