"""The door of the audit: what it reads, and the little that it refuses.

A loss refuses a label of 255, a negative weight or a minus infinity; here these are what
we look for. Refused is only what has no reading: text where a number is meant, NaN,
lengths that differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss._validation import MISSING_REMEDY, Argument, as_array, as_numeric

Floats = NDArray[np.float64]

REMEDY = MISSING_REMEDY.replace("scoring", "the audit")


def read_array(name: str, value: Any, max_ndim: int = 2) -> NDArray[Any] | None:
    """Return `value` as an array, its dtype kept, or None if it was not given."""
    if value is None:
        return None
    array = as_array(value, name)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty; got 0 samples; give at least one.")
    if array.ndim > max_ndim:
        raise ValueError(
            f"{name} must have at most {max_ndim} dimensions; got shape {array.shape}; "
            "give one row for each sample."
        )
    return array


def read_numbers(name: str, value: Any, *, infinite: bool = False) -> Any:
    """Return numbers of any real dtype; NaN is refused, infinity unless `infinite`."""
    array = read_array(name, value)
    if array is None:
        return None
    as_numeric(array, Argument(name, boolean=True))
    if array.dtype.kind == "f":
        _refuse(name, array, np.isnan(array), "NaN")
        if not infinite:
            _refuse(name, array, np.isinf(array), "infinite")
    return array


def _refuse(
    name: str, array: NDArray[Any], wrong: NDArray[np.bool_], word: str
) -> None:
    """Refuse values that have no reading."""
    if wrong.any():
        raise ValueError(
            f"{name} must not be {word}; got {int(wrong.sum())} of {array.size} values, "
            f"the first at index {int(np.flatnonzero(wrong)[0])}; {REMEDY}."
        )


def is_text(array: NDArray[Any]) -> bool:
    """Whether an array holds labels that are no numbers."""
    if array.dtype.kind in "UST":
        return True
    return array.dtype.kind == "O" and any(isinstance(v, str) for v in array.flat)


def as_column(array: NDArray[Any]) -> Floats:
    """Return an array of one value a sample as a flat float64 column."""
    return np.asarray(array, dtype=np.float64).reshape(-1)


def check_lengths(arrays: dict[str, Any], reference: str) -> None:
    """Refuse arrays whose number of samples differs from that of the reference."""
    if arrays.get(reference) is None:
        return
    n = len(arrays[reference])
    for name, array in arrays.items():
        if array is not None and np.ndim(array) and len(array) != n:
            reference = reference.replace("labels", "true")
            raise ValueError(
                f"{name} must have as many samples as {reference}; got {len(array)} and "
                f"{n}; give one row for each sample."
            )
