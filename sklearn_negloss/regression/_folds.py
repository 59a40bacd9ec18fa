"""Which rows each model leaves out."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, RepeatedKFold, check_cv

from sklearn_negloss.regression._calibration import Floats

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]

# Up to so many rows one row counts among its neighbours: see `leave_pairs_out`.
FEW_ROWS = 750
MANY_ROWS = 20_000
# Each mean then sees three quarters of the rows, and there are 28 of them.
N_BLOCKS = 8


class Design(NamedTuple):
    """The folds of the mean, and those of the variance.

    ``pairs`` is None where both are the same folds. Else the variance has one fold
    for each block of rows, and the mean one for each pair of blocks, named by it.
    """

    mean: list[Fold]
    variance: list[Fold]
    pairs: list[tuple[int, int]] | None


def make_design(
    cv: Any, X: Any, y: Floats, params: dict[str, Any], seed: int, *, averaged: bool
) -> Design:
    """Return the folds: an int is a number of shuffled ones, None depends on n.

    ``averaged`` tells that the fold models of the mean are what is kept of it. A mean
    that is refitted on all rows would be far better than any on three quarters.
    """
    if cv is None and averaged and 2 * N_BLOCKS <= len(y) <= FEW_ROWS:
        return leave_pairs_out(len(y), seed)
    if cv is None:
        cv = _default_cv(len(y), seed)
    elif isinstance(cv, numbers.Integral):
        cv = KFold(min(int(cv), len(y)), shuffle=True, random_state=seed)
    folds = check_folds(check_cv(cv).split(X, y, **params), len(y))
    return Design(folds, folds, None)


def _default_cv(n_samples: int, seed: int) -> KFold | RepeatedKFold:
    """Return the splitter for so many rows: the fewer, the more and larger folds."""
    if n_samples <= FEW_ROWS:
        folds = min(10, n_samples)
        return RepeatedKFold(n_splits=folds, n_repeats=2, random_state=seed)
    folds = 5 if n_samples <= MANY_ROWS else 3
    return KFold(folds, shuffle=True, random_state=seed)


def leave_pairs_out(n_samples: int, seed: int) -> Design:
    """Leave out one block of rows for the variance, and with it another for the mean.

    An out-of-fold variance of row i is honest only if it learnt from residuals whose
    means had not seen i either. With one set of folds they have: the neighbours of i
    are predicted with its help, their residuals are small, and so is the variance of
    i, the more so the worse i itself is predicted. With few rows, calibration then
    widens all intervals by a tenth and more. A mean for each pair of blocks leaves
    residuals of every other block that have not seen this one.
    """
    splitter = KFold(N_BLOCKS, shuffle=True, random_state=seed)
    blocks = list(splitter.split(np.zeros(n_samples)))
    pairs = list(combinations(range(N_BLOCKS), 2))
    tests = [np.union1d(blocks[i][1], blocks[j][1]) for i, j in pairs]
    everything = np.arange(n_samples)
    folds = [(np.setdiff1d(everything, test), test) for test in tests]
    return Design(folds, blocks, pairs)


def honest_squares(
    predicted: list[Floats], t: Floats, least: float, r2: Floats, design: Design
) -> list[Floats]:
    """Return the squared residuals that each fold of the variance may learn from.

    ``predicted`` is what each fold of the mean predicts for its test rows; ``r2`` are
    the squares of its average, which is all there is where both have the same folds.
    """
    if design.pairs is None:
        return [r2] * len(design.variance)
    targets = [r2.copy() for _ in design.variance]
    for pair, (_, test), m in zip(design.pairs, design.mean, predicted, strict=True):
        square = r2.copy()
        square[test] = np.maximum((t[test] - m) ** 2, least)
        for i, j in (pair, pair[::-1]):
            rows = design.variance[j][1]
            targets[i][rows] = square[rows]
    return targets


def share_gained_by_all(design: Design) -> float:
    """Return the part of the variance among a row's models that all models average out.

    With r independent models of a row, out of k, it is 1/r - 1/k. Means of pairs of
    blocks are not independent: those of a row all lack its block. On new rows of the
    data sets of ``benchmarks/uci.py`` and of simulations it was 0.26 to 0.38.
    """
    if design.pairs is not None:
        return 1 / 3
    k = len(design.mean)
    tests = sum(len(test) for _, test in design.mean)
    r = tests / np.unique(np.concatenate([test for _, test in design.mean])).size
    return 1 / r - 1 / k if r >= 2 else 0.0


def check_folds(folds: Iterable[Any], n_samples: int) -> list[Fold]:
    """Return the folds as index arrays, or refuse those that leave a row untested."""
    checked = [(_as_indices(a, n_samples), _as_indices(b, n_samples)) for a, b in folds]
    if not checked:
        raise ValueError(
            "cv must give at least one fold. Got none; a generator gives its folds only "
            "once, so pass a list of them."
        )
    tested = np.zeros(n_samples, dtype=bool)
    for _, test in checked:
        tested[test] = True
    if not tested.all():
        missing = n_samples - int(tested.sum())
        raise ValueError(
            "Every row must be in at least one test fold of cv, because sigma is "
            f"learnt from out-of-fold residuals. Got {missing} of {n_samples} rows in "
            "none; use KFold, GroupKFold or RepeatedKFold."
        )
    return checked


def _as_indices(rows: Any, n_samples: int) -> NDArray[np.intp]:
    rows = np.asarray(rows)
    got = f"a mask of {rows.size} rows"
    if rows.dtype == bool and rows.size == n_samples:
        return np.flatnonzero(rows)
    if rows.dtype != bool:
        rows = rows.astype(np.intp)
        outside = rows[(rows < -n_samples) | (rows >= n_samples)]
        if not outside.size:
            return rows
        got = f"row {outside[0]}"
    raise ValueError(
        f"The folds of cv must be made of the {n_samples} rows that are fitted. Got "
        f"{got}; make them anew, or pass a splitter such as KFold."
    )


def check_fold_weights(design: Design, weight: Floats) -> None:
    """Refuse folds that leave nothing to learn from."""
    for train, _ in [*design.mean, *design.variance]:
        if not weight[train].any():
            raise ValueError(
                "Each training fold of cv needs a row of positive sample_weight. Got "
                f"{np.count_nonzero(weight)} positive of {len(weight)} rows, and a fold "
                "without; drop the rows of zero weight before the folds are made."
            )
