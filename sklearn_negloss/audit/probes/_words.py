"""The targets and forecasts of a probe in words that anybody can call again."""

from __future__ import annotations

from typing import NamedTuple

# How to call what a loss is of.
WORDS = {
    "point": "values",
    "positive": "positive values",
    "log-rate": "logarithms of rates",
    "density": "mu and a width",
    "positive density": "mu and a width",
    "log density": "mu and a width",
    "columns": "mu and a width",
    "dist": "distributions",
    "interval": "intervals",
    "probability": "probabilities",
    "logits": "log odds",
    "margin": "margins",
    "soft table": "log probabilities of soft labels",
    "multilabel": "several labels",
}


class Told(NamedTuple):
    """A target, the right forecast and the first bad one, as one would write them.

    Parameters
    ----------
    target, right, bad : str
        Expressions of y where one fits into a sentence, and words where none does.
    """

    target: str
    right: str
    bad: str


_MIXED = "np.linspace(-2.9075, 2.8425, 24)"
_COUNTS = "np.arange(1, 25) % 9 + 1"
_BITS = "np.arange(24) % 2"
_CLASSES = "np.arange(24) % 3"

TOLD = {
    "point": Told(_MIXED, "y", "y + 5"),
    "positive": Told(_COUNTS, "y", "3 * y"),
    "log-rate": Told(_COUNTS, "np.log(y)", "np.log(y) + 1.1"),
    "density": Told(_MIXED, "mu = y with sigma = 1", "mu = y + 6 with sigma = 1"),
    "columns": Told(_MIXED, "mu = y with sigma = 1", "mu = y + 6 with sigma = 1"),
    "positive density": Told(
        "np.arange(1, 25) % 9 + 21",
        "mu = y with sigma = 8",
        "mu = y + 20 with sigma = 8",
    ),
    "log density": Told(
        _COUNTS, "mu = np.log(y) with sigma = 1", "mu = np.log(y) + 6 with sigma = 1"
    ),
    "dist": Told(_MIXED, "Normal(y, 1)", "Normal(y + 6, 1)"),
    "interval": Told(_MIXED, "y - 0.5 to y + 0.5", "y + 4.5 to y + 5.5"),
    "probability": Told(_BITS, "np.where(y == 1, 0.99, 0.01)", "np.full(24, 0.5)"),
    "logits": Told(_BITS, "np.where(y == 1, 4, -4)", "np.zeros(24)"),
    "margin": Told("np.arange(24) % 2 * 2 - 1", "4 * y", "np.zeros(24)"),
    "probabilities table": Told(
        _CLASSES, "0.98 for the class y", "1/3 for each of three classes"
    ),
    "logits table": Told(
        _CLASSES,
        "logits of 0.98 for the class y",
        "equal logits for each of three classes",
    ),
    "log-probabilities table": Told(
        _CLASSES,
        "log probabilities of 0.98 for the class y",
        "those of 1/3 for each of three classes",
    ),
    "soft table": Told(
        "rows of 0.7, 0.15 and 0.15",
        "their logarithms",
        "those with 0.7 for the next class",
    ),
    "multilabel": Told(
        "three columns of labels", "0.95 for a label of 1", "that of other labels"
    ),
}


def told(kind: str, target: object) -> Told:
    """Return the words for a probe.

    Parameters
    ----------
    kind : str
        Kind of loss.
    target : ndarray
        Its target: labels may be of two or three classes, and be counted from 1.

    Returns
    -------
    words : Told
        Target, right forecast and bad one.
    """
    if kind == "labels":
        k = int(max(target)) + 1  # type: ignore[call-overload]
        return Told(f"np.arange(24) % {k}", "y", f"np.arange(24) // {k} % {k}")
    words = TOLD[kind]
    counted = kind.endswith("s table") and min(target) == 1  # type: ignore[call-overload]
    return words._replace(target=f"{words.target} + 1") if counted else words
