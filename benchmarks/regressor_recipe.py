"""Run the recipe of docs/regressor.rst on the standard UCI splits.

``python benchmarks/regressor_recipe.py --data DIR [--splits N] [--sets NAME ...]``
searches over a few means by ``neg_gaussian_nll`` on the training rows of every split,
and prints the mean test loss and how often each mean was chosen. Set
``OMP_NUM_THREADS=1`` for single-threaded figures.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingRegressor,
    StackingRegressor,
)
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVR
from uci import read_split, scores

from sklearn_negloss import get_scorer
from sklearn_negloss.regression import ProbabilisticRegressor


def recipe() -> GridSearchCV:
    """Return the search: trees, kernel, linear, their stack, and the default."""
    trees = HistGradientBoostingRegressor(random_state=0)
    forest = ExtraTreesRegressor(random_state=0)
    kernel = make_pipeline(StandardScaler(), SVR(C=100, epsilon=0.05))
    linear = make_pipeline(StandardScaler(), PolynomialFeatures(2), RidgeCV())
    members = [("trees", trees), ("forest", forest), ("linear", linear)]
    stack = StackingRegressor(members, RidgeCV(), cv=3)
    return GridSearchCV(
        ProbabilisticRegressor(random_state=0),
        [
            {"mean_regressor": [None]},
            {"mean_regressor": [trees, forest, kernel, stack], "cv": [10]},
        ],
        scoring=get_scorer("neg_gaussian_nll"),
        cv=3,
    )


def name_of(mean) -> str:
    """Return a short name of a chosen mean."""
    if mean is None:
        return "default"
    last = mean[-1] if hasattr(mean, "steps") else mean
    return type(last).__name__


def run(folder: Path, n_splits: int):
    """Return the scores of every split, the choices and the CPU seconds."""
    rows, chosen, start = [], Counter(), time.process_time()
    for i in range(n_splits):
        (X, y), (X_test, y_test) = read_split(folder, i)
        search = recipe().fit(X, y)
        mu, sigma = search.best_estimator_.predict(X_test, return_std=True)
        rows.append(scores(y_test, mu, sigma))
        chosen[name_of(search.best_params_["mean_regressor"])] += 1
    return rows, chosen, time.process_time() - start


def main() -> None:
    """Print one line for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--sets", nargs="*")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    for folder in sorted(f for f in args.data.iterdir() if f.is_dir()):
        if args.sets and folder.name not in args.sets:
            continue
        rows, chosen, seconds = run(folder, args.splits)
        nll, _, _, z2, cover = np.mean(rows, axis=0)
        print(
            f"{folder.name:18s} NLL {nll:.3f} z2 {z2:.3f} cover90 {cover:.3f} "
            f"CPU {seconds / args.splits:.1f} s a split, chosen {dict(chosen)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
