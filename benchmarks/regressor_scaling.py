"""CPU time, memory and loss of ProbabilisticRegressor as rows grow.

``python benchmarks/regressor_scaling.py [--rows 10000 40000 ...] [--peers NAME ...]``
prints, per number of rows, the loss on 5,000 new rows, CPU time relative to ours and
the growth exponent between sizes; ``--memory N`` prints the peak of ours in copies of X.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings

import numpy as np
from models import MODELS, feasible, ours
from scipy.stats import norm
from sklearn.ensemble import HistGradientBoostingRegressor


def simulate(n, seed=0):
    """Return ten columns, of which one drives sigma and five the mean."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 10))
    mu = X[:, 0] + np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3] + np.abs(X[:, 4])
    return X, mu + np.exp(0.5 * X[:, 5]) * rng.normal(size=n)


def measure(model, n, **parameters):
    """Return the loss on new rows and the CPU seconds of fit and predict."""
    X, y = simulate(n)
    X_test, y_test = simulate(5_000, seed=1)
    start = time.process_time()
    mu, sigma = model(X, y, X_test, **parameters)
    seconds = time.process_time() - start
    return -norm.logpdf(y_test, mu, sigma).mean(), seconds


def print_growth(rows, peers):
    """Print loss, CPU ratio and growth exponent."""
    print(f"{'rows':>9s} {'model':22s}{'NLL':>9s}{'CPU ratio':>11s}{'exponent':>10s}")
    last = {}
    for n in rows:
        reference = None
        for name in ("ours", *peers):
            if not feasible(name, n):
                continue
            loss, seconds = measure(MODELS[name], n)
            reference = reference or seconds
            exponent = float("nan")
            if name in last:
                before, n_before = last[name]
                exponent = np.log(seconds / before) / np.log(n / n_before)
            last[name] = seconds, n
            ratio = seconds / reference
            print(
                f"{n:9d} {name:22s}{loss:9.3f}{ratio:11.3f}{exponent:10.2f}", flush=True
            )


def small_trees(n_trees):
    """Return two regressors of small trees: few of them, and far fewer for sigma."""
    common = {"early_stopping": False, "random_state": 0}
    mean = HistGradientBoostingRegressor(
        max_iter=n_trees, learning_rate=0.4, max_leaf_nodes=8, **common
    )
    variance = HistGradientBoostingRegressor(
        loss="gamma",
        max_iter=5,
        learning_rate=0.5,
        max_leaf_nodes=4,
        l2_regularization=5,
        **common,
    )
    return mean, variance


def print_memory(n):
    """Print the growth of the peak resident memory in copies of X."""
    X, y = simulate(n)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours(X, y, X[:1000])
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    copies = (after - before) * 1024 / X.nbytes
    print(f"{n} rows: peak of {copies:.1f} copies of X above the data")


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 40_000])
    parser.add_argument("--peers", nargs="*", default=list(MODELS)[1:4])
    parser.add_argument("--memory", type=int)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.memory:
        print_memory(args.memory)
    else:
        print_growth(args.rows, args.peers)


if __name__ == "__main__":
    main()
