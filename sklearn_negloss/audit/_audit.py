"""`audit`: why is a loss negative?

The door alone, so that who never audits need not load what an audit is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from sklearn_negloss.audit.report._report import AuditReport


def audit(
    *,
    y_true: ArrayLike | None = None,
    mu: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    y_pred: ArrayLike | None = None,
    y_prob: ArrayLike | None = None,
    logits: ArrayLike | None = None,
    labels: Sequence[Any] | None = None,
    X: Any = None,
    sample_weight: ArrayLike | None = None,
    y_train: ArrayLike | None = None,
    mu_train: ArrayLike | None = None,
    sigma_train: ArrayLike | None = None,
    X_train: Any = None,
    transformer: Any = None,
    estimator: Any = None,
    scorer: str | Callable[..., Any] | None = None,
    loss: str | Callable[..., Any] | None = None,
    loss_value: float | None = None,
    ignore: Iterable[str] = (),
) -> AuditReport:
    """Find out why a loss is negative, and whether it matters.

    Give what you have: a target, predictions, a fitted estimator, a number. Every rule
    whose inputs are present runs; the rest say what they would need. Unlike a loss, the
    audit accepts labels out of range, negative weights, rows that do not sum to one and
    infinities after a log: those are its findings.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Target, in the units before `transformer`. Several columns are audited one by
        one.
    mu, sigma : array-like of shape (n_samples,) or float, default=None
        Predicted mean and standard deviation: of the target, or of the transformed
        target (they are told apart by their values).
    y_pred : array-like of shape (n_samples,), default=None
        Predicted values or classes.
    y_prob : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
        Predicted probabilities: of the positive class, or of each class.
    logits : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
        Predicted log odds.
    labels : sequence, default=None
        Classes in the order of the columns of `y_prob` or `logits`.
    X : array-like of shape (n_samples, n_features), default=None
        Features of the samples of `y_true`.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights.
    y_train, mu_train, sigma_train : array-like of shape (n_train,), default=None
        Target and forecasts of the training data.
    X_train : array-like of shape (n_train, n_features), default=None
        Features of the training data.
    transformer : object, default=None
        Fitted target transformer; or a list of the transformers (None for the raw
        target) of models whose losses are compared.
    estimator : object, default=None
        Fitted estimator; with `X`, predictions that are not given are taken from it.
    scorer : str or callable, default=None
        Scorer that made the number, by name or as an object.
    loss : str or callable, default=None
        What the numbers are for: a name of `get_scorer_names`, without ``neg_``; or
        your own loss, to be probed.
    loss_value : float, default=None
        The number that you want explained.
    ignore : iterable of str, default=()
        Codes of rules that shall not run, such as ``"NEG102"``.

    Returns
    -------
    report : AuditReport
        Verdict, findings with their evidence and advice, the outcome of every rule,
        and the decomposition of the loss.

    Raises
    ------
    ValueError
        If nothing is given, lengths differ, a value is NaN, or a name or code is
        unknown.
    TypeError
        If an input does not hold numbers where numbers are meant.
    sklearn.exceptions.NotFittedError
        If `estimator` or `transformer` is not fitted.

    See Also
    --------
    decompose_nll : The loss split into units, gain and miscalibration.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> y = 0.01 * rng.normal(size=1000)
    >>> report = audit(y_true=y, mu=np.zeros(1000), sigma=0.01)
    >>> report.verdict
    'units'
    >>> report.findings[0].code, round(report.findings[0].evidence["std"], 4)
    ('NEG102', 0.0098)
    """
    given = {k: v for k, v in locals().items() if k != "ignore"}
    from sklearn_negloss.audit._run import audited

    return audited(given, ignore)
