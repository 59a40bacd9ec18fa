"""Where a loss has its minimum: at the truth, if it is proper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from sklearn_negloss.audit.probes._formulas import STDS, density_answer, family_of
from sklearn_negloss.audit.probes._loss import SHARE, LossProbe, is_proper_for_classes
from sklearn_negloss.audit.probes._sandbox import RefusedCall
from sklearn_negloss.audit.probes._settings import SPREADS

# True width: at 1, a variance and a standard deviation cannot be told apart.
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

# Before a minimum is searched for, the loss at the truth is compared with that so many
# times further away than the minimum may be.
ASIDE = 4.0

# Rounding of the slopes of a convex function.
CONVEX = 1e-6

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

# Errors of scale 1.
SAMPLES = {
    "normal": stats.norm.ppf(QUANTILES) / np.std(stats.norm.ppf(QUANTILES)),
    "Laplace": stats.laplace.ppf(QUANTILES),
    "logistic": stats.logistic.ppf(QUANTILES),
    "Student t (5)": stats.t(5).ppf(QUANTILES),
    "Cauchy": stats.cauchy.ppf(QUANTILES),
}

# Errors in units of the width at which a CRPS is read, denser where most of them are.
FINE = np.sinh(np.linspace(-6.0, 6.0, 61)) / 10.0

# What a width may be read as; the last one is a sigma that is squared before use.
READINGS = (*SPREADS, "square root of sigma")


class Errors(NamedTuple):
    """Errors on which a loss is to be least at their own width.

    Parameters
    ----------
    family : str
        Their family.
    sample : ndarray of shape (n_samples,)
        Errors of width 1.
    width : str
        What that width is: "scale", or "standard deviation" where that is another one.
    """

    family: str
    sample: Any
    width: str = "scale"


def errors_of(family: str, std: float = 1.0) -> Errors:
    """Return errors of a family whose scale, or standard deviation, is 1."""
    word = "scale" if std == 1.0 else "standard deviation"
    return Errors(family, SAMPLES[family] / std, word)


NORMAL = errors_of("normal")


class Minimum(NamedTuple):
    """Where a density loss has its minimum, and how it reads the width.

    Parameters
    ----------
    declared : str
        What the width is by the name of its parameter; "" if the name does not tell.
    reading : str
        What the loss takes it for; "" if it is at no truth in any reading.
    argmin : float
        Sigma at which the loss is least, said as declared; NaN if it is all the same.
    family : str
        Family of the errors; "" if it is not known for sure, so that a minimum
        elsewhere proves nothing.
    width : str
        What of the errors is 2: their "scale" or "standard deviation".
    """

    declared: str
    reading: str
    argmin: float
    family: str
    width: str = "scale"

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
    candidates, sure = _candidates(probe)
    first = declared or "sigma"
    law = probe.scale_law
    drawn = law is not None and law[0] == "times"
    for reading in _readings(probe, declared):
        for errors in candidates:
            near = NEAR if sure or reading == first else NEARER
            near = ROUGH if drawn and reading == first else near
            if _at_truth(probe, errors, reading, near):
                argmin = least_sigma(probe, errors, first, TRUTH)
                return Minimum(declared, reading, argmin, errors.family, errors.width)
    argmin = least_sigma(probe, candidates[0], first, TRUTH)
    family = candidates[0].family if sure else ""
    return Minimum(declared, "", argmin, family, candidates[0].width)


def _readings(probe: LossProbe, declared: str) -> list[str]:
    """Return what the width may be read as, the likeliest first."""
    first = declared or "sigma"
    if probe.kind == "dist":
        return [first]
    fit = probe.density_fit
    likely = [first] if fit is None else [first, fit.convention]
    tried = list(dict.fromkeys((*likely, *READINGS)))
    return [r for r in tried if r != UNNAMED or not declared]


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
    other = least_sigma(probe, NORMAL, reading, OTHER_TRUTH)
    ratios = minimum.argmin / TRUTH, other / OTHER_TRUTH
    for factor, clause in HALVES:
        if all(abs(ratio / factor - 1) <= EXACT for ratio in ratios):
            return clause
    return ""


def _candidates(probe: LossProbe) -> tuple[list[Errors], bool]:
    """Return errors that a loss may be for, and whether it must be for one of them.

    A width is the scale of a family or its standard deviation, which the name of a
    parameter does not tell: a loss is right at either.
    """
    if probe.kind == "dist":
        return [NORMAL], True  # what it is handed is normal
    fit = probe.density_fit
    if fit is not None:
        return [errors_of(fit.family, fit.std)], True
    law = probe.scale_law
    if law == ("times", 1.0):
        return [NORMAL, *_own_errors(probe)], True
    family = family_of(probe)
    if family is not None:
        return _of_either_width(family), True
    known = ("normal", "Laplace", "logistic", "Student t (5)")
    both = [errors for name in known for errors in _of_either_width(name)]
    return both, law is not None and law[0] == "times"


def _of_either_width(family: str) -> list[Errors]:
    """Return errors of a family whose standard deviation is 1, and whose scale is."""
    return [errors_of(family, std) for std in dict.fromkeys((STDS[family], 1.0))]


def _own_errors(probe: LossProbe) -> list[Errors]:
    """Return the errors that a CRPS is of, whatever their family, if it may be one.

    The slope of a CRPS in the error is twice the cdf of the forecast, minus 1.
    """
    zero = np.zeros(4)
    answer = density_answer(probe, zero, 1.0 + zero, "sigma")
    values = np.array([probe.value(zero + error, answer) for error in FINE])
    slopes = np.diff(values) / np.diff(FINE)
    if not np.isfinite(slopes).all() or not slopes[0] < 0 < slopes[-1]:
        return []
    cdf = (slopes - slopes[0]) / (slopes[-1] - slopes[0])
    if (np.diff(cdf) < -CONVEX).any():
        return []
    middle = (FINE[1:] + FINE[:-1]) / 2
    return [Errors("its own", np.interp(QUANTILES, cdf, middle))]


def _at_truth(probe: LossProbe, errors: Errors, reading: str, near: float) -> bool:
    """Whether the minimum is at the true width, whichever that is."""
    for truth in (TRUTH, OTHER_TRUTH):
        here, *aside = (
            _loss_at(probe, errors, reading, truth, math.log(truth) + step)
            for step in (0.0, -ASIDE * near, ASIDE * near)
        )
        if here > min(aside):
            return False  # without the calls of a search
        found = least_sigma(probe, errors, reading, truth)
        if not abs(found / truth - 1) <= near:
            return False
    return True


def least_sigma(probe: LossProbe, errors: Errors, reading: str, truth: float) -> float:
    """Return the sigma of least loss on errors of a given width."""

    def loss(log_sigma: float) -> float:
        return _loss_at(probe, errors, reading, truth, log_sigma)

    return math.exp(_argmin(loss, math.log(truth) - 3.5, math.log(truth) + 3.5))


def _loss_at(
    probe: LossProbe, errors: Errors, reading: str, truth: float, log_sigma: float
) -> float:
    """Return the loss of one sigma for all errors, infinite where it has none."""
    y = truth * errors.sample
    answer = density_answer(probe, 0 * y, math.exp(log_sigma), reading)
    try:
        value = probe.value(y, answer)
    except RefusedCall:
        return math.inf
    return value if math.isfinite(value) else math.inf


def _argmin(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function is least: a grid, and a golden section about its best.

    NaN for one that is the same everywhere.
    """
    grid = np.linspace(low, high, 21)
    values = [function(float(x)) for x in grid]
    if min(values) == max(values):
        return math.nan
    best = int(np.argmin(values))
    left, right = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, 20)])
    one, two = right - GOLDEN * (right - left), left + GOLDEN * (right - left)
    at_one, at_two = function(one), function(two)
    for _ in range(10):
        if at_one <= at_two:
            right, two, at_two = two, one, at_one
            one = right - GOLDEN * (right - left)
            at_one = function(one)
        else:
            left, one, at_one = one, two, at_two
            two = left + GOLDEN * (right - left)
            at_two = function(two)
    return (left + right) / 2


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
    return None if math.isnan(found) or abs(found - LOWER) < 0.1 else found
