"""Several outputs, intervals, and agreement with published values and peers."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import trapezoid

import sklearn_negloss as sn
from tests.loss_cases import GAUSSIAN, IDS

gaussian_losses = pytest.mark.parametrize("case", GAUSSIAN, ids=IDS[:3])


@gaussian_losses
def test_outputs_are_scored_as_scikit_learn_scores_them(case, rng):
    y, mu, sigma = (a.reshape(50, 3) for a in case.inputs(rng, 150))
    weights = rng.random(50)
    single = [
        case(y[:, j], mu[:, j], sigma[:, j], sample_weight=weights) for j in range(3)
    ]
    raw = case(y, mu, sigma, sample_weight=weights, multioutput="raw_values")
    np.testing.assert_array_equal(raw, single)
    mean = case(y, mu, sigma, sample_weight=weights)
    assert mean == pytest.approx(np.mean(single), rel=1e-14)
    shares = case(y, mu, sigma, sample_weight=weights, multioutput=[1, 1, 2])
    assert shares == pytest.approx(np.average(single, weights=[1, 1, 2]), rel=1e-14)
    none = case(y, mu, sigma, reduction="none", multioutput="raw_values")
    assert none.shape == (50, 3)
    np.testing.assert_allclose(
        case(y, mu, sigma, reduction="none"), none.mean(axis=1), rtol=1e-14
    )


@gaussian_losses
def test_raw_values_of_one_output_keep_their_axis(case, rng):
    y, mu, sigma = case.inputs(rng, 20)
    assert case(y, mu, sigma, multioutput="raw_values").shape == (1,)
    column = tuple(a[:, np.newaxis] for a in (y, mu, sigma))
    assert case(*column) == case(y, mu, sigma)


@gaussian_losses
def test_one_sigma_for_all_samples(case, rng):
    y, mu, _ = case.inputs(rng, 20)
    assert case(y, mu, 0.5) == case(y, mu, np.full(20, 0.5))
    assert case(y, 0, 0.5) == case(y, np.zeros(20), np.full(20, 0.5))


def test_nll_is_scipys_log_density(rng):
    y, mu, sigma = GAUSSIAN[0].inputs(rng, 200)
    np.testing.assert_allclose(
        sn.gaussian_nll_loss(y, mu, sigma, reduction="none"),
        -stats.norm.logpdf(y, mu, sigma),
        rtol=1e-13,
    )


def test_dawid_sebastiani_is_twice_the_nll_without_its_constant(rng):
    y, mu, sigma = GAUSSIAN[0].inputs(rng, 200)
    nll = sn.gaussian_nll_loss(y, mu, sigma)
    assert sn.dawid_sebastiani_loss(y, mu, sigma) == pytest.approx(
        2 * nll - np.log(2 * np.pi), rel=1e-12
    )


def test_crps_agrees_with_scoringrules(rng):
    scoringrules = pytest.importorskip("scoringrules")
    y, mu, sigma = GAUSSIAN[0].inputs(rng, 200)
    np.testing.assert_allclose(
        sn.gaussian_crps_loss(y, mu, sigma, reduction="none"),
        scoringrules.crps_normal(y, mu, sigma, backend="numpy"),
        rtol=1e-12,
    )


def test_crps_is_the_integral_that_defines_it():
    x = np.linspace(-30, 30, 2_000_001)
    for y, mu, sigma in [(0.7, 0.2, 1.3), (4.0, 0.0, 0.5), (-2.0, 1.0, 2.0)]:
        integral = trapezoid((stats.norm.cdf(x, mu, sigma) - (x >= y)) ** 2, x)
        assert sn.gaussian_crps_loss([y], mu, sigma) == pytest.approx(
            integral, abs=1e-4
        )


def test_true_quantiles_minimise_the_interval_loss():
    y = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    low, high = stats.norm.interval(0.8)
    best = sn.interval_loss(y, low, high, coverage=0.8)
    for shift in (-0.1, 0.1):
        assert sn.interval_loss(y, low + shift, high, coverage=0.8) > best
        assert sn.interval_loss(y, low, high + shift, coverage=0.8) > best


def test_interval_loss_by_hand():
    # width 2, twice; the second sample lies 1 above, fined 1 * 2 / 0.5.
    losses = sn.interval_loss([1.0, 3.0], 0.0, 2.0, coverage=0.5, reduction="none")
    np.testing.assert_allclose(losses, [2.0, 6.0])
