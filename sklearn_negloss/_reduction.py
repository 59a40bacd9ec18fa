"""The one weighted reduction: from per-sample losses to a number, block by block.

Every loss is a kernel, a function from arrays of equal length to an array of
per-sample losses. The kernel never sees more than `BLOCK` samples, so that its
temporaries stay in the cache whatever the size of the data, and no array of the
data's size is ever made (except the one that `reduction="none"` asks for). A kernel may
return several rows of losses, which are then reduced together.

What is reduced need not be an array in memory: anything with the three members of
`Samples` will do, such as the blocks of a memory-mapped file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss._sklearn import usable_threads

Floats = NDArray[np.float64]
Kernel = Callable[..., Floats]

REDUCTIONS = ("mean", "sum", "none")

# 131,072 doubles are 1 MiB. Smaller blocks fit a core's own cache, but the calls of NumPy
# on them are so short that two threads spend their time handing Python's lock to each
# other. Larger ones gain nothing, and a loss with five temporaries would need more than
# 16 MiB on two threads.
BLOCK = 131_072

# Threads cost about 0.1 ms to start; from here on they pay.
MIN_SAMPLES_PER_THREAD = 500_000

# What losses near the largest double are multiplied by before they are added: exact,
# and small enough for any number of them and any weights.
SHRINK = 2.0**-1000


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
    total: Callable[..., Any] | None = None,
) -> float | Floats:
    """Return the mean, the sum or the array of the weighted per-sample losses.

    With weights, "none" returns weight times loss, so that its sum is "sum", and
    "mean" divides that by the sum of the weights. `total` is a faster way to the sum of
    the kernel over a block, where there is one.
    """
    if reduction == "none":
        parts, _ = _each_block(lambda i, j: _single(kernel, samples, i, j), samples)
        return np.concatenate(parts, axis=-1)
    sums, weight = _sums(kernel, samples, total)
    if reduction == "sum":
        return _number(sums.sum(axis=-1))
    # Divided first: the sum over all blocks may overflow where the mean does not.
    mean = (sums / weight).sum(axis=-1)
    if not np.isfinite(mean).all():
        # Even the sum over one block may.
        sums, weight = _sums(lambda *x: SHRINK * kernel(*x), samples)
        mean = np.where(np.isfinite(mean), mean, (sums / weight).sum(axis=-1) / SHRINK)
    return _number(mean)


def _sums(
    kernel: Kernel, samples: Samples, total: Callable[..., Any] | None = None
) -> tuple[Floats, float]:
    """Return the sum of each block, last axis, and the weight of all."""
    if samples.weighted:
        reduce = partial(_weighted_sum, kernel, samples)
    else:
        reduce = partial(_total, total or (lambda *x: kernel(*x).sum(axis=-1)), samples)
    sums, weight = _each_block(reduce, samples)
    # Contiguous along the blocks, so that NumPy adds them pairwise.
    return np.array(sums, order="F").T, weight


def _number(result: Any) -> float | Floats:
    """Return one number as a float, several as an array."""
    return result if result.ndim else float(result)


def _each_block(
    reduce: Callable[[int, int], Part], samples: Samples
) -> tuple[tuple[Any, ...], float]:
    """Reduce every block, side by side where that pays; return all, and their weight."""
    n = samples.n_samples
    todo = deque(range(0, n, BLOCK))
    parts: dict[int, Part] = {}

    def work() -> None:
        # Infinity is a true value of some losses. Each thread has its own errstate.
        with np.errstate(all="ignore"):
            for start in _drain(todo):
                parts[start] = reduce(start, min(start + BLOCK, n))

    if n > BLOCK:
        _side_by_side(work, min(n // MIN_SAMPLES_PER_THREAD, usable_threads()))
    else:
        work()
    losses, weights = zip(*(parts[start] for start in sorted(parts)), strict=True)
    weight = float(sum(weights))
    if samples.weighted and not 1e-200 < weight < 1e200:
        samples.verify()  # which says what is wrong with the weights, if anything is
    return losses, weight


def _side_by_side(work: Callable[[], None], n_threads: int) -> None:
    """Call the same function in several threads, of which this is one.

    If this one slept, the system would often start both of two others on one core, and
    ten million samples are done before it moves one of them.
    """
    if n_threads <= 1:
        return work()
    with ThreadPoolExecutor(n_threads - 1) as pool:
        helpers = [pool.submit(work) for _ in range(n_threads - 1)]
        work()
    for helper in helpers:
        helper.result()  # raises what was raised there
    return None


def _drain(queue: deque[int]) -> Iterator[int]:
    """Yield what is left in a queue that several threads empty."""
    with suppress(IndexError):
        while True:
            yield queue.popleft()


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
        return Part(losses, float(stop - start))
    # A sample of weight 0 does not count, not even when its loss is infinite.
    return Part(np.where(weights == 0, 0.0, weights * losses), float(weights.sum()))


def _weighted_sum(kernel: Kernel, samples: Samples, start: int, stop: int) -> Part:
    """Return the sum of the weighted losses of a block."""
    losses, weight = _single(kernel, samples, start, stop)
    return Part(losses.sum(axis=-1), weight)


def _total(total: Callable[..., Any], samples: Samples, start: int, stop: int) -> Part:
    """Return the sum of the losses of a block, without the single ones."""
    loss = total(*samples.block(start, stop))
    if not np.isfinite(loss).all():
        samples.verify()
    return Part(loss, float(stop - start))
