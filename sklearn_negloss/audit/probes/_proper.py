"""Where a loss has its minimum: at the truth, if it is proper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from sklearn_negloss.audit.probes._formulas import density_answer
from sklearn_negloss.audit.probes._loss import SHARE, LossProbe, is_proper_for_classes
from sklearn_negloss.audit.probes._sandbox import RefusedCall
from sklearn_negloss.audit.probes._settings import SPREADS

# True sigma: at 1, a variance and a standard deviation cannot be told apart.
TRUTH = 2.0
OTHER_TRUTH = 3.0

# How a width without a telling name may be said, besides.
UNNAMED = "inverse softplus of sigma"

# Where the family is a guess, the minimum has to be this near the truth to prove that
# the width is read in another way.
NEARER = 0.01

# A CRPS from a few draws is off by the standard deviation of these.
ROUGH = 0.25

# A minimum as near as this to the truth is there.
NEAR = 0.05

# A minimum off by a factor has it as exactly as this.
EXACT = 0.01

# Factors of sigma, and which of two terms lacks its 1/2.
HALVES = (
    (
        math.sqrt(2),
        ", a factor of sqrt(2): a 1/2 is missing before the squared error",
    ),
    (
        math.sqrt(0.5),
        ", a factor of sqrt(2)/2: a 1/2 is missing before the logarithm of the variance",
    ),
)

GOLDEN = (math.sqrt(5) - 1) / 2
QUANTILES = (np.arange(200) + 0.5) / 200

# Lower end of a normal interval that holds 90 %.
LOWER = float(stats.norm.ppf(0.05))

SAMPLES = {
    "normal": stats.norm.ppf(QUANTILES) / np.std(stats.norm.ppf(QUANTILES)),
    "Laplace": stats.laplace.ppf(QUANTILES),
    "logistic": stats.logistic.ppf(QUANTILES),
    "Student t (5)": stats.t(5).ppf(QUANTILES),
    "Cauchy": stats.cauchy.ppf(QUANTILES),
}

# What a width may be read as; the last one is a sigma that is squared before use.
READINGS = (*SPREADS, "square root of sigma")


class Minimum(NamedTuple):
    """Where a density loss has its minimum, and how it reads the width.

    Parameters
    ----------
    declared : str
        What the width is by the name of its parameter; "" if the name does not tell.
    reading : str
        What the loss takes it for; "" if it is at no truth in any reading.
    argmin : float
        Sigma at which the loss is least, said as declared.
    family : str
        Family of the errors; "" if it is not known for sure, so that a minimum
        elsewhere proves nothing.
    """

    declared: str
    reading: str
    argmin: float
    family: str

    @property
    def agrees_with_name(self) -> bool:
        """Whether the minimum is where the name of the parameter has it."""
        return abs(self.argmin / TRUTH - 1) <= NEAR


def as_said(role: str, sigma: float) -> float:
    """Return a sigma in the form that a parameter is called after."""
    return float(SPREADS[role](sigma))


def minimum_of(probe: LossProbe) -> Minimum:
    """Find the sigma at which a density loss is least where the true one is 2.

    Parameters
    ----------
    probe : LossProbe
        Loss of mu and a width.

    Returns
    -------
    minimum : Minimum
        Where, and what the width is read as.
    """
    declared = probe.caller.roles.scale or ""
    declared = declared if declared in SPREADS else ""
    if probe.kind == "dist":
        declared = "sigma"
    families, sure = _families(probe)
    first = declared or "sigma"
    fit = probe.density_fit
    likely = [first] if fit is None else [first, fit.convention]
    tried = list(dict.fromkeys((*likely, *READINGS)))
    tried = [r for r in tried if r != UNNAMED or not declared]
    law = probe.scale_law
    drawn = law is not None and law[0] == "times"
    for reading in tried if probe.kind != "dist" else [first]:
        for family in families:
            near = NEAR if sure or reading == first else NEARER
            near = ROUGH if drawn and reading == first else near
            if _at_truth(probe, family, reading, near):
                argmin = least_sigma(probe, family, first, TRUTH)
                return Minimum(declared, reading, argmin, family)
    argmin = least_sigma(probe, families[0], first, TRUTH)
    return Minimum(declared, "", argmin, families[0] if sure else "")


def missing_half(probe: LossProbe, minimum: Minimum) -> str:
    """Say which 1/2 a normal log density lacks, whose minimum is elsewhere.

    Parameters
    ----------
    probe : LossProbe
        Loss of mu and a width.
    minimum : Minimum
        Where it is.

    Returns
    -------
    clause : str
        With the factor; "" if the minimum is not off by the root of 2 at every sigma.
    """
    if minimum.family != "normal" or not minimum.argmin > 0:
        return ""
    reading = minimum.declared or "sigma"
    other = least_sigma(probe, "normal", reading, OTHER_TRUTH)
    ratios = minimum.argmin / TRUTH, other / OTHER_TRUTH
    for factor, clause in HALVES:
        if all(abs(ratio / factor - 1) <= EXACT for ratio in ratios):
            return clause
    return ""


def _families(probe: LossProbe) -> tuple[list[str], bool]:
    """Return the families whose samples a loss may be for, and whether one must be."""
    if probe.kind == "dist":
        return ["normal"], True  # what it is handed is normal
    fit = probe.density_fit
    if fit is not None:
        return [fit.family], True
    name, constants = probe.name.lower(), probe.caller.roles.constants
    for word, family in (("laplace", "Laplace"), ("logis", "logistic")):
        if word in name:
            return [family], True
    if "df" in constants or "nu" in constants:
        return ["Student t (5)"], True
    power = _power(probe)
    if power in (1.0, 2.0):
        return ["Laplace" if power == 1.0 else "normal"], True
    law = probe.scale_law
    return ["normal", "Laplace", "logistic"], law is not None and law[0] == "times"


def _power(probe: LossProbe) -> float | None:
    """Return the power of the error that a loss grows with, if it is one power."""
    mu = np.zeros(8)
    answer = density_answer(probe, mu, 1.0 + 0 * mu, "sigma")
    values = [probe.value(mu + error, answer) for error in (0.0, 1.0, 2.0, 4.0)]
    if not math.isclose(probe.value(mu - 2.0, answer), values[2], rel_tol=1e-9):
        return None  # of no symmetric law
    with np.errstate(all="ignore"):
        grown = np.log2(np.array(values[1:]) - values[0])
    powers = np.diff(grown)
    if not np.isfinite(powers).all() or np.ptp(powers) > 1e-6:
        return None
    return round(float(powers.mean()), 6)


def _at_truth(probe: LossProbe, family: str, reading: str, near: float) -> bool:
    """Whether the minimum is at the true sigma, whichever that is."""
    for truth in (TRUTH, OTHER_TRUTH):
        found = least_sigma(probe, family, reading, truth)
        if not abs(found / truth - 1) <= near:
            return False
    return True


def least_sigma(probe: LossProbe, family: str, reading: str, truth: float) -> float:
    """Return the sigma of least loss on a sample of a given one."""
    y = truth * SAMPLES[family]

    def loss(log_sigma: float) -> float:
        answer = density_answer(probe, 0 * y, math.exp(log_sigma), reading)
        try:
            value = probe.value(y, answer)
        except RefusedCall:
            return math.inf
        return value if math.isfinite(value) else math.inf

    return math.exp(_argmin(loss, math.log(truth) - 3.5, math.log(truth) + 3.5))


def _argmin(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function is least: a grid, and a golden section about its best."""
    grid = np.linspace(low, high, 21)
    values = [function(float(x)) for x in grid]
    best = int(np.argmin(values))
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, 20)]
    for _ in range(10):
        one, two = right - GOLDEN * (right - left), left + GOLDEN * (right - left)
        if function(float(one)) <= function(float(two)):
            right = two
        else:
            left = one
    return float((left + right) / 2)


def improper_share(probe: LossProbe) -> float | None:
    """Return the best constant forecast of 3 in 10, if it is another one.

    Parameters
    ----------
    probe : LossProbe
        Loss of probabilities or log odds.

    Returns
    -------
    share : float or None
        None if it is right, or if the loss is as low in a whole range.
    """
    if is_proper_for_classes(probe):
        return None
    role = next(iter(probe.setting.right))
    y = np.array([1.0] * 3 + [0.0] * 7)
    grid = np.linspace(0.005, 0.995, 67)
    said = np.log(grid / (1 - grid)) if probe.kind == "logits" else grid
    values = np.array(
        [probe.value(y, {role: np.full(len(y), value)}) for value in said]
    )
    if not np.isfinite(values).all():
        return None
    least = values.min() + 1e-9 * max(1.0, np.abs(values).max())
    low, high = grid[values <= least][[0, -1]]
    return None if low - 0.02 <= SHARE <= high + 0.02 else float((low + high) / 2)


def is_mean(probe: LossProbe) -> bool:
    """Whether a loss is a mean over samples, as a scoring rule is, and an overlap not."""
    role = next(iter(probe.setting.right))
    y, forecast = probe.setting.y, probe.setting.badly[-1][role]
    # Both parts have both labels, in other shares.
    zeros, ones = np.flatnonzero(y == 0), np.flatnonzero(y == 1)
    halves = np.r_[zeros[3:], ones[:3]], np.r_[zeros[:3], ones[3:]]
    parts = [
        len(half) * probe.mean_value(y[half], {role: forecast[half]}) for half in halves
    ]
    whole = len(y) * probe.mean_value(y, {role: forecast})
    return math.isclose(sum(parts), whole, rel_tol=1e-6)


def is_sure(probe: LossProbe) -> bool:
    """Whether a loss of binary labels is one of probabilities or log odds for sure."""
    if "logits" in probe.caller.roles.names or is_proper_for_classes(probe):
        return True
    return probe.kind == "probability" and reads_probabilities(probe)


def reads_probabilities(probe: LossProbe) -> bool:
    """Whether a loss refuses, or cuts off, what lies outside [0, 1]."""
    if "prob" in probe.caller.roles.names:
        return True
    y, role = probe.setting.y, next(iter(probe.setting.right))
    for above, below in (((1.5, -0.5), (3.0, -2.0)), ((-0.5, 1.5), (-2.0, 3.0))):
        values = list(_outside(probe, y, role, (above, below)))
        if None not in values and not math.isclose(*values, rel_tol=1e-9):  # type: ignore[arg-type]
            return False
    return True


def _outside(probe: LossProbe, y: Any, role: str, pairs: Any) -> Iterator[float | None]:
    """Yield the loss of forecasts outside [0, 1], None where it has none."""
    for ones, zeros in pairs:
        try:
            value = probe.value(y, {role: np.where(y == 1, ones, zeros)})
        except RefusedCall:
            value = math.nan
        yield value if math.isfinite(value) else None


def improper_quantile(probe: LossProbe) -> float | None:
    """Return the best lower end of a 90 % interval, if it is no 5 % quantile.

    Parameters
    ----------
    probe : LossProbe
        Loss of an interval.

    Returns
    -------
    lower : float or None
        In standard deviations; None if it is right, -1.645.
    """
    y = SAMPLES["normal"]

    def loss(lower: float) -> float:
        ends = {"lower": np.full(len(y), lower), "upper": np.full(len(y), 3.0)}
        return probe.value(y, ends)

    found = _argmin(loss, -4.0, 0.0)
    return None if abs(found - LOWER) < 0.1 else found
