"""A target gathered batch by batch, in memory that does not grow with it.

While it has few distinct values (`EXACT` of them), each is counted, and the summary is that
of one column. Beyond, three numbers become estimates with a known error: the number of
distinct values, the share of the most frequent one, and the least gap; so do the quartiles,
which come from a sample of the rows.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss.audit.case._target import TargetSummary, gaps_of, on_grid

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Hashes = NDArray[np.uint64]

# Distinct values that are counted one by one: 1 MiB of them.
EXACT = 65_536

# Hashes kept to estimate the number of distinct values: its relative standard error is
# 1 / sqrt(HASHES - 2), 1.6 %.
HASHES = 4_096

# Counters for frequent values: a share is at most 1 / HEAVY too low, 0.006 points of 100.
HEAVY = 16_384

# Rows kept for the quartiles: they are those of a rank that is off by 0.2 % (one standard
# error), 0.25 * 0.75 / SAMPLE under the root.
SAMPLE = 65_536

_STEP, _FIRST, _SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
)


class TargetSketch:
    """One column of a target, of which only a bounded part is kept.

    The least gap is never too small, and right once two nearest values came together.
    """

    def __init__(self) -> None:
        self.n = self.n_finite = 0
        self.dtype = ""
        self.mean = self.squares = 0.0
        self.minimum, self.maximum = math.inf, -math.inf
        self.n_integer = self.n_unit = 0
        self.exact = True
        # Every distinct value and its count; once there are too many, frequent ones.
        self.values: Floats = np.empty(0)
        self.counts: Counts = np.empty(0, dtype=np.int64)
        self.hashes: Hashes = np.empty(0, dtype=np.uint64)
        self.sample_keys: Hashes = np.empty(0, dtype=np.uint64)
        self.sample: Floats = np.empty(0)
        self.gaps: Floats = np.empty(0)

    def update(self, y: NDArray[np.generic]) -> None:
        """Take in a batch.

        Parameters
        ----------
        y : ndarray of shape (n_samples,)
            Numbers without NaN.
        """
        seen = y.dtype if not self.dtype else np.promote_types(self.dtype, y.dtype)
        self.dtype = str(seen)
        column = np.asarray(y, dtype=np.float64).reshape(-1)
        rows = np.arange(self.n, self.n + column.size, dtype=np.uint64)
        self.n += column.size
        finite = np.isfinite(column)
        self._sample(column[finite], rows[finite])
        column = column[finite]
        if column.size:
            self._moments(column)
            self._count(*np.unique(column + 0.0, return_counts=True))

    def summary(self) -> TargetSummary:
        """Return what the rules read."""
        if not self.n_finite:
            return TargetSummary.of(np.full(self.n, np.inf).astype(self.dtype))
        std = math.sqrt(self.squares / self.n_finite)
        if self.exact:
            return TargetSummary.of_counts(
                *(self.values, self.counts),
                n=self.n,
                n_finite=self.n_finite,
                dtype=self.dtype,
                mean=self.mean,
                std=std,
            )
        return self._estimate(std)

    # -- taking in -------------------------------------------------------------------

    def _moments(self, column: Floats) -> None:
        """Merge the moments of a batch into those of all (Chan et al., 1979)."""
        mean, n = float(column.mean()), self.n_finite + column.size
        shift = mean - self.mean
        self.squares += float(((column - mean) ** 2).sum())
        self.squares += shift**2 * self.n_finite * column.size / n
        self.mean += shift * column.size / n
        self.n_finite = n
        self.minimum = min(self.minimum, float(column.min()))
        self.maximum = max(self.maximum, float(column.max()))
        self.n_integer += int(np.count_nonzero(column == np.rint(column)))
        self.n_unit += int(np.count_nonzero((column >= 0) & (column <= 1)))

    def _sample(self, column: Floats, rows: Hashes) -> None:
        """Keep the rows whose numbers have the smallest hashes: a sample of them all."""
        keys = _hash(rows)
        if self.sample.size == SAMPLE:
            new = keys < self.sample_keys.max()
            keys, column = keys[new], column[new]
        keys = np.concatenate([self.sample_keys, keys])
        values = np.concatenate([self.sample, column])
        if keys.size > SAMPLE:
            kept = np.argpartition(keys, SAMPLE - 1)[:SAMPLE]
            keys, values = keys[kept], values[kept]
        self.sample_keys, self.sample = keys, values

    def _count(self, values: Floats, counts: Counts) -> None:
        """Count the values of a batch."""
        batch = values
        values, counts = _merged(self.values, self.counts, values, counts)
        self.exact = self.exact and values.size <= EXACT
        if not self.exact:
            # The first time, `values` are all that ever came; then, those of the batch.
            known = values if not self.hashes.size else batch
            hashes = np.union1d(self.hashes, _hash(known.view(np.uint64)))
            self.hashes = hashes[:HASHES]
            self.gaps = _least_gaps(np.concatenate([self.gaps, np.diff(values)]))
            values, counts = _frequent(values, counts)
        self.values, self.counts = values, counts

    # -- estimates -------------------------------------------------------------------

    def _estimate(self, std: float) -> TargetSummary:
        """Return the summary of a column of which not all was kept."""
        top = int(np.argmax(self.counts)) if self.counts.size else -1
        top_value = float(self.values[top]) if top >= 0 else self.minimum
        top_count = int(self.counts[top]) if top >= 0 else 1
        known = np.unique(np.concatenate([self.sample, self.values]))
        rest = self.sample[self.sample != top_value]
        low, high = np.quantile(rest, [0.25, 0.75], method="inverted_cdf")
        rounding = gaps_of(np.array([self.minimum, self.maximum]), self.dtype)[1]
        gaps = np.concatenate([self.gaps, np.diff(known)])
        gaps = gaps[gaps > rounding] if (gaps > rounding).any() else gaps
        gap = float(gaps.min())
        return TargetSummary(
            n=self.n,
            n_infinite=self.n - self.n_finite,
            dtype=self.dtype,
            mean=self.mean,
            std=std,
            minimum=self.minimum,
            maximum=self.maximum,
            n_distinct=self._n_distinct(),
            values=(),
            top_value=top_value,
            top_share=top_count / self.n_finite,
            beside_share=self._beside_share(known, top_value),
            rest_iqr=float(high - low),
            gap=gap,
            on_grid=on_grid(known, np.array([gap]), rounding),
            integer_share=self.n_integer / self.n_finite,
            unit_share=self.n_unit / self.n_finite,
            n_effective=float(self.n_finite),
            heaviest=1.0 / self.n_finite,
        )

    def _n_distinct(self) -> int:
        """Estimate the distinct values: k of them fill a share of the range of hashes."""
        share = float(self.hashes[-1]) / 2.0**64
        return max(EXACT + 1, round((self.hashes.size - 1) / share))

    def _beside_share(self, known: Floats, top_value: float) -> float:
        """Estimate the share of the more frequent neighbour of the most frequent value."""
        at = int(np.searchsorted(known, top_value))
        near = [known[k] for k in (at - 1, at + 1) if 0 <= k < known.size]
        return max((self._share(value) for value in near), default=0.0)

    def _share(self, value: float) -> float:
        """Share of a value: of the rows in the sample, or by its counter if it has one."""
        counted = int(self.counts[self.values == value].sum()) / self.n_finite
        return max(counted, float(np.mean(self.sample == value)))


def _merged(
    values: Floats, counts: Counts, more: Floats, more_counts: Counts
) -> tuple[Floats, Counts]:
    """Add two tables of counts."""
    both, where = np.unique(np.concatenate([values, more]), return_inverse=True)
    total = np.zeros(both.size, dtype=np.int64)
    np.add.at(total, where, np.concatenate([counts, more_counts]))
    return both, total


def _frequent(values: Floats, counts: Counts) -> tuple[Floats, Counts]:
    """Keep the most frequent values, each less the count of the first that is dropped.

    These are the mergeable counters of Misra and Gries (1982): what is taken off a count
    is taken off `HEAVY` others too, so that no count loses more than n / HEAVY.
    """
    if counts.size <= HEAVY:
        return values, counts
    cut = np.partition(counts, counts.size - HEAVY - 1)[counts.size - HEAVY - 1]
    kept = counts > cut
    return values[kept], counts[kept] - cut


def _least_gaps(gaps: Floats) -> Floats:
    """Keep the least gap of each power of two.

    Which gaps are more than rounding is only known at the end, with the largest value.
    """
    gaps = np.sort(gaps)
    return gaps[np.unique(np.frexp(gaps)[1], return_index=True)[1]]


def _hash(bits: Hashes) -> Hashes:
    """Scatter 64 bits over 64 bits (the finaliser of SplitMix64); products wrap."""
    bits = bits + _STEP
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return np.asarray(bits ^ (bits >> np.uint64(31)), dtype=np.uint64)
