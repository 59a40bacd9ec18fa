"""Draw the cost of a loss against the number of samples, ours and the peers'.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/losses_plot.py \
        --output docs/_static/cost.svg [--largest 100000000]

The cost is relative to reading the arrays once (the sum of each), so that the picture
is of the code and not of the machine.
"""

from __future__ import annotations

import argparse
import statistics
import warnings
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from losses import optional, seconds
from scipy import stats
from sklearn.metrics import log_loss

import sklearn_negloss as sn


def calls(n: int) -> dict[str, tuple[str, Any]]:
    """Return panel and call of every curve, for n samples."""
    rng = np.random.default_rng(0)
    y, sigma = rng.normal(size=n), rng.uniform(0.1, 0.5, n)
    mu = y + sigma * 0.3
    label, prob = (y > 0).astype(float), rng.random(n)
    found = {
        "read": ("both", lambda: (y.sum(), mu.sum(), sigma.sum())),
        "gaussian_nll_loss": ("Gaussian", lambda: sn.gaussian_nll_loss(y, mu, sigma)),
        "gaussian_crps_loss": ("Gaussian", lambda: sn.gaussian_crps_loss(y, mu, sigma)),
        "scipy norm.logpdf": (
            "Gaussian",
            lambda: stats.norm.logpdf(y, mu, sigma).mean(),
        ),
        "binary_cross_entropy_loss": (
            "Cross-entropy",
            lambda: sn.binary_cross_entropy_loss(label, prob),
        ),
        "…_with_logits_loss": (
            "Cross-entropy",
            lambda: sn.binary_cross_entropy_with_logits_loss(label, y),
        ),
        "sklearn log_loss": (
            "Cross-entropy",
            lambda: log_loss(label, prob, labels=[0, 1]),
        ),
    }
    sr = optional("scoringrules")
    if sr is not None and optional("numba") is not None:
        numba = {"backend": "numba"}
        found["scoringrules NLL (numba)"] = (
            "Gaussian",
            lambda: sr.logs_normal(y, mu, sigma, **numba).mean(),
        )
        found["scoringrules CRPS (numba)"] = (
            "Gaussian",
            lambda: sr.crps_normal(y, mu, sigma, **numba).mean(),
        )
    return found


def measure(n: int) -> dict[str, float]:
    """Return nanoseconds a sample of every curve, the median of interleaved runs."""
    curves = calls(n)
    loops = max(1, 20_000 // n)
    times: dict[str, list[float]] = {name: [] for name in curves}
    for repeat in range(8 if n < 10_000_000 else 4):
        for name, (_, call) in curves.items():
            took = seconds(lambda: [call() for _ in range(loops)])  # noqa: B023
            if repeat:  # the first one warms up
                times[name].append(1e9 * took / loops / n)
    return {name: statistics.median(values) for name, values in times.items()}


def draw(sizes: list[int], costs: list[dict[str, float]], output: str) -> None:
    """Draw one panel for each kind of loss."""
    fig, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    panels = {name: panel for name, (panel, _) in calls(100).items()}
    for ax, title in zip(axes, ("Gaussian", "Cross-entropy"), strict=True):
        for name in (n for n, panel in panels.items() if panel == title):
            ours = name.endswith("_loss") and not name.startswith("sklearn")
            relative = [cost[name] / costs[-1]["read"] for cost in costs]
            ax.loglog(
                sizes, relative, "o-" if ours else "s--", markersize=4, label=name
            )
        ax.axhline(1, color="0.4", linewidth=0.8)
        ax.set(title=title, xlabel="samples")
        ax.legend(fontsize="small")
    axes[0].set_ylabel("cost a sample,\nin readings of three arrays")
    fig.savefig(output)


def main() -> None:
    """Measure and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True)
    parser.add_argument("--largest", type=int, default=100_000_000)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    sizes = [n for n in (10**k for k in range(2, 9)) if n <= arguments.largest]
    costs = [measure(n) for n in sizes]
    draw(sizes, costs, arguments.output)


if __name__ == "__main__":
    main()
