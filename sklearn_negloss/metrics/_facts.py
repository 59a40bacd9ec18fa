"""Facts of each loss, in the one table that docs, audit and tests read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from sklearn_negloss.distributions._formulas import HALF_LOG_2PI


@dataclass(frozen=True)
class LossFacts:
    """What is true of a loss, whatever the data.

    Parameters
    ----------
    forecast : tuple of str
        Parameters that carry the prediction; they say what a scorer must fetch.
    minimum : float
        Greatest lower bound over all valid inputs; -inf if there is none.
    scale_law : {"shift", "linear", "none"}
        What becomes of it when target and forecast are multiplied by a > 0: it moves
        by `shift` log(a), is multiplied by a, or obeys no law.
    proper : str
        "strictly", for any distribution; "for moments" of any distribution, and strictly
        among Gaussians; "among Gaussians" alone, strictly; "for quantiles"; or "no".
    elicits : str
        What a forecaster who minimises it in expectation reports.
    shift : float
        Number of times log(a) is added, where the law is "shift".
    dropped_constant : float
        Constant that other implementations often leave out.
    """

    forecast: tuple[str, ...]
    minimum: float
    scale_law: Literal["shift", "linear", "none"]
    proper: str
    elicits: str
    shift: float = 0.0
    dropped_constant: float = 0.0

    @property
    def can_be_negative(self) -> bool:
        """Whether a negative value is possible at all."""
        return self.minimum < 0


# A calibrated Gaussian forecast of this sigma has an expected NLL of exactly zero, and
# so has the best constant forecast of a target of this standard deviation.
ZERO_NLL_SIGMA = 1.0 / math.sqrt(2.0 * math.pi * math.e)  # 0.24197...

LOSS_FACTS: dict[str, LossFacts] = {
    "gaussian_nll": LossFacts(
        ("mu", "sigma"),
        -math.inf,
        "shift",
        "for moments",
        "mean and standard deviation",
        shift=1.0,
        dropped_constant=HALF_LOG_2PI,
    ),
    "gaussian_crps": LossFacts(
        ("mu", "sigma"),
        0.0,
        "linear",
        "among Gaussians",
        "the nearest Gaussian in CRPS",
    ),
    "dawid_sebastiani": LossFacts(
        ("mu", "sigma"),
        -math.inf,
        "shift",
        "for moments",
        "mean and standard deviation",
        shift=2.0,
    ),
    "nll": LossFacts(
        ("dist",), -math.inf, "shift", "strictly", "the distribution", shift=1.0
    ),
    "crps": LossFacts(("dist",), 0.0, "linear", "strictly", "the distribution"),
    "interval": LossFacts(
        ("lower", "upper"), 0.0, "linear", "for quantiles", "two quantiles"
    ),
    "binary_cross_entropy": LossFacts(
        ("y_prob",), 0.0, "none", "strictly", "probability of the positive class"
    ),
    "binary_cross_entropy_with_logits": LossFacts(
        ("logits",), 0.0, "none", "strictly", "log odds of the positive class"
    ),
    "cross_entropy_with_logits": LossFacts(
        ("logits",), 0.0, "none", "strictly", "log probabilities of the classes"
    ),
    "log1p_absolute": LossFacts(("y_pred",), 0.0, "none", "no", "no common functional"),
}
