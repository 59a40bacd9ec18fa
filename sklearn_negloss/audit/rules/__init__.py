"""Every rule of the audit, in the order of its code."""

from __future__ import annotations

from sklearn_negloss.audit._rule import Rule
from sklearn_negloss.audit.rules._callable import (
    ImproperLoss,
    NegativeDiscreteNll,
    ReversedLoss,
    VarianceForSigmaInside,
)
from sklearn_negloss.audit.rules._callable_constant import DroppedConstant
from sklearn_negloss.audit.rules._callable_guards import (
    BroadcastingLoss,
    EpsilonInLog,
    IntegerOverflow,
    SignedDenominator,
    UnboundedOutsideLabels,
)
from sklearn_negloss.audit.rules._convention import (
    NegatedScorer,
    ScoreIsLogLikelihood,
)
from sklearn_negloss.audit.rules._prediction_calibration import MiscalibratedSigma
from sklearn_negloss.audit.rules._prediction_classes import (
    ColumnOrder,
    LogitsPassedAsProbabilities,
    LogProbabilityExpected,
)
from sklearn_negloss.audit.rules._prediction_held_out import (
    InSampleOptimism,
    LatentSigma,
    TargetLeakage,
)
from sklearn_negloss.audit.rules._prediction_shapes import (
    ShapeBroadcast,
)
from sklearn_negloss.audit.rules._prediction_sigma import (
    BelowResolution,
    CollapsedSigma,
    SigmaAtFloor,
)
from sklearn_negloss.audit.rules._prediction_variance import (
    VariancePassedAsSigma,
)
from sklearn_negloss.audit.rules._scorer import (
    DoubleNegation,
    HardLabelsInLogLoss,
    ObjectiveNotAnError,
    ReversedScorer,
)
from sklearn_negloss.audit.rules._target import (
    ConstantTarget,
    InvalidTransformDomain,
    NegativeSampleWeight,
    PointMass,
    WrappingIntegerDtype,
)
from sklearn_negloss.audit.rules._target_labels import (
    ContinuousTargetInCrossEntropy,
    LabelOutOfRange,
    ScaledClassLabels,
)
from sklearn_negloss.audit.rules._target_probabilities import (
    UnnormalisedProbabilities,
)
from sklearn_negloss.audit.rules._units import (
    BoundedSupport,
    DensityAboveOne,
    SmallUnits,
    WorseThanBaseline,
)
from sklearn_negloss.audit.rules._units_transform import (
    MissingJacobian,
    ScoredInTransformedSpace,
)
from sklearn_negloss.audit.rules._units_value import (
    FloatRounding,
    SummedLoss,
)

RULES: tuple[type[Rule], ...] = (
    DensityAboveOne,
    SmallUnits,
    ScoredInTransformedSpace,
    MissingJacobian,
    SummedLoss,
    BoundedSupport,
    WorseThanBaseline,
    FloatRounding,
    NegatedScorer,
    ReversedScorer,
    DoubleNegation,
    ScoreIsLogLikelihood,
    HardLabelsInLogLoss,
    ObjectiveNotAnError,
    LabelOutOfRange,
    ContinuousTargetInCrossEntropy,
    ScaledClassLabels,
    ConstantTarget,
    PointMass,
    InvalidTransformDomain,
    NegativeSampleWeight,
    UnnormalisedProbabilities,
    WrappingIntegerDtype,
    CollapsedSigma,
    SigmaAtFloor,
    BelowResolution,
    MiscalibratedSigma,
    InSampleOptimism,
    VariancePassedAsSigma,
    TargetLeakage,
    LatentSigma,
    LogitsPassedAsProbabilities,
    LogProbabilityExpected,
    ShapeBroadcast,
    ColumnOrder,
    ReversedLoss,
    DroppedConstant,
    VarianceForSigmaInside,
    ImproperLoss,
    UnboundedOutsideLabels,
    BroadcastingLoss,
    EpsilonInLog,
    IntegerOverflow,
    SignedDenominator,
    NegativeDiscreteNll,
)

# Codes of rules that were once here; a code is never used again.
RETIRED: tuple[str, ...] = ()
