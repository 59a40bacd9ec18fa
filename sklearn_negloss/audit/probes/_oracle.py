"""Which way a scorer points: an estimator that knows the answer has to score higher."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from sklearn.base import is_classifier

from sklearn_negloss._sklearn import rows_of, scorer_parts
from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.probes._sandbox import BudgetSpent, RefusedCall, Sandbox
from sklearn_negloss.audit.probes._stubs import Task, tasks
from sklearn_negloss.metrics import get_scorer
from sklearn_negloss.metrics._scorer import DistributionScorer

Verdict = Literal["right", "reversed", "undecided"]

# Scores that differ by less than rounding are equal.
TOLERANCE = 1e-9

# Rows of a user's X that are enough to tell up from down, and their errors in standard
# deviations of the target.
MAX_ROWS = 500
FAR = 10.0


class Reading(NamedTuple):
    """Scores of an estimator that is nearly right and of one that is not.

    Parameters
    ----------
    metric : str
        Which, of a scorer of several.
    task : str
        On what.
    good, bad : float
        Scores.
    perfect : float
        Score of one that is always right; nan if there is none.
    """

    metric: str
    task: str
    good: float
    bad: float
    perfect: float = math.nan

    @property
    def verdict(self) -> Verdict:
        """Whether the better estimator has the higher score."""
        gap = self.good - self.bad
        least = TOLERANCE * max(1.0, abs(self.good), abs(self.bad))
        if not math.isfinite(gap) or abs(gap) <= least:
            return "undecided"
        return "right" if gap > 0 else "reversed"


@dataclass(frozen=True)
class Oracle:
    """What a scorer said of estimators that know the answer.

    Parameters
    ----------
    name : str
        How to call the scorer in a sentence.
    readings : tuple of Reading
        Its scores, one for each task and metric that it takes.
    sign : int
        -1 if the scorer is known to turn the sign of its metric.
    negated : bool
        Whether it uses, or is called after, something with its sign turned.
    """

    name: str
    readings: tuple[Reading, ...]
    sign: int = 1
    negated: bool = False

    @property
    def decided(self) -> list[Reading]:
        """Readings that tell up from down."""
        return [each for each in self.readings if each.verdict != "undecided"]

    @property
    def reversed_reading(self) -> Reading | None:
        """The first metric that points down wherever it points at all."""
        for metric in dict.fromkeys(each.metric for each in self.decided):
            mine = [each for each in self.decided if each.metric == metric]
            if all(each.verdict == "reversed" for each in mine):
                return mine[0]
        return None

    @property
    def undecided_reason(self) -> str | None:
        """Why it points neither way, or None if it does."""
        if not self.decided:
            return f"{self.name} scores right and wrong estimators alike"
        seen = {each.verdict for each in self.decided}
        if len(seen) > 1 and self.reversed_reading is None:
            return f"{self.name} points up on one task and down on another"
        return None


def probe_scorer(
    scorer: Any, estimator: Any = None, X: Any = None
) -> Oracle | NotApplicable:
    """Let a scorer judge estimators that know the answer, and some that do not.

    Parameters
    ----------
    scorer : str, callable or dict
        Scorer, or several by name.
    estimator : object, default=None
        Fitted estimator, for scorers that take no other.
    X : array-like, default=None
        Its samples.

    Returns
    -------
    oracle : Oracle or NotApplicable
        Its scores.
    """
    scorer = _as_callable(scorer)
    sandbox = Sandbox()
    try:
        readings, refusal = _on_stubs(scorer, sandbox)
        name, negated = _name(scorer), _uses_negated(scorer)
        oracle = Oracle(name, tuple(readings), _sign(scorer), negated)
        if not oracle.decided and estimator is not None and X is not None:
            own, refusal = _on_estimator(scorer, estimator, X, sandbox)
            oracle = replace(oracle, readings=tuple(readings + own))
    except BudgetSpent as spent:
        return NotApplicable(str(spent))
    if not oracle.readings:
        return NotApplicable(f"{oracle.name} refuses every probe: {refusal}")
    return oracle


def probe_own_score(estimator: Any, X: Any) -> Oracle | NotApplicable:
    """Let an estimator's own `score` judge it on a target that it predicts exactly.

    Parameters
    ----------
    estimator : object
        Fitted regressor or classifier with a method `score`.
    X : array-like
        Samples.

    Returns
    -------
    oracle : Oracle or NotApplicable
        Its scores.
    """
    return probe_on_estimator(_score, estimator, X, f"{type(estimator).__name__}.score")


def probe_on_estimator(
    scorer: Any, estimator: Any, X: Any, name: str = "the scorer"
) -> Oracle | NotApplicable:
    """Let a scorer judge an estimator on what it predicts, and on other targets.

    Parameters
    ----------
    scorer : callable
        ``scorer(estimator, X, y)``.
    estimator : object
        Fitted regressor or classifier.
    X : array-like
        Samples.
    name : str, default="the scorer"
        How to call the scorer in a sentence.

    Returns
    -------
    oracle : Oracle or NotApplicable
        Its scores.
    """
    try:
        readings, refusal = _on_estimator(scorer, estimator, X, Sandbox())
    except BudgetSpent as spent:
        return NotApplicable(str(spent))
    if not readings:
        return NotApplicable(f"{name} refuses every probe: {refusal}")
    return Oracle(name, tuple(readings))


def _score(estimator: Any, X: Any, y: Any) -> Any:
    return estimator.score(X, y)


def _as_callable(scorer: Any) -> Callable[..., Any]:
    """Return one callable for a name, a scorer, or a dict of scorers."""
    if isinstance(scorer, Mapping):
        each = {name: get_scorer(one) for name, one in scorer.items()}
        return lambda *args: {name: one(*args) for name, one in each.items()}
    return get_scorer(scorer)


def _name(scorer: Any) -> str:
    """Return how to call a scorer in a sentence."""
    parts = scorer_parts(scorer)
    if parts is not None:
        turned = "minus " if parts.sign < 0 else ""
        return (
            f"the scorer of {turned}{getattr(parts.function, '__name__', 'a metric')}"
        )
    name = getattr(scorer, "__name__", "<lambda>")
    return "the scorer" if name == "<lambda>" else f"the scorer {name}"


def _uses_negated(scorer: Any) -> bool:
    """Whether a scorer is called after minus a loss, or uses a scorer that is one."""
    if getattr(scorer, "__name__", "").startswith(("neg_", "minus_")):
        return True
    code = getattr(scorer, "__code__", None)
    if code is None or isinstance(scorer, DistributionScorer):
        return False
    words = [c for c in (*code.co_consts, *code.co_names) if isinstance(c, str)]
    if any(word.startswith("neg_") for word in words):
        return True
    used = inspect.getclosurevars(scorer)
    values = (*used.globals.values(), *used.nonlocals.values())
    return any(_sign(value) < 0 for value in values)


def _sign(scorer: Any) -> int:
    """Return -1 for a scorer that is known to turn the sign of its metric."""
    if isinstance(scorer, DistributionScorer):
        return min(scorer._signs.values())
    parts = scorer_parts(scorer)
    return 1 if parts is None else parts.sign


def _on_stubs(
    scorer: Callable[..., Any], sandbox: Sandbox
) -> tuple[list[Reading], str]:
    """Score the estimators of every task."""
    readings: list[Reading] = []
    refusal = "it takes no task"
    for task in tasks():
        try:
            readings += _on_task(scorer, task, sandbox)
        except RefusedCall as error:
            refusal = str(error)
    return readings, refusal


def _on_task(scorer: Callable[..., Any], task: Task, sandbox: Sandbox) -> list[Reading]:
    """Score the estimators of one task."""
    good, bad = (
        _scores(sandbox.call(scorer, estimator, task.X, task.y))
        for estimator in (task.good, task.bad)
    )
    try:
        perfect = _scores(sandbox.call(scorer, task.perfect, task.X, task.y))
    except RefusedCall:
        perfect = {}
    return [
        Reading(name, task.name, good[name], bad[name], perfect.get(name, math.nan))
        for name in good
        if name in bad
    ]


def _on_estimator(
    scorer: Callable[..., Any], estimator: Any, X: Any, sandbox: Sandbox
) -> tuple[list[Reading], str]:
    """Score an estimator on the target that it predicts, and on others."""
    readings: list[Reading] = []
    refusal = ""
    task = f"what {type(estimator).__name__} predicts"
    try:
        X = sandbox.call(_first_rows, X)
        y = np.asarray(sandbox.call(estimator.predict, X))
        good = _scores(sandbox.call(scorer, estimator, X, y))
        for wrong in sandbox.call(_wrong_targets, estimator, y):
            bad = _scores(sandbox.call(scorer, estimator, X, wrong))
            readings += [Reading(name, task, good[name], bad[name]) for name in bad]
    except RefusedCall as error:
        refusal = str(error)
    return readings, refusal


def _first_rows(X: Any) -> Any:
    """Return as many samples as are enough."""
    return rows_of(X, np.arange(min(np.shape(X)[0], MAX_ROWS)))


def _wrong_targets(estimator: Any, y: Any) -> Sequence[Any]:
    """Return targets that the estimator predicts badly."""
    if is_classifier(estimator) or y.dtype.kind not in "fiu":
        classes = np.asarray(getattr(estimator, "classes_", np.unique(y)))
        place = np.searchsorted(classes, y)
        return [classes[(place + 1) % len(classes)]]
    spread = float(np.std(y)) or float(np.abs(y).max()) or 1.0
    return [y + FAR * spread, y - FAR * spread]


def _scores(value: Any) -> dict[str, float]:
    """Return the scores that a scorer returned, by metric."""
    if isinstance(value, Mapping):
        return {str(name): _number(each) for name, each in value.items()}
    return {"": _number(value)}


def _number(value: Any) -> float:
    """Return one number, or raise that it is none."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise RefusedCall(f"returned {type(value).__name__}, not a number") from None
    if array.size != 1:
        raise RefusedCall(f"returned {array.size} numbers, not one")
    return float(array.reshape(()))
