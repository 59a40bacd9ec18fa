"""Speed of the losses, as ratios against what they are measured by.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/losses.py \
        [--samples 10000000] [--repeats 9] [--cold]

Every row is timed in one process, ours and the peer in turn, and shows the median of the
ratios. Each is called once more before it is timed, so that none pays for memory that
the other gave back to the system; with --cold, it does. A peer that is not installed
leaves its row out. Goals are those of the project.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import special, stats
from sklearn import metrics
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

import sklearn_negloss as sn
from sklearn_negloss.distributions import EmpiricalDistribution

Thunk = Callable[[], Any]


class Row(NamedTuple):
    """A goal: `work` takes at most `goal` times `peer` (or at least so much less)."""

    work: str
    against: str
    ours: Thunk
    peer: Thunk
    goal: float
    faster: bool  # whether the goal is a speed-up, or a cost
    threads: int = 1


def ratio(row: Row, repeats: int, cold: bool) -> float:
    """Return peer / ours for a speed-up, ours / peer for a cost."""
    found = []
    with threadpool_limits(row.threads, user_api="openmp"):
        for repeat in range(repeats + 1):
            ours, peer = (_timed(work, cold) for work in (row.ours, row.peer))
            if repeat:  # the first one warms up
                found.append(peer / ours if row.faster else ours / peer)
    return statistics.median(found)


def _timed(work: Thunk, cold: bool) -> float:
    """Wall time of the first call, or of the second."""
    return seconds(work) if cold else [seconds(work) for _ in range(2)][1]


def seconds(work: Thunk) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def optional(name: str) -> Any:
    """Return a library, or None."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def large_rows(n: int) -> list[Row]:
    """Rows of the losses on large arrays."""
    rng = np.random.default_rng(0)
    y, sigma = rng.normal(size=n), rng.uniform(0.1, 0.5, n)
    mu = y + sigma * rng.normal(size=n)
    label = rng.integers(0, 2, n).astype(float)
    small = slice(0, min(n, 1_000_000))
    prob = rng.random(n)

    def read() -> None:
        y.sum(), mu.sum(), sigma.sum()

    def nll() -> float:
        return sn.gaussian_nll_loss(y, mu, sigma)

    def crps() -> float:
        return sn.gaussian_crps_loss(y, mu, sigma)

    rows = [
        Row("gaussian_nll_loss", "reading the arrays", nll, read, 3.5, False),
        Row("gaussian_nll_loss", "reading (2 threads)", nll, read, 2.0, False, 2),
        Row(
            "gaussian_nll_loss",
            "scipy norm.logpdf",
            nll,
            lambda: -stats.norm.logpdf(y, mu, sigma).mean(),
            6.0,
            True,
        ),
        Row(
            "binary_cross_entropy_loss, 1e6",
            "sklearn log_loss",
            lambda: sn.binary_cross_entropy_loss(label[small], prob[small]),
            lambda: metrics.log_loss(label[small], prob[small]),
            20.0,
            True,
        ),
        Row(
            "binary_cross_entropy_with_logits_loss",
            "-log(expit(x)).mean()",
            lambda: sn.binary_cross_entropy_with_logits_loss(label, y),
            lambda: -np.log(special.expit(np.where(label == 1, y, -y))).mean(),
            2.0,
            True,
        ),
    ]
    peers = scoringrules_rows(y, mu, sigma, nll, crps) + torch_rows(y, mu, sigma, nll)
    return [*rows, *peers, *ensemble_rows(), scorer_row()]


def scoringrules_rows(
    y: Any, mu: Any, sigma: Any, nll: Thunk, crps: Thunk
) -> list[Row]:
    """Rows against scoringrules with numba."""
    sr = optional("scoringrules")
    if sr is None or optional("numba") is None:
        return []

    def peer_crps() -> float:
        return sr.crps_normal(y, mu, sigma, backend="numba").mean()

    return [
        Row(
            "gaussian_nll_loss",
            "scoringrules (numba)",
            nll,
            lambda: sr.logs_normal(y, mu, sigma, backend="numba").mean(),
            3.0,
            True,
        ),
        Row("gaussian_crps_loss", "scoringrules (numba)", crps, peer_crps, 1.25, True),
        Row("same, 2 threads", "scoringrules (numba)", crps, peer_crps, 2.2, True, 2),
    ]


def ensemble_rows() -> list[Row]:
    """Rows of the CRPS of 10,000 ensembles of 100 members, sorting them included."""
    ensemble = np.random.default_rng(1).normal(size=(10_000, 100))
    observed = ensemble[:, 0].copy()
    sr, ps = optional("scoringrules"), optional("properscoring")
    work = "ensemble CRPS, 1e4 x 100"

    def ours() -> float:
        return EmpiricalDistribution(ensemble).crps(observed).mean()

    def scoringrules() -> float:
        return sr.crps_ensemble(observed, ensemble, backend="numba").mean()

    def properscoring() -> float:
        return ps.crps_ensemble(observed, ensemble).mean()

    rows = []
    if sr is not None and optional("numba") is not None:
        rows.append(Row(work, "scoringrules (numba)", ours, scoringrules, 3.0, True))
    if ps is not None:
        rows.append(Row(work, "properscoring", ours, properscoring, 1.0, True))
    return rows


def scorer_row(n: int = 100_000) -> Row:
    """Row of a scorer of four losses, which should cost little more than a prediction."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(n, 5))
    y = X[:, 0] + rng.normal(size=n)
    # Quick regressors: the quicker the prediction, the more the losses weigh.
    mean = HistGradientBoostingRegressor(random_state=0)
    variance = HistGradientBoostingRegressor(
        loss="gamma", l2_regularization=5, random_state=0
    )
    model = sn.ProbabilisticRegressor(mean, variance).fit(X[:2000], y[:2000])
    losses = (
        sn.gaussian_nll_loss,
        sn.gaussian_crps_loss,
        sn.dawid_sebastiani_loss,
        sn.nll_loss,
    )
    scorer = sn.make_distribution_scorer({loss.__name__: loss for loss in losses})
    return Row(
        "scorer of 4 losses, 1e5 rows",
        "predict(return_std=True)",
        lambda: scorer(model, X, y),
        lambda: model.predict(X, return_std=True),
        1.1,
        False,
    )


def torch_rows(y: Any, mu: Any, sigma: Any, nll: Thunk) -> list[Row]:
    """Rows against torch, where it is installed."""
    torch = optional("torch")
    if torch is None:
        return []
    torch.set_num_threads(1)
    tensors = [torch.from_numpy(a) for a in (mu, y, sigma**2)]
    loss = torch.nn.GaussianNLLLoss(full=True)
    return [Row("gaussian_nll_loss", "torch", nll, lambda: loss(*tensors), 2.0, True)]


def small_calls() -> dict[str, tuple[Thunk, Thunk]]:
    """Return every loss on 100 samples, a fold of cross-validation, and its formula."""
    rng = np.random.default_rng(0)
    y, mu, sigma = rng.normal(size=100), rng.normal(size=100), np.full(100, 0.5)
    label, prob, logits = (y > 0).astype(float), rng.random(100), rng.normal(size=100)
    classes, table = rng.integers(0, 3, 100), rng.normal(size=(100, 3))
    normal = sn.distributions.Normal(mu, sigma)

    def z() -> Any:
        return (y - mu) / sigma

    def nll() -> Any:
        return (0.5 * z() ** 2 + np.log(sigma) + 0.9189).mean()

    def dawid_sebastiani() -> Any:
        return (z() ** 2 + 2 * np.log(sigma)).mean()

    def cross_entropy_with_logits() -> Any:
        return (np.logaddexp(0, logits) - label * logits).mean()

    def squared_error() -> Any:
        return ((y - mu) ** 2).mean()

    def crps() -> Any:
        t = z()
        density = 0.7979 * np.exp(-0.5 * t * t)
        return (sigma * (t * special.erf(0.7071 * t) + density - 0.5642)).mean()

    def winkler() -> Any:
        missed = np.maximum(mu - y, 0) + np.maximum(y - mu - sigma, 0)
        return (sigma + 20 * missed).mean()

    def cross_entropy() -> Any:
        picked = table[np.arange(100), classes]
        return (special.logsumexp(table, axis=1) - picked).mean()

    return {
        "gaussian_nll_loss": (lambda: sn.gaussian_nll_loss(y, mu, sigma), nll),
        "gaussian_crps_loss": (lambda: sn.gaussian_crps_loss(y, mu, sigma), crps),
        "dawid_sebastiani_loss": (
            lambda: sn.dawid_sebastiani_loss(y, mu, sigma),
            dawid_sebastiani,
        ),
        "nll_loss": (lambda: sn.nll_loss(y, normal), nll),
        "crps_loss": (lambda: sn.crps_loss(y, normal), crps),
        "interval_loss": (
            lambda: sn.interval_loss(y, mu, mu + sigma, coverage=0.9),
            winkler,
        ),
        "binary_cross_entropy_loss": (
            lambda: sn.binary_cross_entropy_loss(label, prob),
            lambda: -(label * np.log(prob) + (1 - label) * np.log1p(-prob)).mean(),
        ),
        "binary_cross_entropy_with_logits_loss": (
            lambda: sn.binary_cross_entropy_with_logits_loss(label, logits),
            cross_entropy_with_logits,
        ),
        "cross_entropy_with_logits_loss": (
            lambda: sn.cross_entropy_with_logits_loss(classes, table),
            cross_entropy,
        ),
        "log1p_absolute_loss": (
            lambda: sn.log1p_absolute_loss(y, mu),
            lambda: np.log1p(np.abs(y - mu)).mean(),
        ),
        "decompose_nll": (
            lambda: sn.decompose_nll(y, mu, sigma),
            lambda: (nll(), (z() ** 2).mean(), np.log(y.std())),
        ),
        "sklearn mean_squared_error": (
            lambda: metrics.mean_squared_error(y, mu),
            squared_error,
        ),
    }


def small_table(repeats: int) -> None:
    """Print the cost of a call at n = 100, in microseconds, and what checks add to it."""
    calls = small_calls()
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in calls}
    for _ in range(10 * repeats):
        for name, pair in calls.items():
            found[name].append(tuple(microseconds(call) for call in pair))
    costs = {name: np.median(times, axis=0) for name, times in found.items()}
    limit = costs["sklearn mean_squared_error"][0]
    print(
        f"\n{'at n = 100, microseconds':<40}{'call':>8}{'formula':>10}{'more':>8}  held"
    )
    for name, (call, formula) in costs.items():
        more = call - formula
        held = "yes" if more <= 50 and call < limit else "NO"
        held = "(the limit)" if call == limit else held
        print(f"{name:<40}{call:>8.1f}{formula:>10.1f}{more:>8.1f}  {held}")


def microseconds(call: Thunk, loops: int = 20) -> float:
    """Return the cost of one call in a short loop."""
    return 1e6 * seconds(lambda: [call() for _ in range(loops)]) / loops


def memory(n: int) -> None:
    """Print the extra memory of a call: of the usual one, and of the most costly."""
    y, mu, sigma = np.zeros(n), np.zeros(n), np.ones(n)
    usual = peak(lambda: sn.gaussian_nll_loss(y, mu, sigma))
    y, mu, sigma = (a.astype(np.float32) for a in (y, mu, sigma))
    most = peak(lambda: sn.gaussian_crps_loss(y, mu, sigma, sample_weight=sigma), 2)
    print(
        f"\nextra memory at n = {n:.0e}: {usual:.1f} MiB; {most:.1f} MiB on two threads, "
        "with weights and float32 (goal: at most 16)"
    )


def peak(call: Thunk, threads: int = 1) -> float:
    """Return the most memory that a call takes, in MiB."""
    with threadpool_limits(threads, user_api="openmp"):
        tracemalloc.start()
        call()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return found / 2**20


def imports() -> None:
    """Print what importing adds to scikit-learn, and what the audit adds to that."""
    code = (
        "import sklearn.ensemble, sklearn.model_selection, time; t = time.perf_counter();"
        "import sklearn_negloss; u = time.perf_counter();"
        "sklearn_negloss.TargetAuditor; print(u - t, time.perf_counter() - u)"
    )
    # Bytecode is cached by the first run, as it is where a package is installed.
    cached = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    runs = [
        subprocess.check_output([sys.executable, "-c", code], env=cached).split()
        for _ in range(9)
    ]
    front, audit = 1e3 * np.median(np.array(runs, dtype=float), axis=0)
    print(
        f"import: {front:.0f} ms more (goal: at most 30); the first audit: {audit:.0f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--cold", action="store_true", help="time first calls")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"n = {arguments.samples:.0e}, OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS')}"
    )
    print(f"{'work':<40}{'against':<24}{'ratio':>8}{'goal':>10}  held")
    for row in large_rows(arguments.samples):
        found = ratio(row, arguments.repeats, arguments.cold)
        held = found >= row.goal if row.faster else found <= row.goal
        goal = f"{'>=' if row.faster else '<='} {row.goal:g} x"
        print(
            f"{row.work:<40}{row.against:<24}{found:>8.2f}{goal:>10}  "
            f"{'yes' if held else 'NO'}",
            flush=True,
        )
    small_table(arguments.repeats)
    memory(arguments.samples)
    imports()


if __name__ == "__main__":
    main()
