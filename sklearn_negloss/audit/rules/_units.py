"""1xx: the number is right, and its sign follows the unit."""

from __future__ import annotations

import math

from sklearn_negloss.audit._declared import DeclaredLoss
from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit._target import TargetSummary
from sklearn_negloss.metrics import ZERO_NLL_SIGMA

NO_DENSITY = NotApplicable(
    "the loss is no density loss: its sign owes nothing to units"
)


class SmallUnits(Rule):
    """The target's unit is so large that even a useless forecast has a negative loss.

    **Why the loss goes negative.** A density has the unit 1/y. Multiplying y by a adds
    log(a) to every density loss, good and bad forecasts alike. The best constant
    Gaussian forecast has a loss of log(sd) + 1.4189, negative for a standard deviation
    below {least:.6g}.

    **What is measured.** The standard deviation of the target. Found below {least:.6g}.

    **What to do.** Nothing: compare forecasts by their gain over a constant, which no
    unit changes.

    Examples
    --------
    Heights in kilometres, and in metres:

    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> metres = np.random.default_rng(0).normal(170, 30, size=500)
    >>> audit(y_true=metres / 1000).outcomes["NEG102"]
    'found'
    >>> audit(y_true=metres).outcomes["NEG102"]
    'clear'
    """

    code = "NEG102"
    cause = "units"
    severity = "info"
    message = (
        "The target has a standard deviation of {std:.4g}, below {least:.4g}: even a "
        "constant forecast has a negative Gaussian NLL, {baseline:.4g}."
    )
    advice = (
        "Keep the unit, and compare models by their gain, which has none; multiplied by "
        "{factor:.4g} or more, the target would have no such sign."
    )
    yields_to = ("NEG106",)
    least = ZERO_NLL_SIGMA

    @classmethod
    def measure(
        cls, target: TargetSummary, loss: DeclaredLoss
    ) -> Evidence | NotApplicable | None:
        """Compare the spread of the target with the one whose entropy is zero."""
        if loss.kind != "density":
            return NO_DENSITY
        if not target.std > 0:
            return NotApplicable("the target is constant")
        if target.std >= cls.least:
            return None
        baseline = math.log(target.std / cls.least)
        return {
            "std": target.std,
            "least": cls.least,
            "baseline": baseline,
            "factor": cls.least / target.std,
        }
