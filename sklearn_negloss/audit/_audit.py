"""`audit`: collect the case, run every rule, return the report."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sklearn_negloss.audit._columns import column_cases, merged
from sklearn_negloss.audit._rule import Finding, NotApplicable, Rule
from sklearn_negloss.audit._verdict import (
    few_ran,
    ranked,
    settle,
    summary_of,
    verdict_of,
)
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._derive import complete
from sklearn_negloss.audit.case._supplied import read_supplied
from sklearn_negloss.audit.report._report import AuditReport
from sklearn_negloss.audit.rules import RULES


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
    ignored = check_codes(ignore)
    parts = column_cases(given)
    if parts is not None:
        cases = {k: Case(complete(read_supplied(**v))) for k, v in parts.items()}
        for case in cases.values():
            case.columns = tuple(cases.values())
        return merged({k: run(case, ignored, k) for k, case in cases.items()})
    return run(Case(complete(read_supplied(**given))), ignored)


def check_codes(codes: Iterable[str]) -> frozenset[str]:
    """Return codes of rules as a set, refusing those that no rule has."""
    if not isinstance(codes, Iterable):
        raise TypeError(
            f"ignore must be an iterable of codes of rules; got {codes!r}; give a list "
            "such as ['NEG102'], or () to run every rule."
        )
    codes = [codes] if isinstance(codes, str) else list(codes)
    known = [rule.code for rule in RULES]
    for code in codes:
        if code not in known:
            close = difflib.get_close_matches(str(code).upper(), known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise ValueError(
                f"ignore must hold codes of rules; got {code!r}; {hint}known codes run "
                f"from {known[0]} to {known[-1]}."
            )
    return frozenset(codes)


def run(
    case: Case,
    ignored: frozenset[str] = frozenset(),
    column: str | None = None,
    rules: Sequence[type[Rule]] = RULES,
) -> AuditReport:
    """Run rules over a case.

    Parameters
    ----------
    case : Case
        What is known.
    ignored : frozenset of str
        Codes of rules that shall not run.
    column : str, default=None
        Name of the column, for a target of several.
    rules : sequence of Rule
        The rules.

    Returns
    -------
    report : AuditReport
        What they found.
    """
    outcomes, reasons = {}, {}
    found: list[tuple[type[Rule], Finding]] = []
    for rule in rules:
        answer = "ignored" if rule.code in ignored else _measure(rule, case)
        outcomes[rule.code] = _outcome(answer)
        if isinstance(answer, NotApplicable):
            reasons[rule.code] = answer.reason
        elif isinstance(answer, dict):
            found.append((rule, rule.finding(answer, column)))
    yielding = settle(found)
    for code, other in yielding.items():
        outcomes[code], reasons[code] = "not applicable", f"explained by {other}"
    findings = ranked([f for rule, f in found if rule.code not in yielding])
    return AuditReport(
        verdict=verdict_of(findings, case),
        summary=summary_of(findings, case) + ("" if findings else few_ran(outcomes)),
        findings=findings,
        outcomes=outcomes,
        reasons=reasons,
        decomposition=_decomposition(case),
    )


def _measure(rule: type[Rule], case: Case) -> Any:
    """Return evidence, None or NotApplicable."""
    inputs = {name: case.get(name) for name in rule.reads}
    for name, value in inputs.items():
        if isinstance(value, NotApplicable):
            if name not in rule.optional:
                return value
            inputs[name] = None
    # A rule meets infinities and empty ranges on purpose; what it returns is checked.
    with np.errstate(all="ignore"):
        return rule.measure(**inputs)


def _outcome(answer: Any) -> str:
    """Name what a rule came to."""
    if answer == "ignored":
        return "ignored"
    if isinstance(answer, NotApplicable):
        return "not applicable"
    return "clear" if answer is None else "found"


def _decomposition(case: Case) -> Any:
    """Return the terms of the loss, where forecasts are known."""
    for forecast in (case.forecast, case.class_forecast):
        if forecast is not None and not isinstance(forecast, NotApplicable):
            return forecast.decomposition
    return None
