"""Ensembles and quantile grids: exact for the distribution that they stand for."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate

from sklearn_negloss.distributions._empirical import EmpiricalDistribution, QuantileGrid
from sklearn_negloss.distributions._families import Normal

RNG = np.random.default_rng(0)
MEMBERS = RNG.normal(size=(7, 11)).round(1)  # rounded, so that some are tied
Y = np.concatenate([MEMBERS[:2, 3], RNG.normal(size=3), [-9.0, 9.0]])
GRID_LEVELS = np.array([0.05, 0.2, 0.5, 0.6, 0.95])
VALUES = np.sort(RNG.normal(size=(7, 5)), axis=1)
VALUES[0, 1:3] = VALUES[0, 1]  # two levels at one value: a jump of the cdf
VALUES[1] = 2.0  # all of the probability at one value

ENSEMBLE = EmpiricalDistribution(MEMBERS)
GRID = QuantileGrid(GRID_LEVELS, VALUES)
each = pytest.mark.parametrize("dist", [ENSEMBLE, GRID], ids=["ensemble", "grid"])


def pairwise_crps(members, y, fair=False):
    """CRPS by its definition, over all pairs of members."""
    m = len(members)
    pairs = np.abs(members[:, None] - members).sum() / (m * (m - 1) if fair else m * m)
    return np.abs(members - y).mean() - 0.5 * pairs


# -- ensembles ------------------------------------------------------------------------


@pytest.mark.parametrize("fair", [False, True])
def test_ensemble_crps_is_the_mean_over_pairs(fair):
    exact = [pairwise_crps(row, y, fair) for row, y in zip(MEMBERS, Y, strict=True)]
    assert_allclose(ENSEMBLE.crps(Y, fair=fair), exact, rtol=1e-12)


@pytest.mark.parametrize(("fair", "estimator"), [(False, "qd"), (True, "pwm")])
def test_ensemble_crps_agrees_with_scoringrules(fair, estimator):
    sr = pytest.importorskip("scoringrules")
    rng = np.random.default_rng(1)
    members, y = rng.normal(size=(500, 40)), rng.normal(size=500)
    ours = EmpiricalDistribution(members).crps(y, fair=fair)
    assert_allclose(ours, sr.crps_ensemble(y, members, estimator=estimator), atol=1e-14)


def test_ensemble_crps_of_one_member_is_the_absolute_error():
    assert_allclose(EmpiricalDistribution([[1.0], [2.0]]).crps([3.0, 0.0]), [2.0, 2.0])


def test_a_fair_score_of_one_member_is_refused():
    with pytest.raises(ValueError, match=r"^fair must be False .* 1 member"):
        EmpiricalDistribution([[1.0]]).crps([1.0], fair=True)


def test_a_fair_score_is_unbiased_for_the_distribution_behind_the_members():
    members = np.random.default_rng(2).normal(size=(40_000, 3))
    fair = EmpiricalDistribution(members).crps(np.full(40_000, 0.4), fair=True)
    error = fair.mean() - Normal().crps(0.4)
    assert abs(error) < 4.0 * fair.std() / 200.0


def test_ensemble_crps_does_not_lose_digits_to_a_common_offset():
    shifted = EmpiricalDistribution(MEMBERS + 2.0**30).crps(Y + 2.0**30)
    assert_allclose(shifted, ENSEMBLE.crps(Y), rtol=1e-6)  # the inputs kept 7 digits
    exact = EmpiricalDistribution(np.array([[0.0, 1.0, 3.0]]) + 2.0**40)
    assert_allclose(exact.crps([2.0**40 + 2.0]), pairwise_crps(np.r_[0.0, 1, 3], 2.0))


def test_the_ensemble_cdf_is_the_share_of_members():
    x = np.linspace(-3, 3, 25)[:, None]
    assert_array_equal(ENSEMBLE.cdf(x), (x[:, :, None] >= MEMBERS).mean(axis=2))
    at_members = EmpiricalDistribution(MEMBERS).cdf(MEMBERS.T)
    assert_array_equal(at_members.T, (MEMBERS[:, :, None] >= MEMBERS[:, None]).mean(2))


@pytest.mark.parametrize("m", [1, 2, 3, 7, 10, 49, 100])
def test_the_ensemble_ppf_is_the_least_member_that_reaches_the_level(m):
    members = np.arange(1.0, m + 1.0)
    dist = EmpiricalDistribution(members[None])
    steps = np.arange(1, m) / m  # q * m rounds to either side of a whole number
    assert_array_equal(dist.ppf(steps[:, None])[:, 0], members[:-1])
    above = np.nextafter(steps, 1.0)
    assert_array_equal(dist.ppf(above[:, None])[:, 0], members[1:])


def test_ensemble_moments_are_those_of_the_members():
    assert_allclose(ENSEMBLE.mean(), MEMBERS.mean(axis=1), atol=1e-15)
    assert_allclose(ENSEMBLE.std(), MEMBERS.std(axis=1), rtol=1e-14)


def test_the_order_of_members_does_not_matter():
    shuffled = EmpiricalDistribution(RNG.permuted(MEMBERS, axis=1))
    assert_array_equal(shuffled.samples, ENSEMBLE.samples)


def test_the_callers_array_is_neither_sorted_nor_kept():
    members = MEMBERS.copy()
    dist = EmpiricalDistribution(members)
    assert_array_equal(members, MEMBERS)
    members[:] = 0.0
    assert_array_equal(dist.samples, ENSEMBLE.samples)


def test_integer_and_float32_members_are_read_as_float64():
    assert EmpiricalDistribution(np.array([[250, 10]], np.uint8)).crps([0])[0] == 70.0
    assert (
        EmpiricalDistribution(np.ones((1, 2), np.float32)).samples.dtype == np.float64
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_members_that_are_not_finite_are_refused(bad):
    members = MEMBERS.copy()
    members[2, 4] = bad
    message = r"^samples must be finite; got .* at index \(2, 4\) \(1 of 77 values\)"
    with pytest.raises(ValueError, match=message):
        EmpiricalDistribution(members)


@pytest.mark.parametrize("shape", [(3,), (0, 4), (4, 0), (2, 2, 2), ()])
def test_samples_that_are_not_rows_are_refused(shape):
    with pytest.raises(ValueError, match=r"^samples must have shape \(n_samples, n_me"):
        EmpiricalDistribution(np.ones(shape))


# -- quantile grids -------------------------------------------------------------------


def test_grid_crps_is_the_integral_of_the_squared_error_of_the_cdf():
    for row, y in zip(range(7), Y, strict=True):
        one = GRID[row]
        cuts = np.unique(np.concatenate([VALUES[row], [y]]))
        brute = sum(
            integrate.quad(lambda x, y=y, one=one: (one.cdf(x) - (x >= y)) ** 2, a, b)[
                0
            ]
            for a, b in pairwise(cuts)
        )
        assert_allclose(one.crps(y), brute, rtol=1e-9)


def test_grid_crps_is_twice_the_integral_of_the_pinball_loss():
    for row, y in zip(range(7), Y, strict=True):
        one = GRID[row]
        cuts = np.unique(np.concatenate([[0.0], GRID_LEVELS, [1.0], one.cdf([y])]))
        brute = 0.0
        for a, b in pairwise(cuts):
            nodes, weights = np.polynomial.legendre.leggauss(8)
            u = a + (b - a) * (0.5 + 0.5 * nodes)
            error = y - one.ppf(u)
            pinball = np.maximum(u * error, (u - 1.0) * error)
            brute += (b - a) * weights @ pinball
        assert_allclose(GRID.crps(Y)[row], brute, rtol=1e-12)


def test_grid_moments_are_the_integrals_of_the_quantile_function():
    cuts = np.concatenate([[0.0], GRID_LEVELS, [1.0]])
    nodes, weights = np.polynomial.legendre.leggauss(4)
    u = (cuts[:-1, None] + np.diff(cuts)[:, None] * (0.5 + 0.5 * nodes)).ravel()
    w = (np.diff(cuts)[:, None] * 0.5 * weights).ravel()
    x = GRID.ppf(u[:, None])
    mean = w @ x
    assert_allclose(GRID.mean(), mean, rtol=1e-12)
    assert_allclose(GRID.var(), w @ (x - mean) ** 2, rtol=1e-12, atol=1e-28)
    assert_allclose(GRID.std(), np.sqrt(GRID.var()), rtol=1e-14)


def test_the_grid_ppf_passes_through_its_values():
    assert_array_equal(GRID.ppf(GRID_LEVELS[:, None]).T, VALUES)


def test_the_grid_is_constant_outside_its_levels():
    assert_array_equal(GRID.ppf(0.001), VALUES[:, 0])
    assert_array_equal(GRID.ppf(0.999), VALUES[:, -1])


def test_the_grid_cdf_inverts_its_ppf_between_the_levels():
    rows = GRID[2:]
    q = np.linspace(0.06, 0.94, 30)[:, None]
    assert_allclose(rows.cdf(rows.ppf(q)), q + np.zeros(5), rtol=1e-12)


def test_the_grid_cdf_jumps_where_levels_share_a_value():
    jump = VALUES[0, 1]
    assert_allclose(GRID[0].cdf(jump), 0.5)
    assert_allclose(GRID[0].cdf(jump - 1e-12), 0.2, atol=1e-9)
    assert_array_equal(GRID[1].cdf([1.999, 2.0]), [0.0, 1.0])


def test_one_level_is_one_value():
    dist = QuantileGrid([0.5], [[1.0], [4.0]])
    assert_array_equal(dist.crps([3.0, 3.0]), [2.0, 1.0])
    assert_array_equal(dist.ppf(0.2), [1.0, 4.0])
    assert_array_equal(dist.cdf([0.5, 4.0]), [0.0, 1.0])
    assert_array_equal(dist.std(), 0.0)


def test_a_fine_grid_tends_to_the_distribution_it_came_from():
    levels = np.linspace(0.0005, 0.9995, 1000)
    dist = QuantileGrid(levels, Normal().ppf(levels)[None])
    y = np.array([[-1.0], [0.0], [2.5]])
    assert_allclose(dist.crps(y), Normal().crps(y), rtol=1e-4)


def test_quantiles_out_of_order_are_refused():
    values = VALUES.copy()
    values[[2, 5]] = values[[2, 5], ::-1]
    message = r"out of order at index 2 \(2 of 7 samples\); sort them with np\.sort\("
    with pytest.raises(ValueError, match=message):
        QuantileGrid(GRID_LEVELS, values)


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        (
            [0.1, 0.1, 0.2],
            r"strictly increasing; got 0\.1 before 0\.1 \(1 of 2 steps\)",
        ),
        ([0.0, 0.5, 0.9], r"^levels must be in \(0, 1\); got 0 at index 0"),
        ([[0.1, 0.5, 0.9]], r"^levels must have shape \(n_levels,\)"),
        ([], r"^levels must have shape \(n_levels,\), not empty"),
        ([0.1, 0.9], r"^values must have one column for each level; got 3 .* 2 levels"),
    ],
    ids=["tied", "zero", "two-dimensional", "empty", "too few"],
)
def test_levels_that_do_not_fit_are_refused(levels, message):
    with pytest.raises(ValueError, match=message):
        QuantileGrid(levels, np.zeros((4, 3)))


# -- both -----------------------------------------------------------------------------


@each
def test_a_density_is_refused_with_the_way_out(dist):
    message = (
        r"has no density, so it has no {}; use crps_loss, or .*Normal\.from_moments"
    )
    with pytest.raises(TypeError, match=message.format("log density")):
        dist.logpdf(Y)
    with pytest.raises(TypeError, match=message.format("entropy")):
        dist.entropy()


@each
def test_crps_of_observations_far_away_is_their_distance_less_a_constant(dist):
    far, further = dist.crps(np.full(7, 1e3)), dist.crps(np.full(7, 2e3))
    assert_allclose(further - far, 1e3, rtol=1e-12)


@each
def test_scaling_the_units_scales_the_crps(dist):
    if isinstance(dist, QuantileGrid):
        other = QuantileGrid(dist.levels, 1e6 * dist.values)
    else:
        other = EmpiricalDistribution(1e6 * dist.samples)
    assert_allclose(other.crps(1e6 * Y), 1e6 * dist.crps(Y), rtol=1e-12)


@each
def test_scores_of_many_samples_are_those_of_each(dist):
    many = dist[np.resize(np.arange(7), 20_000)]  # several blocks
    assert len(many) == 20_000
    expected = np.resize(dist.crps(Y), 20_000)
    assert_allclose(many.crps(np.resize(Y, 20_000)), expected, rtol=1e-14)


@each
def test_a_grid_of_points_broadcasts_against_the_samples(dist):
    x = np.array([-1.0, 0.2, 2.0])[:, None]
    for method in (dist.cdf, dist.crps):
        assert method(x).shape == (3, 7)
        assert_allclose(method(x)[1], method(0.2), rtol=1e-14)
        assert_allclose(method(x[1]), method(0.2), rtol=1e-14)


@each
def test_indexing_by_sample_gives_a_distribution(dist):
    assert_allclose(dist[2:4].crps(Y[2:4]), dist.crps(Y)[2:4], rtol=1e-14)
    assert_array_equal(dist[Y > 0].mean(), dist.mean()[Y > 0])
    assert_allclose(dist[3].crps(Y[3]), dist.crps(Y)[3])
    assert dist[3].shape == ()
    assert dist[3].ppf(0.5) == dist.ppf(0.5)[3]
    with pytest.raises(IndexError):
        dist[:, 0]


@each
@pytest.mark.parametrize("index", [slice(None), 2])
def test_a_pickled_distribution_is_the_same(dist, index):
    one = dist[index]
    again = pickle.loads(pickle.dumps(one))
    assert_array_equal(again.cdf(0.1), one.cdf(0.1))
    assert repr(again) == repr(one)


@each
def test_a_distribution_is_immutable(dist):
    for one in (dist, dist[1:], dist[0], pickle.loads(pickle.dumps(dist))):
        with pytest.raises(AttributeError, match="immutable"):
            one.samples = 1.0
        with pytest.raises(ValueError, match="read-only"):
            one._rows[..., 0] = 1.0


def test_the_repr_is_compact():
    assert repr(ENSEMBLE).startswith("EmpiricalDistribution(<7 samples x 11 members, ")
    assert repr(ENSEMBLE[0]).startswith("EmpiricalDistribution(<11 members, ")
    assert repr(GRID).startswith("QuantileGrid(<5 levels, 0.05 to 0.95>, <7 samples, ")
    assert len(repr(EmpiricalDistribution(np.zeros((1000, 1000))))) < 80


@each
def test_draws_follow_the_distribution(dist):
    one = dist[np.full(5000, 4)]
    draws = one.rvs(random_state=0)
    assert_array_equal(draws, one.rvs(random_state=np.random.default_rng(0)))
    x = np.linspace(-2.0, 2.0, 17)
    assert_allclose((draws[:, None] <= x).mean(axis=0), dist[4].cdf(x), atol=0.03)
    assert abs(draws.mean() - dist.mean()[4]) < 4.0 * dist.std()[4] / np.sqrt(5000)
    assert dist.rvs().shape == (7,)


@each
def test_an_interval_lies_between_its_quantiles(dist):
    lower, upper = dist.interval(0.5)
    assert_array_equal(lower, dist.ppf(0.25))
    assert_array_equal(upper, dist.ppf(0.75))


@each
@pytest.mark.parametrize("q", [0.0, 1.0, 2.0])
def test_levels_outside_zero_and_one_are_refused(dist, q):
    with pytest.raises(ValueError, match=r"^q must be in \(0, 1\)"):
        dist.ppf(q)


@pytest.mark.parametrize(
    "dist",
    [
        EmpiricalDistribution([[1.0, 2.0], [3.0, 4.0]]),
        QuantileGrid([0.2, 0.8], [[1.0, 2.0], [3.0, 4.0]]),
    ],
    ids=["ensemble", "grid"],
)
def test_the_probability_of_nan_is_nan(dist):
    np.testing.assert_array_equal(dist.cdf([np.nan, 3.5]), [np.nan, 0.5])
    np.testing.assert_array_equal(dist[0].cdf([np.nan, 0.0, 9.0]), [np.nan, 0.0, 1.0])


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_the_standard_deviation_survives_extreme_units(unit):
    rows = np.array([[1.0, 2.0], [3.0, 4.5]])
    ensemble = EmpiricalDistribution(rows * unit)
    np.testing.assert_allclose(ensemble.std(), rows.std(axis=1) * unit, rtol=1e-14)
    # Two point masses of 0.25, and a uniform piece of 0.5 between them.
    grid = QuantileGrid([0.25, 0.75], rows * unit)
    width = np.diff(rows)[:, 0]
    truth = width * np.sqrt(0.5 * 0.25 + 0.5 / 12.0)
    np.testing.assert_allclose(grid.std(), truth * unit, rtol=1e-14)
