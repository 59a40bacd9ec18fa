"""Cross-entropy of class labels, from probabilities and from logits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlog1py, xlogy

from sklearn_negloss._reduction import REDUCTIONS, Floats, reduce_samples
from sklearn_negloss._validation import (
    Argument,
    Checked,
    Domain,
    as_numeric,
    check_option,
)
from sklearn_negloss.distributions._formulas import dot
from sklearn_negloss.metrics._labels import (
    TARGET,
    Y_PROB,
    binary_target,
    class_weights_of,
    positive_column,
)

LARGEST = float(np.finfo(np.float64).max)
# Bounded, and so checked block by block: a loss does not show an infinite logit of a
# class that did not occur.
LOGITS = Argument(
    "logits", Domain("finite", -LARGEST, LARGEST), "check the decision function"
)


def binary_cross_entropy_loss(
    y_true: ArrayLike,
    y_prob: ArrayLike,
    *,
    pos_label: Any = None,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> float | Floats:
    r"""Binary cross-entropy of probabilities: minus the log probability of the label.

    The smaller the better. Its minimum is zero for hard labels (for a soft label, the
    label's own entropy), so it is **never negative**: elsewhere, a negative value proves
    a label outside [0, 1] or a "probability" that is none, and both are refused here.
    Its expectation is smallest for the true probability (strictly proper).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels. Read literally as numbers in [0, 1] (soft labels are fine), unless
        `pos_label` is given.
    y_prob : array-like of shape (n_samples,) or (n_samples, 2)
        Predicted probability of the positive class, in [0, 1]; or both columns, as
        ``predict_proba`` returns them, of which the second is the positive class.
    pos_label : int, float, bool or str, default=None
        Label of the positive class. Needed for labels that are not 0 and 1, such as
        {1, 2}, {-1, 1} or text; every other label is then negative, and `y_prob` must
        be the column of `pos_label`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.

    Returns
    -------
    loss : float or ndarray of float
        In nats, in [0, inf]; infinite only where probability 0 was given to a label
        that occurred.

    Raises
    ------
    ValueError
        If a label or a probability is outside [0, 1], rows do not sum to 1, there are
        more than two labels, shapes differ, there is no sample, or weights are negative
        or all zero.
    TypeError
        If labels are text and `pos_label` is missing.

    See Also
    --------
    binary_cross_entropy_with_logits_loss : The same from a decision function.

    Notes
    -----
    .. math:: \ell(y, p) = -y \log p - (1 - y) \log(1 - p)

    Nothing is clipped: probabilities 0 and 1 are exact.

    References
    ----------
    I. J. Good, "Rational decisions", Journal of the Royal Statistical Society B 14
    (1952). :doi:`10.1111/j.2517-6161.1952.tb00104.x`

    Examples
    --------
    >>> from sklearn_negloss import binary_cross_entropy_loss
    >>> round(binary_cross_entropy_loss([1, 0, 1], [0.9, 0.2, 0.6]), 4)
    0.2798
    >>> labels = ["spam", "ham", "spam"]
    >>> round(binary_cross_entropy_loss(labels, [0.9, 0.2, 0.6], pos_label="spam"), 4)
    0.2798
    """
    check_option("reduction", reduction, REDUCTIONS)
    target = binary_target(y_true, pos_label)
    probability = positive_column(y_prob, pos_label)
    data = Checked.of((TARGET, Y_PROB), (target, probability), sample_weight)
    return reduce_samples(
        _binary_cross_entropy, data, reduction, total=_binary_cross_entropy_total
    )


def binary_cross_entropy_with_logits_loss(
    y_true: ArrayLike,
    logits: ArrayLike,
    *,
    pos_label: Any = None,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> float | Floats:
    r"""Binary cross-entropy of logits: the same loss, from a decision function.

    The smaller the better. Its minimum is zero for hard labels (for a soft label, the
    label's own entropy), so it is **never negative**; elsewhere, a negative value
    proves labels outside [0, 1] (such as -1 and 1, or 1 and 2), which are refused here.
    Its expectation is smallest for the true log odds (strictly proper).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels. Read literally as numbers in [0, 1] (soft labels are fine), unless
        `pos_label` is given.
    logits : array-like of shape (n_samples,)
        Predicted log odds of the positive class: any finite number, not a probability.
    pos_label : int, float, bool or str, default=None
        Label of the positive class. Needed for labels that are not 0 and 1; every other
        label is then negative.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.

    Returns
    -------
    loss : float or ndarray of float
        In nats, in [0, inf).

    Raises
    ------
    ValueError
        If a label is outside [0, 1], a logit is not finite, there are more than two
        labels, shapes differ, there is no sample, or weights are negative or all zero.
    TypeError
        If labels are text and `pos_label` is missing.

    See Also
    --------
    binary_cross_entropy_loss : The same from probabilities.

    Notes
    -----
    With logit x, every term of the sum is non-negative, so that nothing cancels,
    neither at logits of 1e4 nor for a label that is nearly certain:

    .. math::
        \ell(y, x) = (1 - y) \max(x, 0) + y \max(-x, 0) + \log(1 + e^{-|x|})

    References
    ----------
    D. R. Cox, "The regression analysis of binary sequences", Journal of the Royal
    Statistical Society B 20 (1958). :doi:`10.1111/j.2517-6161.1958.tb00292.x`

    Examples
    --------
    >>> from sklearn_negloss import binary_cross_entropy_with_logits_loss
    >>> round(binary_cross_entropy_with_logits_loss([1, 0, 1], [2.2, -1.4, 0.4]), 4)
    0.2795
    """
    check_option("reduction", reduction, REDUCTIONS)
    target = binary_target(y_true, pos_label)
    data = Checked.of((TARGET, LOGITS), (target, logits), sample_weight)
    return reduce_samples(
        _binary_cross_entropy_with_logits,
        data,
        reduction,
        total=_binary_cross_entropy_with_logits_total,
    )


def cross_entropy_with_logits_loss(
    y_true: ArrayLike,
    logits: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: str = "mean",
) -> float | Floats:
    r"""Cross-entropy of several classes, from one logit for each class.

    The smaller the better. Its minimum is zero for hard labels (for soft labels, their
    own entropy), so it is **never negative**. It does not change when a constant is
    added to all logits of a sample. Its expectation is smallest for the true log
    probabilities (strictly proper).

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
        Column index of the class that occurred, from 0 to ``n_classes - 1``; any label
        of `labels` where those are given; or the probability of each class, with rows
        that sum to 1.
    logits : array-like of shape (n_samples, n_classes)
        One finite score for each class; not probabilities.
    labels : array-like of shape (n_classes,), default=None
        Label of each column, in the order of the columns (``estimator.classes_``).
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.
    reduction : {"mean", "sum", "none"}, default="mean"
        Weighted mean over samples, weighted sum, or the array of weight times loss.

    Returns
    -------
    loss : float or ndarray of float
        In nats, in [0, inf).

    Raises
    ------
    ValueError
        If a label is no column, a row of probabilities does not sum to 1, a logit is
        not finite, shapes differ, there is no sample, or weights are negative or all
        zero.
    TypeError
        If labels are text and `labels` is missing.

    See Also
    --------
    sklearn.metrics.log_loss : From probabilities.

    Notes
    -----
    .. math:: \ell(y, x) = \log \sum_k e^{x_k} - x_y

    computed as log1p of the other classes' share, so that a confident and right
    forecast keeps its digits.

    References
    ----------
    J. S. Bridle, "Probabilistic interpretation of feedforward classification network
    outputs", in Neurocomputing, NATO ASI Series 68 (1990).
    :doi:`10.1007/978-3-642-76153-9_28`

    Examples
    --------
    >>> from sklearn_negloss import cross_entropy_with_logits_loss
    >>> logits = [[2.0, 0.0, -1.0], [0.0, 3.0, 1.0]]
    >>> round(cross_entropy_with_logits_loss([0, 1], logits), 4)
    0.1698
    >>> labels = ["cat", "dog", "owl"]
    >>> round(cross_entropy_with_logits_loss(["cat", "dog"], logits, labels=labels), 4)
    0.1698
    """
    check_option("reduction", reduction, REDUCTIONS)
    scores = _logit_matrix(logits)
    weights, target = class_weights_of(y_true, scores.shape, labels)
    data = Checked.of((LOGITS, target), (scores, weights), sample_weight, max_ndim=2)
    return reduce_samples(_cross_entropy_with_logits, data, reduction)


def _logit_matrix(logits: ArrayLike) -> NDArray[Any]:
    """Return logits with one column for each class."""
    scores = as_numeric(logits, LOGITS)
    if scores.ndim != 2 or scores.shape[1] < 2:
        hint = "pass one column for each class"
        if scores.ndim == 1:
            hint += ", or use binary_cross_entropy_with_logits_loss for two classes"
        raise ValueError(
            "logits must have shape (n_samples, n_classes) with at least 2 classes; got "
            f"shape {scores.shape}; {hint}."
        )
    return scores


def _binary_cross_entropy(y: Floats, p: Floats) -> Floats:
    """Loss of each sample; 0 log 0 is 0."""
    return np.negative(xlogy(y, p) + xlog1py(1.0 - y, -p))


def _binary_cross_entropy_total(y: Floats, p: Floats) -> float:
    """Sum of the same; only where a probability is 0 or 1 does 0 log 0 need care."""
    total = -(dot(y, np.log(p)) + dot(1.0 - y, np.log1p(-p)))
    return total if np.isfinite(total) else float(_binary_cross_entropy(y, p).sum())


def _binary_cross_entropy_with_logits(y: Floats, x: Floats) -> Floats:
    """Loss of each sample, as a sum of non-negative terms."""
    size = np.abs(x)
    loss = size * np.abs((x > 0) - y)  # times the label's share of the other side
    return loss + np.log1p(np.exp(-size))


def _binary_cross_entropy_with_logits_total(y: Floats, x: Floats) -> float:
    """Sum of the same; x + |x| is twice the positive part of x, exactly."""
    size = np.abs(x)
    wrong_way = dot(1.0 - y, size + x) + dot(y, size - x)
    np.negative(size, out=size)
    np.exp(size, out=size)
    total = float(0.5 * wrong_way + np.log1p(size, out=size).sum())
    # Twice a logit near the largest double is infinite, and the loss is not.
    exact = _binary_cross_entropy_with_logits
    return total if np.isfinite(total) else float(exact(y, x).sum())


def _cross_entropy_with_logits(x: Floats, y: Floats) -> Floats:
    """Loss of each sample; `y` holds column indices, or a row of class probabilities."""
    rows = np.arange(len(x))
    top = x.argmax(axis=1)
    shifted = x - x[rows, top][:, np.newaxis]
    shares = np.exp(shifted)
    shares[rows, top] = 0.0  # the 1 in log1p stands for the top class
    log_total = np.log1p(shares.sum(axis=1))
    if y.ndim == 1:
        return log_total - shifted[rows, y.astype(np.intp)]
    below = np.einsum("ij,ij->i", y, shifted)
    if not np.isfinite(below).all():
        # A gap between logits overflows, and a class of probability 0 makes it NaN.
        share = y * x[rows, top][:, np.newaxis] - y * x
        below = -np.where(np.isfinite(shifted), -y * shifted, share).sum(axis=1)
    return log_total - below
