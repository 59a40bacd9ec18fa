"""What the name of a loss says about the numbers that it is computed from."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

from sklearn_negloss._sklearn import scorer_parts
from sklearn_negloss._validation import did_you_mean
from sklearn_negloss.metrics import LOSS_FACTS, get_scorer_names

Kind = Literal["density", "cross-entropy", "bounded", "score"]


@dataclass(frozen=True)
class DeclaredLoss:
    """What a loss is computed from, and how low it can go.

    Parameters
    ----------
    name : str
        Its name, without ``neg_``.
    kind : {"density", "cross-entropy", "bounded", "score"}
        A logarithm of a density; a cross-entropy; another loss with a lower bound; or
        a score, higher is better.
    minimum : float
        Greatest lower bound, -inf if there is none.
    literal : bool
        Whether numeric labels are read as values in [0, 1], and not encoded.
    inferred : bool
        Whether nobody named it: it follows from what was given.
    negated : bool
        Whether it was named with ``neg_``: the number to explain is minus the loss.
    """

    name: str
    kind: Kind
    minimum: float = 0.0
    literal: bool = False
    inferred: bool = False
    negated: bool = False


# Scores that are below 0 where a forecast is worse than their reference.
SIGNED_SCORES = (
    *("r2", "explained_variance", "d2_", "matthews_corrcoef", "cohen_kappa"),
    *("adjusted_", "information_gain", "crps_skill", "silhouette"),
)


def _ours(name: str) -> DeclaredLoss:
    """Read one of our losses from the table of facts."""
    facts = LOSS_FACTS[name]
    if facts.forecast[0] in ("y_prob", "logits"):
        literal = name.startswith("binary")
        return DeclaredLoss(name, "cross-entropy", facts.minimum, literal)
    kind: Kind = "density" if facts.can_be_negative else "bounded"
    return DeclaredLoss(name, kind, facts.minimum)


def _theirs(name: str, scorer: str) -> DeclaredLoss:
    """Read a scorer of scikit-learn: ``neg_`` marks a loss, all of them bounded by 0."""
    if not scorer.startswith("neg_"):
        minimum = -math.inf if name.startswith(SIGNED_SCORES) else 0.0
        return DeclaredLoss(name, "score", minimum)
    # scikit-learn's log_loss encodes labels: {1, 2} is harmless there.
    return DeclaredLoss(name, "cross-entropy" if name == "log_loss" else "bounded")


def _table() -> dict[str, DeclaredLoss]:
    """Return every loss that can be named."""
    scorers = {name.removeprefix("neg_"): name for name in get_scorer_names()}
    table = {
        name: _theirs(name, scorer)
        for name, scorer in scorers.items()
        if name not in LOSS_FACTS
    }
    return table | {name: _ours(name) for name in LOSS_FACTS}


def declared_loss(name: Any) -> DeclaredLoss:
    """Return what is known of a loss by name.

    Parameters
    ----------
    name : str
        A name of `get_scorer_names`, with or without ``neg_`` in front or ``_loss``
        behind.

    Returns
    -------
    loss : DeclaredLoss
        What is known of it.

    Raises
    ------
    TypeError
        If `name` is neither a string nor callable.
    ValueError
        If nobody knows the name.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"loss must be the name of a loss or a callable; got {name!r}; "
            "names are those of get_scorer_names(), without neg_."
        )
    table = _table()
    stem = name.removeprefix("neg_")
    for candidate in (stem, stem.removesuffix("_loss"), stem.removesuffix("_score")):
        if candidate in table:
            found = table[candidate]
            negated = name.startswith("neg_") and found.kind != "score"
            return replace(found, negated=negated)
    raise ValueError(
        f"loss must be a known name; got {name!r}; {did_you_mean(stem, table)}"
        "get_scorer_names() lists all, here without neg_."
    )


def scored_loss(scorer: Any) -> DeclaredLoss | None:
    """Return what is known of what a scorer computes, if it has a known name.

    Parameters
    ----------
    scorer : str or callable
        Scorer.

    Returns
    -------
    loss : DeclaredLoss or None
        The loss or the score behind it.
    """
    if isinstance(scorer, str):
        name = scorer
    else:
        parts = scorer_parts(scorer)
        name = getattr(scorer if parts is None else parts.function, "__name__", "")
    try:
        return declared_loss(name)
    except ValueError:
        return None
