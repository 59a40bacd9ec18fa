"""How families read what they are given: points, moments and random states."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from sklearn_negloss._validation import (
    MU,
    POSITIVE,
    SIGMA,
    Argument,
    as_numeric,
    checked,
)
from sklearn_negloss.distributions._base import Floats, _common_shape

POSITIVE_MU = Argument(
    "mu",
    POSITIVE,
    "this family lives on positive numbers: use Normal.from_moments, or a model whose "
    "mean is positive",
    scalar=True,
)


POINT = Argument("x", boolean=True)


def points(x: Any) -> Floats:
    """Return where a distribution is evaluated, in float64; NaN gives NaN, as in scipy."""
    return as_numeric(x, POINT).astype(np.float64)


def check_moments(
    mu: ArrayLike, sigma: ArrayLike, mu_argument: Argument = MU
) -> tuple[Floats, Floats]:
    """Return mean and standard deviation, checked, of one shape or single numbers."""
    arrays = [checked(mu, mu_argument), checked(sigma, SIGMA)]
    _common_shape((mu_argument, SIGMA), arrays)
    return arrays[0], arrays[1]


def generator(random_state: Any) -> np.random.Generator:
    """Return a generator from whatever scikit-learn calls a random state.

    A `RandomState` (and None, which means numpy's global one) seeds a new generator
    and moves on, so that `np.random.seed` keeps its meaning.
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, Integral):
        return np.random.default_rng(int(random_state))
    legacy = check_random_state(random_state)
    return np.random.default_rng(legacy.randint(0, 2**31 - 1, size=4))
