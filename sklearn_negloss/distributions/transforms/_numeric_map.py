"""A smooth monotone function that nobody knows: its domain and slope, by evaluation."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss.distributions.transforms._maps import (
    NoDensityError,
    UnknownSlopeError,
)


class SlopeWarning(UserWarning):
    """The slope of a transform at a value of the target could not be measured."""


Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]

# Steps are halved so often, from half the distance to the nearest end of the domain:
# down to 1e-12 of it, because values may span many orders of magnitude.
HALVINGS = 40
EPSILON = float(np.finfo(float).eps)
ORDER = 4  # columns of Richardson's table: the error falls as step^10

SMOOTH = 1e-6  # relative error of a slope that counts as found
RESOLVED = 1e-8  # the error that is promised; above it, smaller steps are tried
ROUGH = 1e-4  # worth a warning
NEARER = np.array([1e-4, 1e-7, 1e-10])  # steps to a place of infinite slope
NONE_SHARE = 0.05  # share of the values at which it may be missed: isolated corners
EVEN = 0.01  # relative gap between a rise and the integral of the slope
UNEVEN_SHARE = 0.5  # share of the values around which the gap may be wider: corners
LAST_BIT = 0.05  # share of a step
MAX_PROBES = 200
FAR = 1e300
ULPS, SMALL = 64, (1e-100, 1e-200, 1e-300, 5e-324, 0.0)  # steps to an end


@dataclass(frozen=True)
class Numeric:
    """One step whose slope is found by central differences, to about 1e-10.

    `low` and `high` are the ends of the interval around the probed values on which the
    function is finite and monotone, `ends` its values there; `spread` is the first step.
    """

    transformer: Any
    low: float
    high: float
    ends: tuple[float, float]
    spread: float
    exact = False
    kink = None

    @classmethod
    def probe(cls, transformer: Any, y: Any) -> Numeric:
        """Explore a transformer around values of the target; refuse what has no slope."""
        function = column_function(transformer, "transform")
        y = _probes(y)
        name = function_name(transformer)
        sign = _direction(function, y, name)
        spread = float(y[-1] - y[0])
        low, z_low = _reach(function, y[0], -spread, -sign)
        high, z_high = _reach(function, y[-1], spread, sign)
        part = cls(transformer, low, high, (z_low, z_high), spread)
        part._refuse_if_rough(y, name)
        return part

    @property
    def name(self) -> str:
        """Short name, for messages and reprs."""
        return function_name(self.transformer)

    @property
    def domain(self) -> tuple[float, float]:
        """Ends of the interval on which the function is monotone."""
        return self.low, self.high

    @property
    def increasing(self) -> bool:
        """Whether it preserves order."""
        return self.ends[0] < self.ends[1]

    def forward(self, y: Floats) -> Floats:
        """Return z for y; NaN outside the domain, its ends at infinity."""
        y = np.asarray(y, dtype=np.float64)
        inside = np.isfinite(y) & (y >= self.low) & (y <= self.high)
        z = np.full(y.shape, np.nan)
        z[y == self.low], z[y == self.high] = self.ends
        if inside.any():
            z[inside] = column_function(self.transformer, "transform")(y[inside])
        return z

    def inverse(self, z: Floats) -> Floats:
        """Return y for z."""
        z = np.asarray(z, dtype=np.float64)
        y = np.full(z.shape, np.nan)
        inside = np.isfinite(z)
        if inside.any():
            undo = column_function(self.transformer, "inverse_transform")
            y[inside] = undo(z[inside])
        return y

    def log_slope(self, y: Floats) -> Floats:
        """Return log abs(dz/dy); infinite where the slope is infinite or 0."""
        y = np.asarray(y, dtype=np.float64)
        found, error = (np.atleast_1d(a) for a in self._slope(y))
        flat = np.atleast_1d(y)
        rough = ~(error <= RESOLVED) & (flat >= self.low) & (flat <= self.high)
        if rough.any():
            found[rough] = self._closer(flat[rough], found[rough], error[rough])
        with np.errstate(divide="ignore"):
            return np.log(np.abs(found)).reshape(y.shape)

    def _closer(self, y: Floats, found: Floats, error: Floats) -> Floats:
        """Slopes at the foot of a steep place: smaller steps, or steps of the size of y."""
        to_end = np.minimum(y - self.low, self.high - y)
        steps = 2.0**-36 * self._room(y), np.minimum(to_end, np.abs(y))
        for step in steps:
            again, its_error = slope(self.forward, y, 0.5 * step)
            found = np.where(its_error < error, again, found)
            error = np.fmin(its_error, error)
        rough = ~(error <= SMOOTH)
        if rough.any():
            found[rough], error[rough] = self._limit(
                y[rough], found[rough], error[rough]
            )
            self._warn_if_rough(y, error)
        return found

    def _limit(self, y: Floats, found: Floats, error: Floats) -> tuple[Floats, Floats]:
        """Tell a slope that grows or falls like a power of the distance from one without.

        At an end of the domain, where no central difference is, the last secant stands in.
        """
        steps = self.spread * NEARER[:, np.newaxis]
        with np.errstate(all="ignore"):
            left, right = (
                np.abs(self.forward(y + side * steps) - self.forward(y)) / steps
                for side in (-1.0, 1.0)
            )
            growth = np.fmax(_growth(left, steps), _growth(right, steps))
            change = np.fmax(
                *[np.abs(side[-1] / side[-2] - 1.0) for side in (left, right)]
            )
        alone, steep, flat = np.isnan(found), growth > 0.0, growth < 0.0
        found = np.where(alone, np.fmax(left[-1], right[-1]), found)
        error = np.where(alone, change, error)
        found = np.where(steep, np.inf, np.where(flat, 0.0, found))
        return found, np.where(steep | flat, 0.0, error)

    def _warn_if_rough(self, y: Floats, error: Floats) -> None:
        rough = ~(error <= ROUGH)
        if rough.any():
            worst = error[rough].max()
            how_well = (
                "not known"
                if np.isnan(worst)
                else (f"known to a relative error of about {worst:.1g} only")
            )
            warnings.warn(
                f"the slope of {self.name} is {how_well} at y={y[rough][0]:.6g} "
                f"({int(rough.sum())} values), as at a corner, so the log density there "
                "is no better; use a smooth function, such as PowerTransformer.",
                SlopeWarning,
                stacklevel=2,
            )

    def _slope(self, y: Floats) -> tuple[Floats, Floats]:
        return slope(self.forward, y, 0.5 * self._room(y))

    def _room(self, y: Floats) -> Floats:
        """Distance to the nearest end, or the spread of the probed values."""
        return np.minimum(np.minimum(y - self.low, self.high - y), self.spread)

    def _refuse_if_rough(self, y: Floats, name: str) -> None:
        """Refuse what has no slope, and stairs, whose slope says nothing of their rise."""
        y = y[1:-1]
        found, error = self._slope(y)
        # Near y, not near all values: they may span many orders of magnitude.
        near = np.maximum(np.abs(y), 1e-9 * self.spread)
        width = 0.05 * np.minimum(self._room(y), near)
        with np.errstate(all="ignore"):
            none = ~(error <= SMOOTH)
            left, right = self._slope(y - width)[0], self._slope(y + width)[0]
            rise = self.forward(y + width) - self.forward(y - width)
            by_slope = (left + 4.0 * found + right) / 6.0 * 2.0 * width
            uneven = ~(np.abs(rise - by_slope) <= EVEN * np.abs(rise))
        if np.mean(none) > NONE_SHARE or np.mean(uneven) > UNEVEN_SHARE:
            where = none if np.mean(none) > NONE_SHARE else uneven
            raise NoDensityError(
                f"{name} must have a smooth slope for y to have a density; got none at "
                f"y={y[where][0]:.6g} ({int(where.sum())} of {where.size} values); "
                "use a smooth function such as log1p, or PowerTransformer."
            )


def function_name(transformer: Any) -> str:
    """Return what to call a transformer: the name of its function, if it has one."""
    func = getattr(transformer, "func", None)
    return getattr(func, "__name__", type(transformer).__name__)


def column_function(transformer: Any, method: str) -> Function:
    """Return a method of a target transformer as a function of an array."""

    def evaluate(values: Floats) -> Floats:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # Fitted to a column of a frame, it would ask for the name of the column.
            warnings.filterwarnings("ignore", "X does not have valid feature names")
            out = getattr(transformer, method)(np.reshape(values, (-1, 1)))
        if hasattr(out, "toarray"):
            out = out.toarray()
        out = np.asarray(out, dtype=np.float64)
        if out.size != np.size(values):
            raise NoDensityError(
                f"{type(transformer).__name__} must return one column for a density; got "
                f"shape {out.shape} for {np.size(values)} values; use a transform that is "
                "monotone, such as PowerTransformer."
            )
        return out.reshape(np.shape(values))

    return evaluate


def slope(function: Function, y: Floats, step: Floats) -> tuple[Floats, Floats]:
    """Derivative by central differences, extrapolated to step 0, and its relative error.

    Richardson's table, from a large step to a tiny one; for each value, the entry that
    changed least is kept (Ridders' choice), so that nobody needs to know the scale.
    """
    best, error = np.full(y.shape, np.nan), np.full(y.shape, np.inf)
    old: list[Floats] = []
    with np.errstate(all="ignore"):
        for halving in range(HALVINGS):
            right, left = y + step / 2.0**halving, y - step / 2.0**halving
            above, below = function(right), function(left)
            new = [(above - below) / (right - left)]
            for order, coarse in enumerate(old[:ORDER], start=1):
                new.append(new[-1] + (new[-1] - coarse) / (4.0**order - 1.0))
            if old:
                change = np.maximum(
                    np.abs(new[-1] - new[-2]), np.abs(new[-1] - old[-1])
                )
                # Without it, two differences that rounding made alike would win.
                rounding = EPSILON * np.maximum(np.abs(above), np.abs(below))
                found = (change + rounding / (right - left)) / np.abs(new[-1])
                better = found < error
                best = np.where(better, new[-1], best)
                error = np.where(better, found, error)
            old = new
    return best, error


def _growth(secants: Floats, steps: Floats) -> Floats:
    """Power with which secants grow towards a point; 0 for none, NaN without secants."""
    power = -np.diff(np.log(secants), axis=0) / np.diff(np.log(steps), axis=0)
    first, second = power
    steady = (np.abs(second - first) < 0.05) & (np.abs(power) > 0.1).all(axis=0)
    return np.where(np.isnan(second), np.nan, np.where(steady, second, 0.0))


def _probes(y: Any) -> Floats:
    """Return sorted values to explore at, between them too."""
    if y is None:
        raise UnknownSlopeError(
            "this transformer is not known in closed form, so its slope must be measured; "
            "got no values of y to measure it at (0 values); pass y."
        )
    values = np.unique(np.asarray(y, dtype=np.float64))
    values = values[np.isfinite(values)]
    if values.size > MAX_PROBES:
        values = values[np.linspace(0, values.size - 1, MAX_PROBES).astype(int)]
    if values.size == 1:
        width = max(1e-3 * abs(values[0]), 1e-6)
        values = np.array([values[0], values[0] + width])
    if values.size == 0:
        raise NoDensityError(
            "y must have at least one finite value; got 0 values; pass the targets that "
            "the transformer was fitted to."
        )
    # Quarters, not halves: a function with a period would hide between halves.
    between = [values[:-1] + part * np.diff(values) for part in (0.29, 0.61)]
    return np.sort(np.concatenate([values, *between]))


def _direction(function: Function, y: Floats, name: str) -> float:
    """Return 1 or -1, or refuse a function that is not strictly monotone."""
    with np.errstate(all="ignore"):
        steps = np.diff(function(y))
    sign = float(np.sign(np.nansum(steps))) or 1.0
    wrong = ~(sign * steps > 0)
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        raise NoDensityError(
            f"{name} must be strictly monotone for y to have a density; got no such change "
            f"from y={y[k]:.6g} to y={y[k + 1]:.6g} ({int(wrong.sum())} of {wrong.size} "
            "steps); use a monotone function such as log1p, or PowerTransformer."
        )
    return sign


def _reach(
    function: Function, start: float, step: float, sign: float
) -> tuple[float, float]:
    """Walk from `start` until the function ends or turns; return where, and its value."""
    decades = np.arange(0.0, 308.0, 0.125)
    with np.errstate(over="ignore"):
        path = start + step * 10.0**decades
    path = np.concatenate([[start], path[np.abs(path) < FAR]])
    last, bad = _advance(function, path, sign)
    if bad is None:
        return math.copysign(math.inf, step), float(function(path[-1:])[0])
    for _ in range(40):
        if abs(bad - last) <= 1e-15 * abs(last):
            break
        last, next_bad = _advance(function, np.linspace(last, bad, 17), sign)
        if next_bad is None:  # refined, all is well but for the last step
            break
        bad = next_bad
    last = _last_double(function, last, bad, sign)
    return float(last), float(function(np.array([last]))[0])


def _last_double(function: Function, last: float, bad: float, sign: float) -> float:
    """Return the end itself, which may be a double or two beyond: 0 for a square root."""
    path, outwards = [last], math.copysign(math.inf, bad - last)
    if last * bad <= 0.0:  # halving the gap never reaches 0
        path += [math.copysign(small, last) for small in SMALL if small < abs(last)]
    else:
        for _ in range(ULPS):
            path.append(float(np.nextafter(path[-1], outwards)))
    z = _cautious(function, np.array(path))
    well = np.isfinite(z) & (sign * (z - z[0]) >= 0)
    return path[int(np.argmin(well)) - 1] if not well.all() else path[-1]


def _advance(
    function: Function, path: Floats, sign: float
) -> tuple[float, float | None]:
    """Return the last point of a path up to which all is well, and the next, if any."""
    # A step may jump over a minimum and land where all looks well: the last bit of
    # every step must go the right way, too.
    before = path[1:] - LAST_BIT * np.diff(path)
    z = _cautious(function, np.append(path, before))
    z, z_before = z[: path.size], z[path.size :]
    with np.errstate(all="ignore"):
        well = (sign * (z_before - z[:-1]) > 0) & (sign * (z[1:] - z_before) > 0)
        well &= np.isfinite(z[1:])
    if well.all():
        return float(path[-1]), None
    k = int(np.flatnonzero(~well)[0])
    return float(path[k]), float(path[k + 1])


def _cautious(function: Function, path: Floats) -> Floats:
    """Evaluate along a path; NaN where the function refuses."""
    try:
        return function(path)
    except (ValueError, ArithmeticError):
        return np.array([_one(function, value) for value in path])


def _one(function: Function, value: float) -> float:
    try:
        return float(function(np.array([value]))[0])
    except (ValueError, ArithmeticError):
        return math.nan
