"""Continuous families: log scores and CRPS against mpmath, and what they are by law."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, stats

from sklearn_negloss.distributions._families import Laplace, Logistic, Normal, StudentT
from sklearn_negloss.distributions._positive import Gamma, LogNormal
from tests.distributions import oracles

LOC = np.array([-3.0, 0.0, 2.5])
SCALE = np.array([0.2, 1.0, 7.0])
SHAPE = np.array([0.4, 3.0, 60.0])

# family -> (ours, scipy's)
CASES = {
    "normal": (Normal(LOC, SCALE), stats.norm(LOC, SCALE)),
    "laplace": (Laplace(LOC, SCALE), stats.laplace(LOC, SCALE)),
    "logistic": (Logistic(LOC, SCALE), stats.logistic(LOC, SCALE)),
    "student-t": (StudentT(SHAPE + 2.1, LOC, SCALE), stats.t(SHAPE + 2.1, LOC, SCALE)),
    "log-normal": (
        LogNormal(SCALE[:2], SCALE[1:]),
        stats.lognorm(SCALE[:2], scale=SCALE[1:]),
    ),
    "gamma": (Gamma(SHAPE, SCALE), stats.gamma(SHAPE, scale=SCALE)),
}
OURS = {name: ours for name, (ours, _) in CASES.items()}
LOCATION_SCALE = {"normal": (), "laplace": (), "logistic": (), "student-t": (3.0,)}
LEVELS = np.array([1e-12, 1e-3, 0.1, 0.4999, 0.5, 0.7, 0.999])[:, None]

each_case = pytest.mark.parametrize(("ours", "scipys"), CASES.values(), ids=CASES)
each = pytest.mark.parametrize("ours", OURS.values(), ids=OURS)

Z = [0.0, 1e-8, 0.3, 1.0, 4.0, 30.0, 1e3, 1e8]
DF = [0.51, 0.9, 0.99999, 1.0, 1 + 1e-9, 1.2, 2.0, 5.0, 31.0, 33.0, 1e3, 1e6]
S = [1e-8, 1e-6, 1e-3, 0.1, 0.499, 0.501, 1.0, 5.0, 12.0, 30.0, 50.0]
Y = [1e-300, 1e-10, 0.01, 0.9, 1 - 1e-6, 1.0, 1.0001, 2.0, 10.0, 1e5, 1e30]
A = [1e-10, 1e-4, 0.3, 0.999, 1.0, 2.5, 9.99, 10.01, 100.0, 1e4, 2e5, 1e6]


def grid(*axes):
    return np.array(np.meshgrid(*axes, indexing="ij")).reshape(len(axes), -1)


def gamma_points():
    """Observations within 1000 standard deviations of the mean, and close to 0."""
    scores = np.array([-8.0, -5.0, -4.3, -1.0, 0.0, 0.1, 2.0, 4.3, 4.6, 7.0, 30.0, 1e3])
    pairs = [(a + z * np.sqrt(a), a) for a in A for z in scores]
    pairs += [(y, a) for a in A for y in (1e-10, 1e-3, 0.5, 1.0)]
    return np.array([(y, a) for y, a in pairs if y > 0.0]).T


# -- numbers to the last digit --------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "log", "crps"),
    [
        (Laplace(), oracles.laplace_log, oracles.laplace_crps),
        (Logistic(), oracles.logistic_log, oracles.logistic_crps),
    ],
    ids=["laplace", "logistic"],
)
def test_laplace_and_logistic_agree_with_mpmath_at_every_distance(family, log, crps):
    assert oracles.relative_error(family.logpdf(Z), map(log, Z)) < 1e-14
    assert oracles.relative_error(family.crps(Z), map(crps, Z)) < 1e-14


def test_student_t_agrees_with_mpmath_for_every_df_and_distance():
    z, df = grid(Z, DF)
    ours, exact = StudentT(df), list(map(oracles.student_log, z, df))
    assert oracles.relative_error(ours.logpdf(z), exact) < 1e-14
    z, df = grid(Z[:-1], DF)  # at 1e8 mpmath needs minutes for large df
    exact = map(oracles.student_crps, z, df)
    assert oracles.relative_error(StudentT(df).crps(z), exact) < 1e-13


def test_student_t_cdf_keeps_its_digits_in_both_tails():
    z, df = grid([-1e3, -30.0, -5.0, -1.01, -0.99, -1e-8, 0.4, 3.0], DF[:-1])
    held = df * np.log10(np.abs(z)) < 200.0  # the others are below the least float
    z, df = z[held], df[held]
    exact = map(oracles.student_cdf, z, df)
    assert oracles.relative_error(StudentT(df).cdf(z), exact) < 1e-12


def test_log_normal_agrees_with_mpmath_for_every_shape():
    y, s = grid(Y, S)
    ours = LogNormal(s)
    assert (
        oracles.relative_error(ours.logpdf(y), map(oracles.lognormal_log, y, s)) < 1e-14
    )
    y, s = grid([-1.0, 0.0, *Y], S)
    exact = map(oracles.lognormal_crps, y, s)
    assert oracles.relative_error(LogNormal(s).crps(y), exact) < 1e-13


def test_log_normal_crps_at_a_large_shape_is_not_infinite():
    assert_allclose(LogNormal(12.0).crps(1.0), 3.999812659347527e14, rtol=1e-14)


def test_gamma_crps_agrees_with_mpmath_for_every_shape():
    y, a = gamma_points()
    assert (
        oracles.relative_error(Gamma(a).crps(y), map(oracles.gamma_crps, y, a)) < 1e-13
    )


def test_gamma_log_density_agrees_with_mpmath_for_every_shape():
    y, a = gamma_points()
    exact = np.array(
        [float(oracles.gamma_log(*pair)) for pair in zip(y, a, strict=True)]
    )
    # absolute where the log density crosses 0
    assert_allclose(Gamma(a).logpdf(y), exact, rtol=1e-14, atol=2e-14)


@pytest.mark.parametrize("y", [0.0, -2.0])
def test_gamma_crps_at_and_below_zero_agrees_with_mpmath(y):
    exact = [oracles.gamma_crps(y, a) for a in A]
    assert oracles.relative_error(Gamma(A).crps(y), exact) < 1e-13


def test_gamma_crps_at_a_shape_of_1e8_does_not_cancel():
    a = 1e8
    y = a + np.sqrt(a) * np.array([-4.6, 0.5])
    exact = [oracles.gamma_crps(value, a) for value in y]
    assert oracles.relative_error(Gamma(a).crps(y), exact) < 1e-13


def test_gamma_cdf_holds_where_scipys_series_stops_too_early():
    a = 1e6
    y = a + 1e3 * np.array([-6.0, -4.5, 4.5, 6.0])
    exact = [oracles.gamma_cdf(a, value) for value in y]
    assert oracles.relative_error(Gamma(a).cdf(y), exact) < 1e-12


# -- agreement with other libraries ---------------------------------------------------


@each_case
def test_families_agree_with_scipy(ours, scipys):
    x = scipys.ppf(LEVELS[1:])
    assert_allclose(ours.logpdf(x), scipys.logpdf(x), rtol=1e-12, atol=1e-13)
    assert_allclose(ours.cdf(x), scipys.cdf(x), rtol=1e-12)
    assert_allclose(ours.ppf(LEVELS[1:]), x, rtol=1e-9, atol=1e-14)
    assert_allclose(ours.mean(), scipys.mean(), rtol=1e-13)
    assert_allclose(ours.var(), scipys.var(), rtol=1e-13)
    assert_allclose(ours.std(), scipys.std(), rtol=1e-13)
    assert_allclose(ours.entropy(), scipys.entropy(), rtol=1e-11, atol=1e-12)


def test_crps_agrees_with_scoringrules_where_that_is_finite():
    sr = pytest.importorskip("scoringrules")
    y = np.array([-1.0, 0.5, 4.0])
    a, s, df = np.array([0.7, 2.0, 9.0]), np.array([0.3, 1.0, 2.0]), SHAPE + 1.5
    close = {"rtol": 1e-10}
    assert_allclose(Normal(LOC, SCALE).crps(y), sr.crps_normal(y, LOC, SCALE), **close)
    assert_allclose(
        Laplace(LOC, SCALE).crps(y), sr.crps_laplace(y, LOC, SCALE), **close
    )
    ours = Logistic(LOC, SCALE).crps(y)
    assert_allclose(ours, sr.crps_logistic(y, LOC, SCALE), **close)
    ours = StudentT(df, LOC, SCALE).crps(y)
    assert_allclose(ours, sr.crps_t(y, df, LOC, SCALE), **close)
    y = np.abs(y)
    ours = LogNormal(s, np.exp(0.2)).crps(y)
    assert_allclose(ours, sr.crps_lognormal(y, 0.2, s), **close)
    ours = Gamma(a, SCALE).crps(y)
    assert_allclose(ours, sr.crps_gamma(y, a, 1.0 / SCALE), **close)


# -- what must hold by law ------------------------------------------------------------


@each
def test_crps_is_the_integral_of_the_squared_error_of_the_cdf(ours):
    for i, y in enumerate(ours.ppf(np.array([[0.02], [0.6]])).ravel()):
        one = ours[i % len(ours)]
        ends = one.ppf(np.array([1e-9, 1 - 1e-9]))
        cuts = np.unique(
            np.concatenate([one.ppf(np.linspace(0.001, 0.999, 40)), [y], ends])
        )
        brute = sum(
            integrate.quad(lambda x, y=y, one=one: (one.cdf(x) - (x >= y)) ** 2, a, b)[
                0
            ]
            for a, b in pairwise(cuts)
        )
        assert_allclose(one.crps(y), brute, rtol=2e-7)


@pytest.mark.parametrize("df", [0.6, 0.9, 1.0, 1.5])
def test_student_t_crps_is_finite_without_a_mean(df):
    one, y = StudentT(df), 2.0

    # x = sign t^8 stretches the line so that the tails of power 2 df can be integrated
    def squared(u):
        x = np.sign(u) * abs(u) ** 8
        return (one.cdf(-abs(x)) if (x >= y) == (x > 0) else one.cdf(abs(x))) ** 2 * (
            8 * abs(u) ** 7
        )

    cut = y**0.125
    parts = [(-np.inf, -1), (-1, 0), (0, cut), (cut, 4), (4, np.inf)]
    brute = sum(integrate.quad(squared, a, b, epsabs=1e-11)[0] for a, b in parts)
    assert_allclose(one.crps(y), brute, rtol=1e-7)


def test_student_t_crps_is_infinite_up_to_half_a_degree_of_freedom():
    assert_array_equal(StudentT([0.1, 0.5]).crps(0.0), np.inf)


@each
def test_cdf_inverts_ppf(ours):
    assert_allclose(
        ours.cdf(ours.ppf(LEVELS)), LEVELS + np.zeros(len(ours)), rtol=1e-10
    )


def test_student_t_quantiles_hold_in_the_far_tails():
    df = np.array([1.5, 5.0, 30.0, 1e6])
    q = np.array([1e-300, 1e-100, 1e-20])[:, None]
    ours = StudentT(df)
    # a relative error of 1e-16 in x moves the tail of a near-Gaussian by x^2 times that
    assert_allclose(ours.cdf(ours.ppf(q)), q + np.zeros(4), rtol=1e-11)


@each
def test_log_density_is_the_derivative_of_the_cdf(ours):
    x = ours.ppf(np.array([0.2, 0.5, 0.8])[:, None])
    h = 1e-5 * ours.std()
    slope = (ours.cdf(x + h) - ours.cdf(x - h)) / (2 * h)
    assert_allclose(np.exp(ours.logpdf(x)), slope, rtol=1e-5)


@each
def test_entropy_is_minus_the_mean_log_density(ours):
    nodes, weights = np.polynomial.legendre.leggauss(150)
    # two panels, for the kink at the median; a flat u(p) pushes nodes into the tails
    p = np.concatenate([0.25 + 0.25 * nodes, 0.75 + 0.25 * nodes])
    u = p**4 * (35 - 84 * p + 70 * p**2 - 20 * p**3)
    du = 140 * p**3 * (1 - p) ** 3 * 0.25 * np.tile(weights, 2)
    inside = (u > 0) & (u < 1)
    log_density = ours.logpdf(ours.ppf(u[inside][:, None]))
    assert_allclose(-(du[inside] @ log_density), ours.entropy(), rtol=1e-5, atol=1e-5)


@each
def test_crps_is_never_negative(ours):
    x = ours.ppf(LEVELS)
    assert (ours.crps(x) > 0.0).all()


@pytest.mark.parametrize("name", LOCATION_SCALE)
@pytest.mark.parametrize("factor", [1e-6, 3.0, 1e9])
def test_scaling_the_units_scales_crps_and_shifts_the_log_density(name, factor):
    family, shape = type(OURS[name]), LOCATION_SCALE[name]
    y = np.array([-2.0, 0.3, 9.0])
    one, other = (
        family(*shape, LOC, SCALE),
        family(*shape, factor * LOC, factor * SCALE),
    )
    assert_allclose(other.crps(factor * y), factor * one.crps(y), rtol=1e-12)
    shifted = one.logpdf(y) - np.log(factor)
    assert_allclose(other.logpdf(factor * y), shifted, rtol=1e-12)


@pytest.mark.parametrize("family", [LogNormal, Gamma])
def test_scaling_a_positive_family_scales_its_crps(family):
    y, shape = np.array([0.1, 1.0, 30.0]), np.array([0.2, 1.0, 3.0])
    ours = family(shape, 1e6).crps(1e6 * y)
    assert_allclose(ours, 1e6 * family(shape, 1.0).crps(y), rtol=1e-12)


@each
def test_the_truth_has_the_least_expected_crps(ours):
    truth = ours[1]
    u = (np.arange(4000) + 0.5) / 4000
    y = truth.ppf(u)
    family, mu, sigma = type(truth), float(truth.mean()), float(truth.std())
    extra = {"df": float(truth.df)} if family is StudentT else {}
    scores = [
        family.from_moments(mu + shift * sigma, sigma * stretch, **extra).crps(y).mean()
        for shift, stretch in [(0, 1), (0.1, 1), (-0.1, 1), (0, 1.2), (0, 0.8)]
    ]
    assert min(scores) == scores[0]


# -- the edges of the support ---------------------------------------------------------


@pytest.mark.parametrize("dist", [LogNormal(1.0, 2.0), Gamma(3.0, 2.0)])
def test_outside_the_support_the_density_is_zero_and_the_crps_holds(dist):
    assert dist.logpdf(-1.0) == -np.inf
    assert dist.cdf(-1.0) == 0.0
    assert dist.cdf(0.0) == 0.0
    assert_allclose(dist.crps(-1.5), dist.crps(0.0) + 1.5, rtol=1e-14)


def test_densities_at_zero_are_the_limits():
    assert_array_equal(
        Gamma([0.5, 1.0, 2.0, 20.0], 2.0).logpdf(0.0),
        [np.inf, -np.log(2.0), -np.inf, -np.inf],
    )
    assert LogNormal(1.0).logpdf(0.0) == -np.inf


@each
def test_a_thousand_standard_deviations_give_finite_scores(ours):
    y = ours.mean() + 1e3 * ours.std()
    assert np.isfinite(ours.logpdf(y)).all()
    assert np.isfinite(ours.crps(y)).all()


# -- values, not objects with state ---------------------------------------------------


@each
def test_a_pickled_distribution_is_the_same(ours):
    again = pickle.loads(pickle.dumps(ours))
    assert_array_equal(again.logpdf(0.7), ours.logpdf(0.7))
    assert repr(again) == repr(ours)


@each
def test_a_distribution_is_immutable(ours):
    name = ours.parameters[0].name
    with pytest.raises(AttributeError, match="immutable"):
        setattr(ours, name, 1.0)
    with pytest.raises(ValueError, match="read-only"):
        getattr(ours, name)[0] = 1.0


@each
def test_a_grid_of_points_broadcasts_against_the_samples(ours):
    x = np.array([0.5, 1.0, 2.0, 3.0])[:, None]
    for method in (ours.logpdf, ours.cdf, ours.crps):
        table = method(x)
        assert table.shape == (4, len(ours))
        assert_array_equal(table[1], method(1.0))


@each
def test_a_subset_of_samples_is_a_distribution(ours):
    assert_array_equal(ours[1:].logpdf(0.7), ours.logpdf(0.7)[1:])
    assert ours[1].shape == ()


@each
def test_draws_follow_the_distribution(ours):
    one = ours[np.ones(4000, dtype=int)]
    draws = one.rvs(random_state=0)
    assert draws.shape == (4000,)
    assert stats.kstest(draws, ours[1].cdf).pvalue > 1e-3


@each
def test_every_random_state_of_scikit_learn_is_reproducible(ours):
    assert_array_equal(ours.rvs(3), ours.rvs(3))
    for make in (np.random.default_rng, np.random.RandomState):
        assert_array_equal(ours.rvs(make(5)), ours.rvs(make(5)))
    shared = np.random.RandomState(5)
    assert not np.array_equal(ours.rvs(shared), ours.rvs(shared))
    assert ours.rvs().shape == ours.shape


@each
def test_an_interval_holds_its_confidence(ours):
    lower, upper = ours.interval(0.9)
    assert_allclose(ours.cdf(upper) - ours.cdf(lower), 0.9, rtol=1e-10)


@pytest.mark.parametrize("q", [0.0, 1.0, -0.1, np.nan])
def test_levels_outside_zero_and_one_are_refused(q):
    with pytest.raises(ValueError, match=r"^q must be "):
        Logistic().ppf(q)


BAD_PARAMETERS = {
    "negative scale": ("scale", lambda: Laplace(0.0, -1.0)),
    "missing loc": ("loc", lambda: Logistic(np.nan, 1.0)),
    "zero df": ("df", lambda: StudentT(0.0)),
    "negative s": ("s", lambda: LogNormal(-1.0)),
    "zero scale": ("scale", lambda: LogNormal(1.0, 0.0)),
    "one zero a": ("a", lambda: Gamma([1.0, 0.0])),
}


@pytest.mark.parametrize(("name", "make"), BAD_PARAMETERS.values(), ids=BAD_PARAMETERS)
def test_parameters_outside_their_domain_are_refused_by_name(name, make):
    with pytest.raises(ValueError, match=rf"^{name} must be .*; got "):
        make()
