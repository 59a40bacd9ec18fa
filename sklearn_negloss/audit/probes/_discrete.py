"""Likelihoods of classes and counts: how to know one, and how low it goes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.probes._loss import LossProbe
from sklearn_negloss.audit.probes._sandbox import RefusedCall

# Laws of counts, as functions are called after them.
COUNT_NAMES = ("poisson", "binom", "count", "geometric", "categorical", "crf", "ctc")


def negative_discrete(probe: LossProbe) -> float | NotApplicable:
    """Return the least value of a likelihood of classes or counts.

    Parameters
    ----------
    probe : LossProbe
        Loss.

    Returns
    -------
    value : float or NotApplicable
        Over right and wrong forecasts, for each sample.
    """
    if not (is_log_score(probe) or is_count_likelihood(probe)):
        return NotApplicable("the loss is no likelihood of classes or counts")
    setting = probe.setting
    answers = (setting.right, *setting.slightly, *setting.badly)
    return min(probe.mean_value(setting.y, answer) for answer in answers)


def is_log_score(probe: LossProbe) -> bool:
    """Whether a loss of classes grows with minus the logarithm of the probability."""
    low, lower = _sure_and_wrong(probe)
    if low is None:
        return False
    try:
        step = probe.mean_value(probe.setting.y, lower) - probe.mean_value(
            probe.setting.y, low
        )
    except RefusedCall:
        return False
    return bool(0.3 <= step / math.log(1e3) <= 3.0)


def is_mean_probability(probe: LossProbe) -> bool:
    """Whether a loss of classes is minus the probability of the label, and no logarithm.

    Parameters
    ----------
    probe : LossProbe
        Loss.

    Returns
    -------
    linear : bool
        An overlap, or minus a share of hits, is none.
    """
    if probe.kind not in ("probability", "probabilities table"):
        return False
    y, role = probe.setting.y, next(iter(probe.setting.right))
    rng = np.random.default_rng(0)
    hits = rng.uniform(0.02, 0.98, (2, len(y)))
    try:
        values = [probe.mean_value(y, {role: _hit(probe, share)}) for share in hits]
    except RefusedCall:
        return False
    return all(
        math.isclose(value, -float(share.mean()), rel_tol=1e-6)
        for value, share in zip(values, hits, strict=True)
    )


def _hit(probe: LossProbe, share: Any) -> Any:
    """Return a forecast that gives the label of each sample its own share."""
    y = probe.setting.y
    if probe.kind == "probability":
        return np.where(y == 1, share, 1 - share)
    label = np.eye(3)[y - y.min()] == 1
    return np.where(label, share[:, None], (1 - share[:, None]) / 2)


def _sure_and_wrong(probe: LossProbe) -> tuple[Any, Any]:
    """Return forecasts that give the label 1e-3 and 1e-6, None for other kinds."""
    y, role = probe.setting.y, next(iter(probe.setting.right))
    if probe.kind not in (
        "probability",
        "logits",
        "probabilities table",
        "logits table",
        "log-probabilities table",
    ):
        return None, None
    found = [_wrong(probe.kind, y, share) for share in (1e-3, 1e-6)]
    return {role: found[0]}, {role: found[1]}


def _wrong(kind: str, y: Any, share: float) -> Any:
    """Return a forecast that gives the label a small share."""
    if kind in ("probability", "logits"):
        prob = np.where(y == 1, share, 1 - share)
        return prob if kind == "probability" else np.log(prob / (1 - prob))
    prob = np.where(np.eye(3)[y - y.min()] == 1, share, (1 - share) / 2)
    return prob if kind == "probabilities table" else np.log(prob)


def is_count_likelihood(probe: LossProbe) -> bool:
    """Whether a loss of positive numbers is one of counts, by values or by name."""
    if probe.kind not in ("positive", "log-rate"):
        return False
    name = probe.name.lower()
    if any(word in name for word in COUNT_NAMES) and "deviance" not in name:
        return True
    low, high = 2.0, 5.0

    def step(count: float) -> float:
        """What the loss of a count gains from one rate to another."""
        losses = [_of_rate(probe, count, rate) for rate in (low, high)]
        return losses[0] - losses[1]

    slope, start = step(2.0) - step(1.0), 2.0 * step(1.0) - step(2.0)
    if not math.isclose(step(4.0), start + 4.0 * slope, rel_tol=1e-6, abs_tol=1e-9):
        return False
    # Negative binomial of size r: the count times log((r + low) / (r + high)) more
    # than Poisson, and r times that for no count at all; r grows to infinity there.
    more = slope + math.log(low / high)
    if math.isclose(more, 0.0, abs_tol=1e-9):
        return math.isclose(start, low - high, rel_tol=1e-6)
    size = start / more
    if not size > 0:
        return False
    return math.isclose(more, math.log((size + low) / (size + high)), rel_tol=1e-5)


def _of_rate(probe: LossProbe, count: float, rate: float) -> float:
    """Return the loss of a count at a rate."""
    role = next(iter(probe.setting.right))
    said = math.log(rate) if probe.kind == "log-rate" else rate
    return probe.mean_value(np.full(3, count), {role: np.full(3, said)})
