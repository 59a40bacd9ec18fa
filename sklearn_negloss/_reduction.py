"""The one weighted reduction: from per-sample losses to a number, block by block.

Every loss is a kernel, a function from arrays of equal length to an array of
per-sample losses. The kernel never sees more than `BLOCK` samples, so that its
temporaries stay in the cache whatever the size of the data, and no array of the
data's size is ever made (except the one that `reduction="none"` asks for).

What is reduced need not be an array in memory: anything with the three members of
`Samples` will do, such as the blocks of a memory-mapped file.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss._sklearn import usable_threads

Floats = NDArray[np.float64]
Kernel = Callable[..., Floats]

REDUCTIONS = ("mean", "sum", "none")

# 131,072 doubles are 1 MiB. Smaller blocks fit a core's own cache, but the calls of NumPy
# on them are so short that two threads spend their time handing Python's lock to each
# other: the Gaussian loss on two threads then costs 4.0 readings of its arrays, and 2.0
# with these. Larger ones gain nothing, and a loss with five temporaries would need more
# than 16 MiB on two threads.
BLOCK = 131_072

# Threads cost about 0.1 ms to start; from here on they pay.
MIN_SAMPLES_PER_THREAD = 500_000


class Samples(Protocol):
    """What can be reduced: checked arrays, the last one the weights if `weighted`."""

    weighted: bool

    @property
    def n_samples(self) -> int:
        """Number of samples."""

    def block(self, start: int, stop: int) -> list[Floats]:
        """Return samples `start` to `stop` of every array as float64."""

    def verify(self) -> None:
        """Raise if any value is not what its argument allows."""


class Part(NamedTuple):
    """A block reduced: its losses (or their sum), and its weight."""

    losses: Any
    weight: float


def reduce_samples(
    kernel: Kernel,
    samples: Samples,
    reduction: str = "mean",
    total: Callable[..., float] | None = None,
) -> float | Floats:
    """Return the mean, the sum or the array of the weighted per-sample losses.

    With weights, "none" returns weight times loss, so that its sum is "sum", and
    "mean" divides that by the sum of the weights. `total` is a faster way to the sum of
    the kernel over a block, where there is one.
    """
    if reduction == "none":
        parts = _each_block(lambda i, j: _single(kernel, samples, i, j), samples)
    elif samples.weighted or total is None:
        parts = _each_block(lambda i, j: _summed(kernel, samples, i, j), samples)
    else:
        parts = _each_block(lambda i, j: _total(total, samples, i, j), samples)
    weight = float(sum(part.weight for part in parts))
    if samples.weighted and not 1e-200 < weight < 1e200:
        samples.verify()  # which says what is wrong with the weights, if anything is
    if reduction == "none":
        return np.concatenate([part.losses for part in parts])
    sums = np.array([part.losses for part in parts])
    # Divided first: the sum over all blocks may overflow where the mean does not.
    return float(np.sum(sums / weight if reduction == "mean" else sums))


def _each_block(reduce: Callable[[int, int], Part], samples: Samples) -> list[Part]:
    """Reduce every block, side by side where that pays; the order is kept."""
    n = samples.n_samples
    starts = range(0, n, BLOCK)

    def run(some: range) -> list[Part]:
        # Infinity is a true value of some losses. Each thread has its own errstate.
        with np.errstate(all="ignore"):
            return [reduce(i, min(i + BLOCK, n)) for i in some]

    n_threads = min(n // MIN_SAMPLES_PER_THREAD, usable_threads()) if n > BLOCK else 1
    if n_threads <= 1:
        return run(starts)
    size = -(-len(starts) // n_threads)
    shares = [starts[k : k + size] for k in range(0, len(starts), size)]
    with ThreadPoolExecutor(n_threads) as pool:
        return [part for parts in pool.map(run, shares) for part in parts]


def _single(kernel: Kernel, samples: Samples, start: int, stop: int) -> Part:
    """Return the weighted losses of a block."""
    arrays = samples.block(start, stop)
    weights = arrays.pop() if samples.weighted else None
    losses = kernel(*arrays)
    if not np.isfinite(losses.sum()):
        # Either an input is not finite, which is refused here, or the loss is truly
        # infinite (a probability of 0 for what happened).
        samples.verify()
    if weights is None:
        return Part(losses, float(len(losses)))
    # A sample of weight 0 does not count, not even when its loss is infinite.
    return Part(np.where(weights == 0, 0.0, weights * losses), float(weights.sum()))


def _summed(kernel: Kernel, samples: Samples, start: int, stop: int) -> Part:
    """Return the sum of the weighted losses of a block."""
    losses, weight = _single(kernel, samples, start, stop)
    return Part(losses.sum(), weight)


def _total(
    total: Callable[..., float], samples: Samples, start: int, stop: int
) -> Part:
    """Return the sum of the losses of a block, without the single ones."""
    loss = total(*samples.block(start, stop))
    if not np.isfinite(loss):
        samples.verify()
    return Part(loss, float(stop - start))
