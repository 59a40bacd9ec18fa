"""Pictures of a probabilistic forecast: its calibration, its loss, and the unit of it."""

from sklearn_negloss.inspection._coverage import CoverageDisplay
from sklearn_negloss.inspection._decomposition import LossDecompositionDisplay
from sklearn_negloss.inspection._pit import PITDisplay
from sklearn_negloss.inspection._units import LossUnitsDisplay

__all__ = [
    "CoverageDisplay",
    "LossDecompositionDisplay",
    "LossUnitsDisplay",
    "PITDisplay",
]
