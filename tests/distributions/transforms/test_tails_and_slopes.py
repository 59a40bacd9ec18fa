"""Where a transform is steep, and where its distribution goes far out."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from sklearn.preprocessing import FunctionTransformer

from sklearn_negloss.distributions import (
    Gamma,
    LogNormal,
    Normal,
    SlopeWarning,
    transform_dist,
)
from sklearn_negloss.distributions.transforms._jacobians import target_map
from tests.distributions.transforms.transformed_cases import chain, silently

LEVELS = [1e-300, 1e-100, 1e-20, 1e-5, 0.3, 0.9]


@pytest.mark.parametrize(
    ("ours", "scipys"),
    [
        (Gamma(0.3, 2.0), stats.gamma(0.3, scale=2.0)),
        (Gamma(40.0, 2.0), stats.gamma(40.0, scale=2.0)),
        (LogNormal(0.7, 3.0), stats.lognorm(0.7, scale=3.0)),
    ],
    ids=["gamma, small", "gamma", "log-normal"],
)
def test_upper_tails_agree_with_scipy(ours, scipys):
    x = scipys.isf(LEVELS)
    np.testing.assert_allclose(ours.isf(LEVELS), x, rtol=1e-12)
    np.testing.assert_allclose(ours.logsf(x), np.log(LEVELS), rtol=1e-12)
    with pytest.raises(ValueError, match=r"in \(0, 1\)"):
        ours.isf(0.0)


@pytest.mark.parametrize("scale", [0.1, 0.4, 0.45])
def test_the_exponential_of_a_gamma_has_its_moments(scale):
    # E exp(k z) is (1 - k scale)^-a, for k scale < 1.
    dist = silently(Gamma(2.0, scale), chain("log"))
    mean, square = (1.0 - scale) ** -2, (1.0 - 2.0 * scale) ** -2
    assert dist.mean() == pytest.approx(mean, rel=1e-7)
    assert dist.std() == pytest.approx(math.sqrt(square - mean**2), rel=1e-6)


def test_moments_that_do_not_exist_are_infinite():
    dist = silently(Gamma(2.0, 0.9), chain("log"))
    assert dist.mean() == pytest.approx(100.0, rel=1e-9)
    assert dist.std() == math.inf
    assert silently(LogNormal(0.4, 1.5), chain("log1p")).mean() == math.inf


def test_tails_of_a_transformed_gamma_agree_with_scipy():
    base = stats.gamma(2.0, scale=0.4)
    dist = silently(Gamma(2.0, 0.4), chain("log"))
    assert dist.sf(np.exp(25.0)) == pytest.approx(base.sf(25.0), rel=1e-12)
    falling = silently(Gamma(2.0, 0.4), FunctionTransformer(np.negative, np.negative))
    assert falling.ppf(1e-20) == pytest.approx(-base.isf(1e-20), rel=1e-12)


def test_a_reciprocal_has_no_mean_where_zero_is_possible():
    dist = silently(Normal(2.0, 0.4), chain("reciprocal"))
    assert (dist.mean(), dist.std()) == (math.inf, math.inf)
    # A gamma leaves 0 alone if its shape exceeds the power: the inverse gamma.
    for a in (1.0, 1.5, 2.5, 4.0):
        dist = silently(Gamma(a, 0.3), chain("reciprocal"))
        truth = stats.invgamma(a, scale=1.0 / 0.3)
        mean = truth.mean() if a > 1 else math.inf
        std = truth.std() if a > 2 else math.inf
        assert dist.mean() == pytest.approx(mean, rel=1e-8)
        assert dist.std() == pytest.approx(std, rel=1e-6)
        assert dist.entropy() == pytest.approx(truth.entropy(), rel=1e-8)
        assert dist.logpdf(2.0) == pytest.approx(truth.logpdf(2.0), rel=1e-12)


def test_a_cube_root_has_an_exact_density_moments_and_entropy():
    dist = silently(Normal(0.5, 1.0), chain("cbrt"))
    assert dist.mean() == pytest.approx(0.5**3 + 3.0 * 0.5, rel=1e-10)
    assert dist.logpdf(0.0) == math.inf
    log_z = sum(
        quad(lambda z: stats.norm.pdf(z, 0.5) * math.log(abs(z)), *ends, limit=200)[0]
        for ends in ((-12.0, 0.0), (0.0, 12.0))
    )
    truth = stats.norm.entropy() + math.log(3.0) + 2.0 * log_z
    assert dist.entropy() == pytest.approx(truth, rel=1e-8)


# -- slopes of functions that nobody knows --------------------------------------------

NEAR_ZERO = np.array([1e-300, 1e-20, 1e-12, 1e-9, 1e-6, 1e-3, 0.1, 1.0])
POWERS = {
    "cbrt": (lambda v: np.cbrt(v) + 0.0, 1 / 3, -1.0),
    "fourth root": (lambda v: np.sign(v) * np.abs(v) ** 0.25, 1 / 4, -1.0),
    "sqrt": (lambda v: np.sqrt(v) + 0.0, 1 / 2, 0.1),
}


@pytest.mark.parametrize("name", POWERS)
def test_a_slope_next_to_an_infinite_one_is_found(name):
    function, power, low = POWERS[name]
    found = target_map(FunctionTransformer(function).fit([[1.0]]), [low, 0.7, 3.0])
    truth = math.log(power) + (power - 1.0) * np.log(NEAR_ZERO)
    np.testing.assert_allclose(found.log_abs_derivative(NEAR_ZERO), truth, rtol=1e-9)
    assert found.log_abs_derivative(0.0) == math.inf


def test_an_end_of_the_domain_away_from_zero_belongs_to_it():
    shifted = FunctionTransformer(lambda v: np.sqrt(v - 1.0)).fit([[2.0]])
    found = target_map(shifted, [1.2, 2.0, 5.0])
    assert found.domain[0] == 1.0
    assert found.log_abs_derivative(1.0) == math.inf


def test_two_spellings_of_one_map_agree_on_the_infinite_density():
    for function in (np.sqrt, lambda v: v**0.5):
        dist = silently(Normal(1.0, 0.2), FunctionTransformer(function, np.square))
        assert dist.logpdf(0.0) == math.inf


def test_a_slope_that_falls_to_zero_is_zero():
    cube = FunctionTransformer(lambda v: v**3).fit([[1.0]])
    assert target_map(cube, [-1.0, 0.7, 3.0]).log_abs_derivative(0.0) == -math.inf


def test_a_slope_that_has_no_limit_is_warned_of():
    # Ever faster waves towards 0: the secants never settle.
    def waves(v):
        size = np.maximum(np.abs(v), 1e-300)
        return v * (2.0 + 0.5 * np.sin(3.0 * np.log(size)))

    found = target_map(FunctionTransformer(waves).fit([[1.0]]), [0.5, 0.7, 3.0, -1.0])
    with pytest.warns(SlopeWarning, match=r"at y=0 \(1 values\)"):
        found.log_abs_derivative(np.array([0.0, 1.0]))


def test_an_entropy_warns_of_no_slope_where_no_datum_is():
    arctan = FunctionTransformer(np.arctan, np.tan)
    dist = transform_dist(Normal(np.zeros(3), 0.3), arctan)
    assert np.isfinite(dist.entropy()).all()  # warnings are errors here
