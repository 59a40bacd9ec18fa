"""The continuous ranked probability score of any distribution, from its cdf alone."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# What quadrature promises, relative to the score; a warning says where it cannot.
RELATIVE_ERROR = 1e-8

# Between these quantiles a cdf is smooth enough for one Gauss rule a piece. What lies
# beyond the outermost is nothing for a light tail, and added piece by piece for a heavy.
LEVELS = np.array(
    [1e-12, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.15, 0.3, 0.5]
)
LEVELS = np.concatenate([LEVELS, 1.0 - LEVELS[-2::-1]])

# Pieces of a tail have ends with these probabilities beyond; they end when nothing more
# comes, or pieces shrink by one factor, which is then summed to infinity.
TAIL = 10.0 ** -np.arange(14.0, 308.0, 2.0)
HEAVY = 1e-10  # share of the outermost piece from which there may be more beyond
DONE, NO_SHRINKING, STEADY = 1e-12, 1.0 - 1e-4, 1e-3

PROBES = np.linspace(0.0, 1.0, 17)
FINE, COARSE = np.polynomial.legendre.leggauss(24), np.polynomial.legendre.leggauss(16)
MAX_HALVINGS = 4

# Where a cdf takes more than half of a piece's rise between two neighbouring nodes, the
# rule has not seen the rise; the piece is cut there, so many times at most.
UNSEEN_RISE, MAX_CUTS = 0.5, 40
NEGLIGIBLE_RISE, NEGLIGIBLE_WIDTH = 1e-10, 1e-13

# Sums over counts go in steps of this size, and give up beyond so many.
COUNT_CHUNK, MAX_COUNTS = 4096, 10_000_000


class QuadratureWarning(UserWarning):
    """A numerical CRPS may be less accurate than `RELATIVE_ERROR`."""


def crps_of_cdf(dist: Any, y: Floats) -> Floats:
    r"""CRPS of each observation by quadrature of ``(F(x) - 1{x >= y})^2``.

    Parameters
    ----------
    dist : object
        Continuous distribution with ``cdf`` and ``ppf`` that broadcast.
    y : ndarray of shape (n_samples,)
        Observations.

    Returns
    -------
    crps : ndarray of shape (n_samples,)
        With a relative error of at most 1e-8; infinite where it is.

    Warns
    -----
    QuadratureWarning
        If two Gauss rules still differ by more than that, as for a cdf with jumps; or
        if a heavy tail holds more, and does not fall like a power, or has no ``isf``.
    """
    core, gap, edges = _core(dist, y)
    tails, missing = _both_tails(dist, core, edges)
    score = core + tails
    with np.errstate(all="ignore"):
        error = np.where(np.isfinite(score), (gap + missing) / score, 0.0)
    worst = float(np.max(np.where(gap + missing > 0.0, error, 0.0)))
    if worst > RELATIVE_ERROR:
        warnings.warn(
            f"the CRPS of {type(dist).__name__} was integrated to a relative error of "
            f"about {worst:.1g} only; its cdf is not smooth, or has a heavy tail.",
            QuadratureWarning,
            stacklevel=3,
        )
    return score


def _core(dist: Any, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Integral between the outermost quantiles, its error, and the edges of its pieces."""
    edges = _cut_at_rises(dist, _edges(dist, y))
    for _ in range(MAX_HALVINGS):
        fine = _integrate(dist, y, edges, FINE)
        gap = np.abs(fine - _integrate(dist, y, edges, COARSE))
        if np.all(gap <= RELATIVE_ERROR * fine):
            break
        middles = 0.5 * (edges[:-1] + edges[1:])
        edges = np.sort(np.concatenate([edges, middles]), axis=0)
    return fine, gap, edges


# -- tails ---------------------------------------------------------------------------


def _both_tails(dist: Any, core: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Integral beyond the outermost edges, and what of it could not be found."""
    middle = np.broadcast_to(dist.ppf(0.5), core.shape)
    total, lost = np.zeros(core.shape), np.zeros(core.shape)
    below, above = np.asarray(dist.cdf(edges[1])), 1.0 - np.asarray(dist.cdf(edges[-2]))
    if np.any(below**2 * (edges[1] - edges[0]) > HEAVY * core):
        total, lost = _tail(dist.cdf, dist.ppf, edges[0], middle, core)
    if np.any(above**2 * (edges[-1] - edges[-2]) > HEAVY * core):
        if all(callable(getattr(dist, name, None)) for name in ("sf", "isf")):
            more = _tail(dist.sf, dist.isf, edges[-1], middle, core)
        else:
            more = np.zeros(core.shape), _unseen_tail(dist, edges[-1])
        total, lost = total + more[0], lost + more[1]
    return total, lost


def _tail(
    probability: Any, quantile: Any, start: Floats, middle: Floats, core: Floats
) -> tuple[Floats, Floats]:
    """Add pieces outwards from `start`, as long as they matter anywhere."""
    total, last, ratio, change = (np.zeros(core.shape) for _ in range(4))
    side = np.sign(start - middle)
    with np.errstate(all="ignore"):
        for level in TAIL:
            end = np.broadcast_to(quantile(level), core.shape)
            on = np.isfinite(end) & (side * (end - start) > 0.0)
            piece = np.where(on, _tail_piece(probability, start, end, middle), 0.0)
            total = total + piece
            new = np.where(last > 0.0, piece / last, 0.0)
            change = np.where(on, np.abs(new - ratio), change)
            ratio, last = np.where(on, new, ratio), np.where(on, piece, last)
            start = np.where(on, end, start)
            if not np.any(on & (piece > DONE * (core + total))):
                break
        matters = last > DONE * (core + total)
        endless = matters & (ratio > NO_SHRINKING)
        rest = np.where(matters, last * ratio / (1.0 - ratio), 0.0)
        # Pieces that shrink ever faster leave less than this, any others who knows.
        lost = np.where(change > STEADY * (1.0 - ratio), rest, 0.0)
        lost = np.where(endless, 0.0, lost)
        return np.where(endless, np.inf, total + rest), lost


def _tail_piece(probability: Any, start: Floats, end: Floats, middle: Floats) -> Floats:
    """Integrate the square of a tail, along the logarithm of the distance: a power law."""
    nodes, weights = FINE
    near, far = start - middle, end - middle
    log_ratio = np.log(far / near)
    distance = near * np.exp(log_ratio * 0.5 * (nodes[:, np.newaxis] + 1.0))
    height = np.asarray(probability(middle + distance))
    return 0.5 * log_ratio * (weights @ (height**2 * np.abs(distance)))


def _unseen_tail(dist: Any, start: Floats) -> Floats:
    """Bound, by the last two pieces that are seen, what lies beyond them."""
    inner, outer = (dist.ppf(1.0 - level) for level in (1e-8, 1e-10))
    with np.errstate(all="ignore"):
        growth = (start - outer) / (outer - inner) * 1e-4  # width times height squared
        rest = (start - outer) * 1e-20 * growth / (1.0 - growth)
        return np.where(growth < 1.0, np.maximum(rest, 0.0), np.inf)


def _edges(dist: Any, y: Floats) -> Floats:
    """Ends of the pieces, sorted, with the observation among them."""
    quantiles = [np.broadcast_to(dist.ppf(level), y.shape) for level in LEVELS]
    return np.sort(np.stack([*quantiles, y]), axis=0)


def _cut_at_rises(dist: Any, edges: Floats) -> Floats:
    """Cut pieces until the nodes of each see how its cdf rises.

    Between two far modes a cdf is flat for long and then rises within a fraction of the
    piece: every rule misses that in the same way, so that no comparison of rules tells.
    """
    for _ in range(MAX_CUTS):
        rise, left, right = _steepest(dist, edges)
        if not np.any(rise):
            break
        cuts = [np.where(rise > 0, end, edges[0]) for end in (left, right)]
        edges = np.sort(np.concatenate([edges, cuts]), axis=0)
    return edges


def _steepest(dist: Any, edges: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the greatest rise that no node sees, and where it lies, for each sample."""
    found, left, right = (np.zeros(edges.shape[1:]) for _ in range(3))
    for low, high in pairwise(edges):
        x = low + (high - low) * PROBES[:, np.newaxis]
        steps = np.diff(np.asarray(dist.cdf(x)), axis=0)
        at = steps.argmax(axis=0)[np.newaxis]
        rise, total = np.take_along_axis(steps, at, 0)[0], steps.sum(axis=0)
        ends = [np.take_along_axis(x, at + k, 0)[0] for k in (0, 1)]
        wide = ends[1] - ends[0] > NEGLIGIBLE_WIDTH * np.abs(ends).max(axis=0)
        unseen = wide & (rise > UNSEEN_RISE * total) & (rise > NEGLIGIBLE_RISE)
        better = unseen & (rise > found)
        found = np.where(better, rise, found)
        left, right = (
            np.where(better, new, old)
            for new, old in zip(ends, (left, right), strict=True)
        )
    return found, left, right


def _integrate(
    dist: Any, y: Floats, edges: Floats, rule: tuple[Floats, Floats]
) -> Floats:
    """Sum a Gauss rule over the pieces of every observation."""
    nodes, weights = rule
    total = np.zeros(y.shape)
    for low, high in pairwise(edges):
        half = 0.5 * (high - low)
        x = low + half * (nodes[:, np.newaxis] + 1.0)
        step = np.where(high <= y, 0.0, 1.0)
        total += half * (weights @ (np.asarray(dist.cdf(x)) - step) ** 2)
    return total


def crps_of_counts(dist: Any, y: Floats) -> Floats:
    """CRPS of counts: the sum of ``(F(k) - 1{k >= y})^2`` over all k that matter.

    Parameters
    ----------
    dist : object
        Discrete distribution on the whole numbers, with ``cdf`` and ``ppf``.
    y : ndarray of shape (n_samples,)
        Observed counts.

    Returns
    -------
    crps : ndarray of shape (n_samples,)
        With an absolute error below 1e-12 of the spread.

    Raises
    ------
    ValueError
        If there are too many counts to sum over, or probability between them.
    """
    low = np.floor(float(min(np.min(dist.ppf(LEVELS[0])), y.min())))
    high = np.ceil(float(max(np.max(dist.ppf(LEVELS[-1])), y.max())))
    if high - low > MAX_COUNTS:
        raise ValueError(
            f"the CRPS of {type(dist).__name__} would sum over {high - low:.3g} counts, "
            f"more than {MAX_COUNTS:,}; use one of our families, which have closed "
            "forms, or score it as a continuous distribution."
        )
    total = np.zeros(y.shape)
    for start in np.arange(low, high + 1.0, COUNT_CHUNK):
        k = np.arange(start, min(start + COUNT_CHUNK, high + 1.0))[:, np.newaxis]
        at_k = np.asarray(dist.cdf(k))
        _refuse_other_lattices(dist, k, at_k)
        total += ((at_k - (k >= y)) ** 2).sum(axis=0)
    return total


NEARLY_ONE = 1.0 - 2.0**-10


def _refuse_other_lattices(dist: Any, k: Floats, at_k: Floats) -> None:
    """Refuse probability between whole numbers, which a sum over counts would move."""
    # Nearly all that lies between has come by then; the last double before the next count
    # is that count for a cdf that subtracts a loc from it.
    before_next = np.asarray(dist.cdf(k + NEARLY_ONE))
    wrong = np.abs(before_next - at_k) > NEGLIGIBLE_RISE
    if wrong.any():
        where = float(k[np.flatnonzero(wrong.any(axis=1))[0], 0])
        raise ValueError(
            f"a distribution of counts must live on whole numbers; {type(dist).__name__} "
            f"has probability between {where:.6g} and {where + 1.0:.6g} "
            f"({int(wrong.any(axis=0).sum())} of {wrong.shape[1]} samples); score draws "
            "of it as an EmpiricalDistribution."
        )
