"""Maps that the tests of transformed distributions share."""

import warnings

import pytest

from sklearn_negloss.distributions.transforms._maps import (
    KNOWN,
    Affine,
    BoxCox,
    TargetMap,
    YeoJohnson,
)
from sklearn_negloss.distributions.transforms._transformed import (
    LostMassWarning,
    TransformedDistribution,
)

PART = {part.name: part for part in KNOWN}
MINUS = Affine(-1.0, 0.5)


def chain(*parts):
    return TargetMap.of([PART.get(p, p) if isinstance(p, str) else p for p in parts])


def silently(base, transform):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LostMassWarning)
        return TransformedDistribution(base, transform)


MAPS = {
    "affine": chain(Affine(-2.0, 1.0)),
    "log": chain("log"),
    "log of scaled": chain(Affine(3.0, 0.0), "log", Affine(0.5, 1.0)),
    "log1p": chain("log1p"),
    "log10": chain("log10"),
    "log2": chain("log2"),
    "sqrt": chain("sqrt"),
    "arcsinh": chain("arcsinh"),
    "logit": chain("logit"),
    "expit of -y": chain(MINUS, "expit"),
    "falling log": chain("log", MINUS),
    "falling sqrt": chain(MINUS, "sqrt"),
    "box-cox 0.4": chain(BoxCox(0.4)),
    "box-cox -0.5": chain(BoxCox(-0.5)),
    "yeo-johnson 0.4": chain(YeoJohnson(0.4)),
    "yeo-johnson 2.6": chain(YeoJohnson(2.6)),
    "yeo-johnson -0.5, scaled": chain(Affine(2.0, -1.0), YeoJohnson(-0.5), MINUS),
}

everywhere = pytest.mark.parametrize("name", MAPS)
