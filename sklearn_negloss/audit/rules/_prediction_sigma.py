"""4xx: how far the predicted sigma can be believed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._case import RawForecast
from sklearn_negloss.audit.case._forecast import Floats, Forecast, Mean, mean_of
from sklearn_negloss.audit.case._target import TargetSummary

Bools = NDArray[np.bool_]

# Standardised errors beyond it are as good as infinite; their fourth power is finite.
LARGEST_Z = 1e75


def squared_errors(y: Floats, mu: Floats | float, sigma: Floats) -> Floats:
    """Return squared standardised errors that a mean and a variance can be taken of."""
    return np.asarray(np.clip((y - mu) / sigma, -LARGEST_Z, LARGEST_Z) ** 2)


def mean_square(forecast: Forecast, sigma: Floats | None = None) -> Mean:
    """Return the mean squared standardised error, 1 for a calibrated forecast."""
    sigma = forecast.sigma if sigma is None else sigma
    return forecast.mean(squared_errors(forecast.error, 0.0, sigma))


def excess(square: Mean) -> float:
    """Return how many standard errors a mean squared error lies above 1."""
    return Mean(square.value - 1.0, square.error).t


class CollapsedSigma(Rule):
    """Some sigmas are next to nothing where the errors are not.

    **Why the loss goes negative.** A sample with sigma near zero has a loss near minus
    infinity if its mu is exact, and near plus infinity if it is not. A model that learns
    its sigma from few or repeated samples drives some of them to zero, and a handful of
    samples then decides the mean loss.

    **What is measured.** What a floor under sigma would win: each sigma below
    {floor_share:.0%} of the upper quartile of all sigmas is raised to it. A floor can
    only cost an honest forecast. Found if it lowers the mean loss by more than
    {least_drop:g} nat, or if a sigma is zero or negative. Found, too, if at least
    {memorised:g} of the low sigmas make up {least_drop:g} nat of the loss, and their errors
    are no errors at all (a mean squared standardised error below {exact:g}): such samples
    were memorised, not predicted.

    **What to do.** Give sigma a floor above the resolution of the target, or a stronger
    regularisation, and learn it from out-of-fold residuals.

    Examples
    --------
    Three sigmas in a hundred collapse:

    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> y, sigma = rng.normal(size=100), np.ones(100)
    >>> audit(y_true=y, mu=np.zeros(100), sigma=sigma).outcomes["NEG401"]
    'clear'
    >>> sigma[:3] = 1e-6
    >>> audit(y_true=y, mu=np.zeros(100), sigma=sigma).outcomes["NEG401"]
    'found'
    """

    code = "NEG401"
    cause = "degenerate"
    severity = "error"
    message = (
        "{count} of {n} sigmas lie below {floor:.4g}, {floor_percent:.0f} % of their "
        "upper quartile, the least at {least:.4g}: {effect}."
    )
    advice = (
        "Give sigma a floor above the resolution of the target, and learn it from "
        "out-of-fold residuals; until then {count} samples decide the mean loss."
    )
    # A variance passed as sigma spreads on the log scale twice as far as it should.
    yields_to = ("NEG406",)
    # The upper quartile, so that a collapse of most sigmas is seen as well.
    reference = 0.75
    floor_share = 0.01
    # In nats of the mean loss; clean cases stay below 0.01.
    least_drop = 0.5
    # The mean of five squared standard errors of an honest sigma is below it once in 5e5.
    memorised, exact = 5, 0.01

    @classmethod
    def measure(cls, raw_forecast: RawForecast) -> Evidence | NotApplicable | None:
        """Raise the smallest sigmas, and see whether that lowers the loss."""
        y, mu, sigma, weights = raw_forecast
        if not np.isfinite(y).all():
            return NotApplicable("the target has infinite values")
        reference = float(np.quantile(sigma, cls.reference, method="lower"))
        floor = cls.floor_share * max(reference, 0.0)
        below, invalid = (sigma < floor) | (sigma <= 0), int(np.sum(sigma <= 0))
        if invalid:
            effect = f"in {invalid} it is zero or negative, where no density exists"
        elif not below.any():
            return None
        else:
            drop = _won_by_floor(y, mu, sigma, floor, weights)
            if drop > cls.least_drop:
                effect = (
                    f"raised to it, they would lower the mean loss by {drop:.4g} nats"
                )
            elif -drop > cls.least_drop and cls._memorised(y, mu, sigma, below):
                effect = (
                    f"with no errors to match, they alone make {-drop:.4g} nats of it"
                )
            else:
                return None
        return {
            "count": int(below.sum()),
            "n": len(sigma),
            "floor": floor,
            "floor_percent": 100 * cls.floor_share,
            "least": float(sigma.min()),
            "invalid": invalid,
            "effect": effect,
        }

    @classmethod
    def _memorised(cls, y: Floats, mu: Floats, sigma: Floats, below: Bools) -> bool:
        """Whether samples of low sigma are hit far better than even that sigma says."""
        if np.count_nonzero(below) < cls.memorised:
            return False
        squares = squared_errors(y[below], mu[below], sigma[below])
        return float(squares.mean()) < cls.exact


def _won_by_floor(
    y: Floats, mu: Floats, sigma: Floats, floor: float, weights: Floats | None
) -> float:
    """Return by how much a floor under sigma lowers the mean Gaussian NLL."""
    raised = np.maximum(sigma, floor)
    squares = squared_errors(y, mu, sigma) - squared_errors(y, mu, raised)
    return mean_of(0.5 * squares + np.log(sigma / raised), weights).value


class SigmaAtFloor(Rule):
    """A share of the sigmas sits exactly at a floor.

    **Why the loss goes negative.** Where sigma is clamped from below, the loss of an
    exact prediction is the logarithm of the clamp plus 0.919, a constant of the code and
    no measurement. A lower clamp would have given a lower loss.

    **What is measured.** How many sigmas equal the least one. Found if they are more
    than {share:.0%} of all, at least {least_count}, more than twice as many as lie
    within {beside:.1%} above it, and more than {atom:g} times as many as share any other
    value between the least and the greatest; {atom_of_leaves:g} times as many if most
    of the others share their values, too. Leaves of trees, boosted or not, and a sigma
    of a few levels have ties everywhere; that of a Gaussian process comes close to its
    least value without meeting it. Neither is found.

    **What to do.** Look at the samples at the floor, and at what set it: raise it to the
    resolution of the target or to a hundredth of its standard deviation, and compare
    models under one floor.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> sigma = np.exp(rng.normal(size=500))
    >>> y = sigma * rng.normal(size=500)
    >>> audit(y_true=y, mu=np.zeros(500), sigma=sigma).outcomes["NEG402"]
    'clear'
    >>> sigma = np.maximum(sigma, 0.3)
    >>> audit(y_true=y, mu=np.zeros(500), sigma=sigma).outcomes["NEG402"]
    'found'
    """

    code = "NEG402"
    cause = "degenerate"
    severity = "warning"
    message = (
        "{count} of {n} sigmas ({percent:.3g} %) sit at their minimum of {floor:.4g}: "
        "their loss follows from a clamp, and no longer from the data."
    )
    advice = (
        "Look at the samples with sigma = {floor:.4g} and at what set this floor; "
        "compare models under one floor only."
    )
    yields_to = ("NEG401",)
    share = 0.01
    # A clamp in single precision and one in double differ by less.
    same = 1e-6
    # A smooth function has company near its minimum.
    beside = 0.001
    # Fewer may tie by chance or by repeated rows.
    least_count = 3
    # Honest ties have company: other values that are shared about as often.
    atom = 5.0
    # Boosted trees leave the samples that none of them splits off in one large leaf.
    atom_of_leaves = 30.0
    # Fewer distinct values among so many others are leaves.
    mostly_distinct = 0.75
    # Without so many values in between, sigma has levels and no floor.
    least_distinct = 10

    @classmethod
    def measure(cls, forecast: Forecast) -> Evidence | NotApplicable | None:
        """Compare how often the least sigma occurs with how often others do."""
        sigma = forecast.sigma
        floor = float(sigma.min())
        rest = sigma[sigma > (1 + cls.same) * floor]
        if not rest.size:
            return NotApplicable("sigma is constant")
        count = len(sigma) - len(rest)
        if count < max(cls.least_count, cls.share * len(sigma)):
            return None
        if count <= 2 * np.sum(rest < (1 + cls.beside) * floor):
            return None
        # The greatest may be a cap, an atom of the same kind.
        between = np.unique(rest[rest < rest.max()], return_counts=True)[1]
        if len(between) < cls.least_distinct:
            return None
        company = int(between.max())  # 1: no other value is shared at all
        leaves = len(between) < cls.mostly_distinct * between.sum()
        atom = cls.atom_of_leaves if leaves else cls.atom
        if company > 1 and count <= atom * company:
            return None
        percent = 100.0 * count / len(sigma)
        return {"count": count, "n": len(sigma), "floor": floor, "percent": percent}


class BelowResolution(Rule):
    """The forecasts are narrower than the step in which the target is recorded.

    **Why the loss goes negative.** A target that is recorded in steps has no density
    below the step: a spike on a recorded value is always hit, and the narrower it is the
    lower the loss. Where the loss is below the logarithm of the step, the probability
    that it implies for one step exceeds one.

    **What is measured.** The mean loss less the logarithm of the step of a target whose
    values all lie on a grid. Found below zero. The loss that means something here is the
    interval likelihood, minus the logarithm of the probability of half a step to both
    sides; it is never negative.

    **What to do.** Score the interval likelihood, or keep sigma above {narrow:.3g}
    steps, the standard deviation of the rounding.

    Examples
    --------
    Whole numbers, predicted to a tenth and to a half:

    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).integers(0, 100, size=500)
    >>> audit(y_true=y, mu=y + 0.1, sigma=0.1).outcomes["NEG403"]
    'found'
    >>> audit(y_true=y, mu=y + 0.5, sigma=0.5).outcomes["NEG403"]
    'clear'
    """

    code = "NEG403"
    cause = "degenerate"
    severity = "warning"
    message = (
        "The target is recorded in steps of {step:.4g} and the loss of {loss:.4g} is "
        "below log(step) = {limit:.4g}: it implies a probability of {implied:.3g} for "
        "one step. The interval likelihood gives {interval:.4g}."
    )
    advice = (
        "Score the probability of y plus or minus half a step of {step:.4g}, which costs "
        "{interval:.4g} nats here and is never negative; keep sigma above "
        "{narrow:.4g}."
    )
    yields_to = ("NEG401", "NEG406", "NEG407")
    # Rounding to a step spreads values by its twelfth's root.
    narrow = 12**-0.5
    # In fewer samples a grid may be chance.
    least_n = 20

    @classmethod
    def measure(cls, forecast: Forecast) -> Evidence | NotApplicable | None:
        """Compare the mean loss with the logarithm of the step."""
        if forecast.n < cls.least_n:
            return NotApplicable(f"needs {cls.least_n} samples or more")
        target = TargetSummary.of(forecast.y)
        if not target.on_grid:
            return NotApplicable("the target is not recorded in steps")
        loss, limit = forecast.loss.value, math.log(target.gap)
        if not loss < limit:
            return None
        return {
            "step": target.gap,
            "loss": loss,
            "limit": limit,
            "implied": math.exp(min(limit - loss, 700.0)),
            "interval": forecast.mean(_interval_losses(forecast, target.gap)).value,
            "narrow": cls.narrow * target.gap,
        }


def _interval_losses(forecast: Forecast, step: float) -> Floats:
    """Return -log P(y - step/2 < Y < y + step/2), exact far out in the tails."""
    z, half = forecast.error / forecast.sigma, 0.5 * step / forecast.sigma
    # By symmetry on the left, where the normal distribution is a small number.
    upper, lower = log_ndtr(half - np.abs(z)), log_ndtr(-half - np.abs(z))
    losses = -(upper + np.log1p(-np.exp(lower - upper)))
    return np.asarray(np.clip(losses, 0.0, LARGEST_Z))
