"""What every predictive distribution of ours shares, and the protocol of anybody's."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_negloss._validation import (
    OPEN_UNIT,
    Argument,
    check_share,
    checked,
)

Floats = NDArray[np.float64]


class InfiniteDensityWarning(UserWarning):
    """A density is infinite at an observed value, so its loss is minus infinity."""


@runtime_checkable
class PredictiveDistribution(Protocol):
    """What a loss needs of a distribution, whoever wrote it: cdf, ppf and moments."""

    def cdf(self, x: Any, /) -> Any:
        """Probability of at most `x`."""

    def mean(self) -> Any:
        """Mean of each distribution."""

    def std(self) -> Any:
        """Standard deviation of each distribution."""


class Distribution:
    """Base of our families: named parameters, one distribution for each sample.

    It holds almost nothing: parameters are checked, broadcast against each other and
    frozen. A family adds its formulas, under the names that scipy's frozen
    distributions use.
    """

    parameters: ClassVar[tuple[Argument, ...]] = ()
    discrete: ClassVar[bool] = False
    __slots__ = ("_values",)
    _values: dict[str, Floats]

    def _set(self, **values: ArrayLike) -> None:
        """Check, broadcast and freeze the parameters (called by a family's `__init__`)."""
        arrays = []
        for argument in self.parameters:
            array = checked(values[argument.name], argument)
            if array.size == 0:
                raise ValueError(
                    f"{argument.name} must have at least one value; got shape "
                    f"{array.shape} (0 values); check the selection that made it."
                )
            arrays.append(array)
        shape = _common_shape(self.parameters, arrays)
        frozen = {}
        for argument, array in zip(self.parameters, arrays, strict=True):
            view = np.broadcast_to(array, shape)  # read-only, no copy
            frozen[argument.name] = view
        object.__setattr__(self, "_values", frozen)

    def __getattr__(self, name: str) -> Floats:
        """Return a parameter under its own name."""
        if not name.startswith("_") and name in self._values:
            return self._values[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse: a distribution is a value."""
        raise AttributeError(
            f"{type(self).__name__} is immutable; make a new one instead of setting {name}."
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the call that makes it."""
        return (
            _rebuild,
            (type(self), {k: np.array(v) for k, v in self._values.items()}),
        )

    def __repr__(self) -> str:
        """Return the family, its size, and the range of each parameter."""
        shown = ", ".join(f"{k}={_summary(v)}" for k, v in self._values.items())
        return f"{type(self).__name__}({shown})"

    def __len__(self) -> int:
        """Number of distributions."""
        if not self.shape:
            raise TypeError(f"{type(self).__name__} of one distribution has no length")
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        """Return the distributions of a subset of samples."""
        return type(self)(**{k: v[index] for k, v in self._values.items()})

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the parameters, `(n_samples,)` or `()`."""
        return next(iter(self._values.values())).shape

    # -- what families have in common ------------------------------------------------

    def std(self) -> Floats:
        """Standard deviation of each distribution, in the units of y."""
        return np.sqrt(self.var())

    def var(self) -> Floats:
        """Variance of each distribution."""
        raise NotImplementedError

    def ppf(self, q: ArrayLike) -> Floats:
        """Quantile at level `q`, strictly between 0 and 1.

        Parameters
        ----------
        q : array-like
            Probability levels, broadcast against the distributions.

        Returns
        -------
        quantiles : ndarray of float
            In the units of y.

        Raises
        ------
        ValueError
            If a level is not strictly between 0 and 1.
        """
        return self._ppf(check_levels(q))

    def _ppf(self, q: Floats) -> Floats:
        """Quantile at checked levels."""
        raise NotImplementedError

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Central interval that holds `confidence` of the probability.

        Parameters
        ----------
        confidence : float
            Probability between the ends, strictly between 0 and 1.

        Returns
        -------
        lower, upper : tuple of ndarray of float
            In the units of y.
        """
        tail = (1.0 - check_share("confidence", confidence)) / 2.0
        return self._ppf(np.array(tail)), self._ppf(np.array(1.0 - tail))


def check_levels(q: ArrayLike, name: str = "q") -> Floats:
    """Return quantile levels strictly inside (0, 1)."""
    remedy = "levels are probabilities, such as 0.05 and 0.95"
    return checked(q, Argument(name, OPEN_UNIT, remedy))


def _common_shape(
    arguments: tuple[Argument, ...], arrays: list[Floats]
) -> tuple[int, ...]:
    """Shape of the parameters together: all alike, or single numbers."""
    shapes = {array.shape for array in arrays if array.ndim}
    if len(shapes) > 1:
        listed = ", ".join(
            f"{a.name} {array.shape}"
            for a, array in zip(arguments, arrays, strict=True)
        )
        raise ValueError(
            f"parameters must have one shape; got {listed}; pass one value for each "
            "sample, or a single number for all."
        )
    return shapes.pop() if shapes else ()


def _summary(values: Floats) -> str:
    """Show a parameter in a few characters."""
    if values.ndim == 0:
        return f"{values:.6g}"
    low, high = values.min(), values.max()
    spread = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
    return f"<{values.shape[0]} values, {spread}>"


def _rebuild(family: type, values: dict[str, Floats]) -> Any:
    """Make a distribution again from its parameters (for pickle)."""
    return family(**values)
