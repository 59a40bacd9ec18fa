"""What is computed row by row: one row of sorted numbers for each sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from sklearn_negloss.distributions._base import Floats

BLOCK = 65_536  # numbers per block: half a MiB, which fits into the cache of a core


def ensemble_crps(rows: Floats, y: Floats, weights: Floats) -> Floats:
    """Return mean |x - y| minus the weighted sum of the sorted members.

    The weights sum to 0, so members relative to y serve both terms, and a large common
    offset cancels before anything is added up.
    """
    difference = rows - y[:, None]
    spread = difference @ weights
    np.abs(difference, out=difference)
    m = rows.shape[1]
    return difference @ np.full(m, 1.0 / m) - spread


def grid_crps(rows: Floats, y: Floats, levels: Floats) -> Floats:
    """Integrate (F - 1{x >= y})^2, where F is straight on every segment.

    The integral of a squared straight line from a to b over a width w is
    w (a^2 + a b + b^2) / 3; the segment that holds y is cut there. Every term is
    positive: nothing cancels.
    """
    a, b = levels[:-1], levels[1:]
    y = y[:, None]
    width = np.diff(rows, axis=1)
    before = np.clip(y - rows[:, :-1], 0.0, width)
    share = np.divide(before, width, out=np.zeros_like(width), where=width > 0.0)
    at_y = a + share * (b - a)
    upper, rest = 1.0 - at_y, 1.0 - b
    squares = before * (a * a + a * at_y + at_y * at_y)
    squares += (width - before) * (upper * upper + upper * rest + rest * rest)
    outside = np.maximum(rows[:, :1] - y, 0.0) + np.maximum(y - rows[:, -1:], 0.0)
    return squares.sum(axis=1) / 3.0 + outside[:, 0]


def by_blocks(kernel: Any, rows: Floats, y: Floats, extra: Floats) -> Floats:
    """Apply a kernel to a few rows at a time, for every leading dimension of `y`."""
    shape = np.broadcast_shapes(y.shape, rows.shape[:-1])
    y = np.broadcast_to(y, shape)
    out = np.empty(shape)
    flat_rows = rows.reshape(-1, rows.shape[-1])
    n = flat_rows.shape[0]
    table, result = y.reshape(-1, n), out.reshape(-1, n)  # `out` is contiguous: a view
    size = max(1, BLOCK // rows.shape[-1])
    for start in range(0, n, size):
        block = slice(start, start + size)
        for line, target in zip(table, result, strict=True):
            target[block] = kernel(flat_rows[block], line[block], extra)
    return out


def count_at_most(rows: Floats, x: Floats) -> Any:
    """Count the members of each sorted row that do not exceed `x`, by bisection."""
    m = rows.shape[-1]
    shape = np.broadcast_shapes(x.shape, rows.shape[:-1])
    x = np.broadcast_to(x, shape)
    count = np.zeros(shape, dtype=np.intp)
    step = 1 << (m.bit_length() - 1)
    while step:
        candidate = count + step
        member = take(rows, np.minimum(candidate, m) - 1)
        count = np.where((candidate <= m) & (member <= x), candidate, count)
        step >>= 1
    return count


def take(rows: Floats, index: Any) -> Floats:
    """Return `rows[i, index[..., i]]`: one member of each row."""
    if rows.ndim == 1:
        return np.asarray(rows[index])
    return np.asarray(rows[np.arange(rows.shape[0]), index])
