"""1xx: what a transform of the target adds to a density loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.case._forecast import UNIT_ENTROPY, Floats
from sklearn_negloss.audit.case._inputs import as_column
from sklearn_negloss.audit.case._measured import agrees
from sklearn_negloss.audit.case._target import TargetSummary
from sklearn_negloss.audit.rules._units import NO_DENSITY
from sklearn_negloss.distributions.transforms._jacobians import mean_log_jacobian
from sklearn_negloss.distributions.transforms._maps import NoDensityError
from sklearn_negloss.metrics import LOSS_FACTS

NO_SLOPE = NotApplicable("the transform has an infinite slope at a value of y")


def nats_of_transform(loss: DeclaredLoss, jacobian: float) -> float:
    """Return what a transform adds to a density loss: once or twice its Jacobian."""
    facts = LOSS_FACTS.get(loss.name)
    return jacobian * (facts.shift if facts is not None else 1.0)


class ScoredInTransformedSpace(Rule):
    """A density loss of the transformed target is in other units than one of the target.

    **Why the loss goes negative.** If z = g(y), the density of y is that of z times the
    slope of g. A loss of z is lower or higher than one of y by the mean of
    log(abs(dz/dy)), whatever the model: standardising a target of large numbers, or
    taking its logarithm, makes many losses negative.

    **What is measured.** The mean log slope of the target transformer over the target,
    in closed form where there is one. Found if it is off zero by more than
    {least:g} nats. Not applicable to transforms that leave no density (quantiles, bins).

    **What to do.** Nothing, as long as all losses that you compare are of the same
    space; to compare with a model of y itself, take the shift into account.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_negloss import audit
    >>> y = np.random.default_rng(0).normal(200, 50, size=500)
    >>> scaler = StandardScaler().fit(y.reshape(-1, 1))
    >>> audit(y_true=y, transformer=scaler).outcomes["NEG103"]
    'found'
    >>> z = scaler.transform(y.reshape(-1, 1)).ravel()
    >>> audit(y_true=z, transformer=scaler.fit(z.reshape(-1, 1))).outcomes["NEG103"]
    'clear'
    """

    code = "NEG103"
    cause = "units"
    severity = "info"
    message = (
        "A loss of {transformed:.4g} of the transformed target is one of {own:.4g} in the "
        "target's own units: {shift:+.4g} nats are the transform's, and no model's."
    )
    advice = (
        "Compare losses of one space only: {move} a loss of the transformed "
        "target before you compare it with one of the target itself."
    )
    yields_to = ("NEG104",)
    # Less is the difference between two folds.
    least = 0.05

    @classmethod
    def measure(
        cls,
        jacobian: float,
        loss: DeclaredLoss,
        scored_target: TargetSummary,
        in_transformed_space: bool,
        measured: float | None = None,
    ) -> Evidence | NotApplicable | None:
        """Hold the mean log slope against zero."""
        if loss.kind != "density":
            return NO_DENSITY
        if not math.isfinite(jacobian):
            return NO_SLOPE
        if abs(jacobian) <= cls.least:
            return None
        nats = nats_of_transform(loss, jacobian)
        if measured is None and not scored_target.std > 0:
            return NotApplicable("the transformed target is constant")
        if measured is None:  # the best constant forecast serves as the example
            transformed = math.log(scored_target.std) + UNIT_ENTROPY
        else:
            transformed = measured if in_transformed_space else measured + nats
        return {
            "jacobian": jacobian,
            "shift": -nats,
            "move": f"subtract {nats:.4g} from" if nats > 0 else f"add {-nats:.4g} to",
            "transformed": transformed,
            "own": transformed - nats,
        }


class MissingJacobian(Rule):
    """Density losses are compared whose targets were transformed differently.

    **Why the loss goes negative.** A loss of log y, of standardised y and of y itself
    differ by the mean log slope of the transform, before any model has done anything.
    The one whose transform squeezes most wins the comparison, and is often negative.

    **What is measured.** The mean log slope of each transformer in a list
    (`transformer=[None, fitted]`, None for the target itself); or whether `loss_value`
    is the loss of the forecasts given, moved by the transform. Found if two differ by
    more than {least:g} nats.

    **What to do.** Bring all losses to the target's own units, by subtracting each
    one's mean log slope, or use `TransformedTargetProbabilisticRegressor`, whose density
    is that of y.

    Examples
    --------
    A model of y against one of log y:

    >>> import numpy as np
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_negloss import audit
    >>> y = np.exp(np.random.default_rng(0).normal(6, 0.5, size=500))
    >>> log = FunctionTransformer(np.log, np.exp).fit(y.reshape(-1, 1))
    >>> audit(y_true=y, transformer=[None, log]).outcomes["NEG104"]
    'found'
    >>> audit(y_true=y, transformer=[log, log]).outcomes["NEG104"]
    'clear'
    """

    code = "NEG104"
    cause = "units"
    severity = "warning"
    message = (
        "{statement}: {difference:.4g} nats lie between the two before any model has done "
        "anything."
    )
    advice = (
        "Subtract from each loss the mean of log(abs(dz/dy)) of its own transform; what "
        "remains is in the target's own units and can be compared."
    )
    least = 0.05
    # A sigma carried over to the other space is right to first order only.
    tolerance = 0.05

    @classmethod
    def measure(
        cls,
        y_true: Any,
        loss: DeclaredLoss | None = None,
        compared: Sequence[Any] | None = None,
        jacobian: float | None = None,
        measured: float | None = None,
        loss_value: float | None = None,
        in_transformed_space: bool | None = None,
        weights: Floats | None = None,
    ) -> Evidence | NotApplicable | None:
        """Compare the slopes of a list, or a reported loss with the one computed."""
        if loss is not None and loss.kind != "density":
            return NO_DENSITY
        if compared is not None:
            return cls._of_list(as_column(y_true), compared, weights)
        if jacobian is None or measured is None or loss_value is None or loss is None:
            return NotApplicable(
                "needs transformer as a list, or with loss_value, mu and sigma"
            )
        if not math.isfinite(jacobian):
            return NO_SLOPE
        if in_transformed_space:
            return None  # a loss in the target's own units has its Jacobian
        return cls._of_value(loss_value, measured, nats_of_transform(loss, jacobian))

    @classmethod
    def _of_list(
        cls, y: Floats, compared: Sequence[Any], weights: Floats | None
    ) -> Evidence | NotApplicable | None:
        """Compare the mean log slopes of several transformers."""
        if len(compared) < 2:
            return NotApplicable("needs two transformers to compare")
        try:
            slopes = [mean_log_jacobian(t, y, sample_weight=weights) for t in compared]
        except (NoDensityError, ValueError) as error:
            return NotApplicable(str(error).rstrip("."))
        if not all(map(math.isfinite, slopes)):
            return NO_SLOPE
        low, high = slopes.index(min(slopes)), slopes.index(max(slopes))
        if slopes[high] - slopes[low] <= cls.least:
            return None
        first, second = _space(compared[low]), _space(compared[high])
        return {
            "statement": f"Losses of {first} and of {second} are compared",
            "difference": slopes[high] - slopes[low],
        }

    @classmethod
    def _of_value(
        cls, loss_value: float, measured: float, nats: float
    ) -> Evidence | None:
        """Look whether the reported loss is the one of the transformed target."""
        other = measured + nats
        off = abs(loss_value - other)
        near = off <= cls.tolerance * abs(nats) or agrees(loss_value, other)
        if abs(nats) <= cls.least or not near or off >= abs(loss_value - measured):
            return None
        statement = (
            f"{loss_value:.6g} is the loss of the transformed target; in the target's own "
            f"units the same forecasts have {measured:.6g}"
        )
        return {"statement": statement, "difference": abs(nats)}


def _space(transformer: Any) -> str:
    """Name the space of a model by its transformer."""
    if transformer is None or isinstance(transformer, str):
        return "y itself"
    function = getattr(transformer, "func", None)
    return getattr(function, "__name__", type(transformer).__name__)
