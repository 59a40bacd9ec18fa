"""5xx: what a user's own loss function does where it ought to refuse."""

from __future__ import annotations

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.probes import _guards
from sklearn_negloss.audit.probes._loss import LossProbe
from sklearn_negloss.audit.rules._callable import probing, said


def _evidence(probe: LossProbe, pair: _guards.Pair | None) -> Evidence | None:
    """Return two values that ought to be one."""
    if pair is None:
        return None
    return {
        "subject": probe.subject,
        "right": said(pair.right),
        "got": said(pair.got),
        "where": pair.where,
    }


class UnboundedOutsideLabels(Rule):
    """A binary cross-entropy takes any label and is unbounded below outside [0, 1].

    **Why the loss goes negative.** -y log p - (1 - y) log(1 - p) is linear in y. With a
    label of 2 it falls without end as p goes to 1: -4.585 at p = 0.99. The function is
    right for valid labels, and refuses no others.

    **What is measured.** The loss of the label 2 at probabilities of 0.99 and 0.9999.
    Found if both are negative and the second is lower.

    **What to do.** Check labels before, or use a loss that does.

    References
    ----------
    .. [1] `pytorch/pytorch#2866 <https://github.com/pytorch/pytorch/issues/2866>`_.

    Examples
    --------
    >>> from scipy.special import xlog1py, xlogy
    >>> from sklearn_negloss import audit, binary_cross_entropy_loss
    >>> def unguarded(y, p):
    ...     return -(xlogy(y, p) + xlog1py(1 - y, -p)).mean()
    >>> audit(loss=unguarded).outcomes["NEG505"]
    'found'
    >>> audit(loss=binary_cross_entropy_loss).outcomes["NEG505"]
    'clear'
    """

    code = "NEG505"
    cause = "code"
    severity = "info"
    message = (
        "{subject} takes a label of 2 without a word: it is {got} at a probability of "
        "0.99, where the label 1 has {right}; it has no lower bound outside [0, 1]."
    )
    advice = "Check that labels lie in [0, 1] before; audit(y_true=..., loss=...) does."
    yields_to = ("NEG501",)

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Try a label of 2."""
        if loss_probe.kind not in ("probability", "logits"):
            return NotApplicable("the loss is of no binary labels")
        return _evidence(loss_probe, _guards.beyond_labels(loss_probe))


class BroadcastingLoss(Rule):
    """A column of shape (n, 1) against one of (n,) is averaged over all n x n pairs.

    **Why the loss goes negative.** NumPy and torch stretch (n, 1) against (n,) to a
    table of every target with every forecast. Its mean is another number, of any sign.
    The function is right for equal shapes, and refuses no others.

    **What is measured.** The loss with the target, and with the forecast, as a column of
    shape (n, 1). Found if it is not the same number, nor refused.

    **What to do.** Ravel both, or refuse unequal shapes.

    References
    ----------
    .. [1] `pytorch/pytorch#16045 <https://github.com/pytorch/pytorch/issues/16045>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.metrics import mean_squared_error
    >>> from sklearn_negloss import audit
    >>> audit(loss=lambda y, p: np.mean((y - p) ** 2)).outcomes["NEG506"]
    'found'
    >>> audit(loss=mean_squared_error).outcomes["NEG506"]
    'clear'
    """

    code = "NEG506"
    cause = "code"
    severity = "info"
    message = (
        "{subject} averages over all pairs where {where} has shape (n, 1) and the other "
        "(n,): {got} instead of {right}."
    )
    advice = "Ravel both or refuse unequal shapes: `assert y.shape == mu.shape`."

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Hand over columns."""
        if loss_probe.kind not in _guards.FLAT:
            return NotApplicable("the forecast has several columns")
        return _evidence(loss_probe, _guards.broadcast(loss_probe))


class EpsilonInLog(Rule):
    """A perfect forecast in single precision is NaN, infinite, or just below zero.

    **Why the loss goes negative.** -log(p + 1e-7) is -1e-7 at p = 1. A cut-off at 1e-15
    does nothing in float32, where 1 - 1e-15 is 1: then 0 * log 0 is NaN.

    **What is measured.** The loss of float32 probabilities of exactly 0 and 1 that are
    right; of logits of 200 that are right, and wrong. Found if it is not finite, or
    between -{tiny:g} and 0.

    **What to do.** Cut off at `numpy.finfo(p.dtype).eps`, or use `scipy.special.xlogy`;
    for logits, `numpy.logaddexp`.

    References
    ----------
    .. [1] `scikit-learn/scikit-learn#28851
       <https://github.com/scikit-learn/scikit-learn/pull/28851>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit, binary_cross_entropy_loss
    >>> def article(y_true, y_prob):
    ...     p = np.clip(y_prob, 1e-15, 1 - 1e-15)
    ...     return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))
    >>> audit(loss=article).outcomes["NEG507"]
    'found'
    >>> audit(loss=binary_cross_entropy_loss).outcomes["NEG507"]
    'clear'
    """

    code = "NEG507"
    cause = "code"
    severity = "info"
    message = "{subject} is {got} in float32 for {where}, which ought to be {right}."
    advice = (
        "Cut off at numpy.finfo(p.dtype).eps or use scipy.special.xlogy; for logits, "
        "numpy.logaddexp(0, z) - y * z."
    )
    yields_to = ("NEG501", "NEG510")
    tiny = _guards.TINY

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Try perfect forecasts in single precision."""
        if loss_probe.kind not in (
            *("probability", "logits"),
            *("probabilities table", "logits table"),
        ):
            return NotApplicable("the loss takes no logarithm of a probability")
        return _evidence(loss_probe, _guards.single_precision(loss_probe))


class IntegerOverflow(Rule):
    """Integers wrap around inside the loss.

    **Why the loss goes negative.** 50,000 squared does not fit into a signed integer of
    32 bits and comes back negative; 10 - 26 in unsigned bytes is 240. The function is
    right for floats, and neither converts integers nor refuses them.

    **What is measured.** The loss of unsigned bytes and of 32-bit integers against that
    of the same numbers as floats. Found if they differ by more than {rounded:.0%}: NumPy
    takes logarithms of bytes in half precision, which rounds and does not wrap.

    **What to do.** Convert to float64 first.

    References
    ----------
    .. [1] `scikit-learn/scikit-learn#28827
       <https://github.com/scikit-learn/scikit-learn/issues/28827>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.metrics import mean_squared_error
    >>> from sklearn_negloss import audit
    >>> audit(loss=lambda y, p: np.mean((y - p) ** 2)).outcomes["NEG508"]
    'found'
    >>> audit(loss=mean_squared_error).outcomes["NEG508"]
    'clear'
    """

    code = "NEG508"
    cause = "code"
    severity = "info"
    message = "{subject} {where}: {got} instead of {right}."
    advice = "Convert first: `np.asarray(y, dtype=float)`."
    rounded = _guards.ROUNDED

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Hand over integers."""
        if loss_probe.kind not in ("point", "positive"):
            return NotApplicable("the loss is of no predicted values")
        return _evidence(loss_probe, _guards.wraps(loss_probe))


class SignedDenominator(Rule):
    """A percentage error divides by the target with its sign.

    **Why the loss goes negative.** abs(error) / y is negative for a negative target, so
    that errors cancel, and large errors are preferred. A cut-off max(y, epsilon) without
    abs makes it huge instead.

    **What is measured.** The loss of positive targets with errors of 30 %, and of the
    same numbers with all signs turned. Found if it is then below zero, or more than
    {blown_up:g} times as large.

    **What to do.** Divide by abs(y), or by a scale that is not the target's own.

    References
    ----------
    .. [1] `mfrasco/Metrics#14 <https://github.com/mfrasco/Metrics/issues/14>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.metrics import mean_absolute_percentage_error
    >>> from sklearn_negloss import audit
    >>> audit(loss=lambda y, p: np.mean(np.abs(y - p) / y)).outcomes["NEG509"]
    'found'
    >>> audit(loss=mean_absolute_percentage_error).outcomes["NEG509"]
    'clear'
    """

    code = "NEG509"
    cause = "code"
    severity = "error"
    message = (
        "{subject} divides by the target with its sign: {right} for positive targets "
        "becomes {got} for the same ones below zero."
    )
    advice = "Divide by abs(y_true), as mean_absolute_percentage_error does."
    yields_to = ("NEG501",)
    blown_up = _guards.BLOWN_UP

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Turn all signs."""
        if loss_probe.kind not in ("point", "positive"):
            return NotApplicable("the loss is of no predicted values")
        return _evidence(loss_probe, _guards.negative_targets(loss_probe))
