"""Distributions behind a transform: densities, quantiles, moments, lost mass."""

import pickle
import warnings

import numpy as np
import pytest
import scipy.stats
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import BayesianRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from sklearn_negloss.distributions import (
    EmpiricalDistribution,
    Gamma,
    Laplace,
    Logistic,
    LogNormal,
    Normal,
    Poisson,
    QuantileGrid,
    StudentT,
    predict_dist,
)
from sklearn_negloss.distributions.transforms._maps import (
    Affine,
    NoDensityError,
)
from sklearn_negloss.distributions.transforms._transformed import (
    LostMassWarning,
    TransformedDistribution,
    transform_dist,
)
from tests.distributions.transforms.transformed_cases import (
    MAPS,
    MINUS,
    chain,
    everywhere,
    silently,
)

BASES = {
    "normal": Normal([0.3, 0.8, 0.5], [0.2, 0.6, 1.0]),
    "student": StudentT(7.0, [0.3, 0.8, 0.5], 0.3),
    "laplace": Laplace([0.3, 0.8, 0.5], 0.2),
    "logistic": Logistic([0.3, 0.8, 0.5], 0.15),
    "gamma": Gamma([3.0, 4.0, 5.0], 0.15),
    "scipy": scipy.stats.gumbel_r([0.3, 0.8, 0.5], 0.3),
}


@everywhere
@pytest.mark.parametrize("base", BASES)
def test_quantiles_invert_the_cdf(name, base):
    dist = silently(BASES[base], MAPS[name])
    for q in (0.001, 0.2, 0.5, 0.9, 0.999):
        y = dist.ppf(q)
        np.testing.assert_allclose(dist.cdf(y), q, rtol=1e-7)
        np.testing.assert_allclose(dist.sf(y), 1 - q, rtol=1e-7)
    lower, upper = dist.interval(0.8)
    np.testing.assert_allclose(dist.cdf(upper) - dist.cdf(lower), 0.8, rtol=1e-7)


@everywhere
@pytest.mark.parametrize("base", BASES)
def test_the_density_is_the_slope_of_the_cdf(name, base):
    dist = silently(BASES[base], MAPS[name])
    for q in (0.05, 0.35, 0.9):
        y = dist.ppf(q)
        # A step of probability, not of y: y may have any scale.
        step = 1e-5 / np.exp(dist.logpdf(y))
        rise = (dist.cdf(y + step) - dist.cdf(y - step)) / (2 * step)
        np.testing.assert_allclose(dist.logpdf(y), np.log(rise), atol=2e-6)
        np.testing.assert_allclose(dist.pdf(y), rise, rtol=2e-6)


def test_crps_outside_the_domain_is_finite_and_grows_with_the_distance():
    dist = silently(Normal([2.0, 0.5], [0.5, 1.0]), MAPS["sqrt"])
    near, far = dist.crps([-1.0, -1.0]), dist.crps([-3.0, -3.0])
    np.testing.assert_allclose(far - near, 2.0, rtol=1e-9)


# -- closed forms --------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["log", "log of scaled", "log10", "log2", "falling log"]
)
def test_the_exponential_of_a_normal_is_scipys_lognorm(name):
    base = Normal([0.5, 1.0], [0.3, 0.8])
    found = transform_dist(base, MAPS[name])
    assert isinstance(found, LogNormal)
    slow = TransformedDistribution(base, MAPS[name])
    log = MAPS[name]
    # z = g(log y) is affine in log y: two values give its coefficients.
    z = log.forward(np.array([1.0, np.e]))
    slope, start = z[1] - z[0], z[0]
    truth = scipy.stats.lognorm(
        s=base.scale / abs(slope), scale=np.exp((base.loc - start) / slope)
    )
    y = np.array([1.3, 2.4])
    for dist in (found, slow):
        np.testing.assert_allclose(dist.logpdf(y), truth.logpdf(y), rtol=1e-10)
        np.testing.assert_allclose(dist.cdf(y), truth.cdf(y), rtol=1e-10)
        np.testing.assert_allclose(dist.ppf(0.9), truth.ppf(0.9), rtol=1e-10)
        np.testing.assert_allclose(dist.mean(), truth.mean(), rtol=1e-10)
        np.testing.assert_allclose(dist.std(), truth.std(), rtol=1e-10)
        np.testing.assert_allclose(dist.entropy(), truth.entropy(), rtol=1e-9)
        np.testing.assert_allclose(dist.crps(y), found.crps(y), rtol=1e-12)


def test_log1p_is_a_shifted_log_normal():
    dist = transform_dist(Normal([0.5, 1.0], 0.4), MAPS["log1p"])
    truth = scipy.stats.lognorm(s=0.4, scale=np.exp([0.5, 1.0]), loc=-1.0)
    assert isinstance(dist, TransformedDistribution)
    np.testing.assert_allclose(dist.mean(), truth.mean(), rtol=1e-12)
    np.testing.assert_allclose(dist.std(), truth.std(), rtol=1e-12)
    np.testing.assert_allclose(dist.logpdf(0.7), truth.logpdf(0.7), rtol=1e-10)


@pytest.mark.parametrize(
    "base",
    [Normal([1.0, 2.0], 0.5), Laplace([1.0, 2.0], 0.5), Logistic([1.0, 2.0], 0.5)],
    ids=lambda base: type(base).__name__,
)
@pytest.mark.parametrize("slope", [-4.0, 0.1])
def test_an_affine_transform_stays_in_the_family(base, slope):
    found = transform_dist(base, chain(Affine(slope, 3.0)))
    assert type(found) is type(base)
    np.testing.assert_allclose(found.mean(), (base.mean() - 3.0) / slope)
    np.testing.assert_allclose(found.std(), base.std() / abs(slope))
    general = TransformedDistribution(base, chain(Affine(slope, 3.0)))
    y = found.ppf([0.3, 0.6])
    np.testing.assert_allclose(general.logpdf(y), found.logpdf(y), rtol=1e-10)
    np.testing.assert_allclose(general.cdf(y), found.cdf(y), rtol=1e-10)
    np.testing.assert_allclose(general.crps(y), found.crps(y), rtol=1e-12)
    np.testing.assert_allclose(general.entropy(), found.entropy(), rtol=1e-12)


def test_affine_transforms_keep_what_they_can_of_other_families():
    student = transform_dist(StudentT(4.0, 1.0, 2.0), chain(Affine(2.0, 0.0)))
    assert isinstance(student, StudentT)
    assert float(student.df) == 4.0
    gamma = transform_dist(Gamma(2.0, 3.0), chain(Affine(2.0, 0.0)))
    assert isinstance(gamma, Gamma)
    assert gamma.mean() == 3.0
    shifted = transform_dist(Gamma(2.0, 3.0), chain(Affine(2.0, 1.0)))
    assert isinstance(shifted, TransformedDistribution)
    assert shifted.mean() == pytest.approx(2.5)
    assert shifted.std() == pytest.approx(Gamma(2.0, 3.0).std() / 2)
    same = Normal(0.0, 1.0)
    assert transform_dist(same, None) is same


# -- lost mass -----------------------------------------------------------------------


def test_mass_far_outside_the_range_leaves_an_exponential_behind():
    loc, scale = -50.0, 1.0
    z = silently(Normal([loc, -1e-2], [scale, 1e-5]), MAPS["sqrt"])
    np.testing.assert_allclose(
        z.mean(), [2 / loc**2, 2 * (1e-10 / 1e-2) ** 2], rtol=3e-3
    )
    assert np.isfinite(z.logpdf([1e-4, 1e-17])).all()
    np.testing.assert_allclose(z.cdf(z.ppf(0.3)), 0.3, rtol=1e-5)


def test_one_warning_names_how_much_is_lost_and_the_remedy():
    with pytest.warns(
        LostMassWarning, match=r"sqrt cannot reach 0\.5 .*1 of 2"
    ) as caught:
        TransformedDistribution(Normal([0.0, 5.0], 1.0), MAPS["sqrt"])
    assert len(caught) == 1
    assert issubclass(LostMassWarning, UserWarning)


def test_nothing_warns_below_one_per_cent_or_when_parts_are_taken():
    TransformedDistribution(Normal(5.0, 2.0), MAPS["sqrt"])
    dist = silently(Normal([0.0, 0.1], 1.0), MAPS["sqrt"])
    again = pickle.loads(pickle.dumps(dist[:1]))
    np.testing.assert_array_equal(again.lost_mass, dist.lost_mass[:1])


def test_a_distribution_of_which_nothing_remains_is_refused():
    with pytest.raises(ValueError, match=r"got none of it in 1 of 2 distributions"):
        TransformedDistribution(Laplace([1.0, -1e3], 1.0), MAPS["sqrt"])
    with pytest.raises(ValueError, match=r"got none of it in 1 of 1 distributions"):
        TransformedDistribution(EmpiricalDistribution([[-2.0, -1.0]]), MAPS["sqrt"])


# -- other bases ---------------------------------------------------------------------


def test_members_of_an_ensemble_are_transformed_one_by_one():
    draws = np.random.default_rng(0).normal(1.0, 0.3, (4, 50))
    dist = transform_dist(EmpiricalDistribution(draws), MAPS["log"])
    assert isinstance(dist, EmpiricalDistribution)
    np.testing.assert_allclose(dist.samples, np.sort(np.exp(draws), axis=1))
    falling = transform_dist(EmpiricalDistribution(draws), MAPS["falling log"])
    np.testing.assert_allclose(falling.mean(), np.exp(0.5 - draws).mean(axis=1))
    slow = TransformedDistribution(EmpiricalDistribution(draws), MAPS["log"])
    np.testing.assert_allclose(slow.crps(2.0), dist.crps(2.0))
    np.testing.assert_allclose(slow.cdf(2.0), dist.cdf(2.0))
    np.testing.assert_allclose(slow.std(), dist.std())
    with pytest.raises(TypeError, match=r"an ensemble has no density.*crps_loss"):
        slow.logpdf(1.0)


def test_quantiles_of_a_grid_are_transformed_one_by_one():
    levels = np.array([0.1, 0.5, 0.8])
    grid = QuantileGrid(levels, [[1.0, 2.0, 4.0], [0.5, 0.6, 0.7]])
    dist = transform_dist(grid, MAPS["log"])
    np.testing.assert_allclose(dist.ppf(0.5), np.exp([2.0, 0.6]))
    falling = transform_dist(grid, MAPS["falling log"])
    np.testing.assert_allclose(falling.levels, [0.2, 0.5, 0.9])
    np.testing.assert_allclose(falling.ppf(0.9), np.exp(0.5 - np.array([1.0, 0.5])))
    one = transform_dist(grid[0], MAPS["log"])
    assert one.shape == ()


def test_lost_members_make_room_for_the_others():
    draws = np.array([[-1.0, 1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0]])
    with pytest.warns(LostMassWarning, match=r"0\.25"):
        dist = transform_dist(EmpiricalDistribution(draws), MAPS["sqrt"])
    assert set(dist.samples[0]) == {1.0, 4.0, 9.0}
    np.testing.assert_array_equal(dist.samples[1], [1.0, 4.0, 9.0, 16.0])


def test_counts_are_refused():
    with pytest.raises(TypeError, match="base must be continuous; got Poisson"):
        transform_dist(Poisson([1.0, 2.0]), MAPS["log1p"])


def test_scipy_bases_become_families_or_stay():
    found = transform_dist(scipy.stats.norm([0.0, 1.0], 0.5), MAPS["log"])
    assert isinstance(found, LogNormal)
    gumbel = transform_dist(scipy.stats.gumbel_r([0.0, 1.0], 0.5), MAPS["log"])
    truth = scipy.stats.invweibull(c=2.0, scale=np.exp([0.0, 1.0]))
    np.testing.assert_allclose(gumbel.logpdf(1.5), truth.logpdf(1.5), rtol=1e-10)
    np.testing.assert_allclose(gumbel[1:].mean(), gumbel.mean()[1:])


def test_transforms_of_transforms_are_one():
    inner = silently(Normal(0.3, 0.2), MAPS["sqrt"])
    both = silently(inner, MAPS["log"])  # sqrt(log y) ~ Normal
    assert both.transform == chain("log", "sqrt")
    np.testing.assert_allclose(both.ppf(0.7), np.exp(inner.ppf(0.7)))
    np.testing.assert_allclose(
        both.logpdf(1.2), inner.logpdf(np.log(1.2)) - np.log(1.2), rtol=1e-12
    )


# -- the object ----------------------------------------------------------------------


def test_distributions_are_values():
    dist = silently(Normal([0.3, 0.8], 0.2), MAPS["yeo-johnson 0.4"])
    assert len(dist) == 2
    assert dist.shape == (2,)
    assert dist[1].shape == ()
    assert (
        repr(dist) == "TransformedDistribution(Normal(loc=<2 values, 0.3 to 0.8>, "
        "scale=<2 values, 0.2>), yeo-johnson(0.4))"
    )
    again = pickle.loads(pickle.dumps(dist))
    np.testing.assert_array_equal(again.logpdf(0.4), dist.logpdf(0.4))
    with pytest.raises(AttributeError, match="immutable"):
        dist.base = Normal(0, 1)
    with pytest.raises(ValueError, match="read-only"):
        dist.lost_mass[0] = 1.0
    with pytest.raises(ValueError, match=r"q must be in \(0, 1\)"):
        dist.ppf(1.0)
    with pytest.raises(TypeError, match="no length"):
        len(dist[0])


def test_draws_follow_the_distribution_and_the_seed():
    n = 20_000
    dist = silently(Normal(np.full(n, 0.5), 0.8), MAPS["sqrt"])
    draws = dist.rvs(0)
    np.testing.assert_array_equal(draws, dist.rvs(0))
    assert scipy.stats.kstest(dist.cdf(draws), "uniform").pvalue > 0.01
    assert draws.mean() == pytest.approx(dist.mean()[0], rel=0.02)


def test_outside_the_domain_there_is_no_density_and_the_cdf_is_0_or_1():
    dist = transform_dist(Normal([0.0, 1.0], 1.0), MAPS["log"])
    slow = silently(Normal([0.5, 1.0], 1.0), MAPS["falling sqrt"])  # y <= 0.5
    np.testing.assert_array_equal(dist.logpdf(-1.0), -np.inf)
    np.testing.assert_array_equal(slow.logpdf(0.6), -np.inf)
    np.testing.assert_array_equal(slow.cdf(0.6), 1.0)
    np.testing.assert_array_equal(slow.sf(np.inf), 0.0)
    np.testing.assert_array_equal(slow.cdf(-np.inf), 0.0)
    assert np.isnan(slow.cdf(np.nan)).all()


def test_points_broadcast_against_distributions():
    dist = silently(Normal([0.3, 0.8], 0.2), MAPS["yeo-johnson 0.4"])
    y = np.array([[0.1], [0.5], [0.9]])
    for method in ("logpdf", "cdf", "crps"):
        table = getattr(dist, method)(y)
        assert table.shape == (3, 2)
        np.testing.assert_allclose(table[1], getattr(dist, method)(np.full(2, 0.5)))


@pytest.mark.parametrize(
    ("func", "inverse", "name"),
    [
        (lambda y: np.log(y) + 0.0, np.exp, "log"),
        (lambda y: np.sqrt(y) + 0.0, np.square, "sqrt"),
        (lambda y: np.arcsinh(y) + 0.0, np.sinh, "arcsinh"),
        (lambda y: 0.5 - np.log(y), lambda z: np.exp(0.5 - z), "falling log"),
    ],
    ids=["log", "sqrt", "arcsinh", "falling log"],
)
def test_functions_that_are_not_known_give_the_same_numbers(func, inverse, name):
    base = Normal([1.0, 1.5], 0.2)
    transformer = FunctionTransformer(func, inverse)
    found, exact = transform_dist(base, transformer), silently(base, MAPS[name])
    y = exact.ppf(0.3)
    np.testing.assert_allclose(found.logpdf(y), exact.logpdf(y), atol=1e-8)
    np.testing.assert_allclose(found.cdf(y), 0.3, rtol=1e-9)
    np.testing.assert_allclose(found.mean(), exact.mean(), rtol=1e-8)
    np.testing.assert_allclose(found.std(), exact.std(), rtol=1e-8)
    np.testing.assert_allclose(found.crps(y), exact.crps(y), rtol=1e-8)
    np.testing.assert_allclose(found.entropy(), exact.entropy(), atol=1e-8)


def test_an_inverse_that_does_not_lead_back_is_refused():
    transformer = FunctionTransformer(lambda y: 2 * np.log(y), np.exp)
    with pytest.raises(NoDensityError, match="must lead back to y"):
        transform_dist(Normal([1.0, 1.5], 0.2), transformer)


def test_transforms_without_a_density_are_refused():
    y = np.random.default_rng(0).normal(size=(50, 1))
    with pytest.raises(NoDensityError, match="slope jumps at every quantile"):
        transform_dist(Normal(0, 1), QuantileTransformer(n_quantiles=20).fit(y))


def test_the_gain_is_invariant_if_the_baseline_is_transformed_too():
    rng = np.random.default_rng(0)
    z = rng.normal(1.0, 0.6, 200)
    y = np.exp(z)
    power = PowerTransformer(method="box-cox").fit(y[:, None])
    model = Normal(z + 0.1 * rng.normal(size=200), 0.2)
    baseline = Normal(np.full(200, z.mean()), z.std())
    gain_z = np.mean(model.logpdf(z) - baseline.logpdf(z))
    for transform in (MAPS["log"], chain("log", MINUS)):
        values = np.exp(z) if transform == MAPS["log"] else np.exp(0.5 - z)
        found = transform_dist(model, transform), transform_dist(baseline, transform)
        gain = np.mean(found[0].logpdf(values) - found[1].logpdf(values))
        assert gain == pytest.approx(gain_z, rel=1e-9)
    scaled = power.transform(y[:, None]).ravel()
    model = Normal(scaled + 0.1, 0.3)
    baseline = Normal(np.zeros(200), 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LostMassWarning)
        gain = np.mean(
            transform_dist(model, power).logpdf(y)
            - transform_dist(baseline, power).logpdf(y)
        )
    assert gain == pytest.approx(
        np.mean(model.logpdf(scaled) - baseline.logpdf(scaled))
    )


def test_the_density_of_a_fitted_pipeline_is_that_of_a_simulation():
    rng = np.random.default_rng(0)
    y = rng.gamma(2.0, 1.5, (400, 1)) - 1.0
    steps = make_pipeline(StandardScaler(), PowerTransformer(), StandardScaler()).fit(y)
    base = Normal(0.3, 0.5)
    dist = transform_dist(base, steps)
    drawn = steps.inverse_transform(rng.normal(0.3, 0.5, (200_000, 1))).ravel()
    edges = np.quantile(drawn, [0.3, 0.5, 0.7])
    np.testing.assert_allclose(dist.cdf(edges), [0.3, 0.5, 0.7], atol=5e-3)
    assert dist.mean() == pytest.approx(drawn.mean(), rel=5e-3)
    assert dist.std() == pytest.approx(drawn.std(), rel=1e-2)


def test_predict_dist_carries_a_distribution_through_scikit_learns_own_class():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2))
    y = np.exp(X[:, 0] + 0.2 * rng.normal(size=80))
    model = TransformedTargetRegressor(
        BayesianRidge(), func=np.log, inverse_func=np.exp
    )
    dist = predict_dist(model.fit(X, y), X)
    mu, sigma = model.regressor_.predict(X, return_std=True)
    truth = scipy.stats.lognorm(s=sigma, scale=np.exp(mu))
    np.testing.assert_allclose(dist.logpdf(y), truth.logpdf(y), rtol=1e-9)
