"""The reduction: blocks, threads, memory, and sums taken faster than their terms."""

import threading
import tracemalloc
from functools import partial
from inspect import signature

import joblib
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import sklearn_negloss as sn
from sklearn_negloss import _reduction
from sklearn_negloss._sklearn import usable_threads
from sklearn_negloss._validation import MU, Y_TRUE, Checked
from tests.loss_cases import CASES, IDS

every_loss = pytest.mark.parametrize("case", CASES, ids=IDS)


@every_loss
def test_the_fast_sum_is_the_sum_of_the_single_losses(case, rng):
    arrays = case.inputs(rng, 5000)
    single = case(*arrays, reduction="none")
    assert case(*arrays, reduction="sum") == pytest.approx(single.sum(), rel=1e-13)
    weighted = case(*arrays, sample_weight=np.ones(5000))
    assert case(*arrays) == pytest.approx(weighted, rel=1e-13)


@pytest.mark.parametrize(
    "scales", [(1e-300, 1e-300), (1e300, 1e300), (1e-300, 1e300), (1e-41, 1e-39)]
)
def test_logarithms_of_products_neither_overflow_nor_lose_digits(scales, rng):
    sigma = np.resize(scales, 1001) * rng.uniform(0.5, 2.0, 1001)
    y, mu = sigma * rng.normal(size=1001), np.zeros(1001)
    for loss in (sn.gaussian_nll_loss, sn.dawid_sebastiani_loss):
        single = loss(y, mu, sigma, reduction="none")
        assert loss(y, mu, sigma) == pytest.approx(single.mean(), rel=1e-13)


def test_a_logit_whose_double_overflows():
    for label, logit in ((0, 1e308), (1, -1e308)):
        assert sn.binary_cross_entropy_with_logits_loss([label], [logit]) == 1e308


def test_a_truly_infinite_mean_stays_infinite():
    assert sn.binary_cross_entropy_loss([1, 0], [0.0, 0.5]) == np.inf


@every_loss
@pytest.mark.parametrize("block", [100, 999, 5000])
def test_the_size_of_blocks_changes_nothing(case, rng, monkeypatch, block):
    arrays = case.inputs(rng, 5000)
    expected = case(*arrays)
    monkeypatch.setattr(_reduction, "BLOCK", block)
    assert case(*arrays) == pytest.approx(expected, rel=1e-13)


@every_loss
@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_change_no_digit(case, rng, monkeypatch, n_threads):
    arrays = case.inputs(rng, 1000)
    weights = rng.random(1000)
    monkeypatch.setattr(_reduction, "BLOCK", 64)
    kwargs = [{}, {"sample_weight": weights}, {"reduction": "none"}]
    alone = [case(*arrays, **options) for options in kwargs]
    monkeypatch.setattr(_reduction, "MIN_SAMPLES_PER_THREAD", 100)
    monkeypatch.setattr(_reduction, "usable_threads", lambda: n_threads)
    for options, expected in zip(kwargs, alone, strict=True):
        np.testing.assert_array_equal(case(*arrays, **options), expected)


def test_one_of_two_threads_is_the_one_that_asks(rng, monkeypatch):
    workers = []

    def kernel(y):
        workers.append(threading.get_ident())
        barrier.wait(timeout=30)  # so that none can take both blocks
        return y

    barrier = threading.Barrier(2)
    monkeypatch.setattr(_reduction, "BLOCK", 50)
    monkeypatch.setattr(_reduction, "MIN_SAMPLES_PER_THREAD", 50)
    monkeypatch.setattr(_reduction, "usable_threads", lambda: 2)
    _reduction.reduce_samples(kernel, Checked.of([Y_TRUE], [rng.random(100)]))
    assert len(set(workers)) == 2
    assert threading.get_ident() in workers


@pytest.mark.parametrize("block", [2, 1000])
@pytest.mark.parametrize("weights", [None, np.full(6, 1e-3), np.full(6, 1e150)])
def test_the_mean_of_losses_that_overflow_when_added(monkeypatch, block, weights):
    monkeypatch.setattr(_reduction, "BLOCK", block)
    huge = np.array([1.5e308, 1.7e308, 1.6e308] * 2)
    ones, options = np.ones(6), {"sample_weight": weights}
    means = [
        sn.gaussian_crps_loss(huge, 0.0, 1.0, **options),
        sn.binary_cross_entropy_with_logits_loss(0.0 * ones, huge, **options),
        sn.interval_loss(0.25 * huge, 0.0, 0.0, coverage=0.5, **options),
    ]
    assert means == pytest.approx([1.6e308] * 3, rel=1e-14)


@pytest.mark.parametrize("weighted", [False, True])
def test_rows_of_losses_are_reduced_as_each_alone(rng, monkeypatch, weighted):
    arrays = [rng.normal(size=1000), rng.random(1000)]
    data = Checked.of([Y_TRUE, MU], arrays, rng.random(1000) if weighted else None)
    rows = [lambda y, mu: np.abs(y - mu), lambda y, mu: y * mu]

    def together(y, mu):
        return np.stack([row(y, mu) for row in rows])

    for block in (64, 2000):
        monkeypatch.setattr(_reduction, "BLOCK", block)
        for reduction in ("mean", "sum", "none"):
            alone = [_reduction.reduce_samples(row, data, reduction) for row in rows]
            found = _reduction.reduce_samples(together, data, reduction)
            np.testing.assert_array_equal(found, alone)


def test_an_error_in_a_thread_is_the_same_error(monkeypatch):
    monkeypatch.setattr(_reduction, "BLOCK", 64)
    monkeypatch.setattr(_reduction, "MIN_SAMPLES_PER_THREAD", 100)
    monkeypatch.setattr(_reduction, "usable_threads", lambda: 2)
    sigma = np.ones(1000)
    sigma[900] = -1.0
    with pytest.raises(ValueError, match="got -1 at index 900"):
        sn.gaussian_nll_loss(np.zeros(1000), 0.0, sigma)


def test_limits_on_threads_are_kept():
    with threadpool_limits(1):
        assert usable_threads() == 1
    inside = joblib.Parallel(n_jobs=2, backend="threading")(
        joblib.delayed(usable_threads)() for _ in range(2)
    )
    assert inside == [1, 1]


def test_few_samples_start_no_thread(monkeypatch):
    started = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    sn.gaussian_nll_loss(np.zeros(100_000), 0.0, 1.0)
    assert started == []


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "loss",
    [
        sn.gaussian_nll_loss,
        sn.gaussian_crps_loss,
        sn.dawid_sebastiani_loss,
        partial(sn.interval_loss, coverage=0.9),
        sn.binary_cross_entropy_loss,
        sn.binary_cross_entropy_with_logits_loss,
        sn.log1p_absolute_loss,
    ],
    ids=lambda loss: getattr(loss, "__name__", "interval_loss"),
)
def test_memory_does_not_grow_with_the_data(loss, weighted):
    n = 3_000_000
    # Of float32, which is converted block by block: it takes the most.
    y, ones = np.zeros(n, np.float32), np.ones(n, np.float32)
    three = "mu" in signature(loss).parameters or "lower" in signature(loss).parameters
    arrays = (y, y, ones) if three else (y, y)
    tracemalloc.start()
    with threadpool_limits(2, "openmp"):
        loss(*arrays, sample_weight=ones if weighted else None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20


def test_files_larger_than_memory_are_read_in_place(tmp_path, rng):
    y = rng.normal(size=50_000)
    np.save(tmp_path / "y.npy", y)
    mapped = np.load(tmp_path / "y.npy", mmap_mode="r")
    assert sn.gaussian_nll_loss(mapped, 0.0, 1.0) == sn.gaussian_nll_loss(y, 0.0, 1.0)


def test_strides_and_read_only_arrays_are_read_in_place(rng):
    table = rng.normal(size=(1000, 3))
    table.flags.writeable = False
    column = table[:, 1]
    assert sn.gaussian_nll_loss(column, 0.0, 1.0) == pytest.approx(
        sn.gaussian_nll_loss(column.copy(), 0.0, 1.0), rel=1e-14
    )
    assert sn.gaussian_nll_loss(column[::-2], 0.0, 1.0) == pytest.approx(
        sn.gaussian_nll_loss(column[::-2].copy(), 0.0, 1.0), rel=1e-14
    )
