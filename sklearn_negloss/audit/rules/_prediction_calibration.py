"""4xx: whether sigma, and mu under it, fit the errors that came."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import binom

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._forecast import Floats, Forecast, Mean, mean_of
from sklearn_negloss.audit.case._target import TargetSummary
from sklearn_negloss.audit.rules._prediction_sigma import (
    excess,
    mean_square,
    squared_errors,
)
from sklearn_negloss.metrics._skill import rescaling_gain


class MiscalibratedSigma(Rule):
    """Sigma is too small, or far too large, for the errors that came.

    **Why the loss goes negative.** The loss starts with the logarithm of sigma: a sigma
    that promises too much makes it low wherever the errors happen to be small, and says
    so with a confidence that the data contradict.

    **What is measured.** The mean of the squared standardised errors, 1 for a calibrated
    forecast of any family, with its standard error. Too small: more than {errors:g}
    standard errors above 1, and one factor on sigma would win more than {least_nats:g}
    nat: a sigma learnt from few samples is off by less; or severe, and so many errors
    beyond {beyond:g} sigmas as calibrated forecasts of any unimodal family have with a
    probability below {by_chance:g}. Too large: as far below 1, in at least {least_n}
    samples, and below {least_square:g}; but as rare large errors may be missing from few
    samples, below {least_square_few:g} in less than {few_light}, and below
    {certain_few:g} in less than {few} if their kurtosis is above {heavy:g}. Errors with
    a skewness above {skewed:g} have to lie {skewed_errors:g} standard errors below,
    corrected for it, and their median as low. Severe beyond a mean of {severe:g}, or of
    its inverse.

    Where most of the squares come from an error that all samples share, or from a mu
    that follows the target in another unit, mu is named and not sigma; so it is where
    no factor on sigma makes up for a mu that is worse than the mean of the target.

    **What to do.** Multiply sigma by the factor given, on data that the model has not
    seen, and look at `CoverageDisplay`. Mend mu first, where that is named.

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
        "where a calibrated forecast has 1: {what} ({degree})."
    )
    advice = (
        "{remedy}; do not compare this loss with that of a calibrated model before."
        "{hint}"
    )
    yields_to = ("NEG304", "NEG401", "NEG403", "NEG406", "NEG407", "NEG408")
    errors = 3.0
    # A mean of 1.39. Honest sigmas learnt from 200 samples with 10 features average 1.1.
    least_nats = 0.03
    # 4 / 81: no unimodal law has more beyond three standard deviations, wherever its
    # mode (Vysochanskij and Petunin, 1980); Student t, Laplace and gamma have 1 or 2 %.
    beyond, most_beyond = 3.0, 4 / 81
    by_chance = 1e-5
    least_square = 0.5
    least_n = 100
    # Errors of Student t3 average below 1/2 in 4 % of 100 clean samples, of t2.5 in 24 %.
    # With a kurtosis below 4 it is 2 and 4 %, and 0.1 and 0.4 % of 200 samples; below 1/3
    # with such a kurtosis, or below 1/4, it is none and 1 % of 100.
    few_light, few = 200, 1_000
    least_square_few, certain_few, heavy = 0.33, 0.25, 4.0
    severe = 2.0
    # In 100 clean lognormal samples: 1 % false alarms, 24 % without; gamma of shape 4,
    # Laplace and Student t5: below 0.2 %.
    skewed = 1.25
    skewed_errors = 7.0
    # In units of the normal distribution's median; of lognormal errors none at all.
    skewed_median = 0.55
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
        small = cls._too_small(forecast, square)
        if not small and not cls._too_large(forecast, square):
            return None
        factor = math.sqrt(square.value)
        severe = square.value > cls.severe or square.value < 1 / cls.severe
        what = f"sigma is too {'small' if small else 'large'}; it ought to be "
        what += f"{factor:.4g} times as large"
        remedy = f"Multiply sigma by {factor:.4g}, or calibrate it on data that the "
        remedy += "model has not seen"
        other = _fault_of_mu(forecast) or _beyond_rescaling(forecast, cls.least_nats)
        if other is not None:
            what, remedy = other
        return {
            "square": square.value,
            "error": square.error,
            "factor": factor,
            "what": what,
            "remedy": remedy,
            "degree": "severe" if severe else "mild",
            "hint": cls._hint(forecast) if severe and other is None else "",
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
    def _too_small(cls, forecast: Forecast, square: Mean) -> bool:
        """Whether sigma is too small by its squares, or by too many large errors."""
        if not rescaling_gain(square.value) > cls.least_nats or square.value < 1.0:
            return False
        if excess(square) > cls.errors:
            return True
        return square.value > cls.severe and cls._too_many_beyond(forecast)

    @classmethod
    def _too_many_beyond(cls, forecast: Forecast) -> bool:
        """Whether no calibrated forecast has so many errors beyond three sigmas."""
        if TargetSummary.of(forecast.y).top_share > cls.most_tied:
            return False
        w = forecast.weights
        n = forecast.n if w is None else w.sum() ** 2 / (w**2).sum()
        beyond = np.abs(forecast.error) > cls.beyond * forecast.sigma
        count = round(n * float(np.average(beyond, weights=w)))
        return bool(binom.sf(count - 1, round(n), cls.most_beyond) < cls.by_chance)

    @classmethod
    def _too_large(cls, forecast: Forecast, square: Mean) -> bool:
        """Whether sigma is far too large, and not for the sake of rare large errors."""
        if forecast.n < cls.least_n or square.value >= cls.least_square:
            return False
        if TargetSummary.of(forecast.y).top_share > cls.most_tied:
            return False
        if not excess(square) < -cls.errors:
            return False
        z = forecast.error / forecast.sigma
        if forecast.n < cls.few and not cls._surely_large(forecast, square, z):
            return False
        if abs(_moment(forecast, z, 3)) < cls.skewed:
            return True
        median = float(np.median(np.abs(z))) / HALF_NORMAL_MEDIAN
        unskewed = _unskewed(forecast, square) < -cls.skewed_errors
        return median < cls.skewed_median and unskewed

    @classmethod
    def _surely_large(cls, forecast: Forecast, square: Mean, z: Floats) -> bool:
        """Whether few errors are too small even for a law whose large ones are missing."""
        if _moment(forecast, z, 4) >= cls.heavy:
            return square.value < cls.certain_few
        return forecast.n >= cls.few_light or square.value < cls.least_square_few


# Of the absolute value of a standard normal variable.
HALF_NORMAL_MEDIAN = 0.6744897501960817


def _moment(forecast: Forecast, values: Floats, power: int) -> float:
    """Return a standardised moment of one value a sample; 0 if all are the same."""
    centred = values - forecast.mean(values).value
    spread = math.sqrt(forecast.mean(centred**2).value)
    return forecast.mean((centred / spread) ** power).value if spread > 0 else 0.0


def _unskewed(forecast: Forecast, square: Mean) -> float:
    """Return the t statistic of the mean square with its skewness taken out.

    The mean of a few right-skewed squares is mostly too low, its standard error with it.
    The cubic of Hall (1992, J. R. Statist. Soc. B 54, 221) makes up for that.
    """
    t = excess(square)
    if not math.isfinite(t):
        return t
    squares = squared_errors(forecast.error, 0.0, forecast.sigma)
    a = _moment(forecast, squares, 3) / math.sqrt(forecast.n)
    return t + a * (t**2 / 3 + 1 / 6) + a**2 * t**3 / 27


# A fault explains the errors if it makes more than this share of their squares.
MOST = 0.5

# A slope between its inverse and this is no matter of units.
OTHER_UNIT = 2.0


def _fault_of_mu(forecast: Forecast) -> tuple[str, str] | None:
    """Say what all of mu has wrong, and what to do, if that makes most of the errors."""
    # Relative to the least sigma, so that no square of a weight overflows.
    weights = (forecast.sigma.min() / forecast.sigma) ** 2
    weights = weights if forecast.weights is None else weights * forecast.weights
    error, mu = forecast.error, forecast.mu
    square = mean_of(error**2, weights).value
    bias, centre = mean_of(error, weights).value, mean_of(mu, weights).value
    spread = mean_of((mu - centre) ** 2, weights).value
    shared = mean_of((error - bias) * (mu - centre), weights).value
    around = square - bias**2  # what is left without the bias
    if not all(map(math.isfinite, (square, spread, shared))) or not square > 0:
        return None
    slope = 1.0 + shared / spread if spread > 0 else 1.0
    left = max(around - shared * (slope - 1.0), 0.0)
    follows = left < MOST * (left + slope**2 * spread)
    unit = abs(math.log(max(slope, 1e-300))) > math.log(OTHER_UNIT)
    if follows and unit and left < MOST * square:
        return (
            f"the target changes by {slope:.4g} where mu changes by 1",
            "Give mu, and sigma with it, in the unit of the target and back through any "
            "transform, and then look at sigma",
        )
    if not bias**2 > MOST * square:
        return None
    return (
        f"mu is off by {bias:.4g} on average, {100 * bias**2 / square:.0f} % of that",
        "Look at mu before sigma: check its units, its transform and its alignment with "
        "the target",
    )


def _beyond_rescaling(forecast: Forecast, least: float) -> tuple[str, str] | None:
    """Say what is wrong where no factor on sigma lifts the forecasts to a constant."""
    terms = forecast.decomposition
    if terms is None or not terms.attainable_gain < -least:
        return None
    lost = f"would leave them {-terms.attainable_gain:.4g} nats worse than a constant"
    if forecast.r2 < 0:
        return (
            "mu is farther from the target than the target's own mean is, and the best "
            f"factor on sigma {lost}",
            "Look at mu before sigma: check that its rows and its units are those of the "
            "target, and that it does not overfit",
        )
    return (
        f"sigma does not follow the errors, and the best factor on it {lost}",
        "Learn sigma anew, from residuals of data that the model has not seen",
    )
