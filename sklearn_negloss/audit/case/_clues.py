"""What tells the sign of a reported number: the scorer that made it, or its own value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sklearn_negloss._sklearn import is_passthrough, scorer_parts
from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.case._declared import DeclaredLoss, scored_loss
from sklearn_negloss.audit.case._derive import leaf_of
from sklearn_negloss.audit.case._measured import Measured, agrees
from sklearn_negloss.audit.probes._oracle import Oracle, probe_own_score, probe_scorer
from sklearn_negloss.metrics import get_scorer
from sklearn_negloss.metrics._scorer import DistributionScorer
from sklearn_negloss.metrics._signature import name_of

if TYPE_CHECKING:
    from sklearn_negloss.audit.case._case import Case

# A loss this close to zero is its own negative.
ZERO = 1e-12


@dataclass(frozen=True)
class Clues:
    """A scorer, an estimator, a number to explain, and the loss that it belongs to.

    Parameters
    ----------
    scorer : object
        Scorer as given, or found in a search.
    estimator : object
        Fitted estimator as given.
    X : array-like
        Its samples.
    value : float
        Number to explain.
    loss : DeclaredLoss
        What is known of the loss.
    measured : float, NotApplicable or None
        The loss of what was given, recomputed.
    y_true, y_pred : ndarray
        Target and predictions.
    hard_prob : ndarray
        Probabilities of the dtype of labels, all of them 0 or 1.
    weights : ndarray
        Weights of the samples.
    """

    scorer: Any = None
    estimator: Any = None
    X: Any = None
    value: float | None = None
    loss: DeclaredLoss | None = None
    measured: Measured = None
    y_true: Any = None
    y_pred: Any = None
    hard_prob: Any = None
    weights: Any = None

    @classmethod
    def of(cls, case: Case) -> Clues | None:
        """Gather what a case holds, None if nothing of it can have a sign."""
        given = case.supplied
        signs = (given.scorer, given.estimator, given.loss_value)
        if all(each is None for each in signs):
            return None
        return cls(
            given.scorer,
            given.estimator,
            given.X,
            given.loss_value,
            case.loss,
            case.measured,
            given.y_labels,
            given.y_pred,
            _hard(given.y_prob),
            case.weights,
        )

    @cached_property
    def leaf(self) -> Any:
        """The estimator inside searches, pipelines and wrappers."""
        return None if self.estimator is None else leaf_of(self.estimator)

    @cached_property
    def ancestry(self) -> set[str]:
        """Names of the classes of the leaf."""
        return {each.__name__ for each in type(self.leaf).__mro__}

    @cached_property
    def loss_scored(self) -> DeclaredLoss | None:
        """What is known of what the scorer computes."""
        return None if self.scorer is None else scored_loss(self.scorer)

    @cached_property
    def oracle(self) -> Oracle | NotApplicable | None:
        """What the scorer, or the estimator's own score, says of right and wrong."""
        if self.scorer is not None and not is_passthrough(self.scorer):
            return probe_scorer(self.scorer, self.estimator, self.X)
        scored = hasattr(self.leaf, "predict") and hasattr(self.leaf, "score")
        if self.X is None or not scored:
            return None
        # A search with a scorer of its own, or a pipeline, hands on to its leaf.
        return probe_own_score(self.estimator, self.X)

    def is_minus(self, expected: Any) -> bool:
        """Whether the number to explain is another one with its sign turned."""
        if self.value is None or not isinstance(expected, float):
            return False
        return abs(expected) > ZERO and agrees(self.value, -expected)

    def is_same(self, expected: Any) -> bool:
        """Whether the number to explain is this one."""
        if self.value is None or not isinstance(expected, float):
            return False
        return agrees(self.value, expected)


def _hard(prob: Any) -> Any:
    """Return probabilities that are labels: one integer a sample, of 0 and 1."""
    if prob is None or prob.ndim != 1 or prob.dtype.kind not in "iub":
        return None
    return prob if set(prob.tolist()) == {0, 1} else None


def negated_losses(scorer: Any) -> list[str]:
    """Return the names of the losses that a scorer turns the sign of.

    Parameters
    ----------
    scorer : str, callable or dict
        A scorer, or several by name.

    Returns
    -------
    names : list of str
        Empty if its sign is that of what it computes, or cannot be told.
    """
    if isinstance(scorer, dict):
        return [name for each in scorer.values() for name in negated_losses(each)]
    scorer = get_scorer(scorer) if isinstance(scorer, str) else scorer
    if isinstance(scorer, DistributionScorer):
        return [
            name_of(loss)
            for name, loss in scorer._losses.items()
            if scorer._signs[name] < 0
        ]
    parts = scorer_parts(scorer)
    if parts is not None:
        return [name_of(parts.function)] if parts.sign < 0 else []
    name = getattr(scorer, "__name__", "")
    return [name.removeprefix("neg_")] if name.startswith("neg_") else []
