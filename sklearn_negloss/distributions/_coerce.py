"""Anybody's distribution object, in the form that the losses read.

That form is scipy's: `logpdf` or `logpmf`, `cdf`, `ppf`, `mean()`, `std()`. Families
that we know under another name become ours, for their closed forms; what already has
the form stays as it is; what has it under other names is wrapped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss.distributions._base import Distribution
from sklearn_negloss.distributions._counts import NegativeBinomial, Poisson
from sklearn_negloss.distributions._families import Laplace, Logistic, Normal, StudentT
from sklearn_negloss.distributions._positive import Gamma, LogNormal

Floats = NDArray[np.float64]

# scipy's name -> our family; parameters have scipy's names, too.
FROM_SCIPY: dict[str, type[Distribution]] = {
    "norm": Normal,
    "laplace": Laplace,
    "logistic": Logistic,
    "t": StudentT,
    "lognorm": LogNormal,
    "gamma": Gamma,
    "poisson": Poisson,
    "nbinom": NegativeBinomial,
}

REQUIRED = ("cdf", "mean", "std")

# How distributions of other packages are read. skpro's reader stands above this room,
# since it needs the transforms; it enters itself when it loads.
PACKAGES: dict[str, Callable[[Any], Any]] = {}


def as_distribution(dist: Any) -> Any:
    """Return a distribution in scipy's form, whoever made it.

    Parameters
    ----------
    dist : object
        A distribution of ours, a frozen distribution or random variable of scipy, a
        prediction of NGBoost or skpro, or any object with ``cdf``, ``mean()``,
        ``std()`` and ``logpdf`` or ``logpmf``.

    Returns
    -------
    dist : object
        With ``cdf``, ``mean()`` and ``std()``, and ``logpdf`` or ``logpmf`` where it
        has a density.

    Raises
    ------
    TypeError
        If it is not a distribution.
    """
    if isinstance(dist, Distribution):
        return dist
    if isinstance(dist, type):
        raise TypeError(
            f"dist must be a distribution; got the class {dist.__name__}; make one from "
            f"its parameters: {dist.__name__}(...)."
        )
    packages = {c.__module__.split(".")[0] for c in type(dist).__mro__}
    for package in packages & PACKAGES.keys():
        return PACKAGES[package](dist)
    if not all(callable(getattr(dist, name, None)) for name in REQUIRED):
        raise _no_distribution(dist)
    return dist


def _no_distribution(dist: Any, remedy: str = "") -> TypeError:
    """Say what a distribution must have, and where to get one."""
    remedy = remedy or (
        "pass predict_dist(estimator, X), or a family such as Normal(mu, sigma)"
    )
    return TypeError(
        "dist must be a predictive distribution, with logpdf (or logpmf), cdf, mean "
        f"and std; got {type(dist).__name__}; {remedy}."
    )


def is_discrete(dist: Any) -> bool:
    """Whether a distribution gives probability to whole numbers, not density."""
    if hasattr(dist, "discrete"):
        return bool(dist.discrete)
    return hasattr(dist, "logpmf") and not hasattr(dist, "logpdf")


def _from_ngboost(dist: Any) -> Any:
    """Return the distribution of scipy inside NGBoost's."""
    # NGBoost's wrapper answers None to any attribute; the scipy one inside is sound.
    try:
        inner = dist.dist
    except AttributeError:
        inner = None
    if inner is None:
        raise _no_distribution(dist, MANY_OUTPUTS)
    return as_distribution(inner)


MANY_OUTPUTS = (
    "it predicts several outputs together, and a loss takes one: fit and score each "
    "output on its own"
)


def _from_scipy(dist: Any) -> Any:
    """Return a distribution of scipy, as ours where it can be."""
    if hasattr(dist, "dist"):
        return _known_family(dist)
    if hasattr(dist, "standard_deviation"):
        return RandomVariable(dist)
    if hasattr(dist, "freeze"):
        # It would answer as its standard member.
        raise _no_distribution(
            dist, "freeze it by calling it with its parameters: dist()"
        )
    if all(callable(getattr(dist, name, None)) for name in REQUIRED):
        return dist  # a class of somebody's own that derives from one of scipy
    raise _no_distribution(dist)


PACKAGES.update(ngboost=_from_ngboost, scipy=_from_scipy)


def _known_family(frozen: Any) -> Any:
    """Return a frozen distribution of scipy as ours, where the family is ours."""
    family = FROM_SCIPY.get(getattr(frozen.dist, "name", ""))
    if family is None:
        return frozen
    shapes = frozen.dist.shapes.split(", ") if frozen.dist.shapes else []
    names = [*shapes, "loc"] + ([] if family.discrete else ["scale"])
    values = dict(zip(names, frozen.args, strict=False)) | frozen.kwds
    known = {argument.name for argument in family.parameters}
    if np.any(np.asarray(values.get("loc", 0.0)) != 0.0) and "loc" not in known:
        return frozen  # a shifted log-normal, gamma or count: scipy keeps it
    return family(**{name: value for name, value in values.items() if name in known})


class RandomVariable:
    """A random variable of scipy's new infrastructure, under the classic names.

    Parameters
    ----------
    variable : object
        Such as ``scipy.stats.Normal(mu=..., sigma=...)``.
    """

    def __init__(self, variable: Any) -> None:
        self.variable = variable
        names = {c.__name__ for c in type(variable).__mro__}
        self.discrete = "DiscreteDistribution" in names

    def __repr__(self) -> str:
        """Return the repr of the variable."""
        return repr(self.variable)

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats."""
        return self.variable.logpdf(x)

    def logpmf(self, x: Any) -> Floats:
        """Log probability of `x`, in nats."""
        return self.variable.logpmf(x)

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`; scipy draws smooth lines between counts."""
        return self.variable.cdf(np.floor(x) if self.discrete else x)

    def ppf(self, q: Any) -> Floats:
        """Quantile at level `q`."""
        return self.variable.icdf(q)

    def sf(self, x: Any) -> Floats:
        """Probability of more than `x`."""
        return self.variable.ccdf(np.floor(x) if self.discrete else x)

    def isf(self, q: Any) -> Floats:
        """Value that is exceeded with probability `q`."""
        return self.variable.iccdf(q)

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Central interval that holds `confidence` of the probability."""
        tail = (1.0 - confidence) / 2.0
        return self.ppf(tail), self.ppf(1.0 - tail)

    def mean(self) -> Floats:
        """Mean of each distribution."""
        return np.asarray(self.variable.mean())

    def std(self) -> Floats:
        """Standard deviation of each distribution."""
        return np.asarray(self.variable.standard_deviation())

    def entropy(self) -> Floats:
        """Entropy of each distribution, in nats."""
        return np.asarray(self.variable.entropy())
