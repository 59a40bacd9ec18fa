"""Known formulas, with which the values of a loss are compared to name it exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from sklearn_negloss.audit.probes._loss import LossProbe
from sklearn_negloss.audit.probes._sandbox import RefusedCall
from sklearn_negloss.audit.probes._settings import SPREADS
from sklearn_negloss.distributions import Normal

Floats = NDArray[np.float64]

# A loss follows a formula if a line through their values leaves no more than this.
EXACT = 1e-7

FAMILIES: dict[str, Callable[[Floats], Floats]] = {
    "normal": stats.norm.logpdf,
    "Laplace": stats.laplace.logpdf,
    "logistic": stats.logistic.logpdf,
    "Student t (5)": lambda z: stats.t.logpdf(z, 5),
    "Cauchy": stats.cauchy.logpdf,
}

# Standard deviation of each family with a scale of 1: a width may be either of the two.
STDS = {
    "normal": 1.0,
    "Laplace": math.sqrt(2),
    "logistic": math.pi / math.sqrt(3),
    "Student t (5)": math.sqrt(5 / 3),
    "Cauchy": 1.0,  # it has none, and a scale alone
}

# Families whose log density is a power of one that other families have, too.
POWERS = ("Student t (5)", "Cauchy")

# Constants of densities that are often left out, in nats.
CONSTANTS = {
    "half of log 2 pi": 0.5 * math.log(2 * math.pi),
    "log 2": math.log(2),
    "log pi": math.log(math.pi),
}


class Fit(NamedTuple):
    """A loss as a line of a known one: ``slope * formula + constant``.

    Parameters
    ----------
    family : str
        Family of the density.
    convention : str
        How the loss reads the width.
    slope, constant : float
        Of the line.
    std : float
        Width where the scale of the family is 1: 1 if the width is that scale, and the
        standard deviation of the family if it is that.
    """

    family: str
    convention: str
    slope: float
    constant: float
    std: float = 1.0


def density_answer(
    probe: LossProbe, mu: Any, sigma: Any, convention: str
) -> dict[str, Any]:
    """Return mu and sigma in the form in which a loss takes them.

    Parameters
    ----------
    probe : LossProbe
        Loss.
    mu, sigma : ndarray of shape (n_samples,)
        Forecast.
    convention : str
        How to say sigma.

    Returns
    -------
    answer : dict of str to object
        By the roles of parameters.
    """
    mu = np.asarray(mu, dtype=float)
    sigma = np.broadcast_to(np.asarray(sigma, dtype=float), mu.shape).copy()
    if probe.kind == "dist":
        return {"dist": Normal(mu, sigma)}
    said = SPREADS[convention](sigma) if convention in SPREADS else np.sqrt(sigma)
    if probe.kind == "columns":
        return {"pred": np.column_stack([mu, said])}
    return {"mu": mu, str(probe.caller.roles.scale): said}


def fit_density(probe: LossProbe) -> Fit | None:
    """Return the density whose logarithm a loss is a line of, if there is one.

    Parameters
    ----------
    probe : LossProbe
        Loss of mu and a width.

    Returns
    -------
    fit : Fit or None
        None if it is none of the known ones.
    """
    declared = probe.caller.roles.scale
    order = [declared] if declared in SPREADS else []
    order += [c for c in SPREADS if c not in order]
    rng = np.random.default_rng(0)
    draws = [
        (rng.normal(size=8), rng.normal(size=8), rng.uniform(0.4, 3, 8))
        for _ in range(5)
    ]
    for convention in order if probe.kind != "dist" else ["sigma"]:
        values = []
        try:
            for y, mu, sigma in draws:
                answer = density_answer(probe, mu, sigma, convention)
                values.append(probe.mean_value(y, answer))
        except RefusedCall:
            continue
        fit = _line(np.array(values), draws, convention)
        if fit is not None:
            return fit
    return None


def _line(values: Floats, draws: list[Any], convention: str) -> Fit | None:
    """Return the family on whose line the values lie."""
    if not np.isfinite(values).all():
        return None
    for family, std in widths():
        logpdf = FAMILIES[family]
        known = np.array(
            [np.mean(np.log(s / std) - logpdf((y - m) * std / s)) for y, m, s in draws]
        )
        line = _through(known, values)
        if line is not None:
            return Fit(family, convention, *line, std)
    return None


def widths() -> list[tuple[str, float]]:
    """Return every family, with a width of 1 and with that of its standard deviation."""
    pairs = [(family, std) for family in FAMILIES for std in (1.0, STDS[family])]
    return list(dict.fromkeys(pairs))


def _through(known: Floats, values: Floats) -> tuple[float, float] | None:
    """Return slope and constant of the line that values are of known ones, if exact."""
    design = np.column_stack([known, np.ones(len(known))])
    (slope, constant), *_ = np.linalg.lstsq(design, values, rcond=None)
    left = np.abs(design @ [slope, constant] - values).max()
    if left <= EXACT * max(1.0, np.abs(values).max()) and abs(slope) > EXACT:
        return float(slope), float(constant)
    return None


# Errors at which the density of a loss is read, in units of its width.
ERRORS = np.array([-2.0, 0.0, 0.5, 1.0, 2.0, 4.0, 7.0])


def family_of(probe: LossProbe) -> str | None:
    """Return the family whose log density a loss follows at one fixed width.

    What becomes of the width is left open: it may be read in any way, and the loss be
    multiplied by any function of it.

    Parameters
    ----------
    probe : LossProbe
        Loss of mu and a width.

    Returns
    -------
    family : str or None
        None if it is none of the known ones.
    """
    zero = np.zeros(4)
    role = probe.caller.roles.scale
    convention = role if role in SPREADS else "sigma"
    answer = density_answer(probe, zero, 1.0 + zero, convention)
    values = np.array([probe.value(zero + error, answer) for error in ERRORS])
    if not np.isfinite(values).all():
        return None
    for family, std in widths():
        line = _through(-FAMILIES[family](ERRORS * std), values)
        if line is None or line[0] <= 0:
            continue
        # Others of more or fewer degrees of freedom are lines of these, too.
        if family not in POWERS or math.isclose(line[0], 1.0, rel_tol=1e-6):
            return family
    return None


def dropped_log_factorial(probe: LossProbe) -> bool:
    """Whether a loss is the Poisson NLL without the logarithm of y!."""
    y = np.array([0.0, 1.0, 3.0, 20.0])
    rate = np.array([0.5, 2.0, 2.5, 18.0])
    role = next(iter(probe.setting.right))
    said = np.log(rate) if probe.kind == "log-rate" else rate
    try:
        value = probe.mean_value(y, {role: said})
    except RefusedCall:
        return False
    kernel = float(np.mean(rate - y * np.log(rate)))
    return math.isclose(value, kernel, rel_tol=1e-6)


def log_factorial(y: float) -> float:
    """Return log y!."""
    return float(gammaln(y + 1.0))


def named_constant(constant: float) -> str:
    """Return the name of a constant that densities have."""
    for name, value in CONSTANTS.items():
        if math.isclose(constant, value, rel_tol=1e-4):
            return name
    return "a constant"
