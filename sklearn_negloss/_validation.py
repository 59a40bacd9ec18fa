"""Every input check of the losses, and its wording.

A public function describes its inputs with `Argument` objects (a name and the
domain of its values), hands them to `Checked` once, and trusts what comes out.

Structure (dtype, shape, emptiness) is checked at once, because it costs nothing.
Values are checked where they are read: every block of a bounded domain is held
against its bounds while it is in the cache, and a result that is not finite
sends us back for a full look at the inputs. A loss of non-finite inputs is never
finite (a test holds every loss to it), so nothing slips through, and no array is
read twice when all is well.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Domain:
    """The values that an argument may take: an interval, and how to say it."""

    words: str
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    finite: bool = True

    @property
    def bounded(self) -> bool:
        """Whether there is anything to check beyond being finite."""
        return self.low > -math.inf or self.high < math.inf

    def holds(self, values: Floats) -> bool:
        """Whether all values lie inside; NaN does not."""
        low = np.minimum.reduce(values, None)
        above = low > self.low if self.low_open else low >= self.low
        if self.high == math.inf and not self.high_open:
            return bool(above)  # nothing to see above, and half of the reading saved
        high = np.maximum.reduce(values, None)
        below = high < self.high if self.high_open else high <= self.high
        return bool(above and below)

    def outside(self, values: Floats) -> NDArray[np.bool_]:
        """Mask of the values that lie outside."""
        above = values > self.low if self.low_open else values >= self.low
        below = values < self.high if self.high_open else values <= self.high
        return ~(above & below)


REAL = Domain("finite")
POSITIVE = Domain("strictly positive", low=0.0, low_open=True)
NON_NEGATIVE = Domain("non-negative", low=0.0)
UNIT = Domain("in [0, 1]", low=0.0, high=1.0)
OPEN_UNIT = Domain("in (0, 1)", low=0.0, high=1.0, low_open=True, high_open=True)

# A total weight below this has lost digits, or will make weight times loss lose them.
TINY_WEIGHT = 1e-290

MISSING_REMEDY = "drop or impute these samples before scoring"


@dataclass(frozen=True)
class Argument:
    """An array argument of a public function, as its error messages describe it."""

    name: str
    domain: Domain = REAL
    remedy: str = "check how it was computed"
    scalar: bool = False  # one number for all samples is unambiguous
    boolean: bool = False  # True and False read as 1 and 0
    per_sample: bool = False  # one value a sample, also when there are several outputs


Y_TRUE = Argument("y_true", boolean=True)
Y_PRED = Argument("y_pred")
MU = Argument("mu", scalar=True)
SIGMA = Argument(
    "sigma",
    POSITIVE,
    "a standard deviation is needed: take the square root of a variance, the "
    "exponential of a logarithm, and put a floor under a sigma that collapsed",
    scalar=True,
)
SAMPLE_WEIGHT = Argument(
    "sample_weight",
    NON_NEGATIVE,
    "a weight says how often a sample counts; drop a sample by weight 0",
    boolean=True,
    per_sample=True,
)


def as_numeric(value: ArrayLike, argument: Argument) -> NDArray[Any]:
    """Return `value` as an array of real numbers, refusing every other kind."""
    array = as_array(value, argument.name)
    kinds = "fiub" if argument.boolean else "fiu"
    if array.dtype.kind not in kinds:
        raise TypeError(
            f"{argument.name} must hold real numbers; got {array.size} values of "
            f"dtype {array.dtype}{_kind_remedy(array, argument.name)}."
        )
    return array


def _kind_remedy(array: NDArray[Any], name: str) -> str:
    """Say what is missing, and what to do about an array of the wrong kind."""
    kind, text = array.dtype.kind, array.dtype.kind in "UST"
    if kind == "O":
        missing = sum(_is_missing(value) for value in array.flat)
        if missing:
            return (
                f", of which {missing} missing; {MISSING_REMEDY}, then convert to float"
            )
        text = any(isinstance(value, str | bytes) for value in array.flat)
    return "; " + _conversion(kind, text and name == "y_true")


def _is_missing(value: Any) -> bool:
    """Whether an object stands for a missing number: None, NaN, pandas' NA and NaT."""
    nan = isinstance(value, float) and math.isnan(value)
    return value is None or nan or type(value).__name__ in ("NAType", "NaTType")


def _conversion(kind: str, labels: bool) -> str:
    """Say how numbers come of it."""
    if labels:
        return (
            "convert text to numbers first, or pass pos_label (or labels) to a loss "
            "that takes class labels"
        )
    return "convert it to float first" + (
        " (a complex loss has no sign)" if kind == "c" else ""
    )


def as_array(value: Any, name: str) -> NDArray[Any]:
    """Return any array-like as an array, losing neither masks nor missing values."""
    if type(value) is np.ndarray:
        return value
    if np.ma.is_masked(value):
        count = int(np.count_nonzero(np.ma.getmaskarray(value)))
        raise ValueError(
            f"{name} must not have masked values; got {count} masked of "
            f"{np.size(value)}; {MISSING_REMEDY}."
        )
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name} must be a rectangular array; got rows of different lengths; pass "
            "one number (or one row of equal length) for each sample."
        ) from None
    if array.dtype.kind == "O" and _has_numeric_extension_dtype(value):
        # pandas' nullable columns become objects; their missing values become NaN,
        # which the check for finite values then reports.
        array = value.to_numpy(dtype=np.float64, na_value=np.nan)
    return array


def _has_numeric_extension_dtype(value: Any) -> bool:
    """Whether `value` is a column, or a frame, of pandas' nullable numeric dtypes."""
    if not hasattr(value, "to_numpy"):
        return False
    dtypes = (
        list(getattr(value, "dtypes", [])) if np.ndim(value) == 2 else [value.dtype]
    )
    return bool(dtypes) and all(
        getattr(dtype, "_is_numeric", getattr(dtype, "kind", "O") in "fiub")
        for dtype in dtypes
    )


def value_error(argument: Argument, values: NDArray[Any]) -> ValueError | None:
    """Return the error about the values that `argument` cannot take, if there are any."""
    values = np.asarray(values, dtype=np.float64)
    wrong, constraint, remedy = ~np.isfinite(values), "finite", MISSING_REMEDY
    if not wrong.any() or not argument.domain.finite:
        wrong = argument.domain.outside(values)
        constraint, remedy = argument.domain.words, argument.remedy
    if not wrong.any():
        return None
    return ValueError(
        f"{argument.name} must be {constraint}; got {_first(values, wrong)} "
        f"({int(wrong.sum())} of {values.size} values); {remedy}."
    )


def checked(value: ArrayLike, argument: Argument) -> Floats:
    """Return `value` as float64 after holding every value against its domain."""
    array = as_numeric(value, argument).astype(np.float64)
    error = value_error(argument, array)
    if error is not None:
        raise error
    return array


def _first(values: Floats, wrong: NDArray[np.bool_]) -> str:
    """Show the first offender and where it stands."""
    where = np.unravel_index(np.flatnonzero(wrong)[0], values.shape)
    place = int(where[0]) if len(where) == 1 else tuple(int(i) for i in where)
    value = f"{values[where]:.6g}"
    return value if values.ndim == 0 else f"{value} at index {place}"


def check_number(name: str, value: Any, domain: Domain, remedy: str = "") -> float:
    """Return a scalar option as a float inside its domain."""
    remedy = f"; {remedy}." if remedy else "."
    no_number = TypeError(
        f"{name} must be a number {domain.words}; got {value!r}{remedy}"
    )
    if isinstance(value, bool | np.bool_ | str) or not np.isscalar(value):
        raise no_number
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise no_number from None
    if not math.isfinite(number) or not domain.holds(np.array(number)):
        raise ValueError(f"{name} must be {domain.words}; got {value!r}{remedy}")
    return number


def check_share(name: str, value: Any) -> float:
    """Return a probability strictly between 0 and 1, such as a coverage."""
    return check_number(name, value, OPEN_UNIT, "give a share, such as 0.9 for 90 %")


def check_option(name: str, value: Any, options: Sequence[str]) -> str:
    """Return a word that is one of `options`."""
    if not isinstance(value, str) or value not in options:
        known = ", ".join(repr(option) for option in options)
        raise ValueError(f"{name} must be one of {known}; got {value!r}.")
    return value


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return a question with the nearest known name, or nothing if none is near."""
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f"did you mean {near[0]!r}? " if near else ""


@dataclass
class Checked:
    """Arrays of one shape, whose values are checked as they are read.

    The first array sets the shape. `sample_weight`, if given, is the last array and
    has one value for each sample.
    """

    arguments: tuple[Argument, ...]
    arrays: list[NDArray[Any]] = field(default_factory=list)
    weighted: bool = False

    @classmethod
    def of(
        cls,
        arguments: Sequence[Argument],
        values: Sequence[ArrayLike],
        sample_weight: ArrayLike | None = None,
        max_ndim: int = 1,
    ) -> Checked:
        """Check kinds and shapes; values are left to `block` and `verify`."""
        weighted = sample_weight is not None
        if sample_weight is not None:
            arguments, values = [*arguments, SAMPLE_WEIGHT], [*values, sample_weight]
        checked = cls(tuple(arguments), weighted=weighted)
        for argument, value in zip(arguments, values, strict=True):
            checked._add(argument, as_numeric(value, argument), max_ndim)
        return checked

    def _add(self, argument: Argument, array: NDArray[Any], max_ndim: int) -> None:
        """Append an array after holding its shape against the first one's."""
        if not self.arrays:
            _check_first_shape(argument.name, array, max_ndim)
        elif array.ndim == 0 and argument.scalar:
            array = np.broadcast_to(array, self.shape)
        elif array.shape != (self.shape[:1] if argument.per_sample else self.shape):
            raise shape_error(self.arguments[0].name, self.shape, argument, array)
        self.arrays.append(array)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the first array."""
        return self.arrays[0].shape

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.arrays[0].shape[0]

    def output(self, j: int) -> Checked:
        """Return the j-th output of two-dimensional arrays as one of its own."""
        arrays = [a[:, j] if a.ndim == 2 else a for a in self.arrays]
        return Checked(self.arguments, arrays, self.weighted)

    def replaced(self, argument: Argument, array: NDArray[Any]) -> Checked:
        """Return another array over the same samples, with the same weights."""
        if not self.weighted:
            return Checked((argument,), [array])
        return Checked(
            (argument, SAMPLE_WEIGHT), [array, self.arrays[-1]], weighted=True
        )

    def block(self, start: int, stop: int) -> list[Floats]:
        """Return samples `start` to `stop` as float64, checked against bounded domains."""
        blocks = []
        for argument, array in zip(self.arguments, self.arrays, strict=True):
            part = np.asarray(array[start:stop], dtype=np.float64)
            if argument.domain.bounded and not argument.domain.holds(part):
                self.verify()
            blocks.append(part)
        return blocks

    def verify(self) -> None:
        """Look at every value; raise the first error, if there is one."""
        for argument, array in zip(self.arguments, self.arrays, strict=True):
            error = value_error(argument, array)
            if error is not None:
                raise error
        if self.weighted:
            self._verify_total_weight()

    def _verify_total_weight(self) -> None:
        """Refuse weights that cannot be divided by."""
        weights = np.asarray(self.arrays[-1], dtype=np.float64)
        if not weights.any():
            raise ValueError(
                "sample_weight must have a positive sum; got 0 for all "
                f"{self.n_samples} samples; give weight to at least one of them."
            )
        with np.errstate(over="ignore"):
            total = float(weights.sum())
        if not TINY_WEIGHT < total < np.inf:
            raise ValueError(
                f"sample_weight must have a sum that can be divided by; got {total:.3g} "
                f"for {self.n_samples} samples; divide the weights by their mean."
            )


def _check_first_shape(name: str, array: NDArray[Any], max_ndim: int) -> None:
    """Refuse scalars, too many dimensions, and no samples at all."""
    if not 1 <= array.ndim <= max_ndim:
        allowed = "(n_samples,)" + (
            " or (n_samples, n_outputs)" if max_ndim > 1 else ""
        )
        hint = (
            "pass a list of one value" if array.ndim == 0 else "pass one row a sample"
        )
        if array.ndim == 2 and array.shape[1] == 1:
            hint = f"pass {name}.ravel()"
        raise ValueError(
            f"{name} must have shape {allowed}; got shape {array.shape}; {hint}."
        )
    if array.size == 0:
        raise ValueError(
            f"{name} must have at least one sample; got shape {array.shape} (0 values); "
            "check the selection that made it."
        )


def shape_error(
    first_name: str, shape: tuple[int, ...], argument: Argument, array: NDArray[Any]
) -> ValueError:
    """Describe two shapes that differ, without ever broadcasting them."""
    name = argument.name
    wanted = f"{first_name} has {shape}"
    if argument.per_sample:
        wanted = (
            f"one value for each of the {shape[0]} samples of {first_name} is needed"
        )
    remedy = "pass one value for each sample, in the same order"
    if array.size == math.prod(shape) and array.ndim != len(shape):
        remedy = f"pass {name}.reshape({shape if len(shape) > 1 else -1})"
    return ValueError(
        f"{name} must have the shape of {first_name}; got {array.shape} where {wanted}; "
        f"{remedy}."
    )
