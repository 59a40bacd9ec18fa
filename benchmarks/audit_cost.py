"""What a TargetAuditor costs beside a HistGradientBoosting fit to the same data.

    OMP_NUM_THREADS=1 python benchmarks/audit_cost.py

Goal: below 2 % at 100,000 rows. Fits are interleaved; the ratio is that of the medians.
"""

from __future__ import annotations

import time
from statistics import median

from sklearn.datasets import make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor

from sklearn_negloss import TargetAuditor


def seconds(estimator, X, y):
    """Return how long a fit takes."""
    start = time.perf_counter()
    estimator.fit(X, y)
    return time.perf_counter() - start


def main():
    """Print the ratio, with and without the early stopping of the boosting."""
    X, y = make_friedman1(100_000, noise=1.0, random_state=0)
    for early_stopping in ("auto", False):
        boosting = HistGradientBoostingRegressor(early_stopping=early_stopping)
        pairs = [
            (seconds(TargetAuditor(), X, y), seconds(boosting, X, y)) for _ in range(5)
        ]
        auditor, fit = (median(column) for column in zip(*pairs, strict=True))
        print(f"early_stopping={early_stopping!s:<6} {auditor / fit:7.2%} of the fit")


if __name__ == "__main__":
    main()
