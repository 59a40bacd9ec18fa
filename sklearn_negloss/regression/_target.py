"""The target: checked at the door, and brought to mean 0 and standard deviation 1."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import column_or_1d

from sklearn_negloss.regression._calibration import HALF_LOG_2PI, Floats, sigma_floor
from sklearn_negloss.regression._cross_fit import Target

# A variance is a square, and regressors sum squares of it: from here on these leave
# the range of floating-point numbers (1e-308 to 1e308).
LEAST_UNIT, GREATEST_UNIT = 1e-120, 1e120

# Between these, a variance regressor of the user's sees squared residuals in the square
# of y's units. Beyond them it sees a power of two of these, near one: the gamma loss of
# HistGradientBoostingRegressor cuts a mean below 2e-16, for one.
LEAST_SQUARE, GREATEST_SQUARE = 1e-12, 1e30


class Baseline(NamedTuple):
    """The constant Gaussian forecast: mean and standard deviation of the target."""

    mu: float
    sigma: float
    loss: float


def check_target(y: Any, owner: str) -> Floats:
    """Return y as one column of finite numbers."""
    if y is None:
        # The words are those that scikit-learn's own checks look for.
        raise ValueError(f"{owner} requires y to be passed, but the target y is None.")
    y = check_array(y, ensure_2d=False, dtype=None, input_name="y")
    if y.dtype.kind in "mM":
        raise ValueError(
            f"y must hold numbers. Got dtype {y.dtype}; count a unit of time, such as "
            "(y - y.min()) / numpy.timedelta64(1, 'D')."
        )
    if y.ndim > 1 and y.shape[1] > 1:
        raise ValueError(
            f"y must have one column. Got {y.shape[1]}; MultiOutputRegressor fits one "
            "model per column, but its predict has no return_std and returns the means "
            "alone, so keep one ProbabilisticRegressor per column if you need sigma."
        )
    y = column_or_1d(y, dtype=np.float64, warn=True)
    _check_unit(y)
    return y


def _check_unit(y: Floats) -> None:
    largest = float(np.abs(y).max())
    if largest > 0 and not LEAST_UNIT <= largest <= GREATEST_UNIT:
        raise ValueError(
            f"The largest absolute value of y must be between {LEAST_UNIT:g} and "
            f"{GREATEST_UNIT:g}, because variances are squares. Got {largest:g}; change "
            "the unit of y."
        )


def squared_unit(scale: float) -> float:
    """Return the square of a standard deviation, or its digits where it is extreme."""
    square = scale**2
    if LEAST_SQUARE <= square <= GREATEST_SQUARE:
        return square
    return float(np.frexp(scale)[0]) ** 2


def standardise(y: Floats, weight: Floats) -> tuple[Target, Baseline, float]:
    """Return the units of the standardised y, the constant forecast and the floor."""
    mean = float(np.average(y, weights=weight))
    sd = float(np.sqrt(np.average((y - mean) ** 2, weights=weight)))
    # A constant that was computed may differ in its last digits, and in no others.
    if sd == 0 or np.ptp(y[weight > 0]) <= 4 * np.spacing(abs(mean)):
        warnings.warn(
            "y is constant: mu is that constant and sigma the floor.",
            UserWarning,
            stacklevel=3,
        )
        # There is no spread to measure by: a millionth of the value, or of 1.
        sd = 1e-6 * (abs(mean) or 1.0)
    units = Target(mean, sd)
    floor = sigma_floor(units.from_regressor(y)[weight > 0]) * sd
    return units, Baseline(mean, sd, float(HALF_LOG_2PI + 0.5 + np.log(sd))), floor
