"""Losses of a forecast given as mean and standard deviation, or as an interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from sklearn_negloss._reduction import REDUCTIONS, Floats, Kernel, reduce_samples
from sklearn_negloss._validation import (
    MU,
    NON_NEGATIVE,
    SIGMA,
    Y_TRUE,
    Argument,
    Checked,
    as_numeric,
    check_option,
    check_share,
    value_error,
)
from sklearn_negloss.distributions._formulas import (
    dawid_sebastiani,
    dawid_sebastiani_total,
    gaussian_crps,
    gaussian_nll,
    gaussian_nll_total,
)
from sklearn_negloss.metrics._refusal import needs_forecast

GAUSSIAN = (Y_TRUE, MU, SIGMA)
LOWER = Argument("lower", scalar=True)
UPPER = Argument("upper", scalar=True)
OUTPUT_WEIGHT = Argument(
    "multioutput", NON_NEGATIVE, "pass one non-negative weight for each output"
)
MULTIOUTPUT = ("uniform_average", "raw_values")


@needs_forecast
def gaussian_nll_loss(
    y_true: ArrayLike,
    mu: ArrayLike,
    sigma: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Floats:
    r"""Gaussian negative log-likelihood: minus the log density of what happened.

    The smaller the better. It has no minimum and **can be negative**: it is a density
    in the units of `y_true`, so measuring the target in another unit, ``a * y``, adds
    ``log(a)`` to the loss of every forecast. Its expectation is smallest for the true
    mean and standard deviation (strictly proper).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Observed target.
    mu : array-like of the shape of `y_true`, or float
        Predicted mean, in the units of `y_true`.
    sigma : array-like of the shape of `y_true`, or float
        Predicted standard deviation, in the units of `y_true`, strictly positive.
        Not a variance, and not a logarithm.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.
    multioutput : str or array-like of shape (n_outputs,), default="uniform_average"
        How the losses of several outputs become one: "uniform_average" averages them,
        an array averages them with its weights, and "raw_values" returns them all.

    Returns
    -------
    loss : float or ndarray of float
        In nats, in (-inf, inf). An array of shape (n_samples,) for
        ``reduction="none"``, with a further axis of outputs for "raw_values".

    Raises
    ------
    ValueError
        If a value is NaN or infinite, `sigma` is not strictly positive, shapes differ,
        there is no sample, or weights are negative or all zero.
    TypeError
        If an input does not hold real numbers, or `sigma` is missing.

    See Also
    --------
    gaussian_crps_loss : In the units of the target, and never negative.
    decompose_nll : How much of the loss is units, and how much is skill.

    Notes
    -----
    .. math::
        \ell(y, \mu, \sigma) = \frac{1}{2} \left(\frac{y - \mu}{\sigma}\right)^2
        + \log \sigma + \frac{1}{2} \log 2 \pi

    A calibrated forecast has a negative expected loss exactly when the geometric mean
    of `sigma` is below :math:`1 / \sqrt{2 \pi e} = 0.242`. The constant 0.9189 is
    included; losses of other libraries that leave it out are lower by as much.

    References
    ----------
    T. Gneiting, A. E. Raftery, "Strictly proper scoring rules, prediction, and
    estimation", Journal of the American Statistical Association 102 (2007).
    :doi:`10.1198/016214506000001437`

    Examples
    --------
    >>> from sklearn_negloss import gaussian_nll_loss
    >>> y_true, mu, sigma = [170.0, 182.0], [172.0, 180.0], [4.0, 4.0]
    >>> round(gaussian_nll_loss(y_true, mu, sigma), 4)
    2.4302

    The same forecasts in metres instead of centimetres are no better:

    >>> metres = [[value / 100 for value in column] for column in (y_true, mu, sigma)]
    >>> round(gaussian_nll_loss(*metres), 4)
    -2.1749
    """
    return _reduce_outputs(
        gaussian_nll,
        (y_true, mu, sigma),
        sample_weight,
        reduction,
        multioutput,
        total=gaussian_nll_total,
    )


@needs_forecast
def gaussian_crps_loss(
    y_true: ArrayLike,
    mu: ArrayLike,
    sigma: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Floats:
    r"""Gaussian continuous ranked probability score: an absolute error for forecasts.

    The smaller the better. Its minimum is zero, which only a certain and right forecast
    approaches, so it is **never negative**. It is in the units of `y_true`: measuring
    the target in another unit multiplies it. Where the target is Gaussian, its expectation
    is smallest for the true mean and standard deviation (strictly proper there).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Observed target.
    mu : array-like of the shape of `y_true`, or float
        Predicted mean, in the units of `y_true`.
    sigma : array-like of the shape of `y_true`, or float
        Predicted standard deviation, in the units of `y_true`, strictly positive.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.
    multioutput : str or array-like of shape (n_outputs,), default="uniform_average"
        How the losses of several outputs become one: "uniform_average" averages them,
        an array averages them with its weights, and "raw_values" returns them all.

    Returns
    -------
    loss : float or ndarray of float
        In the units of `y_true`, in [0, inf).

    Raises
    ------
    ValueError
        If a value is NaN or infinite, `sigma` is not strictly positive, shapes differ,
        there is no sample, or weights are negative or all zero.
    TypeError
        If an input does not hold real numbers, or `sigma` is missing.

    See Also
    --------
    gaussian_nll_loss : In nats; punishes a confident error much harder.

    Notes
    -----
    With z the standardised error, and Phi and phi the standard normal distribution and
    density,

    .. math::
        \mathrm{CRPS} = \sigma \left[ z \left( 2 \Phi(z) - 1 \right) + 2 \varphi(z)
        - \pi^{-1/2} \right]

    References
    ----------
    T. Gneiting, A. E. Raftery, A. H. Westveld, T. Goldman, "Calibrated probabilistic
    forecasting using ensemble model output statistics and minimum CRPS estimation",
    Monthly Weather Review 133 (2005). :doi:`10.1175/MWR2904.1`

    Examples
    --------
    >>> from sklearn_negloss import gaussian_crps_loss
    >>> round(gaussian_crps_loss([170.0, 182.0], [172.0, 180.0], [4.0, 4.0]), 4)
    1.3256
    """
    return _reduce_outputs(
        gaussian_crps, (y_true, mu, sigma), sample_weight, reduction, multioutput
    )


@needs_forecast
def dawid_sebastiani_loss(
    y_true: ArrayLike,
    mu: ArrayLike,
    sigma: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
    multioutput: str | ArrayLike = "uniform_average",
) -> float | Floats:
    r"""Dawid-Sebastiani loss: how well mean and variance alone describe what happened.

    The smaller the better. It has no minimum and **can be negative**, because it moves
    with the units of `y_true` (``a * y`` adds ``2 log(a)``). Its expectation is
    smallest for the true mean and standard deviation, whatever the shape of the
    distribution (proper; strictly so among forecasts told apart by their moments).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Observed target.
    mu : array-like of the shape of `y_true`, or float
        Predicted mean, in the units of `y_true`.
    sigma : array-like of the shape of `y_true`, or float
        Predicted standard deviation, in the units of `y_true`, strictly positive.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.
    multioutput : str or array-like of shape (n_outputs,), default="uniform_average"
        How the losses of several outputs become one: "uniform_average" averages them,
        an array averages them with its weights, and "raw_values" returns them all.

    Returns
    -------
    loss : float or ndarray of float
        In (-inf, inf).

    Raises
    ------
    ValueError
        If a value is NaN or infinite, `sigma` is not strictly positive, shapes differ,
        there is no sample, or weights are negative or all zero.
    TypeError
        If an input does not hold real numbers, or `sigma` is missing.

    See Also
    --------
    gaussian_nll_loss : Half of this loss plus 0.9189.

    Notes
    -----
    .. math::
        \mathrm{DSS} = \left(\frac{y - \mu}{\sigma}\right)^2 + 2 \log \sigma

    References
    ----------
    A. P. Dawid, P. Sebastiani, "Coherent dispersion criteria for optimal experimental
    design", The Annals of Statistics 27 (1999). :doi:`10.1214/aos/1018031101`

    Examples
    --------
    >>> from sklearn_negloss import dawid_sebastiani_loss
    >>> round(dawid_sebastiani_loss([170.0, 182.0], [172.0, 180.0], [4.0, 4.0]), 4)
    3.0226
    """
    return _reduce_outputs(
        dawid_sebastiani,
        (y_true, mu, sigma),
        sample_weight,
        reduction,
        multioutput,
        total=dawid_sebastiani_total,
    )


@needs_forecast
def interval_loss(
    y_true: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    coverage: float,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> float | Floats:
    r"""Interval (Winkler) loss: width of the interval, plus a fine for what it misses.

    The smaller the better. Its minimum is zero, so it is **never negative**. It is in
    the units of `y_true`. Its expectation is smallest for the true quantiles at levels
    ``(1 - coverage) / 2`` and ``(1 + coverage) / 2`` (proper).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed target.
    lower : array-like of shape (n_samples,) or float
        Lower end of the predicted interval.
    upper : array-like of shape (n_samples,) or float
        Upper end, nowhere below `lower`.
    coverage : float
        Probability that the interval was made to hold, strictly between 0 and 1.
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
    ValueError
        If a value is NaN or infinite, `lower` exceeds `upper`, `coverage` is not
        between 0 and 1, shapes differ, there is no sample, or weights are negative or
        all zero.
    TypeError
        If an input does not hold real numbers, or an end of the interval is missing.

    Notes
    -----
    With :math:`\alpha = 1 - \text{coverage}`,

    .. math::
        (u - l) + \frac{2}{\alpha} \max(l - y, 0) + \frac{2}{\alpha} \max(y - u, 0)

    References
    ----------
    R. L. Winkler, "A decision-theoretic approach to interval estimation", Journal of
    the American Statistical Association 67 (1972). :doi:`10.1080/01621459.1972.10481224`

    Examples
    --------
    >>> from sklearn_negloss import interval_loss
    >>> interval_loss([170.0, 190.0], [165.0, 175.0], [180.0, 185.0], coverage=0.75)
    32.5
    """
    check_option("reduction", reduction, REDUCTIONS)
    alpha = 1.0 - check_share("coverage", coverage)
    data = Checked.of((Y_TRUE, LOWER, UPPER), (y_true, lower, upper), sample_weight)
    _check_order(data)

    def winkler(y: Floats, low: Floats, high: Floats) -> Floats:
        missed = np.maximum(low - y, 0.0) + np.maximum(y - high, 0.0)
        return (high - low) + (2.0 / alpha) * missed

    return reduce_samples(winkler, data, reduction)


def _check_order(data: Checked) -> None:
    """Refuse intervals whose ends are exchanged."""
    _, lower, upper, *_ = data.arrays
    crossed = np.flatnonzero(lower > upper)
    if crossed.size:
        data.verify()  # an end that is infinite is no exchanged one
        i = int(crossed[0])
        raise ValueError(
            f"lower must not exceed upper; got {lower[i]:.6g} > {upper[i]:.6g} at index "
            f"{i} ({crossed.size} of {lower.size} intervals); sort the two ends, or check "
            "a quantile model whose quantiles cross."
        )


def _reduce_outputs(
    kernel: Kernel,
    values: Sequence[ArrayLike],
    sample_weight: ArrayLike | None,
    reduction: str,
    multioutput: str | ArrayLike,
    total: Callable[..., float] | None = None,
) -> float | Floats:
    """Validate, compute each output on its own, and combine the outputs."""
    check_option("reduction", reduction, REDUCTIONS)
    data = Checked.of(GAUSSIAN, values, sample_weight, max_ndim=2)
    n_outputs = data.shape[1] if len(data.shape) == 2 else 1
    weights = _output_weights(multioutput, n_outputs)
    if len(data.shape) == 1:
        loss = reduce_samples(kernel, data, reduction, total)
        return loss if weights is not None else np.asarray(loss)[..., np.newaxis]
    columns = [
        reduce_samples(kernel, data.output(j), reduction, total)
        for j in range(n_outputs)
    ]
    losses = np.stack(columns, axis=-1)
    if weights is None:
        return losses
    # An output of weight 0 does not count, not even when its loss is infinite.
    average = losses[..., weights > 0] @ weights[weights > 0]
    return average if reduction == "none" else float(average)


def _output_weights(multioutput: str | ArrayLike, n_outputs: int) -> Floats | None:
    """Return the share of each output, or None if they are to be kept apart."""
    if isinstance(multioutput, str):
        check_option("multioutput", multioutput, MULTIOUTPUT)
        if multioutput == "raw_values":
            return None
        return np.full(n_outputs, 1.0 / n_outputs)
    weights = as_numeric(multioutput, OUTPUT_WEIGHT).astype(np.float64)
    error = value_error(OUTPUT_WEIGHT, weights)
    if weights.shape != (n_outputs,) or not weights.any():
        error = error or ValueError(
            "multioutput must give a weight to each output, not all zero; got "
            f"{weights.tolist()} for {n_outputs} outputs; pass one weight an output."
        )
    if error is not None:
        raise error
    return weights / weights.sum()
