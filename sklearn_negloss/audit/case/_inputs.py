"""The door of the audit: what it reads, and the little that it refuses.

A loss refuses a label of 255, a negative weight or a minus infinity; here these are what
we look for. Refused is only what has no reading: text where a number is meant, NaN,
lengths that differ.
"""

from __future__ import annotations

import contextlib
import reprlib
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
    array = unboxed(name, array)
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
    if wrong.any() and array.ndim == 0:
        raise ValueError(
            f"{name} must not be {word}; got {float(array)}; check how it was computed."
        )
    if wrong.any():
        raise ValueError(
            f"{name} must not be {word}; got {int(wrong.sum())} of {array.size} values, "
            f"the first at index {int(np.flatnonzero(wrong)[0])}; {REMEDY}."
        )


def unboxed(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Return numbers that came as objects as floats; text and other arrays as they are.

    Parameters
    ----------
    name : str
        What to call the array.
    array : ndarray
        Its values.

    Returns
    -------
    array : ndarray
        Of numbers or text.

    Raises
    ------
    TypeError
        If an object is neither, or numbers and text are mixed.
    """
    if array.dtype.kind not in "OV":
        return array
    text = sum(isinstance(value, str | bytes) for value in array.flat)
    if text == array.size:
        return array
    if text:
        raise TypeError(
            f"{name} must hold numbers, or text for classes, not both; got {text} of "
            f"{array.size} values as text; convert all of them to one kind."
        )
    if array.dtype.kind == "O":
        with contextlib.suppress(TypeError, ValueError):
            return array.astype(np.float64)
    raise TypeError(
        f"{name} must hold numbers, or text for classes; got {array.size} values "
        f"such as {reprlib.repr(_no_number(array))}; convert them to float."
    )


def _no_number(array: NDArray[Any]) -> Any:
    """Return the first value that is no number."""
    for value in array.flat:
        try:
            float(value)
        except (TypeError, ValueError):
            return value
    return array.flat[0]


def is_text(array: NDArray[Any]) -> bool:
    """Whether an array holds labels that are no numbers."""
    if array.dtype.kind in "UST":
        return True
    boxed = array.dtype.kind == "O"
    return boxed and any(isinstance(v, str | bytes) for v in array.flat)


def check_per_sample(name: str, array: Any) -> None:
    """Refuse one number where each sample has its own."""
    if array is not None and array.ndim == 0:
        raise ValueError(
            f"{name} must have one value for each sample; got {array.item()!r}; give an "
            "array."
        )


def check_one_column(name: str, array: Any) -> None:
    """Refuse a table where a sample has one value."""
    if array is not None and array.ndim == 2 and array.shape[1] != 1:
        raise ValueError(
            f"{name} must have one column for each of the target; got shape "
            f"{array.shape}; give one value for each sample."
        )


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
