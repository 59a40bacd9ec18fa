"""Where one-line formulas overflow, underflow or cancel, the losses are right."""

import math

import mpmath
import numpy as np
import pytest

import sklearn_negloss as sn
from tests.loss_cases import mp_cross_entropy, mp_crps


def test_gaussian_nll_far_in_the_tail():
    # 50^2 / 2 + log(2 pi) / 2; the log of the density's double is -inf from z = 38.6.
    assert sn.gaussian_nll_loss([50.0], [0.0], [1.0]) == pytest.approx(
        1250.9189385332047, rel=1e-15
    )
    assert sn.gaussian_nll_loss([1e150], [0.0], [1.0]) == pytest.approx(
        5e299, rel=1e-14
    )


@pytest.mark.parametrize("sigma", [1e-300, 1e-20, 1.0, 1e20, 1e300])
@pytest.mark.parametrize("z", [-40.0, -8.0, -1e-8, 0.0, 1.0, 8.0, 40.0])
def test_gaussian_losses_at_extreme_scales(z, sigma):
    with mpmath.workdps(60):
        y, s = mpmath.mpf(z * sigma), mpmath.mpf(sigma)
        nll = (y / s) ** 2 / 2 + mpmath.log(s) + mpmath.log(2 * mpmath.pi) / 2
        crps = mp_crps(y, mpmath.mpf(0), s)
    assert sn.gaussian_nll_loss([z * sigma], 0.0, sigma) == pytest.approx(
        float(nll), rel=1e-14
    )
    assert sn.gaussian_crps_loss([z * sigma], 0.0, sigma) == pytest.approx(
        float(crps), rel=1e-14
    )


def test_crps_of_a_nearly_certain_forecast_is_the_absolute_error():
    assert sn.gaussian_crps_loss([3.0], [1.0], [1e-300]) == 2.0


@pytest.mark.parametrize("logit", [1e4, 700.0, 40.0, 1e-9, 0.0, -1e-9, -40.0, -1e4])
@pytest.mark.parametrize("label", [0.0, 0.25, 0.999, 1.0])
def test_cross_entropy_of_extreme_logits(label, logit):
    with mpmath.workdps(5000 if abs(logit) > 1e3 else 400):
        x, y = mpmath.mpf(logit), mpmath.mpf(label)
        truth = (1 - y) * mpmath.log1p(mpmath.exp(x)) + y * mpmath.log1p(mpmath.exp(-x))
        truth = float(truth)
    loss = sn.binary_cross_entropy_with_logits_loss([label], [logit])
    assert loss == pytest.approx(truth, rel=1e-14, abs=0)


@pytest.mark.parametrize("gap", [36.0, 40.0, 300.0])
def test_a_confident_class_keeps_its_digits(gap):
    logits = [0.0, gap, 1.0]
    with mpmath.workdps(400):
        truth = float(mp_cross_entropy(1.0, [mpmath.mpf(v) for v in logits]))
    assert 0 < truth < 1e-15
    for y_true in ([1], [[0.0, 1.0, 0.0]]):
        loss = sn.cross_entropy_with_logits_loss(y_true, [logits])
        assert loss == pytest.approx(truth, rel=1e-13, abs=0)


def test_huge_logits_do_not_overflow():
    logits = [[1e308, 0.0, -1e308]]
    assert sn.cross_entropy_with_logits_loss([0], logits) == 0.0
    assert sn.cross_entropy_with_logits_loss([1], logits) == 1e308


def test_a_class_of_probability_zero_does_not_make_nan_of_an_infinite_gap():
    loss = sn.cross_entropy_with_logits_loss
    assert loss([[1.0, 0.0]], [[1e308, -1e308]]) == 0.0
    # 0.25 * 2e308 + 0.25 * 1e308, of which the first gap alone is no double.
    three = loss([[0.5, 0.25, 0.25]], [[1e308, -1e308, 0.0]])
    assert three == pytest.approx(7.5e307, rel=1e-15)


def test_the_largest_error_has_a_log():
    loss = sn.log1p_absolute_loss([1.7e308, 1.0], [-1.7e308, 0.0], reduction="none")
    with mpmath.workdps(30):
        truth = [float(mpmath.log1p(e)) for e in (2 * mpmath.mpf(1.7e308), 1)]
    np.testing.assert_allclose(loss, truth, rtol=1e-15)


def test_logits_are_equal_up_to_a_constant(rng):
    logits, y_true = rng.normal(size=(20, 5)), rng.integers(0, 5, 20)
    assert sn.cross_entropy_with_logits_loss(y_true, logits + 700) == pytest.approx(
        sn.cross_entropy_with_logits_loss(y_true, logits), rel=1e-12
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_certain_probabilities_are_exact(dtype):
    p = np.array([0.0, 1.0], dtype)
    assert sn.binary_cross_entropy_loss([0, 1], p) == 0.0
    assert sn.binary_cross_entropy_loss([1, 0], p) == math.inf
    none = sn.binary_cross_entropy_loss([1, 1], p, reduction="none")
    np.testing.assert_array_equal(none, [math.inf, 0.0])


def test_soft_label_of_a_certain_forecast_is_infinite():
    assert sn.binary_cross_entropy_loss([0.5], [1.0]) == math.inf


def test_tiny_probabilities_are_not_clipped():
    assert sn.binary_cross_entropy_loss([1], [1e-300]) == pytest.approx(
        300 * math.log(10), rel=1e-15
    )
    assert sn.binary_cross_entropy_loss([0], [1e-300]) == 1e-300


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_narrow_floats_never_give_nan(scale, rng):
    y = (scale * rng.normal(size=100)).astype(np.float32)
    sigma = np.full(100, scale, np.float32)
    for loss in (sn.gaussian_nll_loss, sn.gaussian_crps_loss, sn.dawid_sebastiani_loss):
        assert math.isfinite(loss(y, np.zeros(100, np.float32), sigma))


def test_the_decomposition_survives_extreme_units(rng):
    y = rng.normal(size=50)
    mu, sigma = y + 0.1 * rng.normal(size=50), np.full(50, 0.1)
    expected = sn.decompose_nll(y, mu, sigma)
    for factor in (1e-200, 1e200):
        terms = sn.decompose_nll(factor * y, factor * mu, factor * sigma)
        assert terms.gain == pytest.approx(expected.gain, abs=1e-10)
        assert terms.units == pytest.approx(
            expected.units + math.log(factor), rel=1e-12
        )
