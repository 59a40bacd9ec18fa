"""Compare ProbabilisticRegressor with its peers on the standard UCI splits.

``python benchmarks/uci.py --data DIR [--splits N] [--sets NAME ...] [--peers NAME ...]``
prints one table per set: mean loss, CRPS, RMSE, mean squared z, coverage of 90 %
intervals, and CPU time relative to the first model. All models run in this process,
one after the other on every split, so that a busy machine slows all alike. Set
``OMP_NUM_THREADS=1`` for single-threaded figures.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
from models import MODELS, feasible
from scipy.special import ndtr

COLUMNS = ("NLL", "CRPS", "RMSE", "z2", "cover90")


def read_split(folder: Path, i: int):
    """Return the training and test rows of split i."""
    table = np.loadtxt(folder / "data.txt")
    columns = np.loadtxt(folder / "index_features.txt").astype(int)
    target = int(np.loadtxt(folder / "index_target.txt"))
    rows = [
        np.loadtxt(folder / f"index_{part}_{i}.txt").astype(int)
        for part in ("train", "test")
    ]
    X, y = table[:, columns], table[:, target]
    return [(X[r], y[r]) for r in rows]


def scores(y, mu, sigma):
    """Return the columns of the table."""
    z = (y - mu) / sigma
    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    nll = 0.5 * np.log(2 * np.pi) + np.log(sigma) + 0.5 * z * z
    crps = sigma * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    rmse = np.sqrt(np.mean((y - mu) ** 2))
    return [nll.mean(), crps.mean(), rmse, np.mean(z * z), np.mean(np.abs(z) < 1.6449)]


def run_set(folder: Path, n_splits: int, names: list[str]):
    """Return scores and CPU seconds per model, one row per split."""
    rows, seconds = defaultdict(list), defaultdict(list)
    for i in range(n_splits):
        (X, y), (X_test, y_test) = read_split(folder, i)
        for name in names:
            if not feasible(name, len(y)):
                continue
            start = time.process_time()
            mu, sigma = MODELS[name](X, y, X_test)
            seconds[name].append(time.process_time() - start)
            rows[name].append(scores(y_test, mu, sigma))
    return rows, seconds


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--sets", nargs="*")
    parser.add_argument("--peers", nargs="*", default=list(MODELS)[1:])
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    first = next(iter(MODELS))
    names = [first, *args.peers]
    for folder in sorted(f for f in args.data.iterdir() if f.is_dir()):
        if args.sets and folder.name not in args.sets:
            continue
        rows, seconds = run_set(folder, args.splits, names)
        print(f"\n{folder.name} ({args.splits} splits)")
        print(f"{'':22s}" + "".join(f"{c:>9s}" for c in (*COLUMNS, "CPU")))
        for name in rows:
            ratio = np.sum(seconds[name]) / np.sum(seconds[first])
            values = [*np.mean(rows[name], axis=0), ratio]
            print(f"{name:22s}" + "".join(f"{v:9.3f}" for v in values), flush=True)


if __name__ == "__main__":
    main()
