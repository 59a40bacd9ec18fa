"""The decomposition is an identity, and its terms are what they are called."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import sklearn_negloss as sn


@pytest.fixture
def forecast(rng):
    mu, sigma = rng.normal(0, 2, 400), rng.lognormal(0, 0.3, 400)
    return mu + 1.4 * sigma * rng.normal(size=400), mu, sigma


@pytest.mark.parametrize("weighted", [False, True])
def test_the_terms_add_up(forecast, rng, weighted):
    weights = rng.random(400) if weighted else None
    terms = sn.decompose_nll(*forecast, sample_weight=weights)
    assert terms.loss == sn.gaussian_nll_loss(*forecast, sample_weight=weights)
    rebuilt = terms.units - terms.attainable_gain + terms.miscalibration
    assert abs(terms.loss - rebuilt) < 1e-12
    assert abs(terms.gain - (terms.attainable_gain - terms.miscalibration)) < 1e-12


def test_units_is_the_loss_of_the_best_constant(forecast, rng):
    y, mu, sigma = forecast
    weights = rng.random(400)
    terms = sn.decompose_nll(y, mu, sigma, sample_weight=weights)
    centre = np.average(y, weights=weights)
    spread = math.sqrt(np.average((y - centre) ** 2, weights=weights))
    constant = sn.gaussian_nll_loss(y, centre, spread, sample_weight=weights)
    assert terms.units == pytest.approx(constant, rel=1e-13)
    for wrong in ((centre + 0.1, spread), (centre, 1.05 * spread)):
        assert sn.gaussian_nll_loss(y, *wrong, sample_weight=weights) > constant


def test_miscalibration_is_what_the_best_rescaling_of_sigma_wins(forecast):
    y, mu, sigma = forecast
    terms = sn.decompose_nll(y, mu, sigma)
    best = minimize_scalar(
        lambda c: sn.gaussian_nll_loss(y, mu, c * sigma),
        bounds=(0.5, 3),
        method="bounded",
    )
    assert terms.miscalibration == pytest.approx(terms.loss - best.fun, abs=1e-8)
    assert terms.miscalibration > 0.05


@pytest.mark.parametrize(("a", "b"), [(1e-3, 0.0), (1000.0, -5e4), (-2.0, 1.0)])
def test_gains_have_no_units(forecast, a, b):
    y, mu, sigma = forecast
    before = sn.decompose_nll(y, mu, sigma)
    after = sn.decompose_nll(a * y + b, a * mu + b, abs(a) * sigma)
    assert after.gain == pytest.approx(before.gain, abs=1e-10)
    assert after.attainable_gain == pytest.approx(before.attainable_gain, abs=1e-10)
    assert after.miscalibration == pytest.approx(before.miscalibration, abs=1e-10)
    assert after.units == pytest.approx(before.units + math.log(abs(a)), abs=1e-10)


def test_a_calibrated_forecast_has_no_miscalibration():
    z = np.array([-1.0, 1.0] * 50)
    terms = sn.decompose_nll(np.arange(100) + z, np.arange(100), 1.0)
    assert terms.miscalibration == 0.0


def test_perfect_means_leave_an_unbounded_gain():
    y = np.array([1.0, 2.0, 3.0])
    terms = sn.decompose_nll(y, y, 0.5)
    assert terms.miscalibration == math.inf
    assert terms.attainable_gain == math.inf
    assert math.isfinite(terms.gain)


@pytest.mark.parametrize("error", [1e-3, 1e-5, 1e-9, 1e-150])
def test_tiny_errors_keep_the_digits_of_their_miscalibration(error):
    y = np.array([1.0, 2.0, 3.0])
    terms = sn.decompose_nll(y, [1.0, 2.0, 3.0 * (1 + error)], 1.0)
    m2 = (3.0 - 3.0 * (1 + error)) ** 2 / 3
    expected = math.inf if m2 == 0 else (m2 - 1 - math.log(m2)) / 2
    assert terms.miscalibration == pytest.approx(expected, rel=1e-13)


def test_what_rounding_leaves_of_a_constant_is_a_constant():
    y = np.array([0.1] * 7 + [0.3]) * 7
    weights = [0.1] * 7 + [0.0]
    with pytest.raises(ValueError, match="must not be constant"):
        sn.decompose_nll(y, y, 1.0, sample_weight=weights)


def test_a_far_offset_costs_no_digits(rng):
    y = rng.normal(size=1000)
    near = sn.decompose_nll(y, 0.0, 1.0)
    far = sn.decompose_nll(y + 2.0**30, 2.0**30, 1.0)
    assert far.units == pytest.approx(near.units, abs=1e-6)


@pytest.mark.parametrize("sigma", [1e-3, 1e-5, 1e-9, 1e-150, 1e-300])
def test_the_attainable_gain_does_not_drown_in_a_huge_loss(sigma):
    # A common factor of sigma is what the rescaling takes out, however wrong it is.
    y, mu = np.array([1.0, 2.0, 4.0]), np.array([1.1, 2.2, 3.5])
    sound = sn.decompose_nll(y, mu, 1.0)
    terms = sn.decompose_nll(y, mu, sigma, sample_weight=np.ones(3))
    assert terms.attainable_gain == pytest.approx(sound.attainable_gain, rel=1e-10)
    assert terms.units == pytest.approx(sound.units, rel=1e-14)
    assert terms.miscalibration > 1.0


def test_an_extreme_sample_of_no_weight_does_not_count_in_a_decomposition():
    y, mu, sigma = [1.0, 1e155, 4.0], [0.0, 0.0, 0.0], [1e-7, 1e-60, 1e-7]
    terms = sn.decompose_nll(y, mu, sigma, sample_weight=[1, 0, 1])
    alone = sn.decompose_nll([1.0, 4.0], [0.0, 0.0], [1e-7, 1e-7])
    assert terms == pytest.approx(alone, rel=1e-12)
