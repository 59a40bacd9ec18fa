"""What was minimised, where an estimator recorded it while it was fitted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.probes._discrete import (
    is_count_likelihood,
    is_log_score,
    is_mean_probability,
)
from sklearn_negloss.audit.probes._loss import LossProbe
from sklearn_negloss.audit.probes._sandbox import BudgetSpent, RefusedCall

# What is known of objectives that come out negative, by the words in their names.
KNOWN = {
    "poisson": "the Poisson NLL without log y!, negative for y above e",
    "gamma": "the gamma NLL, a density loss of which constants are left out",
    "tweedie": "the Tweedie NLL, of which all but the kernel is left out",
    "aft": "a survival NLL, minus a log density of the time",
    "uncertainty": "a Gaussian NLL, a density loss",
    "logscore": "minus a log density",
    "dice": "minus an overlap, -1 at best",
    "cosine": "minus a cosine, -1 at best",
    "snr": "minus a ratio in decibels, without a bound",
}


# What a cross-entropy is without its logarithm.
PLAIN = (
    "minus the mean probability of the label, -1 at best: if a cross-entropy was meant, "
    "the logarithm is missing, as where a softmax is handed to torch's NLLLoss"
)

# A value closer to zero than this is rounding.
ROUNDING = 1e-6


class Objective(NamedTuple):
    """A quantity that was minimised.

    Parameters
    ----------
    name : str
        Its name.
    value : float
        What it came to, or its value for a perfect forecast.
    reading : str
        What it is.
    """

    name: str
    value: float
    reading: str


def recorded_objective(leaf: Any) -> Objective | None:
    """Return an objective that an estimator recorded: a negative one, if there is one.

    Parameters
    ----------
    leaf : estimator
        Fitted estimator, such as of LightGBM, XGBoost, CatBoost or NGBoost.

    Returns
    -------
    objective : Objective or None
        None if nothing was recorded.
    """
    objectives = [
        Objective(name, value, reading_of(name)) for name, value in _records(leaf)
    ]
    negative = [each for each in objectives if each.value < 0]
    return next(iter(negative or objectives), None)


def probed_objective(probe: LossProbe) -> Objective | NotApplicable:
    """Return what a callable loss comes to for a perfect forecast.

    Parameters
    ----------
    probe : LossProbe
        Loss.

    Returns
    -------
    objective : Objective or NotApplicable
        NotApplicable for scores, and for likelihoods, whose signs have other reasons.
    """
    if probe.direction < 0:
        return NotApplicable("the loss points the wrong way")
    try:
        if probe.reads_width or is_log_score(probe) or is_count_likelihood(probe):
            return NotApplicable("the loss is a likelihood")
        value = probe.right
        linear = is_mean_probability(probe)
    except (BudgetSpent, RefusedCall) as error:
        return NotApplicable(str(error))
    # Rounding of a zero is no objective.
    value = 0.0 if abs(value) < ROUNDING else value
    return Objective(probe.subject, value, PLAIN if linear else reading_of(probe.name))


def reading_of(name: str) -> str:
    """Say what is known of an objective by its name."""
    lower = name.lower()
    known = [reading for word, reading in KNOWN.items() if word in lower]
    return known[0] if known else "an objective whose least value is not 0"


def _records(leaf: Any) -> list[tuple[str, float]]:
    """Return the last value of each metric that was recorded on each data set."""
    table = _table(leaf)
    found = []
    for metrics in table.values():
        for name, values in metrics.items() if isinstance(metrics, Mapping) else ():
            last = np.ravel(np.asarray(values, dtype=np.float64))[-1:]
            found += [(str(name), float(v)) for v in last if math.isfinite(v)]
    return found


def _table(leaf: Any) -> Mapping[str, Any]:
    """Return {data set: {metric: values}}, by whichever attribute holds it."""
    for name in ("evals_result_", "evals_result", "get_evals_result"):
        try:
            table = getattr(leaf, name)
            table = table() if callable(table) else table
        except Exception:  # libraries raise their own errors where nothing was recorded
            continue
        if isinstance(table, Mapping) and table:
            return table
    return {}
