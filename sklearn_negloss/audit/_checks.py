"""One line for a test suite: a loss is a loss, and a scorer points up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from sklearn_negloss.audit._rule import NotApplicable, Rule
from sklearn_negloss.audit._run import check_codes, run
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._supplied import Supplied, read_supplied
from sklearn_negloss.audit.probes._oracle import Oracle, probe_on_estimator
from sklearn_negloss.audit.report._report import AuditReport
from sklearn_negloss.audit.rules import RULES
from sklearn_negloss.metrics import get_scorer


def check_loss(loss: Callable[..., Any], *, ignore: Iterable[str] = ()) -> AuditReport:
    """Assert that a function is a loss: lowest for the right forecast, and proper.

    The function is called with forecasts that are right and wrong, at most 1,000 times
    and for no more than about two seconds; its values tell which way it points, whether
    its minimum is at the truth, and what it reads its parameters as. Missing guards
    (findings of severity info) are in the report and do not fail.

    Parameters
    ----------
    loss : callable
        ``loss(y_true, y_pred)``, ``loss(y_true, mu, sigma)`` or with a variance or a
        logarithm in place of sigma, ``loss(y_true, lower, upper, coverage)``,
        ``loss(y_true, y_prob)``, ``loss(y_true, logits)`` or ``loss(y_true, dist)``; of
        NumPy arrays or of tensors. Names of parameters tell what they stand for; where
        they do not, it is found out by calling.
    ignore : iterable of str, default=()
        Codes of rules that shall not run.

    Returns
    -------
    report : AuditReport
        What was found, with nothing above severity info.

    Raises
    ------
    AssertionError
        With the report as text, if something is wrong with the loss, or if nothing
        could be found out about it.
    TypeError
        If `loss` is not callable.

    See Also
    --------
    check_scorer : The same for scorers.
    audit : Explains a loss instead of asserting that it is one.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import check_loss
    >>> def nll(y_true, mu, sigma):
    ...     z = (y_true - mu) / sigma
    ...     return np.mean(np.log(sigma) + 0.5 * z**2 + 0.5 * np.log(2 * np.pi))
    >>> report = check_loss(nll)
    >>> check_loss(lambda y_true, mu, sigma: -nll(y_true, mu, sigma))
    Traceback (most recent call last):
    AssertionError: Audit of a loss: code...
    """
    if not callable(loss):
        raise TypeError(
            f"loss must be callable; got {loss!r}; pass a function loss(y_true, y_pred)."
        )
    case = Case(read_supplied(loss=loss))
    report = run(case, check_codes(ignore), rules=_family("NEG105", "NEG206", "NEG5"))
    if isinstance(case.loss_probe, NotApplicable):
        raise AssertionError(f"the loss cannot be checked: {case.loss_probe.reason}")
    return _asserted(report)


def check_scorer(
    scorer: str | Callable[..., Any],
    estimator: Any = None,
    X: Any = None,
    y: Any = None,
    *,
    ignore: Iterable[str] = (),
) -> AuditReport:
    """Assert that a scorer is higher for better estimators.

    The scorer judges estimators that were made for the purpose, nearly right ones and
    ones no better than chance. With `estimator` and `X`, it also judges that one on the
    target that it predicts, and on targets far from it; with `y`, the score has to be a
    finite number.

    Parameters
    ----------
    scorer : str or callable
        ``scorer(estimator, X, y)``, or a name of `get_scorer_names`.
    estimator : object, default=None
        Fitted estimator, for scorers that take no other.
    X : array-like of shape (n_samples, n_features), default=None
        Its samples.
    y : array-like of shape (n_samples,), default=None
        Their target.
    ignore : iterable of str, default=()
        Codes of rules that shall not run.

    Returns
    -------
    report : AuditReport
        What was found, with nothing above severity info.

    Raises
    ------
    AssertionError
        With the report as text, if the scorer points the wrong way, or neither way.

    See Also
    --------
    check_loss : The same for losses.

    Examples
    --------
    >>> from sklearn.metrics import make_scorer, mean_squared_error
    >>> from sklearn_negloss import check_scorer
    >>> report = check_scorer("neg_mean_squared_error")
    >>> check_scorer(make_scorer(mean_squared_error))
    Traceback (most recent call last):
    AssertionError: Audit of a loss: code...
    """
    scorer = get_scorer(scorer)
    ignored = check_codes(ignore)
    case = Case(Supplied(scorer=scorer, estimator=estimator, X=X))
    report = _asserted(run(case, ignored, rules=_family("NEG2")))
    if "NEG202" in ignored:
        return report
    if report.outcomes["NEG202"] != "clear":
        raise AssertionError(f"the scorer proves nothing: {report.reasons['NEG202']}")
    if estimator is not None and X is not None:
        _check_on_data(scorer, estimator, X, y)
    return report


def _check_on_data(scorer: Any, estimator: Any, X: Any, y: Any) -> None:
    """Assert the direction and a finite score on the user's own data."""
    oracle = probe_on_estimator(scorer, estimator, X)
    reading = oracle.reversed_reading if isinstance(oracle, Oracle) else None
    if reading is not None:
        raise AssertionError(
            f"the scorer points the wrong way: it gives {reading.good:.4g} on "
            f"{reading.task}, and {reading.bad:.4g} on targets far from that"
        )
    if y is None:
        return
    score = scorer(estimator, X, y)
    values = score.values() if isinstance(score, dict) else [score]
    for value in values:
        if not np.isfinite(value):
            raise AssertionError(f"the score must be a finite number; got {value!r}")


def _family(*prefixes: str) -> list[type[Rule]]:
    """Return the rules whose codes begin with one of these."""
    return [rule for rule in RULES if rule.code.startswith(prefixes)]


def _asserted(report: AuditReport) -> AuditReport:
    """Return a report, or raise it if it holds more than information."""
    if any(finding.severity != "info" for finding in report.findings):
        raise AssertionError(str(report))
    return report
