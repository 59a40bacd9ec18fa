"""2xx: the sign is a convention: minus a loss, or a log-likelihood."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn import metrics

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._clues import Clues, negated_losses
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.probes._sandbox import RefusedCall, Sandbox

# Losses of predicted values that a number may be minus of, where nobody named one.
POINT_LOSSES = (
    metrics.mean_squared_error,
    metrics.root_mean_squared_error,
    metrics.mean_absolute_error,
    metrics.median_absolute_error,
    metrics.mean_absolute_percentage_error,
    metrics.max_error,
)

# Estimators whose `score` is minus what they minimise.
MINUS_OBJECTIVE = {
    "KMeans": "inertia",
    "MiniBatchKMeans": "inertia",
    "BisectingKMeans": "inertia",
}

# Estimators whose `score` is a log-likelihood, and of what.
LIKELIHOODS = {
    "BaseMixture": "the mean log density of a sample",
    "KernelDensity": "the log density summed over all samples",
    "PCA": "the mean log-likelihood of a sample",
    "FactorAnalysis": "the mean log-likelihood of a sample",
    "EmpiricalCovariance": "the mean Gaussian log-likelihood",
    "LatentDirichletAllocation": "a bound of the log-likelihood of all samples",
    "_AbstractHMM": "the log-likelihood of the sequence",
    "BaseHMM": "the log-likelihood of the sequence",
}


class NegatedScorer(Rule):
    """The number is minus a loss, because a scorer counts higher as better.

    **Why the loss goes negative.** Every model selection tool of scikit-learn maximises.
    A loss is therefore scored as its negative: `neg_mean_squared_error` of a useful
    model is below zero, and that of a better one is closer to it.

    **What is measured.** The sign of the scorer; and whether `loss_value` is minus the
    loss of the predictions given, or negative for a loss that cannot be.

    **What to do.** Nothing, but for turning the sign where the loss itself is shown.

    References
    ----------
    .. [1] `scikit-learn/scikit-learn#2439
       <https://github.com/scikit-learn/scikit-learn/issues/2439>`_.

    Examples
    --------
    >>> from sklearn_negloss import audit
    >>> audit(scorer="neg_mean_squared_error").outcomes["NEG201"]
    'found'
    >>> audit(scorer="r2").outcomes["NEG201"]
    'clear'
    """

    code = "NEG201"
    cause = "convention"
    severity = "info"
    message = "{subject} is minus a loss, {loss}: higher is better; {reading}."
    advice = (
        "Read it as a loss by turning its sign; the model with the highest score is the "
        "one with the lowest loss."
    )
    yields_to = (
        *("NEG202", "NEG203", "NEG108", "NEG301", "NEG302", "NEG303", "NEG306"),
        *("NEG307", "NEG308", "NEG309", "NEG409", "NEG410", "NEG411"),
    )

    @classmethod
    def measure(cls, clues: Clues) -> Evidence | NotApplicable | None:
        """Ask the scorer, then the number."""
        if clues.scorer is None and clues.value is None and clues.leaf is None:
            return NotApplicable("needs a scorer, an estimator or loss_value")
        for search in (_scorer, _name, _number, _objective, _impossible):
            evidence = search(clues)
            if evidence is not None:
                return evidence
        return None


def _scorer(clues: Clues) -> Evidence | None:
    """A scorer that turns the sign."""
    losses = negated_losses(clues.scorer) if clues.scorer is not None else []
    if not losses:
        return None
    loss = " and ".join(dict.fromkeys(losses))
    bounded = clues.loss_scored is None or clues.loss_scored.minimum >= 0
    reading = _read(clues.value, bounded)
    return {"subject": "The score", "loss": loss, "reading": reading}


def _read(value: float | None, bounded: bool) -> str:
    """Say what minus a loss stands for."""
    if value is None or value == 0:
        return "turn its sign to read the loss"
    if value > 0 and bounded:
        return f"{value:.6g} cannot be one, so it is the loss already"
    return f"{value:.6g} stands for a loss of {-value:.6g}"


def _name(clues: Clues) -> Evidence | None:
    """A number that was called minus a loss."""
    loss, value = clues.loss, clues.value
    if loss is None or value is None or not loss.negated:
        return None
    if clues.is_same(clues.measured):
        return None  # it is the loss itself, whatever it was called
    reading = _read(value, loss.minimum >= 0)
    return {"subject": f"The number {value:.6g}", "loss": loss.name, "reading": reading}


def _number(clues: Clues) -> Evidence | None:
    """A number that is minus a loss of what was given."""
    for name, expected in _expectations(clues):
        if clues.is_minus(expected):
            return {
                "subject": f"The number {clues.value:.6g}",
                "loss": name,
                "reading": f"the loss of these predictions is {expected:.6g}",
                "measured": expected,
            }
    return None


def _expectations(clues: Clues) -> list[tuple[str, float]]:
    """Losses of what was given: the one that was named, or common ones."""
    loss, measured = clues.loss, clues.measured
    if loss is not None and isinstance(measured, float):
        # Minus a log density is a log-likelihood, which is a rule of its own.
        return [] if loss.kind == "density" else [(loss.name, measured)]
    named = loss is not None and not loss.inferred
    if named or clues.value is None or not _numeric(clues.y_true, clues.y_pred):
        return []
    return [(f.__name__, value) for f in POINT_LOSSES for value in _value(f, clues)]


def _numeric(y_true: Any, y_pred: Any) -> bool:
    """Whether both are columns of numbers."""
    return all(
        a is not None and np.ndim(a) == 1 and np.asarray(a).dtype.kind in "fiu"
        for a in (y_true, y_pred)
    )


def _value(function: Any, clues: Clues) -> list[float]:
    """Return a loss of predicted values, if it can be computed."""
    weights = {} if function is metrics.max_error else {"sample_weight": clues.weights}
    try:
        return [float(function(clues.y_true, clues.y_pred, **weights))]
    except ValueError:
        return []


def _objective(clues: Clues) -> Evidence | None:
    """An estimator that reports minus what it minimises."""
    if clues.leaf is None:
        return None
    for name, objective in MINUS_OBJECTIVE.items():
        if name in clues.ancestry:
            return {
                "subject": f"{name}.score",
                "loss": f"the {objective}",
                "reading": "it is never above 0",
            }
    return _training_curve(clues)


def _training_curve(clues: Clues) -> Evidence | None:
    """A number out of the curve that histogram gradient boosting keeps."""
    if not any(name.startswith("BaseHistGradientBoosting") for name in clues.ancestry):
        return None
    for name in ("train_score_", "validation_score_"):
        curve = np.asarray(getattr(clues.leaf, name, ()), dtype=float)
        if any(clues.is_same(float(value)) for value in curve):
            return {
                "subject": f"The number {clues.value:.6g}, an entry of {name},",
                "loss": f"the training loss {clues.leaf.loss!r}",
                "reading": "it is what the fit minimises, without constants",
            }
    return None


def _impossible(clues: Clues) -> Evidence | None:
    """A negative number for a loss that has none."""
    loss, value = clues.loss, clues.value
    if loss is None or value is None or loss.inferred or not -math.inf < value < 0:
        return None
    if loss.kind not in ("bounded", "cross-entropy"):
        return None
    if isinstance(clues.measured, float):
        return None  # known to be another number than minus the loss: no convention
    reading = f"this loss is never negative, so that {-value:.6g} is meant"
    unless = _unless(loss, known=clues.y_true is not None)
    reading += f", unless {unless}" if unless else ""
    return {
        "subject": f"The number {value:.6g}",
        "loss": loss.name,
        "reading": reading,
    }


def _unless(loss: DeclaredLoss, known: bool) -> str:
    """Say what else may have made such a number, as far as nobody has looked."""
    if loss.kind == "cross-entropy" and loss.literal:
        return "" if known else "labels lie outside [0, 1] (give y_true to tell)"
    return "a weight is negative, an integer wrapped around, or the function is wrong"


class ScoreIsLogLikelihood(Rule):
    """The number is a log-likelihood: higher is better, and either sign is normal.

    **Why the loss goes negative.** `score` of a density estimator is a mean log density
    (of `KernelDensity`, a sum), which is minus a density loss. It is negative where
    densities are below 1, and crosses zero when the unit changes: times 10 in d columns
    takes d log(10) off. AIC and BIC are minus twice a log-likelihood with a penalty, and
    of either sign, too.

    **What is measured.** The kind of the estimator; whether `loss_value` is minus the
    density loss of the forecasts given, their sum, or the AIC or BIC of the estimator.

    **What to do.** Call the axis "mean log density, nats"; compare models on the same
    data in the same unit.

    References
    ----------
    .. [1] `scikit-learn/scikit-learn#8453
       <https://github.com/scikit-learn/scikit-learn/issues/8453>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import BayesianRidge
    >>> from sklearn.mixture import GaussianMixture
    >>> from sklearn_negloss import audit
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> audit(estimator=GaussianMixture().fit(X), X=X).outcomes["NEG204"]
    'found'
    >>> audit(estimator=BayesianRidge().fit(X, X[:, 0])).outcomes["NEG204"]
    'clear'
    """

    code = "NEG204"
    cause = "convention"
    severity = "info"
    message = "{subject} is {likelihood}: {reading}."
    advice = (
        "Turn the sign to read a log-likelihood as a loss, in nats; compare it only with "
        "others on the same data in the same unit."
    )
    yields_to = ("NEG202", "NEG203")

    @classmethod
    def measure(cls, clues: Clues) -> Evidence | NotApplicable | None:
        """Look at the number, then at the estimator."""
        if clues.value is None and clues.leaf is None:
            return NotApplicable("needs an estimator or loss_value")
        return (
            _minus_density_loss(clues)
            or _information_criterion(clues)
            or _likelihood_score(clues)
        )


def _minus_density_loss(clues: Clues) -> Evidence | None:
    """A number that is the log-likelihood of the forecasts, mean or sum."""
    loss, measured = clues.loss, clues.measured
    if loss is None or loss.kind != "density" or not isinstance(measured, float):
        return None
    n = len(clues.y_true) if clues.y_true is not None else 0
    whats = ((1, "mean log-likelihood"), (n, f"sum of the {n} log-likelihoods"))
    for times, what in whats:
        if n and clues.is_minus(times * measured):
            return {
                "subject": f"The number {clues.value:.6g}",
                "likelihood": f"the {what} of these forecasts",
                "reading": f"higher is better; the loss ({loss.name}) is {measured:.6g}",
                "measured": measured,
            }
    return None


def _information_criterion(clues: Clues) -> Evidence | None:
    """A number that an estimator reports as AIC or BIC."""
    if clues.value is None or clues.leaf is None:
        return None
    for name, values in _criteria(clues):
        if any(clues.is_same(value) for value in values):
            return {
                "subject": f"The number {clues.value:.6g}, from {name},",
                "likelihood": "minus twice a log-likelihood with a penalty",
                "reading": "lower is better, and either sign is normal",
            }
    return None


def _criteria(clues: Clues) -> list[tuple[str, Any]]:
    """Return the information criteria that an estimator knows."""
    leaf, name = clues.leaf, type(clues.leaf).__name__
    curve = np.ravel(getattr(leaf, "criterion_", ()))
    found: list[tuple[str, Any]] = [(f"{name}.criterion_", curve)]
    if clues.X is None:
        return found
    for criterion in ("aic", "bic"):
        if callable(getattr(leaf, criterion, None)):
            found.append((f"{name}.{criterion}", _called(leaf, criterion, clues.X)))
    return found


def _called(leaf: Any, criterion: str, X: Any) -> list[float]:
    """Return an information criterion of samples, if it takes them."""
    try:
        return [float(Sandbox().call(getattr(leaf, criterion), X))]
    except RefusedCall:
        return []


def _likelihood_score(clues: Clues) -> Evidence | None:
    """An estimator whose score is a log-likelihood."""
    if clues.leaf is None or "OutlierMixin" in clues.ancestry:
        return None
    if clues.scorer is not None and negated_losses(clues.scorer):
        return None
    for name, likelihood in LIKELIHOODS.items():
        if name in clues.ancestry:
            return {
                "subject": f"{type(clues.leaf).__name__}.score",
                "likelihood": likelihood,
                "reading": "higher is better, and it moves with the unit of X",
            }
    return None
