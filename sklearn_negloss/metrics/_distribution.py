"""Losses and skill of a predictive distribution: any family, any library."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from sklearn_negloss._reduction import REDUCTIONS, Floats, reduce_samples
from sklearn_negloss._validation import Y_TRUE, Argument, Checked, Domain, check_option
from sklearn_negloss.distributions._base import InfiniteDensityWarning
from sklearn_negloss.distributions._coerce import as_distribution, is_discrete
from sklearn_negloss.distributions._families import Normal
from sklearn_negloss.distributions._numeric_crps import crps_of_cdf, crps_of_counts
from sklearn_negloss.metrics._refusal import PointForecastError, needs_forecast
from sklearn_negloss.metrics._skill import moments

LOSS = Argument(
    "the loss",
    Domain("a number (not NaN)", finite=False),
    "the distribution gave NaN there; check its parameters",
)


@needs_forecast
def nll_loss(
    y_true: ArrayLike,
    dist: Any,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> float | Floats:
    r"""Negative log-likelihood: minus the log density (for counts, probability) of y_true.

    The smaller the better. For a density it has no minimum and **can be negative**: it
    moves by ``log(a)`` when the target is measured as ``a * y``. For counts it is minus
    the log of a probability, its minimum is zero, and it is never negative. Its
    expectation is smallest for the true distribution (strictly proper).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed target; whole numbers for a distribution of counts.
    dist : distribution
        One predictive distribution for each sample (or one for all): ours, a frozen
        distribution or random variable of scipy, a prediction of NGBoost or skpro, or
        what `predict_dist` returns.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.

    Returns
    -------
    loss : float or ndarray of float
        In nats; inf where what happened was ruled out, -inf where a density is infinite
        (a gamma of shape below 1 at zero).

    Raises
    ------
    TypeError
        If `dist` is not a distribution, or has no density (an ensemble, a quantile
        grid): use `crps_loss` for these.
    ValueError
        If a value is NaN or infinite, counts are not whole, the number of
        distributions is not that of samples, weights are negative or all zero, or
        the loss is inf at some samples and -inf at others, so that it has no mean.

    Warns
    -----
    InfiniteDensityWarning
        If the density is infinite at an observed value: the loss is then -inf, which
        beats every other model and says nothing.

    See Also
    --------
    gaussian_nll_loss : From mean and standard deviation.
    information_gain_score : The same, without the units.

    References
    ----------
    I. J. Good, "Rational decisions", Journal of the Royal Statistical Society B 14
    (1952). :doi:`10.1111/j.2517-6161.1952.tb00104.x`

    Examples
    --------
    >>> from sklearn_negloss import nll_loss
    >>> from sklearn_negloss.distributions import Laplace, Normal
    >>> y_true, mu, sigma = [1.0, 2.0, 9.0], [1.2, 1.7, 6.0], [1.0, 1.0, 1.0]
    >>> round(nll_loss(y_true, Normal(mu, sigma)), 4)
    2.4406
    >>> round(nll_loss(y_true, Laplace.from_moments(mu, sigma)), 4)
    1.9965
    """
    check_option("reduction", reduction, REDUCTIONS)
    data, dist = _read(y_true, dist, sample_weight)
    return _nll(dist, data, reduction)


@needs_forecast
def crps_loss(
    y_true: ArrayLike,
    dist: Any,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> float | Floats:
    r"""Continuous ranked probability score of any predictive distribution.

    The smaller the better. Its minimum is zero, so it is **never negative**. It is in
    the units of `y_true`, and for a point forecast it is the absolute error. It needs no
    density, so it also scores ensembles and quantile grids. Its expectation is smallest
    for the true distribution (strictly proper).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed target; whole numbers for a distribution of counts.
    dist : distribution
        One predictive distribution for each sample (or one for all); see `nll_loss`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.

    Returns
    -------
    loss : float or ndarray of float
        In the units of `y_true`, in [0, inf).

    Raises
    ------
    TypeError
        If `dist` is not a distribution.
    ValueError
        If a value is NaN or infinite, counts are not whole, the number of
        distributions is not that of samples, or weights are negative or all zero.

    Warns
    -----
    QuadratureWarning
        If a distribution without a closed form has a cdf too rough to integrate.

    Notes
    -----
    .. math:: \mathrm{CRPS}(F, y) = \int (F(x) - 1\{x \ge y\})^2 \, dx

    In closed form for our families and for scipy's of the same name; by quadrature of
    the cdf for any other, to a relative error of 1e-8.

    References
    ----------
    J. E. Matheson, R. L. Winkler, "Scoring rules for continuous probability
    distributions", Management Science 22 (1976). :doi:`10.1287/mnsc.22.10.1087`

    Examples
    --------
    >>> import scipy.stats
    >>> from sklearn_negloss import crps_loss
    >>> round(crps_loss([1.0, 2.0], scipy.stats.gumbel_r(loc=[1.0, 1.5])), 4)
    0.3019
    """
    check_option("reduction", reduction, REDUCTIONS)
    data, dist = _read(y_true, dist, sample_weight)
    return _reduce(_crps(data.arrays[0], dist), data, reduction)


@needs_forecast
def information_gain_score(
    y_true: ArrayLike,
    dist: Any,
    *,
    baseline: Any = None,
    base: Literal["e", 2] = "e",
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""Information gain: by how much a forecast beats a baseline, without any unit.

    The greater the better. Zero means no better than the baseline, and **negative means
    worse**; there is no bound on either side. It is the loss of the baseline minus the
    loss of the forecast, so it does not change under ``a * y + b``: unlike the sign of
    a density loss, its sign says something.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed target.
    dist : distribution
        One predictive distribution for each sample (or one for all); see `nll_loss`.
    baseline : distribution, default=None
        What to compare with. None is the Gaussian with the mean and standard deviation
        of `y_true` itself, the hardest constant one: that favours the baseline by about
        1/n nat. Under a non-linear transform of the target, transform it too.
    base : {"e", 2}, default="e"
        Unit: nats, or bits.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.

    Returns
    -------
    gain : float
        Per sample; -inf if the forecast ruled out what happened.

    Raises
    ------
    TypeError
        If `dist` or `baseline` is not a distribution, or has no density.
    ValueError
        If `y_true` is constant and no baseline is given, or as in `nll_loss`.

    See Also
    --------
    crps_skill_score : For forecasts without a density.
    decompose_nll : Gain, units and miscalibration of a Gaussian forecast.

    References
    ----------
    M. S. Roulston, L. A. Smith, "Evaluating probabilistic forecasts using information
    theory", Monthly Weather Review 130 (2002).
    :doi:`10.1175/1520-0493(2002)130<1653:EPFUIT>2.0.CO;2`

    Examples
    --------
    >>> from sklearn_negloss import information_gain_score
    >>> from sklearn_negloss.distributions import Normal
    >>> y_true, mu = [1.0, 2.0, 3.0, 4.0], [1.1, 2.2, 2.9, 3.8]
    >>> round(information_gain_score(y_true, Normal(mu, 0.3)), 4)
    1.6767
    """
    if base not in ("e", 2):
        raise ValueError(f"base must be 'e' (nats) or 2 (bits); got {base!r}.")
    data, dist = _read(y_true, dist, sample_weight)
    reference = _baseline(baseline, data)
    gain = float(_nll(reference, data, "mean")) - float(_nll(dist, data, "mean"))
    if math.isnan(gain):
        raise ValueError(
            "baseline must allow what happened; got an infinite loss of forecast and "
            "baseline alike; choose a baseline that covers y_true."
        )
    return gain / (1.0 if base == "e" else math.log(2.0))


@needs_forecast
def crps_skill_score(
    y_true: ArrayLike,
    dist: Any,
    *,
    baseline: Any = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    r"""CRPS skill: the share of a baseline's CRPS that a forecast saves.

    The greater the better, at most 1 (a certain and right forecast). Zero means no
    better than the baseline, and **negative means worse**. It has no unit and does not
    change under ``a * y + b``.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed target.
    dist : distribution
        One predictive distribution for each sample (or one for all); also an ensemble
        or a quantile grid.
    baseline : distribution, default=None
        What to compare with. None is the Gaussian with the mean and standard deviation
        of `y_true` itself.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.

    Returns
    -------
    skill : float
        In (-inf, 1].

    Raises
    ------
    TypeError
        If `dist` or `baseline` is not a distribution.
    ValueError
        If `y_true` is constant and no baseline is given, or as in `crps_loss`.

    See Also
    --------
    information_gain_score : For forecasts with a density.

    References
    ----------
    T. Gneiting, A. E. Raftery, "Strictly proper scoring rules, prediction, and
    estimation", Journal of the American Statistical Association 102 (2007).
    :doi:`10.1198/016214506000001437`

    Examples
    --------
    >>> from sklearn_negloss import crps_skill_score
    >>> from sklearn_negloss.distributions import EmpiricalDistribution
    >>> ensemble = EmpiricalDistribution([[1.0, 1.2], [1.9, 2.3], [2.8, 3.1]])
    >>> round(crps_skill_score([1.1, 2.0, 3.0], ensemble), 4)
    0.836
    """
    data, dist = _read(y_true, dist, sample_weight)
    worst = _mean(_crps, _baseline(baseline, data), data)
    if worst == 0.0:
        raise ValueError(
            "baseline must not be perfect; got a CRPS of 0 for all samples; choose a "
            "baseline that can be beaten."
        )
    return 1.0 - _mean(_crps, dist, data) / worst


def _read(y_true: ArrayLike, dist: Any, sample_weight: Any) -> tuple[Checked, Any]:
    """Validate target, weights and distribution against each other."""
    # Asked of the class, since a distribution of NGBoost answers to any attribute.
    if isinstance(dist, list | tuple) or hasattr(type(dist), "__array__"):
        raise PointForecastError  # the decorator has the sentence
    data = Checked.of((Y_TRUE,), (y_true,), sample_weight)
    data.verify()
    data.arrays[0] = np.asarray(data.arrays[0], dtype=np.float64)
    return data, fitting("dist", dist, data)


def fitting(name: str, dist: Any, data: Checked) -> Any:
    """Return a distribution that has one member for each sample, or one for all."""
    dist = as_distribution(dist)
    shape = np.shape(dist.mean())
    if shape not in ((), data.shape):
        raise ValueError(
            f"{name} must hold one distribution for each sample; got distributions of "
            f"shape {shape} for y_true of shape {data.shape}; predict the same samples."
        )
    if is_discrete(dist):
        _check_counts(data.arrays[0])
    return dist


def _check_counts(y: Floats) -> None:
    """Refuse a target that no distribution of counts gives a probability."""
    wrong = np.flatnonzero(y != np.round(y))
    if wrong.size:
        raise ValueError(
            "y_true must be whole numbers for a distribution of counts; got "
            f"{y[wrong[0]]:.6g} at index {wrong[0]} ({wrong.size} of {y.size} values); use "
            "a continuous family, undo the scaling of the counts, or pass draws on another "
            "lattice as an EmpiricalDistribution."
        )


def _log_density(y: Floats, dist: Any) -> Floats:
    """Log density, or log probability for counts, of each sample."""
    if is_discrete(dist):
        return _one_each(dist.logpmf(y), y, dist, "logpmf")
    if not hasattr(dist, "logpdf"):
        raise TypeError(
            f"{type(dist).__name__} has no logpdf, so a density loss cannot be taken; use "
            "crps_loss, which needs only a cdf."
        )
    with np.errstate(all="ignore"):
        return _one_each(dist.logpdf(y), y, dist, "logpdf")


def _nll(dist: Any, data: Checked, reduction: str) -> float | Floats:
    """Reduced loss, refusing to add opposite infinities."""
    y = data.arrays[0]
    losses = -_log_density(y, dist)
    counts = (data.arrays[-1] > 0) if data.weighted else np.ones(y.shape, dtype=bool)
    certain = counts & (losses == -np.inf)
    if reduction != "none" and certain.any():
        _check_infinite(y, certain, counts & (losses == np.inf))
    return _reduce(losses, data, reduction)


def _check_infinite(y: Floats, certain: Any, impossible: Any) -> None:
    """Refuse a sum of opposite infinities; warn of a loss that beats all others."""
    n, k = y.size, int(certain.sum())
    remedy = (
        "use a family whose density is finite there, model a point mass apart, or score "
        "by crps_loss"
    )
    if impossible.any():
        raise ValueError(
            "the loss must not be inf at some samples and -inf at others, which have no "
            f"mean; got a density of 0 at {int(impossible.sum())} and an infinite one at "
            f"{k} of {n} samples (y_true {y[impossible][0]:.6g} and {y[certain][0]:.6g}); "
            f"{remedy}."
        )
    warnings.warn(
        f"the density is infinite at {k} of {n} samples (y_true {y[certain][0]:.6g}), so "
        "the loss is -inf and beats every other model, whatever the other samples say; "
        f"{remedy}.",
        InfiniteDensityWarning,
        stacklevel=5,
    )


def _one_each(values: Any, y: Floats, dist: Any, method: str) -> Floats:
    """Return one real number for each sample, never broadcasting what came back."""
    values = np.asarray(values)
    if values.shape != y.shape or values.dtype.kind not in "fiu":
        raise ValueError(
            f"{type(dist).__name__}.{method} must return one real number for each sample; "
            f"got shape {values.shape} of dtype {values.dtype} for y_true of shape "
            f"{y.shape}; return an array of the shape of its argument."
        )
    return values.astype(np.float64)


def _crps(y: Floats, dist: Any) -> Floats:
    """CRPS of each sample, in closed form where there is one."""
    if callable(getattr(dist, "crps", None)):
        return _one_each(dist.crps(y), y, dist, "crps")
    return crps_of_counts(dist, y) if is_discrete(dist) else crps_of_cdf(dist, y)


def _baseline(baseline: Any, data: Checked) -> Any:
    """Return the baseline, by default the Gaussian of the target itself."""
    if baseline is None:
        return Normal(*moments(data))
    return fitting("baseline", baseline, data)


def _mean(measure: Callable[[Floats, Any], Floats], dist: Any, data: Checked) -> float:
    """Return the weighted mean of a per-sample measure."""
    return float(_reduce(measure(data.arrays[0], dist), data, "mean"))


def _reduce(losses: Floats, data: Checked, reduction: str) -> float | Floats:
    """Reduce losses that are already computed, refusing NaN."""
    return reduce_samples(lambda loss: loss, data.replaced(LOSS, losses), reduction)
