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

# Between these quantiles a cdf is smooth enough for one Gauss rule a piece. Beyond the
# outermost, what is left of the integral is about 1e-12 of the spread.
LEVELS = np.array(
    [1e-12, 1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.15, 0.3, 0.5]
)
LEVELS = np.concatenate([LEVELS, 1.0 - LEVELS[-2::-1]])

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
        With a relative error of at most 1e-8.

    Warns
    -----
    QuadratureWarning
        If two Gauss rules still differ by more than that, as for a cdf with jumps.
    """
    edges = _cut_at_rises(dist, _edges(dist, y))
    for _ in range(MAX_HALVINGS):
        fine = _integrate(dist, y, edges, FINE)
        gap = np.abs(fine - _integrate(dist, y, edges, COARSE))
        if np.all(gap <= RELATIVE_ERROR * fine):
            return fine
        middles = 0.5 * (edges[:-1] + edges[1:])
        edges = np.sort(np.concatenate([edges, middles]), axis=0)
    worst = float(np.max(gap / np.maximum(fine, np.finfo(float).tiny)))
    warnings.warn(
        f"the CRPS of {type(dist).__name__} was integrated to a relative error of about "
        f"{worst:.1g} only; its cdf is not smooth.",
        QuadratureWarning,
        stacklevel=3,
    )
    return fine


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


def _refuse_other_lattices(dist: Any, k: Floats, at_k: Floats) -> None:
    """Refuse probability between whole numbers, which a sum over counts would move."""
    # The last double before the next count: all that lies between has come by then.
    before_next = np.asarray(dist.cdf(np.nextafter(k + 1.0, k)))
    wrong = np.abs(before_next - at_k) > NEGLIGIBLE_RISE
    if wrong.any():
        where = float(k[np.flatnonzero(wrong.any(axis=1))[0], 0])
        raise ValueError(
            f"a distribution of counts must live on whole numbers; {type(dist).__name__} "
            f"has probability between {where:.6g} and {where + 1.0:.6g} "
            f"({int(wrong.any(axis=0).sum())} of {wrong.shape[1]} samples); score draws "
            "of it as an EmpiricalDistribution."
        )
