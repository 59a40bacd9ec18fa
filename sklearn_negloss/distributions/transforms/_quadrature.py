"""Integrals over a distribution that is a monotone function of a simple one.

The variable is the standard normal score t of the level: y = Q(Phi(t)), and an
expectation is an integral of f(y(t)) phi(t) dt. Whatever the map does, y(t) is smooth
between a few known corners, so Gauss panels between them converge at once; outwards,
panels are added until nothing more comes. If something always comes, the integral is
infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sklearn_negloss.distributions.transforms._maps import Pole, TargetMap
from sklearn_negloss.distributions.transforms._truncated import Truncated

Floats = NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
PANEL = 2.0
LARGEST = np.finfo(float).max
ROOT_2PI = math.sqrt(2.0 * math.pi)

# Corners beyond this score weigh less than 1e-9, and scores beyond the second have
# levels that are no doubles.
LAST_CORNER, LAST_SCORE = 6.0, 37.0
DONE, DIVERGED = 1e-15, 1e-9

# Distances from a kink at which integrals of a log density are cut.
GRADING = 0.25 ** np.arange(20)

# Next to a pole, z holds no more digits of the distance to it than this.
NEAR_POLE = 1e-6


class Ending(NamedTuple):
    """What y does in a tail of probability q near a pole: offset + size (q/Q)^-power."""

    tail: Floats
    offset: Floats
    size: Floats
    power: float


class Integrand(NamedTuple):
    """What is integrated: at score t, where y(t) = y; and in closed form near a pole."""

    at: Callable[[Floats, Floats], Floats]
    near_pole: Callable[[Ending], Floats]


class Scores:
    """A transformed distribution as a function of the score t, with its corners.

    Parameters
    ----------
    inner : Truncated
        Distribution of z, within the range of the map.
    map : TargetMap
        From y to z.
    """

    def __init__(self, inner: Truncated, map: TargetMap) -> None:
        self.inner, self.map = inner, map
        self.shape = np.shape(inner.lost)
        # Rounding may put z on an end of the range, where y may be infinite.
        low, high = map.range
        self.inside = np.nextafter(low, high), np.nextafter(high, low)
        self.poles = dict(zip((-1, 1), map.poles, strict=True))

    def y(self, t: Floats) -> Floats:
        """Quantile of y at the score t of z; decreasing if the map is."""
        return self.map.inverse(np.clip(self.inner.at_score(t), *self.inside))

    def moments(self) -> tuple[Floats, Floats]:
        """Return mean and variance; infinite where they do not exist."""
        # A median that overflows must not turn the mean into inf - inf.
        centre = np.clip(self.y(np.zeros(self.shape)), -LARGEST, LARGEST)

        def powers(t: Floats, y: Floats) -> Floats:
            e = y - centre
            return np.stack([e, e * e])

        def rest(end: Ending) -> Floats:
            a, d, p = end.offset - centre, end.size, end.power
            first = a + d * _share(p)
            second = a * a + 2.0 * a * d * _share(p) + d * d * _share(2.0 * p)
            return end.tail * np.stack([first, second])

        with np.errstate(all="ignore"):
            first, second = self.integrate(Integrand(powers, rest))
            variance = np.maximum(second - first * first, 0.0)
            return centre + first, np.where(np.isnan(variance), np.inf, variance)

    def crps(self, y: Floats) -> Floats:
        """Integral over all levels of twice the quantile loss."""
        score = self.inner.score(self.map.forward(np.clip(y, *self.map.domain)))
        # The levels of y are those of z, or their complement.
        sign = 1.0 if self.map.increasing else -1.0

        def loss(t: Floats, quantile: Floats) -> Floats:
            level = np.where(quantile < y, ndtr(sign * t), ndtr(-sign * t))
            return (2.0 * level * np.abs(quantile - y))[np.newaxis]

        def rest(end: Ending) -> Floats:
            # Integral of 2 q |offset + size (q/Q)^-p - y| dq from 0 to Q.
            far = np.abs(end.offset - y + end.size * 2.0 * _share(end.power, 2.0))
            return (end.tail**2 * far)[np.newaxis]

        with np.errstate(all="ignore"):
            return self.integrate(Integrand(loss, rest), score)[0]

    def mean_of(self, function: Callable[[Floats], Floats]) -> Floats:
        """Mean of a function of y that grows slowly, such as a log density."""

        def at(t: Floats, y: Floats) -> Floats:
            value = function(y)
            # At scores of probability 1e-300, y may round to an end of its domain.
            return np.where(np.isfinite(value), value, 0.0)[np.newaxis]

        def rest(end: Ending) -> Floats:
            value = function(end.offset + end.size)
            return (end.tail * np.where(np.isfinite(value), value, 0.0))[np.newaxis]

        with np.errstate(all="ignore"):
            return self.integrate(Integrand(at, rest), *self._graded())[0]

    def _graded(self) -> list[Floats]:
        """Corners ever closer to the kinks, where a log density may be infinite."""
        kinks = [self.inner.score(np.full(self.shape, z)) for z in self.map.kinks]
        return [t + sign * step for t in kinks for sign in (-1, 1) for step in GRADING]

    # -- the engine ------------------------------------------------------------------

    def integrate(self, integrand: Integrand, *corners: Floats) -> Floats:
        """Integrate over all scores, between the corners and outwards from them."""
        edges = self._edges(*corners)
        total = np.zeros(np.shape(integrand.at(edges[0], self.y(edges[0]))))
        size = np.zeros_like(total)
        for low, high in pairwise(edges):
            count = math.ceil(np.max(high - low) / PANEL)
            for k in range(count):
                step = (high - low) / count
                part = self._panel(integrand, low + k * step, step)
                total, size = total + part, size + np.abs(part)
        for side, edge in ((-1, edges[0]), (1, edges[-1])):
            total, size = self._tail(integrand, side, edge, total, size)
        # Opposite infinities: there is no mean, and NaN would say that we failed.
        return np.where(np.isnan(total), np.inf, total)

    def _edges(self, *corners: Floats) -> Floats:
        """Return the scores at which something is not smooth, sorted; 0 is one."""
        kinks = [self.inner.score(np.full(self.shape, z)) for z in self.map.kinks]
        found = np.broadcast_arrays(np.zeros(self.shape), *kinks, *corners)
        return np.sort(np.clip(np.stack(found), -LAST_CORNER, LAST_CORNER), axis=0)

    def _panel(self, integrand: Integrand, start: Floats, width: Any) -> Floats:
        """Gauss rule on a panel, one node at a time: no array of nodes x samples."""
        half, total = 0.5 * width, 0.0
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            t = start + half * (1.0 + node)
            density = np.exp(-0.5 * t * t) / ROOT_2PI
            total = total + weight * density * integrand.at(t, self.y(t))
        return np.abs(half) * total

    def _tail(
        self, integrand: Integrand, side: int, edge: Floats, total: Floats, size: Floats
    ) -> tuple[Floats, Floats]:
        """Add panels outwards until none matters, or a pole is reached."""
        pole, part = self.poles[side], np.full_like(total, np.inf)
        width = PANEL if pole is None else 0.5 * PANEL
        active = np.ones(edge.shape, dtype=bool)
        for start in _outwards(edge, side * width):
            if pole is not None:
                reached = active & self._near(pole, start) & self._beyond(side)
                active &= ~reached
                if reached.any():
                    rest = integrand.near_pole(self._ending(pole, start, side))
                    total = total + np.where(reached, rest, 0.0)
            part = np.where(active, self._panel(integrand, start, side * width), 0.0)
            total, size = total + part, size + np.abs(part)
            if np.all((np.abs(part) <= DONE * size) | (size == 0)):
                return total, size
        # Never done: either the rest is small all the same, or there is no limit.
        open_ended = ~(np.abs(part) <= DIVERGED * size)
        return np.where(open_ended, np.copysign(np.inf, part), total), size

    def _near(self, pole: Pole, t: Floats) -> NDArray[np.bool_]:
        """Whether z(t) is so close to a pole that the distance loses its digits."""
        distance = np.abs(pole.end - self.inner.at_score(t))
        whole = np.abs(pole.end - self.inner.at_score(np.zeros(self.shape)))
        return distance <= NEAR_POLE * whole

    def _beyond(self, side: int) -> NDArray[np.bool_]:
        """Whether the model goes on beyond an end: its density there is positive."""
        cut = self.inner.log_below if side < 0 else self.inner.log_above
        return np.isfinite(cut)

    def _ending(self, pole: Pole, t: Floats, side: int) -> Ending:
        """Fit y = offset + size (q/Q)^-power, with Q the probability beyond t."""
        z = self.inner.at_score(t)
        y = self.map.inverse(z)
        further = self.map.inverse(pole.end - 16.0 * (pole.end - z))
        size = (y - further) / (1.0 - 16.0**-pole.power)
        return Ending(ndtr(-side * t), y - size, size, pole.power)


def _outwards(edge: Floats, step: float) -> Iterator[Floats]:
    """Yield the starts of panels from an edge to the last score that is a number."""
    for k in range(math.ceil((LAST_SCORE - LAST_CORNER) / abs(step))):
        yield edge + k * step


def _share(power: float, mass: float = 1.0) -> float:
    """Return 1 / (mass - power), the integral of q^(mass - 1 - power); or infinity."""
    # The power is measured to about 1e-9; at the limit itself the integral diverges.
    return 1.0 / (mass - power) if power < mass - 1e-7 else math.inf
