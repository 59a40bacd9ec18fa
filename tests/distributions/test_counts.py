"""Poisson and negative binomial: exact at every mean, and on whole numbers only."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from sklearn_negloss.distributions._counts import NegativeBinomial, Poisson
from tests.distributions import oracles

MU = np.array([0.02, 3.0, 50.0])
N, P = np.array([0.3, 4.0, 80.0]), np.array([0.2, 0.5, 0.9])

CASES = {
    "poisson": (Poisson(MU), stats.poisson(MU)),
    "negative-binomial": (NegativeBinomial(N, P), stats.nbinom(N, P)),
}
OURS = {name: ours for name, (ours, _) in CASES.items()}
each_case = pytest.mark.parametrize(("ours", "scipys"), CASES.values(), ids=CASES)
each = pytest.mark.parametrize("ours", OURS.values(), ids=OURS)

MEANS = [1e-12, 1e-6, 0.01, 0.999, 1.0, 3.0, 9.0, 11.0, 100.0, 1e4, 2e5, 1e6]
SCORES = np.array([-8.0, -5.0, -4.6, -1.0, 0.0, 1.0, 4.3, 5.0, 30.0, 1e3])


def near(mean, std):
    """Whole numbers within 1000 standard deviations of the mean."""
    counts = np.concatenate([[0.0, 1.0, 2.0, 10.0], np.floor(mean + SCORES * std)])
    return np.unique(counts[counts >= 0.0])


def poisson_points():
    return np.array([(k, mu) for mu in MEANS for k in near(mu, np.sqrt(mu))]).T


def negative_binomial_points(means, dispersions):
    points = []
    for mu in means:
        for n in dispersions:
            p = n / (n + mu)
            if p < 1.0 - 1e-9:  # closer to 1, p itself has no digits left
                points += [(k, n, p) for k in near(mu, np.sqrt(mu / p)) if k < 1e6]
    return np.array(points).T


# -- numbers to the last digit --------------------------------------------------------


def test_poisson_log_score_agrees_with_mpmath_at_every_mean():
    k, mu = poisson_points()
    exact = map(oracles.poisson_log, k, mu)
    assert oracles.relative_error(Poisson(mu).logpmf(k), exact) < 1e-14


def test_poisson_crps_agrees_with_mpmath_at_every_mean():
    k, mu = poisson_points()
    exact = map(oracles.poisson_crps, k, mu)
    assert oracles.relative_error(Poisson(mu).crps(k), exact) < 1e-13


def test_negative_binomial_log_score_agrees_with_mpmath_everywhere():
    k, n, p = negative_binomial_points(
        [1e-8, 0.01, 1.0, 30.0, 1e4, 1e6], [1e-6, 0.01, 0.3, 1.0, 9.0, 11.0, 1e3, 1e6]
    )
    exact = map(oracles.negative_binomial_log, k, n, p)
    assert oracles.relative_error(NegativeBinomial(n, p).logpmf(k), exact) < 1e-14


def test_negative_binomial_crps_agrees_with_mpmath():
    k, n, p = negative_binomial_points(
        [1e-8, 0.01, 1.0, 10.0], [1e-6, 0.01, 0.3, 1.0, 1.5, 9.0, 1e3]
    )
    exact = map(oracles.negative_binomial_crps, k, n, p)
    assert oracles.relative_error(NegativeBinomial(n, p).crps(k), exact) < 1e-12


@pytest.mark.parametrize("n", [0.01, 1.0, 9.0, 30.0])
def test_negative_binomial_crps_at_a_mean_of_1e4_agrees_with_mpmath(n):
    k, n, p = negative_binomial_points([1e4], [n])
    exact = map(oracles.negative_binomial_crps, k, n, p)
    assert oracles.relative_error(NegativeBinomial(n, p).crps(k), exact) < 1e-11


@pytest.mark.parametrize("n", [1e3, 1e5, 1e9])
def test_negative_binomial_crps_with_little_dispersion_agrees_with_a_sum(n):
    # where mpmath's hypergeometric series does not converge
    k, p = np.array([9_000.0, 10_000.0, 11_500.0]), n / (n + 1e4)
    exact = [oracles.negative_binomial_crps_by_sum(value, n, p) for value in k]
    assert oracles.relative_error(NegativeBinomial(n, p).crps(k), exact) < 1e-13


# -- agreement with other libraries ---------------------------------------------------


@each_case
def test_families_agree_with_scipy(ours, scipys):
    k = np.arange(0.0, 120.0)[:, None]
    assert_allclose(ours.logpmf(k), scipys.logpmf(k), rtol=1e-12, atol=1e-12)
    assert_allclose(ours.cdf(k + 0.5), scipys.cdf(k + 0.5), rtol=1e-12)
    levels = np.array([1e-9, 0.01, 0.3, 0.5, 0.9, 0.99999])[:, None]
    assert_array_equal(ours.ppf(levels), scipys.ppf(levels))
    assert_allclose(ours.mean(), scipys.mean(), rtol=1e-13)
    assert_allclose(ours.var(), scipys.var(), rtol=1e-13)
    assert_allclose(ours.std(), scipys.std(), rtol=1e-13)


def test_crps_agrees_with_scoringrules_where_that_is_finite():
    sr = pytest.importorskip("scoringrules")
    y = np.array([0.0, 2.0, 40.0])
    assert_allclose(Poisson(MU).crps(y), sr.crps_poisson(y, MU), rtol=1e-9)
    ours = NegativeBinomial(N, P).crps(y)
    assert_allclose(ours, sr.crps_negbinom(y, N, P), rtol=1e-10)


@pytest.mark.parametrize(
    "dist",
    [
        Poisson([1e-3, 1.0, 30.0, 63.0, 150.0, 1e4]),
        NegativeBinomial([1e-3, 0.3, 1.0, 5.0, 49.0], [0.9, 0.1, 0.02, 0.01, 0.3]),
        NegativeBinomial([51.0, 51.0, 60.0, 1e4], [0.99, 0.4, 0.02, 0.5]),
    ],
    ids=["poisson", "small n", "large n"],
)
def test_entropy_is_minus_the_sum_of_f_log_f(dist):
    k = np.arange(0.0, 20_000.0)[:, None]
    log_f = dist.logpmf(k)
    exact = -(np.exp(log_f) * log_f).sum(axis=0)
    assert_allclose(dist.entropy(), exact, rtol=1e-11)


def test_entropy_of_one_distribution_is_one_number():
    assert np.shape(Poisson(3.0).entropy()) == ()
    assert np.shape(NegativeBinomial(3.0, 0.5).entropy()) == ()


# -- what must hold by law ------------------------------------------------------------


@each
@pytest.mark.parametrize("y", [-1.5, 0.0, 0.25, 1.0, 7.75, 60.0])
def test_crps_is_the_integral_of_the_squared_error_of_the_cdf(ours, y):
    k = np.arange(0.0, 1500.0)[:, None]
    cdf = ours.cdf(k)
    before = np.clip(y - k, 0.0, 1.0)  # share of [k, k + 1) below y
    brute = (before * cdf**2 + (1.0 - before) * (1.0 - cdf) ** 2).sum(axis=0)
    assert_allclose(ours.crps(y), brute + max(0.0, -y), rtol=1e-12)


@each
def test_ppf_is_the_least_count_that_reaches_the_level(ours):
    q = np.random.default_rng(0).random((200, 1))
    k = ours.ppf(q)
    assert (ours.cdf(k) >= q).all()
    assert (ours.cdf(k - 1.0) < q).all()


@each
def test_ppf_of_a_step_of_the_cdf_is_that_step(ours):
    k = np.arange(0.0, 5.0)[:, None]
    q = ours.cdf(k)
    inside = q < 1.0
    assert_array_equal(ours.ppf(np.where(inside, q, 0.5))[inside], (k + 0 * q)[inside])


def test_quantiles_of_extreme_distributions_are_found():
    wide = NegativeBinomial(0.01, 1e-6)
    assert wide.ppf(0.5) == 0.0
    assert wide.cdf(wide.ppf(0.999)) >= 0.999
    assert_allclose(Poisson(1e17).ppf([1e-9, 0.999999]), 1e17, rtol=1e-7)


@each
def test_probabilities_sum_to_one(ours):
    total = np.exp(ours.logpmf(np.arange(0.0, 2000.0)[:, None])).sum(axis=0)
    assert_allclose(total, 1.0, rtol=1e-12)


@each
def test_only_counts_have_probability(ours):
    k = np.array([-1.0, 0.5, 3.0000001, np.inf, -np.inf])[:, None]
    assert_array_equal(ours.logpmf(k), np.full((5, 3), -np.inf))
    assert np.isnan(ours.logpmf(np.nan)).all()
    assert ours.discrete


@each
def test_the_cdf_is_a_step_function_on_the_whole_line(ours):
    assert_array_equal(ours.cdf(-0.5), 0.0)
    assert_array_equal(ours.cdf(2.999), ours.cdf(2.0))
    assert_array_equal(ours.cdf(np.inf), 1.0)
    assert_array_equal(ours.cdf(-np.inf), 0.0)
    assert np.isnan(ours.cdf(np.nan)).all()


@each
def test_the_truth_has_the_least_expected_crps(ours):
    truth = ours[1]
    k = np.arange(0.0, 200.0)
    f = np.exp(truth.logpmf(k))
    scores = []
    for factor in (1.0, 0.9, 1.1):
        other = (
            Poisson.from_moments(factor * truth.mean())
            if isinstance(truth, Poisson)
            else NegativeBinomial.from_moments(truth.mean(), factor * truth.std())
        )
        scores.append(f @ other.crps(k))
    assert min(scores) == scores[0]


def test_a_negative_binomial_tends_to_a_poisson():
    n, mu = 1e12, 30.0
    y = np.array([0.0, 20.0, 30.0, 300.0])
    dist, limit = NegativeBinomial(n, n / (n + mu)), Poisson(mu)
    # p = 1 - 3e-11 keeps six digits of 1 - p
    assert_allclose(dist.crps(y), limit.crps(y), rtol=1e-4)
    assert_allclose(dist.logpmf(y), limit.logpmf(y), rtol=1e-4)


# -- moments --------------------------------------------------------------------------


def test_poisson_from_moments_needs_the_mean_alone():
    assert_array_equal(Poisson.from_moments(MU).mean(), MU)
    assert_array_equal(Poisson.from_moments(MU).std(), np.sqrt(MU))


def test_poisson_from_moments_takes_the_root_of_the_mean_and_no_other_sigma():
    assert_array_equal(Poisson.from_moments(MU, np.sqrt(MU)).mean(), MU)
    assert Poisson.from_moments(4.0, 2.0).mean() == 4.0
    with pytest.raises(
        ValueError,
        match=r"sigma\*\*2 / mu must be 1 .*; got 2.25 at index 1 \(1 of 2 values\); .*"
        "NegativeBinomial",
    ):
        Poisson.from_moments([4.0, 4.0], [2.0, 3.0])


def test_negative_binomial_from_moments_recovers_mean_and_standard_deviation():
    mu = np.array([1e-3, 0.5, 4.0, 1e4, 1e4])
    sigma = np.array([0.1, 2.0, 2.1, 100.0001, 1e5])
    dist = NegativeBinomial.from_moments(mu, sigma)
    assert_allclose(dist.mean(), mu, rtol=1e-14)
    assert_allclose(dist.std(), sigma, rtol=1e-14)


def test_negative_binomial_refuses_too_little_variance():
    message = (
        r"^sigma\*\*2 / mu must be greater than 1; got 1 at index 1 \(2 of 3 values\); "
        r".*Poisson\.from_moments"
    )
    with pytest.raises(ValueError, match=message):
        NegativeBinomial.from_moments([4.0, 4.0, 4.0], [3.0, 2.0, 1.0])


@pytest.mark.parametrize("mu", [0.0, -1.0, np.nan])
def test_a_mean_that_is_not_positive_is_refused(mu):
    with pytest.raises(ValueError, match=r"^mu must be .*\(1 of 2 values\)"):
        Poisson([1.0, mu])
    with pytest.raises(ValueError, match=r"^mu must be .*\(1 of 2 values\)"):
        NegativeBinomial.from_moments([1.0, mu], 5.0)


@pytest.mark.parametrize(("n", "p", "name"), [(0.0, 0.5, "n"), (1.0, 1.0, "p")])
def test_parameters_outside_their_domain_are_refused_by_name(n, p, name):
    with pytest.raises(ValueError, match=rf"^{name} must be "):
        NegativeBinomial(n, p)


# -- values, not objects with state ---------------------------------------------------


@each
def test_a_pickled_distribution_is_the_same(ours):
    again = pickle.loads(pickle.dumps(ours))
    assert_array_equal(again.logpmf(2), ours.logpmf(2))
    assert repr(again) == repr(ours)


@each
def test_a_distribution_is_immutable(ours):
    with pytest.raises(AttributeError, match="immutable"):
        ours.mu = 1.0


@each
def test_draws_follow_the_distribution(ours):
    draws = np.array([ours.rvs(seed) for seed in range(2000)])
    assert draws.dtype == np.float64
    error = np.abs(draws.mean(axis=0) - ours.mean()) / (ours.std() / np.sqrt(2000))
    assert (error < 4.0).all()
    assert_array_equal(ours.rvs(7), ours.rvs(7))


@each
def test_a_grid_of_points_broadcasts_against_the_samples(ours):
    k = np.arange(4)[:, None]
    for method in (ours.logpmf, ours.cdf, ours.crps):
        table = method(k)
        assert table.shape == (4, 3)
        assert_array_equal(table[2], method(2))


@each
def test_an_interval_holds_at_least_its_confidence(ours):
    lower, upper = ours.interval(0.9)
    assert (ours.cdf(upper) - ours.cdf(lower - 1.0) >= 0.9).all()
