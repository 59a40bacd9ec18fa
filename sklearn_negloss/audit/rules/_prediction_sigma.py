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
from sklearn_negloss.metrics._skill import rescaling_gain

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
    value between the least and the greatest. Leaves of a tree and a sigma of a few
    levels have ties everywhere; that of a Gaussian process comes close to its least
    value without meeting it. Neither is found.

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
        if company > 1 and count <= cls.atom * company:
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


class MiscalibratedSigma(Rule):
    """Sigma is too small, or far too large, for the errors that came.

    **Why the loss goes negative.** The loss starts with the logarithm of sigma: a sigma
    that promises too much makes it low wherever the errors happen to be small, and says
    so with a confidence that the data contradict.

    **What is measured.** The mean of the squared standardised errors, 1 for a calibrated
    forecast of any family, with its standard error. Too small: more than {errors:g}
    standard errors above 1, and one factor on sigma would win more than {least_nats:g}
    nat: a sigma learnt from few samples is off by less. Too large: as far below 1, and
    below {least_square:g} in at least {least_n} samples. Errors with a skewness above
    {skewed:g} have to lie {skewed_errors:g} standard errors below, corrected for it: a
    few of them mostly look too small. Severe beyond a mean of {severe:g}, or of its
    inverse.

    **What to do.** Multiply sigma by the factor given, on data that the model has not
    seen, and look at `CoverageDisplay`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).normal(size=500)
    >>> audit(y_true=y, mu=np.zeros(500), sigma=0.5).outcomes["NEG404"]
    'found'
    >>> audit(y_true=y, mu=np.zeros(500), sigma=1.0).outcomes["NEG404"]
    'clear'
    """

    code = "NEG404"
    cause = "degenerate"
    severity = "warning"
    message = (
        "Squared standardised errors average {square:.4g} (standard error {error:.2g}) "
        "where a calibrated forecast has 1: sigma is too {word}; it ought to be "
        "{factor:.4g} times as large ({degree})."
    )
    advice = (
        "Multiply sigma by {factor:.4g}, or calibrate it on data that the model has not "
        "seen; do not compare this loss with that of a calibrated model before.{hint}"
    )
    yields_to = ("NEG304", "NEG401", "NEG403", "NEG406", "NEG407", "NEG408")
    errors = 3.0
    # A mean of 1.39. Honest sigmas learnt from 200 samples with 10 features average 1.1.
    least_nats = 0.03
    least_square = 0.5
    least_n = 100
    severe = 2.0
    # In 100 clean lognormal samples: 1 % false alarms, 24 % without; gamma of shape 4,
    # Laplace and Student t5: below 0.2 %.
    skewed = 1.25
    skewed_errors = 7.0
    # Below it, a standard error of squares is no measure of chance.
    fewest = 20
    # Where most samples share a value, the rare others carry the variance.
    most_tied = 0.5

    @classmethod
    def measure(cls, forecast: Forecast) -> Evidence | NotApplicable | None:
        """Compare the mean squared standardised error with 1."""
        if forecast.n < cls.fewest:
            return NotApplicable(f"needs {cls.fewest} samples or more")
        square = mean_square(forecast)
        costly = rescaling_gain(square.value) > cls.least_nats
        small = costly and excess(square) > cls.errors
        if not small and not cls._too_large(forecast, square):
            return None
        factor = math.sqrt(square.value)
        severe = square.value > cls.severe or square.value < 1 / cls.severe
        return {
            "square": square.value,
            "error": square.error,
            "factor": factor,
            "word": "small" if small else "large",
            "degree": "severe" if severe else "mild",
            "hint": cls._hint(forecast) if severe else "",
        }

    @classmethod
    def _hint(cls, forecast: Forecast) -> str:
        """Ask for a variance where its root would be right; one sigma cannot prove it."""
        root = mean_square(forecast.with_sigma(np.sqrt(forecast.sigma)))
        fits = (
            abs(excess(root)) < cls.errors and 1 / cls.severe < root.value < cls.severe
        )
        return (
            " The square root of sigma is calibrated: was a variance passed?"
            if fits
            else ""
        )

    @classmethod
    def _too_large(cls, forecast: Forecast, square: Mean) -> bool:
        """Whether sigma is far too large, and not for the sake of rare large errors."""
        if forecast.n < cls.least_n or square.value >= cls.least_square:
            return False
        if TargetSummary.of(forecast.y).top_share > cls.most_tied:
            return False
        if not excess(square) < -cls.errors:
            return False
        mild = abs(_skewness(forecast, forecast.error / forecast.sigma)) < cls.skewed
        return mild or _unskewed(forecast, square) < -cls.skewed_errors


def _skewness(forecast: Forecast, values: Floats) -> float:
    """Return the skewness of one value a sample; 0 if they are all the same."""
    centred = values - forecast.mean(values).value
    spread = math.sqrt(forecast.mean(centred**2).value)
    return forecast.mean((centred / spread) ** 3).value if spread > 0 else 0.0


def _unskewed(forecast: Forecast, square: Mean) -> float:
    """Return the t statistic of the mean square with its skewness taken out.

    The mean of a few right-skewed squares is mostly too low, its standard error with it.
    The cubic of Hall (1992, J. R. Statist. Soc. B 54, 221) makes up for that.
    """
    t = excess(square)
    if not math.isfinite(t):
        return t
    squares = squared_errors(forecast.error, 0.0, forecast.sigma)
    a = _skewness(forecast, squares) / math.sqrt(forecast.n)
    return t + a * (t**2 / 3 + 1 / 6) + a**2 * t**3 / 27
