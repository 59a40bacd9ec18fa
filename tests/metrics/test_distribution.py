"""Losses and skill of distributions, ours and anybody's."""

import math

import mpmath
import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

import sklearn_negloss as sn
from sklearn_negloss.distributions import (
    EmpiricalDistribution,
    Gamma,
    InfiniteDensityWarning,
    Laplace,
    Logistic,
    LogNormal,
    NegativeBinomial,
    Normal,
    Poisson,
    QuadratureWarning,
    QuantileGrid,
    StudentT,
)

N = 60
RNG = np.random.default_rng(7)
MU = RNG.uniform(1, 4, N)
SIGMA = RNG.uniform(0.5, 2.5, N)
Y = MU + SIGMA * RNG.normal(size=N)
Y_POSITIVE = RNG.gamma(3.0, 1.0, N)
COUNTS = RNG.poisson(6.0, N).astype(float)

PAIRS = {
    "normal": (Normal(MU, SIGMA), stats.norm(MU, SIGMA), Y),
    "laplace": (Laplace(MU, SIGMA), stats.laplace(MU, SIGMA), Y),
    "logistic": (Logistic(MU, SIGMA), stats.logistic(MU, scale=SIGMA), Y),
    "student": (StudentT(4.0, MU, SIGMA), stats.t(4.0, MU, SIGMA), Y),
    "log-normal": (LogNormal(0.5, MU), stats.lognorm(0.5, scale=MU), Y_POSITIVE),
    "gamma": (Gamma(2.0, MU), stats.gamma(2.0, scale=MU), Y_POSITIVE),
    "poisson": (Poisson(6.0 * MU), stats.poisson(6.0 * MU), COUNTS),
    "negative-binomial": (NegativeBinomial(5.0, 0.4), stats.nbinom(5, 0.4), COUNTS),
}
every_pair = pytest.mark.parametrize("name", PAIRS)


@every_pair
def test_nll_is_minus_scipys_log_density(name):
    ours, frozen, y = PAIRS[name]
    logs = frozen.logpmf(y) if ours.discrete else frozen.logpdf(y)
    np.testing.assert_allclose(
        sn.nll_loss(y, ours, reduction="none"), -logs, rtol=1e-10
    )


@every_pair
def test_scipys_frozen_families_get_our_closed_forms(name):
    ours, frozen, y = PAIRS[name]
    np.testing.assert_array_equal(
        sn.crps_loss(y, frozen, reduction="none"),
        sn.crps_loss(y, ours, reduction="none"),
    )
    assert sn.nll_loss(y, frozen) == sn.nll_loss(y, ours)


class Bare:
    """The least that a distribution needs: no closed CRPS, no family name."""

    def __init__(self, inner):
        self.cdf, self.ppf, self.mean, self.std = (
            getattr(inner, name) for name in ("cdf", "ppf", "mean", "std")
        )
        if hasattr(inner, "logpmf"):
            self.logpmf = inner.logpmf
        else:
            self.logpdf = inner.logpdf


@every_pair
def test_quadrature_of_a_bare_cdf_agrees_with_the_closed_form(name):
    ours, frozen, y = PAIRS[name]
    np.testing.assert_allclose(
        sn.crps_loss(y, Bare(frozen), reduction="none"),
        sn.crps_loss(y, ours, reduction="none"),
        rtol=1e-8,
    )


def test_quadrature_agrees_with_arbitrary_precision():
    y, loc = 2.3, 0.4
    with mpmath.workdps(30):
        cdf = lambda x: mpmath.exp(-mpmath.exp(-(x - loc)))  # noqa: E731
        below = mpmath.quad(lambda x: cdf(x) ** 2, [-8, 0, y])
        above = mpmath.quad(lambda x: (1 - cdf(x)) ** 2, [y, 5, 20, 80])
    loss = sn.crps_loss([y], stats.gumbel_r(loc))
    assert loss == pytest.approx(float(below + above), rel=1e-10)


@pytest.mark.parametrize("y", [-1e3, 0.0, 1e3])
def test_quadrature_far_from_the_forecast(y):
    closed = sn.crps_loss([y], Normal(0.0, 1.0))
    assert sn.crps_loss([y], Bare(stats.norm())) == pytest.approx(closed, rel=1e-9)


def pareto_crps(b, y):
    """Integrals of (1 - x^-b)^2 below y, and of x^-2b above it."""
    below = y - 1 - 2 * (y ** (1 - b) - 1) / (1 - b)
    return below + (y ** (1 - 2 * b) - 1) / (1 - 2 * b) + y ** (1 - 2 * b) / (2 * b - 1)


@pytest.mark.parametrize("b", [0.7, 0.9, 1.5])
def test_quadrature_of_a_heavy_tail(b):
    loss = sn.crps_loss([2.0], stats.pareto(b))
    assert loss == pytest.approx(pareto_crps(b, 2.0), rel=1e-8)


def test_quadrature_of_a_wide_log_normal():
    loss = sn.crps_loss([3.0], stats.lognorm(8.0, loc=1.0))
    assert loss == pytest.approx(sn.crps_loss([2.0], LogNormal(8.0)), rel=1e-8)


@pytest.mark.parametrize("dist", [stats.pareto(0.4), stats.pareto(0.5), stats.levy()])
def test_the_crps_of_a_tail_that_is_too_heavy_is_infinite(dist):
    assert sn.crps_loss([2.0], dist) == math.inf


def test_an_inexact_heavy_tail_is_warned_of():
    with pytest.warns(QuadratureWarning, match="heavy tail"):
        loss = sn.crps_loss([2.0], stats.pareto(0.51))
    assert loss == pytest.approx(pareto_crps(0.51, 2.0), rel=0.005)
    with pytest.warns(QuadratureWarning, match="heavy tail"):
        sn.crps_loss([2.0], Bare(stats.pareto(0.7)))  # it has no isf to go on with


class TwoModes:
    """Half of the mass around 0, half around 1000; flat for long between them."""

    def __init__(self, width):
        self.width = width

    def cdf(self, x):
        return 0.5 * stats.norm.cdf(x / self.width) + 0.5 * stats.norm.cdf(
            (x - 1000) / self.width
        )

    def ppf(self, q):
        return brentq(lambda x: float(self.cdf(x)) - q, -1e3, 3e3)

    def mean(self):
        return 500.0

    def std(self):
        return 500.0

    def exact_crps(self, y):
        """Gaussian mixtures have a closed form (Grimit et al. 2006)."""

        def absolute(mean, std):
            z = mean / std
            return 2 * std * stats.norm.pdf(z) + mean * (2 * stats.norm.cdf(z) - 1)

        first = np.mean([absolute(y - centre, self.width) for centre in (0, 1000)])
        pairs = [absolute(d, self.width * math.sqrt(2)) for d in (0, 1000, -1000, 0)]
        return first - 0.5 * np.mean(pairs)


@pytest.mark.parametrize("width", [0.01, 0.2, 5.0])
@pytest.mark.parametrize("y", [0.0, 400.0, 1000.1])
def test_quadrature_sees_modes_that_are_far_apart(width, y):
    dist = TwoModes(width)
    assert sn.crps_loss([y], dist) == pytest.approx(dist.exact_crps(y), rel=1e-8)


class Rounded(Bare):
    """A normal distribution whose cdf is rounded, and so has jumps."""

    def __init__(self, digits):
        super().__init__(stats.norm())
        self.cdf = lambda x: np.round(stats.norm.cdf(x), digits)


def test_a_cdf_with_a_thousand_jumps_warns_of_its_accuracy():
    with pytest.warns(QuadratureWarning, match="its cdf is not smooth"):
        sn.crps_loss([0.3, 1.2], Rounded(3))


def test_a_cdf_with_one_jump_is_cut_at_it():
    class Point(Bare):
        def __init__(self):
            super().__init__(stats.norm())
            self.cdf = lambda x: np.where(np.asarray(x) < 0.5, 0.0, 1.0)

    assert sn.crps_loss([2.0], Point()) == pytest.approx(1.5, rel=1e-8)


def test_one_distribution_serves_all_samples():
    one, many = Normal(0.5, 1.5), Normal(np.full(N, 0.5), 1.5)
    for loss in (sn.nll_loss, sn.crps_loss):
        assert loss(Y, one) == loss(Y, many)


def test_weights_and_reductions():
    weights, dist = RNG.integers(0, 4, N), Normal(MU, SIGMA)
    index = np.repeat(np.arange(N), weights)
    for loss in (sn.nll_loss, sn.crps_loss):
        repeated = loss(Y[index], dist[index])
        assert loss(Y, dist, sample_weight=weights) == pytest.approx(
            repeated, rel=1e-12
        )
        none = loss(Y, dist, sample_weight=weights, reduction="none")
        total = loss(Y, dist, sample_weight=weights, reduction="sum")
        assert none.sum() == pytest.approx(total, rel=1e-13)


def test_what_was_ruled_out_costs_infinity_and_nothing_else_does():
    losses = sn.nll_loss([-1.0, 1.0], Gamma(2.0, [1.0, 1.0]), reduction="none")
    assert losses[0] == math.inf
    assert math.isfinite(losses[1])


# -- skill ------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), [(1e-6, 0.0), (1e6, -3e5), (0.3048, 100.0)])
def test_gain_and_skill_do_not_change_with_the_unit(a, b):
    gain = sn.information_gain_score(Y, Normal(MU, SIGMA))
    skill = sn.crps_skill_score(Y, Normal(MU, SIGMA))
    other = Normal(a * MU + b, a * SIGMA)
    assert sn.information_gain_score(a * Y + b, other) == pytest.approx(gain, abs=1e-10)
    assert sn.crps_skill_score(a * Y + b, other) == pytest.approx(skill, abs=1e-10)


def test_gain_is_the_difference_of_two_losses():
    dist, baseline = StudentT(4.0, MU, SIGMA), Laplace(2.0, 1.0)
    weights = RNG.random(N)
    gain = sn.information_gain_score(Y, dist, baseline=baseline, sample_weight=weights)
    difference = sn.nll_loss(Y, baseline, sample_weight=weights) - sn.nll_loss(
        Y, dist, sample_weight=weights
    )
    assert gain == pytest.approx(difference, abs=1e-13)
    assert sn.information_gain_score(Y, dist, baseline=dist) == 0.0


def test_gain_of_a_gaussian_is_that_of_the_decomposition():
    assert sn.information_gain_score(Y, Normal(MU, SIGMA)) == pytest.approx(
        sn.decompose_nll(Y, MU, SIGMA).gain, abs=1e-12
    )
    constant = Normal(Y.mean(), Y.std())
    assert sn.information_gain_score(Y, constant) == pytest.approx(0.0, abs=1e-13)
    assert sn.crps_skill_score(Y, constant) == pytest.approx(0.0, abs=1e-13)


def test_gain_in_bits():
    nats = sn.information_gain_score(Y, Normal(MU, SIGMA))
    bits = sn.information_gain_score(Y, Normal(MU, SIGMA), base=2)
    assert bits == pytest.approx(nats / math.log(2), rel=1e-14)
    with pytest.raises(ValueError, match=r"base must be 'e' \(nats\) or 2"):
        sn.information_gain_score(Y, Normal(MU, SIGMA), base=10)


def test_gain_survives_a_transform_if_the_baseline_is_transformed_too():
    z = np.log(Y_POSITIVE)
    in_logs = sn.information_gain_score(z, Normal(1.0, 0.5))
    in_units = sn.information_gain_score(
        Y_POSITIVE,
        LogNormal(0.5, math.e),
        baseline=LogNormal(z.std(), math.exp(z.mean())),
    )
    assert in_units == pytest.approx(in_logs, abs=1e-12)


def test_an_ensemble_has_skill_without_a_density():
    members = MU[:, None] + SIGMA[:, None] * RNG.normal(size=(N, 200))
    skill = sn.crps_skill_score(Y, EmpiricalDistribution(members))
    assert skill == pytest.approx(sn.crps_skill_score(Y, Normal(MU, SIGMA)), abs=0.02)


# -- refusals ---------------------------------------------------------------------------

LEVELS = np.array([0.1, 0.5, 0.9])


@pytest.mark.parametrize(
    "dist",
    [
        EmpiricalDistribution(RNG.normal(size=(N, 5))),
        QuantileGrid(LEVELS, np.sort(RNG.normal(size=(N, 3)), axis=1)),
    ],
    ids=["ensemble", "quantile-grid"],
)
def test_without_a_density_the_crps_is_named(dist):
    for score in (sn.nll_loss, sn.information_gain_score):
        with pytest.raises(TypeError, match="crps_loss"):
            score(Y, dist)
    assert sn.crps_loss(Y, dist) > 0


def test_there_must_be_a_distribution_for_each_sample():
    for size in (N - 1, N + 1):
        dist = Normal(np.zeros(size), 1.0)
        with pytest.raises(ValueError, match=rf"distributions of shape \({size},\)"):
            sn.nll_loss(Y, dist)
    with pytest.raises(ValueError, match="distributions of shape"):
        sn.crps_loss(Y, stats.norm(MU[:, None], 1.0))
    with pytest.raises(ValueError, match="baseline must hold"):
        sn.information_gain_score(Y, Normal(MU, 1.0), baseline=Normal(MU[:3], 1.0))


def test_counts_must_be_whole():
    message = r"whole numbers for a distribution of counts; got 0.5 at index 1 \(1 of 3"
    for dist in (Poisson(3.0), stats.poisson(3.0), NegativeBinomial(3.0, 0.5)):
        for loss in (sn.nll_loss, sn.crps_loss):
            with pytest.raises(ValueError, match=message):
                loss([1.0, 0.5, 2.0], dist)


def test_nan_of_a_foreign_distribution_is_not_passed_on():
    broken = stats.norm(MU, np.where(np.arange(N) == 3, -1.0, SIGMA))
    with pytest.raises(ValueError, match="scale must be strictly positive; got -1"):
        sn.nll_loss(Y, broken)
    broken = stats.gumbel_r(MU, np.where(np.arange(N) == 3, -1.0, SIGMA))
    message = r"must be a number \(not NaN\); got nan at index 3 \(1 of 60 values\)"
    with pytest.raises(ValueError, match=message):
        sn.nll_loss(Y, broken)


class Loose:
    """Returns something else than one number for each sample."""

    def __init__(self, returned):
        self.logpdf = lambda y: returned
        self.cdf = self.mean = self.std = lambda *_: np.zeros(3)


@pytest.mark.parametrize(
    "returned", [np.zeros((3, 1)), np.zeros(2), 0.0, np.zeros(3, complex), ["a"] * 3]
)
def test_what_a_foreign_density_returns_is_never_broadcast(returned):
    with pytest.raises(ValueError, match="logpdf must return one real number for each"):
        sn.nll_loss([1.0, 2.0, 3.0], Loose(returned))


def test_baselines_that_cannot_be_compared_with():
    with pytest.raises(ValueError, match="baseline must allow what happened"):
        sn.information_gain_score(
            [-1.0, 2.0], Gamma(1.0, 1.0), baseline=Gamma(1.0, 1.0)
        )
    perfect = EmpiricalDistribution([[1.0], [2.0]])
    with pytest.raises(ValueError, match="baseline must not be perfect"):
        sn.crps_skill_score([1.0, 2.0], Normal(0.0, 1.0), baseline=perfect)


@pytest.mark.parametrize("wrong", [Normal, "normal", 3.0, None, stats.norm, object()])
def test_other_things_are_no_distributions(wrong):
    with pytest.raises(TypeError, match="dist"):
        sn.nll_loss(Y, wrong)


def test_targets_are_checked_as_everywhere():
    with pytest.raises(ValueError, match="y_true must be finite; got nan at index 0"):
        sn.nll_loss([np.nan, 1.0], Normal(0.0, 1.0))
    with pytest.raises(ValueError, match="must not be constant"):
        sn.information_gain_score([1.0, 1.0], Normal(0.0, 1.0))


@pytest.mark.parametrize(
    "dist",
    [
        stats.rv_discrete(values=([0.5, 1.6], [0.3, 0.7]))(),
        stats.rv_discrete(values=([1.0, 2.0, 2.5], [0.3, 0.6, 0.1]))(),
        stats.poisson(3.0, loc=0.5),
    ],
    ids=["halves", "one of three", "shifted"],
)
def test_a_lattice_off_the_whole_numbers_is_no_distribution_of_counts(dist):
    with pytest.raises(ValueError, match="must live on whole numbers"):
        sn.crps_loss([1.0, 2.0], dist)


def test_scipys_custom_counts_are_summed_exactly():
    dist = stats.rv_discrete(values=([-1, 2, 5], [0.2, 0.5, 0.3]))()
    x, p = np.array([-1.0, 2.0, 5.0]), np.array([0.2, 0.5, 0.3])
    for y in (-3.0, 0.0, 5.0):
        pairs = p @ np.abs(x[:, None] - x) @ p
        truth = p @ np.abs(x - y) - 0.5 * pairs
        assert sn.crps_loss([y], dist) == pytest.approx(truth, rel=1e-12)


@pytest.mark.parametrize(
    ("dist", "y"),
    [
        (Gamma(0.5, 1.0), [0.0, -1.0, 2.0]),
        (stats.gamma(0.5), [0.0, -1.0, 2.0]),
        (stats.beta(0.5, 0.5), [0.0, 2.0, 0.5]),
    ],
    ids=["ours", "gamma", "beta"],
)
def test_opposite_infinities_have_no_mean(dist, y):
    for reduction in ("mean", "sum"):
        with pytest.raises(ValueError, match=r"at 1 and an infinite one at 1 of 3"):
            sn.nll_loss(y, dist, reduction=reduction)
    with pytest.raises(ValueError, match="no mean"):
        sn.information_gain_score(y, dist)
    none = sn.nll_loss(y, dist, reduction="none")
    np.testing.assert_array_equal(np.sign(none[:2]), [-1.0, 1.0])
    # A sample that does not count is no reason to refuse.
    assert sn.nll_loss(y, dist, sample_weight=[0, 1, 1]) == math.inf


def test_an_infinite_density_is_warned_of():
    y, dist = [0.0, 0.0, 2.0], Gamma(0.5, 1.0)
    with pytest.warns(InfiniteDensityWarning, match=r"at 2 of 3 samples \(y_true 0\)"):
        assert sn.nll_loss(y, dist) == -math.inf
    with pytest.warns(InfiniteDensityWarning, match="beats every other model"):
        assert sn.information_gain_score(y, dist) == math.inf
    assert math.isfinite(sn.nll_loss(y, dist, sample_weight=[0, 0, 1]))


LATTICES = {
    "poisson": (stats.poisson(np.full(3, 4.0), loc=-1), 60),
    "binomial": (stats.binom(20, 0.5, loc=-10), 30),
    "skellam": (stats.skellam(3, 2, loc=-1), 60),
}
if hasattr(stats, "Binomial"):  # of the newer infrastructure
    LATTICES["new"] = (stats.Binomial(n=np.full(3, 20.0), p=0.4), 30)


@pytest.mark.parametrize(("dist", "counts"), LATTICES.values(), ids=LATTICES)
def test_counts_that_start_below_zero_or_have_lines_between_are_counts(dist, counts):
    y, k = np.array([0.0, 2.0, 3.0]), np.arange(-60.0, counts)[:, np.newaxis]
    by_hand = ((dist.cdf(k) - (k >= y)) ** 2).sum(axis=0).mean()
    assert sn.crps_loss(y, dist) == pytest.approx(by_hand, rel=1e-12)
