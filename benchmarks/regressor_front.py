"""Draw the loss against CPU time at 40,000 rows, ours and the peers'.

    OMP_NUM_THREADS=1 python benchmarks/regressor_front.py --output docs/_static/front.svg

CPU time of fit and of 5,000 predictions, relative to CatBoost's defaults, so that the
picture is of the code and not of the machine. Each curve moves along one parameter.
"""

from __future__ import annotations

import argparse
import time
import warnings
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from models import MODELS, ours
from regressor_scaling import simulate, small_trees
from scipy.stats import norm

N = 40_000


def fast(X, y, X_test, n_trees):
    """Fit two regressors of small trees on two folds."""
    mean, variance = small_trees(n_trees)
    return ours(X, y, X_test, mean_regressor=mean, variance_regressor=variance, cv=2)


def catboost(X, y, X_test, iterations):
    """Fit CatBoost with fewer iterations than its default of 1,000."""
    from catboost import CatBoostRegressor

    model = CatBoostRegressor(
        loss_function="RMSEWithUncertainty",
        iterations=iterations,
        thread_count=1,
        random_seed=0,
        verbose=False,
        allow_writing_files=False,
    )
    mu, variance = model.fit(X, y).predict(X_test).T
    return mu, np.sqrt(variance)


def curves():
    """Return every curve as (label, marker, [(value, model), ...])."""
    return [
        (
            "ours, small trees, cv=2: max_iter",
            "o-",
            [(n, partial(fast, n_trees=n)) for n in (20, 40, 80, 160)],
        ),
        (
            "ours, built-in regressors: cv",
            "s-",
            [(k, partial(ours, cv=k)) for k in (2, 3, 5, 8)],
        ),
        (
            "CatBoost: iterations",
            "^--",
            [(n, partial(catboost, iterations=n)) for n in (125, 250, 500, 1000)],
        ),
        ("NGBoost, 500", "D", [("", MODELS["ngboost"])]),
        ("xgboost-distribution", "v", [("", MODELS["xgboost-distribution"])]),
    ]


def measure(model):
    """Return the loss on new rows and the CPU seconds."""
    X, y = simulate(N)
    X_test, y_test = simulate(5_000, seed=1)
    start = time.process_time()
    mu, sigma = model(X, y, X_test)
    seconds = time.process_time() - start
    return -norm.logpdf(y_test, mu, sigma).mean(), seconds


def draw(found, output):
    """Draw one line for each curve, in greys that differ, with the values beside it."""
    unit = dict(found["CatBoost: iterations"][1])[1000][1]
    fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    for (label, (marker, points)), grey in zip(
        found.items(), ("0", "0", "0.45", "0.45", "0.45"), strict=True
    ):
        loss = [p[1][0] for p in points]
        cost = [p[1][1] / unit for p in points]
        face = "white" if marker[0] == "s" else grey
        ax.plot(cost, loss, marker, color=grey, markerfacecolor=face, label=label)
        for (value, _), x, y in zip(points, cost, loss, strict=True):
            ax.annotate(
                value, (x, y), xytext=(3, 5), textcoords="offset points", fontsize=7
            )
    ax.set(
        xscale="log",
        xlabel="CPU time, relative to CatBoost's defaults",
        ylabel="Gaussian NLL on new rows",
    )
    ax.legend(fontsize="small")
    fig.savefig(output)


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    found = {}
    for label, marker, models in curves():
        points = [(value, measure(model)) for value, model in models]
        found[label] = marker, points
        for value, (loss, seconds) in points:
            print(f"{label:36s}{value!s:>6s}{loss:9.3f}{seconds:9.2f}", flush=True)
    draw(found, arguments.output)


if __name__ == "__main__":
    main()
