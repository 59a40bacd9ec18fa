"""Distributions behind a transform of the target, in the units of the target."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sklearn_negloss.distributions._base import Distribution
from sklearn_negloss.distributions._coerce import as_distribution, is_discrete
from sklearn_negloss.distributions._inputs import generator, points
from sklearn_negloss.distributions.transforms._jacobians import target_map
from sklearn_negloss.distributions.transforms._maps import (
    NoDensityError,
    TargetMap,
    UnknownSlopeError,
)
from sklearn_negloss.distributions.transforms._numeric_map import (
    SlopeWarning,
    column_function,
)
from sklearn_negloss.distributions.transforms._quadrature import Scores
from sklearn_negloss.distributions.transforms._truncated import (
    NEGLIGIBLE,
    NEGLIGIBLE_AT_POLE,
    Truncated,
)
from sklearn_negloss.distributions.transforms._twins import Twin, twin_of

Floats = NDArray[np.float64]

# More than this share of the mass outside the range of a transform is worth a warning.
WORTH_A_WARNING = 0.01

# Where a transformer without a closed form is explored: quantiles of what was predicted.
PROBE_LEVELS = (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)


class LostMassWarning(UserWarning):
    """A transform of the target cannot reach values that the model thinks likely."""


class TransformedDistribution(Distribution):
    r"""Distribution of y when a transform of y has a known distribution.

    If z = g(y) has density f, then y has the density ``f(g(y)) |dg/dy|`` [1]_. Nothing
    is approximated but the mean, the standard deviation, the entropy and the CRPS, and
    those only where there is no closed form: they are integrated to a relative error
    of at most 1e-6 (1e-10 is typical).

    Parameters
    ----------
    base : distribution
        Distribution of the transformed target, one for each sample: a family of ours,
        a frozen distribution of scipy, an ensemble or a quantile grid.
    transform : TargetMap or transformer
        What was done to y: a fitted scikit-learn transformer, such as
        ``TransformedTargetRegressor.transformer_``.

    Attributes
    ----------
    base : distribution
        Distribution of the transformed target.
    transform : TargetMap
        The transform, with its Jacobian.
    lost_mass : ndarray of shape (n_samples,)
        Probability that `base` gives to values that the transform never returns, such
        as negative square roots. The distribution is that of the rest, renormalised.

    Raises
    ------
    NoDensityError
        If the transform leaves no density; the message is the reason.
    ValueError
        If the range of the transform holds none of the mass.

    Warns
    -----
    LostMassWarning
        If more than 1 % of the mass of any sample is lost.

    See Also
    --------
    sklearn_negloss.TransformedTargetProbabilisticRegressor : A regressor that predicts
        these.

    Notes
    -----
    Where y reaches infinity at a finite z (Box-Cox with a negative exponent, and one
    side of Yeo-Johnson), the mean or the standard deviation may be infinite. So they
    are reported, unless the divergence hides behind a probability too small to matter
    (below about 1e-30).

    At y = 0, the density after sqrt is infinite, as the slope is.

    References
    ----------
    .. [1] G. Casella and R. L. Berger. Statistical Inference, 2nd edition, theorem
       2.1.5 (change of variables). Duxbury, 2002.
    .. [2] G. E. P. Box and D. R. Cox. An analysis of transformations. Journal of the
       Royal Statistical Society B, 26(2), 211-243, 1964.
       :doi:`10.1111/j.2517-6161.1964.tb00553.x`
    .. [3] I.-K. Yeo and R. A. Johnson. A new family of power transformations to improve
       normality or symmetry. Biometrika, 87(4), 954-959, 2000.
       :doi:`10.1093/biomet/87.4.954`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_negloss.distributions import Normal
    >>> from sklearn_negloss.distributions import TransformedDistribution
    >>> sqrt = FunctionTransformer(np.sqrt, np.square)
    >>> dist = TransformedDistribution(Normal([2.0, 5.0], 0.5), sqrt)
    >>> dist
    TransformedDistribution(Normal(loc=<2 values, 2 to 5>, scale=<2 values, 0.5>), sqrt)
    >>> dist.mean().round(3)  # mean of z^2 is loc^2 + scale^2, and hardly any is lost
    array([ 4.25, 25.25])
    """

    base: Any
    transform: TargetMap
    lost_mass: Floats
    _inner: Truncated
    _twin: Twin | None
    _found: dict[str, tuple[Floats, Floats]]

    def __init__(self, base: Any, transform: Any) -> None:
        base = as_distribution(base)
        _refuse_counts(base)
        transform = _read(transform, base)
        if isinstance(base, TransformedDistribution):  # one map instead of two
            transform = TargetMap.of((*transform.parts, *base.transform.parts))
            base = base.base
        self._assemble(base, transform)
        self._warn_of_lost_mass()

    def _assemble(self, base: Any, transform: TargetMap) -> None:
        """Set everything, without the checks and the warning."""
        negligible = NEGLIGIBLE_AT_POLE if any(transform.poles) else NEGLIGIBLE
        inner = Truncated(base, *transform.range, negligible)
        _refuse_if_gone(inner, transform)
        lost = np.asarray(np.minimum(inner.lost, 1.0))
        lost.setflags(write=False)
        values = {"base": base, "transform": transform, "lost_mass": lost}
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_inner", inner)
        object.__setattr__(self, "_twin", twin_of(base, transform))
        object.__setattr__(self, "_found", {})

    def _warn_of_lost_mass(self) -> None:
        lost, n = self.lost_mass, self.lost_mass.size
        count = int((lost > WORTH_A_WARNING).sum())
        if count:
            warnings.warn(
                f"{self.transform!r} cannot reach {lost.max():.3g} of the predicted mass "
                f"(more than {WORTH_A_WARNING:.0%} in {count} of {n} distributions), so "
                "the rest was renormalised; a transform that reaches every value, such as "
                "arcsinh or log, loses none.",
                LostMassWarning,
                stacklevel=3,
            )

    @classmethod
    def _of(cls, base: Any, transform: TargetMap) -> TransformedDistribution:
        """Make one from parts that were checked, and warned of, before."""
        made = cls.__new__(cls)
        made._assemble(base, transform)
        return made

    def __repr__(self) -> str:
        """Return the distribution of z, and the map from y to z."""
        return f"TransformedDistribution({self.base!r}, {self.transform!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the parts."""
        return (TransformedDistribution._of, (self.base, self.transform))

    def __getitem__(self, index: Any) -> TransformedDistribution:
        """Return the distributions of a subset of samples."""
        return type(self)._of(_select(self.base, index, self.shape), self.transform)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the distributions, `(n_samples,)` or `()`."""
        return self.lost_mass.shape

    def logpdf(self, x: Any) -> Floats:
        """Log density at `x`, in nats; minus infinity outside the domain.

        Parameters
        ----------
        x : array-like
            Values of y, broadcast against the distributions.

        Returns
        -------
        logpdf : ndarray of float
            Log density of z, plus log abs(dz/dy).

        Raises
        ------
        TypeError
            If `base` has no density.
        """
        if not hasattr(self.base, "logpdf"):
            raise TypeError(
                f"{type(self.base).__name__} has no density, so a transform of it has none "
                "either; use crps_loss."
            )
        x = points(x)
        inside = self.transform.holds(x)
        # Elsewhere, any value inside will do: its density is not used.
        safe = np.where(inside, x, self._inside)
        with np.errstate(all="ignore"):
            z = self.transform.forward(safe)
            density = self.base.logpdf(z) - self._inner.log_mass
            value = density + self.transform.log_abs_derivative(safe)
            return np.where(inside, value, -np.inf)

    @property
    def _inside(self) -> float:
        """Some value in the domain."""
        low, high = self.transform.domain
        if math.isfinite(low) and math.isfinite(high):
            return 0.5 * (low + high)
        return low + 1.0 if math.isfinite(low) else min(0.0, high - 1.0)

    def pdf(self, x: Any) -> Floats:
        """Density at `x`, in units of 1 / y."""
        return np.exp(self.logpdf(x))

    def cdf(self, x: Any) -> Floats:
        """Probability of at most `x`."""
        return self._side(x, lower=True)

    def sf(self, x: Any) -> Floats:
        """Probability of more than `x`, also where it is tiny."""
        return self._side(x, lower=False)

    def _side(self, x: Any, lower: bool) -> Floats:
        x = points(x)
        low, high = self.transform.domain
        z = self.transform.forward(np.clip(x, low, high))
        inner = self._inner
        side = inner.below if self.transform.increasing == lower else inner.above
        value = np.where(x < low, float(not lower), side(z))
        value = np.where(x > high, float(lower), value)
        return np.where(np.isnan(x), np.nan, value)

    def _ppf(self, q: Floats) -> Floats:
        falling = not self.transform.increasing
        return self.transform.inverse(self._inner.quantile(q, from_above=falling))

    def mean(self) -> Floats:
        """Mean of each distribution, in the units of y; infinite if there is none."""
        return self._moments()[0]

    def var(self) -> Floats:
        """Variance of each distribution; infinite if there is none."""
        return self._moments()[1] ** 2

    def std(self) -> Floats:
        """Standard deviation of each distribution; infinite if there is none."""
        return self._moments()[1]

    def _moments(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation, found once."""
        if "moments" not in self._found:
            self._found["moments"] = self._find_moments()
        return self._found["moments"]

    def _find_moments(self) -> tuple[Floats, Floats]:
        affine = self.transform.affine
        if self._twin is not None:
            twin = self._twin
            return twin.dist.mean() - twin.shift, twin.dist.std()
        if affine is not None:
            mean, std = np.asarray(self.base.mean()), np.asarray(self.base.std())
            return affine.inverse(mean), std / abs(affine.slope)
        mean, variance = self._scores().moments()
        return mean, np.sqrt(variance)

    def _scores(self) -> Scores:
        return Scores(self._inner, self.transform)

    def entropy(self) -> Floats:
        """Differential entropy of each distribution, in nats."""
        if self._twin is not None:
            return self._twin.dist.entropy()
        with warnings.catch_warnings():
            # Nodes of the quadrature are no data: far out, slopes lose their digits.
            warnings.simplefilter("ignore", SlopeWarning)
            return -self._scores().mean_of(self.logpdf)

    def crps(self, y: Any) -> Floats:
        """Continuous ranked probability score of each observation."""
        if self._twin is not None:
            return self._twin.dist.crps(points(y) + self._twin.shift)
        y = np.broadcast_to(points(y), np.broadcast_shapes(np.shape(y), self.shape))
        return self._scores().crps(y)

    def rvs(self, random_state: Any = None) -> Floats:
        """Draw one value from each distribution."""
        level = generator(random_state).random(self.shape)
        # random() may return 0, which is no level.
        return self._ppf(np.maximum(level, 2.0**-54))


def transform_dist(base: Any, transformer: Any) -> Any:
    """Distribution of y, given that of the transformed y.

    Parameters
    ----------
    base : distribution
        Distribution of the transformed target.
    transformer : TargetMap or transformer
        What was done to y: a fitted scikit-learn transformer.

    Returns
    -------
    dist : distribution
        A member of a family where there is one (an affine transform of a normal is
        normal, the exponential of a normal is log-normal), an ensemble for an ensemble,
        otherwise a `TransformedDistribution`.

    Raises
    ------
    NoDensityError
        If the transform leaves no density; the message is the reason.

    Warns
    -----
    LostMassWarning
        If the transform cannot reach more than 1 % of the mass of any sample.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_negloss.distributions import Normal
    >>> from sklearn_negloss.distributions import transform_dist
    >>> transform_dist(Normal(0.0, 0.5), FunctionTransformer(np.log, np.exp))
    LogNormal(s=0.5, scale=1)
    """
    dist = TransformedDistribution(base, transformer)
    twin = dist._twin
    return twin.dist if twin is not None and twin.shift == 0.0 else dist


def check_inverse(transform: TargetMap, y: ArrayLike) -> None:
    """Refuse a map whose inverse does not lead back to y.

    Parameters
    ----------
    transform : TargetMap
        Map to check; only one without a closed form may fail.
    y : array-like of shape (n_samples,)
        Values in its domain.

    Raises
    ------
    NoDensityError
        Naming the first value that does not come back.
    """
    if transform.exact:
        return
    y = np.asarray(y, dtype=np.float64)
    back = transform.inverse(transform.forward(y))
    wrong = ~np.isclose(back, y, rtol=1e-5, atol=1e-8 * np.ptp(y))
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        raise NoDensityError(
            f"the inverse of {transform!r} must lead back to y; got {back[k]:.6g} for "
            f"{y[k]:.6g} ({int(wrong.sum())} of {y.size} values); pass inverse_func, or a "
            "transformer with inverse_transform, that undoes the transform."
        )


def _read(transformer: Any, base: Any) -> TargetMap:
    """Return the map of a transformer, measured at predictions if it must be."""
    try:
        return target_map(transformer)
    except UnknownSlopeError:
        z = np.concatenate([np.ravel(base.ppf(level)) for level in PROBE_LEVELS])
        y = column_function(transformer, "inverse_transform")(z)
        y = y[np.isfinite(y)]
    found = target_map(transformer, y)
    check_inverse(found, y)
    return found


def _refuse_if_gone(inner: Truncated, transform: TargetMap) -> None:
    """Refuse distributions of which nothing remains."""
    gone = ~np.isfinite(inner.log_mass)
    if gone.any():
        raise ValueError(
            f"the range of {transform!r} must hold some of the mass; got none of it in "
            f"{int(gone.sum())} of {gone.size} distributions; use a transform that reaches "
            "every value, such as arcsinh or log."
        )


def _refuse_counts(base: Any) -> None:
    if is_discrete(base):
        raise TypeError(
            f"base must be continuous; got {type(base).__name__}, a distribution of "
            "counts; a count has no transformed density, so model the count itself."
        )


def _select(base: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Return a subset of the samples of a distribution, scipy's too."""
    if not hasattr(base, "dist") or not hasattr(base, "args"):
        return base[index]

    def part(value: Any) -> Any:
        return np.broadcast_to(value, shape)[index]

    kwds = {name: part(value) for name, value in base.kwds.items()}
    return base.dist(*[part(value) for value in base.args], **kwds)
