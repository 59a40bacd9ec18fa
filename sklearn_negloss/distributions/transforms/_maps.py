"""Monotone maps of a target: what a target transformer does, as mathematics.

A `TargetMap` is a chain of parts z = g_k(...g_1(y)). Each part knows its function, its
inverse, and the log of its slope; the chain adds the logs. The parts with a closed form
are here; a smooth function that nobody knows is in `_numeric_map`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import (
    boxcox,
    boxcox1p,
    exp10,
    expit,
    inv_boxcox,
    inv_boxcox1p,
    logit,
)

from sklearn_negloss._validation import Domain

Floats = NDArray[np.float64]

LN_2, LN_3, LN_10 = math.log(2.0), math.log(3.0), math.log(10.0)


class NoDensityError(ValueError):
    """A transform of the target leaves no density, for the reason in its message."""


class UnknownSlopeError(NoDensityError):
    """The slope must be measured, and no value was given to measure it at."""


class Part(Protocol):
    """One step of a chain: a strictly monotone function with a slope."""

    @property
    def name(self) -> str:
        """Short name, for messages and reprs."""

    @property
    def domain(self) -> tuple[float, float]:
        """Ends of the interval on which the function is monotone."""

    @property
    def increasing(self) -> bool:
        """Whether it preserves order."""

    @property
    def exact(self) -> bool:
        """Whether the slope has a closed form."""

    @property
    def kink(self) -> float | None:
        """Where the slope is not smooth, if anywhere."""

    def forward(self, y: Floats) -> Floats:
        """Return z for y."""

    def inverse(self, z: Floats) -> Floats:
        """Return y for z."""

    def log_slope(self, y: Floats) -> Floats:
        """Return log abs(dz/dy)."""


@dataclass(frozen=True)
class Affine:
    """z = slope * y + shift: scalers, and the standardisation inside others."""

    slope: float
    shift: float
    exact = True
    kink = None
    domain = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        """Refuse a slope that no density survives."""
        if not (math.isfinite(self.slope) and math.isfinite(self.shift) and self.slope):
            raise NoDensityError(
                f"an affine transform needs a finite slope other than 0; got slope "
                f"{self.slope:.6g} and shift {self.shift:.6g}; check the data that the "
                "transformer was fitted to."
            )

    @property
    def name(self) -> str:
        """Short name, for messages and reprs."""
        return f"affine(slope={self.slope:.4g}, shift={self.shift:.4g})"

    @property
    def increasing(self) -> bool:
        """Whether it preserves order."""
        return self.slope > 0

    def forward(self, y: Floats) -> Floats:
        """Return z for y."""
        return self.slope * y + self.shift

    def inverse(self, z: Floats) -> Floats:
        """Return y for z."""
        return (z - self.shift) / self.slope

    def log_slope(self, y: Floats) -> Floats:
        """Return log abs(dz/dy)."""
        return np.full(np.shape(y), math.log(abs(self.slope)))

    def then(self, after: Affine) -> Affine:
        """Return the affine map that does this one and then another."""
        return Affine(after.slope * self.slope, after.slope * self.shift + after.shift)


@dataclass(frozen=True)
class Known:
    """A function of one line, monotone on its domain."""

    name: str
    forward: Callable[[Any], Any]
    inverse: Callable[[Any], Any]
    log_slope: Callable[[Any], Any]
    values: Domain
    increasing: bool = True
    kink: float | None = None
    exact = True

    @property
    def domain(self) -> tuple[float, float]:
        """Ends of the interval on which the function is monotone."""
        return self.values.low, self.values.high

    def __reduce__(self) -> Any:
        """Pickle as a name: the slopes are lambdas."""
        return (_known, (self.name,))


def _known(name: str) -> Known:
    """Return the row of `KNOWN` with this name."""
    return next(part for part in KNOWN if part.name == name)


def _log_slope_of_expit(y: Floats) -> Floats:
    size = np.abs(y)
    return -size - 2.0 * np.log1p(np.exp(-size))


REAL_LINE = Domain("finite")
NON_NEGATIVE = Domain("non-negative", low=0.0)
STRICTLY_POSITIVE = Domain("strictly positive", low=0.0, low_open=True)
ABOVE_MINUS_ONE = Domain("greater than -1", low=-1.0, low_open=True)
BETWEEN_0_AND_1 = Domain(
    "strictly between 0 and 1", low=0.0, high=1.0, low_open=True, high_open=True
)

KNOWN: tuple[Known, ...] = (
    Known("log", np.log, np.exp, lambda y: -np.log(y), STRICTLY_POSITIVE),
    Known("log1p", np.log1p, np.expm1, lambda y: -np.log1p(y), ABOVE_MINUS_ONE),
    Known(
        "log10",
        np.log10,
        exp10,
        lambda y: -np.log(y) - math.log(LN_10),
        STRICTLY_POSITIVE,
    ),
    Known(
        "log2",
        np.log2,
        np.exp2,
        lambda y: -np.log(y) - math.log(LN_2),
        STRICTLY_POSITIVE,
    ),
    Known("sqrt", np.sqrt, np.square, lambda y: -LN_2 - 0.5 * np.log(y), NON_NEGATIVE),
    # hypot, because y**2 overflows for |y| above 1e154.
    Known(
        "arcsinh",
        np.arcsinh,
        np.sinh,
        lambda y: -np.log(np.hypot(1.0, y)),
        REAL_LINE,
    ),
    Known("exp", np.exp, np.log, lambda y: y, REAL_LINE),
    Known("expm1", np.expm1, np.log1p, lambda y: y, REAL_LINE),
    Known(
        "logit",
        logit,
        expit,
        lambda y: -np.log(y) - np.log1p(-y),
        BETWEEN_0_AND_1,
    ),
    Known("expit", expit, logit, _log_slope_of_expit, REAL_LINE),
    Known("square", np.square, np.sqrt, lambda y: LN_2 + np.log(y), NON_NEGATIVE),
    Known(
        "cbrt",
        np.cbrt,
        lambda z: z**3,
        lambda y: -LN_3 - np.log(np.abs(y)) * 2.0 / 3.0,
        REAL_LINE,
        kink=0.0,
    ),
    Known(
        "reciprocal",
        np.reciprocal,
        np.reciprocal,
        lambda y: -2.0 * np.log(y),
        STRICTLY_POSITIVE,
        increasing=False,
    ),
)


@dataclass(frozen=True)
class BoxCox:
    """z = (y^lambda - 1) / lambda, or log y for lambda = 0."""

    lmbda: float
    exact = True
    kink = None
    increasing = True
    domain = (0.0, math.inf)

    @property
    def name(self) -> str:
        """Short name, for messages and reprs."""
        return f"box-cox({self.lmbda:.4g})"

    def forward(self, y: Floats) -> Floats:
        """Return z for y."""
        return np.asarray(boxcox(y, self.lmbda), dtype=np.float64)

    def inverse(self, z: Floats) -> Floats:
        """Return y for z."""
        return np.asarray(inv_boxcox(z, self.lmbda), dtype=np.float64)

    def log_slope(self, y: Floats) -> Floats:
        """Return log abs(dz/dy)."""
        return (self.lmbda - 1.0) * np.log(y)


@dataclass(frozen=True)
class YeoJohnson:
    """Box-Cox of 1 + y above zero; mirrored, with 2 - lambda, below."""

    lmbda: float
    exact = True
    increasing = True
    kink = 0.0
    domain = (-math.inf, math.inf)

    @property
    def name(self) -> str:
        """Short name, for messages and reprs."""
        return f"yeo-johnson({self.lmbda:.4g})"

    def _sides(self, value: Floats, function: Callable[..., Any]) -> Floats:
        """Apply a function to the size of each value, with its side's exponent."""
        exponent = np.where(value >= 0, self.lmbda, 2.0 - self.lmbda)
        return np.copysign(function(np.abs(value), exponent), value)

    def forward(self, y: Floats) -> Floats:
        """Return z for y."""
        return self._sides(y, boxcox1p)

    def inverse(self, z: Floats) -> Floats:
        """Return y for z."""
        return self._sides(z, inv_boxcox1p)

    def log_slope(self, y: Floats) -> Floats:
        """Return log abs(dz/dy)."""
        return (self.lmbda - 1.0) * np.sign(y) * np.log1p(np.abs(y))


class Pole(NamedTuple):
    """An end of the range of z at which y goes to infinity, like distance^-power."""

    end: float
    power: float


@dataclass(frozen=True)
class TargetMap:
    """A strictly monotone map z = g(y) of the target, with its Jacobian.

    Parameters
    ----------
    parts : tuple of Part, default=()
        The steps, in the order in which y goes through them. None is the identity.
    """

    parts: tuple[Part, ...] = ()

    @classmethod
    def of(cls, parts: Any) -> TargetMap:
        """Chain parts, joining neighbours that are both affine."""
        joined: list[Part] = []
        for part in parts:
            if isinstance(part, Affine) and joined and isinstance(joined[-1], Affine):
                joined[-1] = joined[-1].then(part)
            else:
                joined.append(part)
        return cls(tuple(part for part in joined if part != Affine(1.0, 0.0)))

    def __repr__(self) -> str:
        """Return the names of the parts."""
        return " -> ".join(part.name for part in self.parts) or "identity"

    @property
    def exact(self) -> bool:
        """Whether the Jacobian has a closed form; else differences, to 1e-8."""
        return all(part.exact for part in self.parts)

    @property
    def increasing(self) -> bool:
        """Whether the map preserves order."""
        return sum(not part.increasing for part in self.parts) % 2 == 0

    @property
    def affine(self) -> Affine | None:
        """The whole map, if it is affine."""
        if not self.parts:
            return Affine(1.0, 0.0)
        only = self.parts[0]
        return only if len(self.parts) == 1 and isinstance(only, Affine) else None

    @cached_property
    def domain(self) -> tuple[float, float]:
        """Ends of the interval of y on which the map is defined."""
        low, high = -math.inf, math.inf
        for k, part in enumerate(self.parts):
            before = TargetMap(self.parts[:k])
            ends = sorted(float(before.forward(end)) for end in (low, high))
            bites = (part.domain[0] > ends[0], part.domain[1] < ends[1])
            for end, bite, first in zip(part.domain, bites, (True, False), strict=True):
                if bite and first == before.increasing:
                    low = float(before._undo(np.float64(end)))
                elif bite:
                    high = float(before._undo(np.float64(end)))
        if not low < high:
            raise NoDensityError(
                f"the steps of {self!r} do not fit together; the values that one "
                "returns lie outside the domain of the next; check their order."
            )
        return low, high

    @cached_property
    def range(self) -> tuple[float, float]:
        """Ends of the interval of z that the map can reach."""
        ends = sorted(float(self.forward(end)) for end in self.domain)
        return ends[0], ends[1]

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """Where, in z, the slope is not smooth."""
        found = []
        for k, part in enumerate(self.parts):
            if part.kink is not None:
                rest = TargetMap(self.parts[k:])
                found.append(float(rest.forward(part.kink)))
        return tuple(z for z in found if math.isfinite(z))

    @cached_property
    def poles(self) -> tuple[Pole | None, Pole | None]:
        """What y does at the low and the high end of the range of z."""
        return _find_pole(self, 0), _find_pole(self, 1)

    def forward(self, y: Any) -> Floats:
        """Return z for y; not finite outside the domain."""
        z = np.asarray(y, dtype=np.float64)
        with np.errstate(all="ignore"):
            for part in self.parts:
                z = part.forward(z)
        return z

    def inverse(self, z: Any) -> Floats:
        """Return y for z; values beyond the range go to the end of the domain."""
        low, high = self.range
        y = self._undo(np.clip(np.asarray(z, dtype=np.float64), low, high))
        # Rounding next to an end must not leave the domain.
        return np.clip(y, *self.domain)

    def _undo(self, z: Any) -> Floats:
        """Apply the inverses in reverse order."""
        with np.errstate(all="ignore"):
            for part in reversed(self.parts):
                z = part.inverse(z)
        return z

    def log_abs_derivative(self, y: Any) -> Floats:
        """Return log abs(dz/dy), in nats; NaN outside the domain."""
        value = np.asarray(y, dtype=np.float64)
        total = np.zeros(value.shape)
        inside = self.holds(value)
        with np.errstate(all="ignore"):
            for part in self.parts:
                total = total + part.log_slope(value)
                value = part.forward(value)
        return np.where(inside, total, np.nan)

    def holds(self, y: Any) -> NDArray[np.bool_]:
        """Whether each value of y lies in the domain."""
        y = np.asarray(y, dtype=np.float64)
        low, high = self.domain
        return (y >= low) & (y <= high) & np.isfinite(self.forward(y))


def _find_pole(map: TargetMap, side: int) -> Pole | None:
    """Return the pole at the low (0) or high (1) end of the range, from three values."""
    end = map.range[side]
    if math.isinf(end):
        return None
    if not math.isinf(map.domain[side if map.increasing else 1 - side]):
        return None
    inwards = 1.0 if side == 0 else -1.0
    distance = inwards * max(abs(end), 1e-300) * np.array([1e-4, 1e-5, 1e-6])
    with np.errstate(all="ignore"):
        growth = np.diff(map.inverse(end + distance))
        power = float(np.log10(growth[1] / growth[0]))
    if power <= 1e-3:
        return None
    return Pole(end, power if math.isfinite(power) else math.inf)
