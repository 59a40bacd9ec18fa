"""Losses of point predictions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from sklearn_negloss._reduction import REDUCTIONS, Floats, reduce_samples
from sklearn_negloss._validation import Y_PRED, Y_TRUE, Checked, check_option

LN_2 = math.log(2.0)


def log1p_absolute_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> float | Floats:
    r"""Log loss on errors: mean of log(1 + absolute error).

    The smaller the better. Its minimum is zero, at a perfect prediction, so it is
    **never negative**: a negative value means that somebody put a minus sign before it,
    and that minimising it makes the errors grow. Large errors count far less than in
    the mean absolute error. It has no scale law: the unit of the target decides which
    errors count as large.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed target.
    y_pred : array-like of shape (n_samples,)
        Predicted target.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.

    Returns
    -------
    loss : float or ndarray of float
        In [0, inf).

    Raises
    ------
    ValueError
        If a value is NaN or infinite, shapes differ, there is no sample, or weights are
        negative or all zero.
    TypeError
        If an input does not hold real numbers.

    Notes
    -----
    .. math:: \ell(y, \hat y) = \log(1 + |y - \hat y|)

    It is the logarithm of a Cauchy-like heavy tail: bounded influence, but not convex,
    and it elicits neither the mean nor the median in general. It is offered to report
    errors that span orders of magnitude, not to train on.

    References
    ----------
    P. W. Holland, R. E. Welsch, "Robust regression using iteratively reweighted
    least-squares", Communications in Statistics 6 (1977).
    :doi:`10.1080/03610927708827533`

    Examples
    --------
    >>> from sklearn_negloss import log1p_absolute_loss
    >>> round(log1p_absolute_loss([1.0, 2.0, 3.0], [1.0, 2.5, 1.0]), 4)
    0.5014
    """
    check_option("reduction", reduction, REDUCTIONS)
    data = Checked.of((Y_TRUE, Y_PRED), (y_true, y_pred), sample_weight)
    return reduce_samples(_log1p_absolute, data, reduction)


def _log1p_absolute(y: Floats, pred: Floats) -> Floats:
    """Loss of each sample; the error of two of the largest doubles is none."""
    loss = np.log1p(np.abs(y - pred))
    if np.isinf(loss).any():
        half = np.abs(0.5 * y - 0.5 * pred)
        loss = np.where(np.isinf(loss), np.log(half) + LN_2, loss)
    return loss
