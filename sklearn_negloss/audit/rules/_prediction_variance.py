"""4xx: a variance where a standard deviation is meant."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._forecast import Floats, Forecast, Mean
from sklearn_negloss.audit.rules._prediction_sigma import (
    mean_square,
    squared_errors,
)


class Slope(NamedTuple):
    """How errors grow with sigma on the log scale, and how exactly that is known."""

    value: float
    error: float


class VariancePassedAsSigma(Rule):
    """What was passed as sigma is a variance.

    **Why the loss goes negative.** A variance below one is smaller than its standard
    deviation, so a loss that takes it for sigma sees forecasts that promise too much:
    the logarithm counts twice. Above one it is the other way round.

    **What is measured.** The slope of the size of the errors on sigma, both as
    logarithms: 1 if sigma is one, 1/2 if it is a variance; and the mean squared
    standardised error of the root, 1 if it is. Found if both together lie within
    {near:g} standard errors of a variance (or {close:g} and {calibrated:g}), the slope
    more than {far:g} below 1 and below {top:g}, and the root lowers the mean loss by
    more than {least_drop:g} nat. A sigma that is merely noisy or too small by a factor
    has another slope or another scale; where so few samples cannot tell, nothing is
    said.

    **What to do.** Take the root once, where the model hands over its variance.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> sigma = np.exp(rng.normal(-1, 0.7, size=500))
    >>> y, mu = sigma * rng.normal(size=500), np.zeros(500)
    >>> audit(y_true=y, mu=mu, sigma=sigma**2).outcomes["NEG406"]
    'found'
    >>> audit(y_true=y, mu=mu, sigma=sigma).outcomes["NEG406"]
    'clear'
    """

    code = "NEG406"
    cause = "code"
    severity = "error"
    message = (
        "Errors grow with the power {slope:.3g} of sigma (standard error {error:.2g}), "
        "as they do with a variance, and the root of sigma is calibrated (mean squared "
        "standardised error {square:.3g}): it would lower the loss by {drop:.4g} nats."
    )
    advice = "Pass sqrt(sigma): what was passed is the variance."
    near = 3.2
    # A variance that was itself estimated is off by as much, however many samples.
    close = 0.05
    calibrated = 0.1
    far = 3.0
    # A sigma with log-normal noise of 0.5 around log sigmas that spread by 0.7 has 0.66.
    top = 0.56
    least_drop = 0.1
    # Slopes of 1/2 and 1 have to lie this many standard errors apart to be told.
    apart = 8.0
    # A sigma this many times above the lower, or below the upper quartile is left out.
    reach = 100.0
    # So few errors have no slope to speak of.
    fewest = 20

    @classmethod
    def measure(cls, forecast: Forecast) -> Evidence | NotApplicable | None:
        """Fit the slope, and try the root."""
        if float(np.log(forecast.sigma).std()) < 1e-3:
            return NotApplicable("sigma does not vary")
        most = cls._without_outliers(forecast)
        slope = growth(most) if most.n > cls.fewest else None
        if slope is None or not slope.error * cls.apart < 0.5:
            return NotApplicable(
                f"sigma varies too little for {forecast.n} samples to tell a slope of "
                "1/2 from 1"
            )
        square = mean_square(most, np.sqrt(most.sigma))
        drop = _won_by_root(forecast)
        if not cls._is_variance(slope, square) or drop <= cls.least_drop:
            return None
        if slope.value >= cls.top:
            return NotApplicable(
                f"errors grow with the power {slope.value:.2g} of sigma, as they do "
                "with a noisy sigma, too"
            )
        return {
            "slope": slope.value,
            "error": slope.error,
            "square": square.value,
            "drop": drop,
        }

    @classmethod
    def _without_outliers(cls, forecast: Forecast) -> Forecast:
        """Leave out sigmas far from most others: a few would decide the slope."""
        sigma, weights = forecast.sigma, forecast.weights
        low, high = np.quantile(sigma, [0.25, 0.75])
        inside = (sigma < cls.reach * low) & (sigma > high / cls.reach)
        return Forecast(
            forecast.error[inside],
            np.zeros(np.count_nonzero(inside)),
            sigma[inside],
            None if weights is None else weights[inside],
        )

    @classmethod
    def _is_variance(cls, slope: Slope, square: Mean) -> bool:
        """Whether slope and scale are those of a variance, and not of a sigma."""
        if not slope.value < 1.0 - cls.far * slope.error:
            return False
        # Of a logarithm, whose errors are as likely to be high as low.
        value = max(square.value, 1e-300)
        scale, allowed = abs(math.log(value)), square.error / value
        allowed = max(cls.calibrated / cls.near, allowed)
        power = abs(slope.value - 0.5) / max(cls.close / cls.near, slope.error)
        return math.hypot(power, scale / allowed) < cls.near


def _won_by_root(forecast: Forecast) -> float:
    """Return by how much the root of sigma lowers the mean Gaussian NLL."""
    error, sigma = forecast.error, forecast.sigma
    squares = squared_errors(error, 0.0, sigma)
    squares -= squared_errors(error, 0.0, np.sqrt(sigma))
    return forecast.mean(0.5 * squares + 0.5 * np.log(sigma)).value


def growth(forecast: Forecast) -> Slope | None:
    """Return the power of sigma with which errors grow, by maximum likelihood.

    The Gaussian likelihood of log variance = a + 2 b log(sigma), whose standard error
    is two thirds of that of a regression of log errors; robust against other families.
    Newton's method on a convex function, with steps of bounded length.
    """
    x = 2.0 * np.log(forecast.sigma)
    design = np.column_stack([np.ones(forecast.n), x - x.mean()])
    square = forecast.error**2
    if not np.isfinite(square).all() or not square.any():
        return None
    square = square / square.mean()
    beta = np.array([0.0, 0.5])
    for _ in range(100):
        ratio = square * np.exp(-np.clip(design @ beta, -600.0, 600.0))
        hessian = design.T @ (design * ratio[:, None])
        gradient = design.T @ (ratio - 1.0)
        if not np.linalg.det(hessian / max(hessian.trace(), 1e-300)) > 1e-12:
            return None
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step * min(1.0, 2.0 / max(np.abs(design @ step).max(), 1e-300))
        if np.abs(step).max() < 1e-8:
            return Slope(float(beta[1]), _robust_error(design, ratio, hessian))
    return None


def _robust_error(design: Floats, ratio: Floats, hessian: Floats) -> float:
    """Return the standard error of the slope, whatever the family of the errors."""
    inverse = np.linalg.inv(hessian)
    scores = design * (ratio - 1.0)[:, None]
    return float(np.sqrt((inverse @ (scores.T @ scores) @ inverse)[1, 1]))
