"""The one weighted reduction: from per-sample losses to a number, block by block.

Every loss is a kernel, a function from arrays of equal length to an array of
per-sample losses. The kernel never sees more than `BLOCK` samples, so that its
temporaries stay in the cache whatever the size of the data, and no array of the
data's size is ever made (except the one that `reduction="none"` asks for).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kernel = Callable[..., Floats]

REDUCTIONS = ("mean", "sum", "none")

# 16,384 doubles are 128 KiB: a kernel's inputs and temporaries fit a core's cache,
# and a block still takes long enough to hide what a call of NumPy costs.
BLOCK = 16_384


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


def reduce_samples(
    kernel: Kernel, samples: Samples, reduction: str = "mean"
) -> float | Floats:
    """Return the mean, the sum or the array of the weighted per-sample losses.

    With weights, "none" returns weight times loss, so that its sum is "sum", and
    "mean" divides that by the sum of the weights.
    """
    # One entry into errstate for all blocks: infinity is a true value of some losses.
    with np.errstate(all="ignore"):
        if reduction == "none":
            parts = list(_weighted_blocks(kernel, samples))
            _check_total_weight(samples, sum(weight for _, weight in parts))
            return np.concatenate([losses for losses, _ in parts])
        sums = np.array(
            [
                (losses.sum(), weight)
                for losses, weight in _weighted_blocks(kernel, samples)
            ]
        )
        total, weight = sums.sum(axis=0).tolist()
    _check_total_weight(samples, weight)
    return total / weight if reduction == "mean" else total


def _weighted_blocks(
    kernel: Kernel, samples: Samples
) -> Iterator[tuple[Floats, float]]:
    """Yield the weighted losses and the total weight of each block."""
    n = samples.n_samples
    for start in range(0, n, BLOCK):
        arrays = samples.block(start, min(start + BLOCK, n))
        weights = arrays.pop() if samples.weighted else None
        losses = kernel(*arrays)
        if not np.isfinite(losses.sum()):
            # Either an input is not finite, which is refused here, or the loss is
            # truly infinite (a probability of 0 for what happened).
            samples.verify()
        if weights is None:
            yield losses, float(len(losses))
        else:
            # A sample of weight 0 does not count, not even when its loss is infinite.
            yield np.where(weights == 0, 0.0, weights * losses), float(weights.sum())


def _check_total_weight(samples: Samples, weight: float) -> None:
    """Let the samples say what is wrong with weights that sum to nothing."""
    if weight == 0 or not np.isfinite(weight):
        samples.verify()
