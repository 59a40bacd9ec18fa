"""Truths that hold for every loss."""

import mpmath
import numpy as np
import pytest

from sklearn_negloss import _reduction
from sklearn_negloss.metrics import LOSS_FACTS
from tests.loss_cases import CASES, GAUSSIAN, IDS, Case, exact

every_loss = pytest.mark.parametrize("case", CASES, ids=IDS)


def facts(case: Case):
    return LOSS_FACTS[case.name.removesuffix("-soft")]


@every_loss
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_arbitrary_precision(case, seed):
    arrays = case.inputs(np.random.default_rng(seed), 300)
    losses = case(*arrays, reduction="none")
    truth = exact(case, arrays)
    # Near a zero crossing the relative error of any double is unbounded: errors are
    # held against 1 there.
    errors = [
        abs(mpmath.mpf(float(loss)) - value) / max(abs(value), 1)
        for loss, value in zip(losses, truth, strict=True)
    ]
    if facts(case).minimum == 0:
        errors = [
            abs(mpmath.mpf(float(loss)) - value) / value if value > 1e-300 else 0
            for loss, value in zip(losses, truth, strict=True)
        ]
    assert max(errors) < 1e-13


@every_loss
def test_mean_and_sum_are_those_of_the_single_losses(case, rng):
    arrays = case.inputs(rng, 1000)
    losses = case(*arrays, reduction="none")
    assert losses.shape == (1000,)
    np.testing.assert_allclose(case(*arrays), losses.mean(), rtol=1e-13)
    np.testing.assert_allclose(case(*arrays, reduction="sum"), losses.sum(), rtol=1e-12)


@every_loss
def test_integer_weights_count_as_repetitions(case, rng):
    arrays = case.inputs(rng, 60)
    weights = rng.integers(0, 4, 60)
    repeated = [np.repeat(a, weights, axis=0) for a in arrays]
    for reduction in ("mean", "sum"):
        np.testing.assert_allclose(
            case(*arrays, sample_weight=weights, reduction=reduction),
            case(*repeated, reduction=reduction),
            rtol=1e-12,
        )


@every_loss
def test_none_with_weights_is_weight_times_loss(case, rng):
    arrays, weights = case.inputs(rng, 60), rng.random(60)
    np.testing.assert_allclose(
        case(*arrays, sample_weight=weights, reduction="none"),
        weights * case(*arrays, reduction="none"),
        rtol=1e-15,
    )


@every_loss
def test_order_of_samples_is_irrelevant(case, rng):
    arrays, order = case.inputs(rng, 500), rng.permutation(500)
    np.testing.assert_allclose(
        case(*(a[order] for a in arrays)), case(*arrays), rtol=1e-13
    )


@every_loss
@pytest.mark.parametrize("block", [1, 7, 64])
def test_block_size_is_irrelevant(case, rng, monkeypatch, block):
    arrays, weights = case.inputs(rng, 200), rng.random(200)
    whole = case(*arrays, sample_weight=weights)
    single = case(*arrays, sample_weight=weights, reduction="none")
    monkeypatch.setattr(_reduction, "BLOCK", block)
    np.testing.assert_allclose(case(*arrays, sample_weight=weights), whole, rtol=1e-12)
    np.testing.assert_array_equal(
        case(*arrays, sample_weight=weights, reduction="none"), single
    )


@every_loss
def test_never_below_its_stated_minimum(case):
    for seed in range(20):
        losses = case(*case.inputs(np.random.default_rng(seed), 500), reduction="none")
        assert losses.min() >= facts(case).minimum


@pytest.mark.parametrize("case", CASES[:4], ids=IDS[:4])
@pytest.mark.parametrize("factor", [1e-3, 0.3048, 1e6])
def test_obeys_its_scale_law(case, rng, factor):
    arrays = case.inputs(rng, 500)
    before = case(*arrays, reduction="none")
    after = case(*(factor * a for a in arrays), reduction="none")
    law = facts(case)
    if law.scale_law == "shift":
        np.testing.assert_allclose(
            after, before + law.shift * np.log(factor), atol=1e-11
        )
    else:
        np.testing.assert_allclose(after, factor * before, rtol=1e-11)


@pytest.mark.parametrize("case", GAUSSIAN, ids=IDS[:3])
def test_the_true_moments_minimise_the_expectation(case):
    # Gauss-Hermite integrates the expectation under N(1, 2^2) without sampling noise.
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    y = 1.0 + 2.0 * nodes

    def expected(mu, sigma):
        return case(y, mu, sigma, sample_weight=weights)

    best = expected(1.0, 2.0)
    for mu, sigma in [(1.1, 2.0), (0.9, 2.0), (1.0, 2.1), (1.0, 1.9), (1.05, 2.05)]:
        assert expected(mu, sigma) > best


@every_loss
def test_lists_frames_and_narrow_types_give_the_same_number(case, rng):
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    arrays = [np.asarray(a, dtype=np.float32) for a in case.inputs(rng, 50)]
    if "soft" in case.name:
        arrays[0] = np.round(np.asarray(arrays[0], dtype=np.float64))
    if case.name == "cross_entropy_with_logits-soft":
        arrays[0] = np.eye(4)[arrays[0].argmax(axis=1)]
    wide = [a.astype(np.float64) for a in arrays]
    expected = case(*wide)
    assert case(*arrays) == pytest.approx(expected, rel=1e-13)
    assert case(*(a.tolist() for a in wide)) == expected
    as_pandas = [pd.Series(a) if a.ndim == 1 else pd.DataFrame(a) for a in wide]
    assert case(*as_pandas) == expected
    as_polars = [pl.Series(a) if a.ndim == 1 else pl.DataFrame(a) for a in wide]
    assert case(*as_polars) == expected
    assert case(*(a.astype(">f8") for a in wide)) == expected
    assert case(*(a[::-1] for a in wide)) == pytest.approx(expected, rel=1e-13)


@every_loss
def test_inputs_are_left_alone(case, rng):
    arrays = case.inputs(rng, 40)
    for array in arrays:
        array.flags.writeable = False
    weights = rng.random(40)
    weights.flags.writeable = False
    case(*arrays, sample_weight=weights)


@every_loss
def test_a_sample_of_weight_zero_does_not_count(case, rng):
    arrays = case.inputs(rng, 40)
    weights = np.r_[0.0, np.ones(39)]
    np.testing.assert_allclose(
        case(*arrays, sample_weight=weights), case(*(a[1:] for a in arrays)), rtol=1e-13
    )


def test_unsigned_integers_do_not_wrap():
    y, mu = np.array([1, 2, 250], np.uint8), np.array([3, 5, 255], np.uint8)
    for case in GAUSSIAN:
        assert case(y, mu, 2.0) == case(y.astype(float), mu.astype(float), 2.0)


def test_an_infinite_loss_of_weight_zero_is_dropped():
    case = CASES[4]
    assert case([1, 1], [0.0, 0.5], sample_weight=[0, 1]) == pytest.approx(np.log(2))
