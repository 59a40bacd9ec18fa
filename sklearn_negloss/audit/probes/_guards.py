"""What a loss does where it ought to refuse: shapes, dtypes, and labels out of range."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sklearn_negloss.audit.probes._loss import LossProbe
from sklearn_negloss.audit.probes._sandbox import RefusedCall

# Values that differ by less than this share are the same number computed otherwise.
SAME = 1e-6

# What integers are off by, at most, where their logarithm or root is of float16.
ROUNDED = 1e-2

# A negative value as small as this comes from an epsilon inside a logarithm.
TINY = 1e-5

# Percentages that grow this much when both signs are turned have met a cut-off.
BLOWN_UP = 1e3

FLAT = (
    *("point", "positive", "density", "positive density", "log density"),
    *("probability", "logits", "margin", "interval"),
)


class Pair(NamedTuple):
    """Two values of a loss that ought to be equal.

    Parameters
    ----------
    right, got : float
        What it should be, and what it is.
    where : str
        Where they differ.
    """

    right: float
    got: float
    where: str = ""


def broadcast(probe: LossProbe) -> Pair | None:
    """Return the loss of columns of shape (n,) against (n, 1), if that is another one.

    Parameters
    ----------
    probe : LossProbe
        Loss.

    Returns
    -------
    pair : Pair or None
        None if the loss is the same, or refuses.
    """
    if probe.kind not in FLAT:
        return None
    y, answer = probe.setting.y, probe.setting.badly[-1]
    flat = probe.mean_value(y, answer)
    turned = {role: np.asarray(value)[:, None] for role, value in answer.items()}
    tried = ((y[:, None], answer, "y_true"), (y, turned, "the forecast"))
    for target, forecast, where in tried:
        try:
            value = probe.mean_value(target, forecast)
        except RefusedCall:
            continue
        if math.isfinite(value) and not math.isclose(value, flat, rel_tol=SAME):
            return Pair(flat, value, where)
    return None


def single_precision(probe: LossProbe) -> Pair | None:
    """Return the loss of a perfect forecast in float32, if it is no small number.

    Parameters
    ----------
    probe : LossProbe
        Loss of probabilities or log odds.

    Returns
    -------
    pair : Pair or None
        What it should be and is (nan and inf among it).
    """
    if probe.direction < 0 or probe.right < -SAME:
        return None
    for y, answer, where, right in _extremes(probe):
        try:
            value = probe.mean_value(y, answer)
        except RefusedCall:
            continue
        if not math.isfinite(value) or -TINY < value < 0:
            return Pair(right, value, where)
    return None


def _extremes(probe: LossProbe) -> list[tuple[Any, dict[str, Any], str, float]]:
    """Return perfect forecasts, and sure ones, in single precision."""
    y, role = probe.setting.y, next(iter(probe.setting.right))
    y32 = y.astype(np.float32) if y.dtype.kind == "f" else y
    if probe.kind == "probability":
        return [(y32, {role: y32}, "probabilities of exactly 0 and 1", 0.0)]
    if probe.kind == "probabilities table":
        sure = np.eye(3, dtype=np.float32)[y - y.min()]
        return [(y, {role: sure}, "probabilities of exactly 0 and 1", 0.0)]
    if probe.kind == "logits":
        z = np.where(y == 1, 200.0, -200.0).astype(np.float32)
        return [
            (y32, {role: z}, "right logits of 200", 0.0),
            (y32, {role: -z}, "wrong logits of 200", 200.0),
        ]
    if probe.kind == "logits table":
        z = 200.0 * np.eye(3, dtype=np.float32)[y - y.min()]
        return [(y, {role: z}, "right logits of 200", 0.0)]
    return []


def wraps(probe: LossProbe) -> Pair | None:
    """Return the loss of integers, if it is not that of the same numbers as floats.

    Parameters
    ----------
    probe : LossProbe
        Loss of predicted values.

    Returns
    -------
    pair : Pair or None
        What it should be and is; `where` says what it does in which dtype.
    """
    if probe.kind not in ("point", "positive"):
        return None
    small = np.array([10, 200, 30, 90]), np.array([26, 20, 200, 91])
    large = np.array([1, 50_000, 7, 9]), np.array([60_000, 2, 8, 10])
    for dtype, (y, pred) in (("uint8", small), ("int32", large)):
        right, got = (_of_dtype(probe, y, pred, d) for d in ("float64", dtype))
        if not math.isfinite(right) or not math.isfinite(got):
            continue
        if math.isclose(got, right, rel_tol=ROUNDED):
            continue  # the logarithm of bytes is of half precision: nothing wraps
        half = _of_dtype(probe, y, pred, "float16") if dtype == "uint8" else right
        rounds = math.isfinite(half) and abs(got - right) <= 3.0 * abs(half - right)
        does = "is rounded to half precision" if rounds else "wraps around"
        return Pair(right, got, f"{does} in {dtype}")
    return None


def _of_dtype(probe: LossProbe, y: Any, pred: Any, dtype: str) -> float:
    """Return the loss of numbers of a dtype, NaN where it is refused."""
    role = next(iter(probe.setting.right))
    try:
        return probe.value(y.astype(dtype), {role: pred.astype(dtype)})
    except RefusedCall:
        return math.nan


def negative_targets(probe: LossProbe) -> Pair | None:
    """Return the loss of negative targets, if a denominator has taken their sign.

    Parameters
    ----------
    probe : LossProbe
        Loss of predicted values.

    Returns
    -------
    pair : Pair or None
        The loss of positive targets, and of the same ones with all signs turned.
    """
    if probe.kind not in ("point", "positive") or probe.direction < 0:
        return None
    y = np.linspace(1.0, 9.0, 9)
    role = next(iter(probe.setting.right))

    def loss(sign: float, share: float) -> float:
        return probe.value(sign * y, {role: sign * share * y})

    try:
        right, got = loss(1.0, 1.3), loss(-1.0, 1.3)
        zero, exact = loss(1.0, 1.0), loss(-1.0, 1.0)
        double = loss(2.0, 1.3)
    except RefusedCall:
        return None
    if not math.isclose(double, right, rel_tol=SAME):
        return None  # no percentage: a deviance of positive targets, perhaps
    if not np.isfinite([right, got, exact]).all() or right <= 0 or zero < 0:
        return None
    signed = got < min(exact, 0.0) - SAME
    blown = got > BLOWN_UP * right
    return Pair(right, got) if signed or blown else None


def beyond_labels(probe: LossProbe) -> Pair | None:
    """Return the loss of a label of 2, if it is a negative number without a bound.

    Parameters
    ----------
    probe : LossProbe
        Loss of probabilities or log odds.

    Returns
    -------
    pair : Pair or None
        The loss of the label 1 at the same forecast, and that of 2.
    """
    if probe.kind not in ("probability", "logits") or probe.direction < 0:
        return None
    if probe.right < 0:
        return None
    role = next(iter(probe.setting.right))
    logits = probe.kind == "logits"

    def loss(label: float, share: float) -> float:
        forecast = math.log(share / (1 - share)) if logits else share
        return probe.mean_value(np.full(4, label), {role: np.full(4, forecast)})

    try:
        valid, low, lower = loss(1.0, 0.99), loss(2.0, 0.99), loss(2.0, 0.9999)
    except RefusedCall:
        return None
    # By log(100) for the logarithm; an overlap is bounded.
    falls = np.isfinite([valid, low, lower]).all() and low < 0 and lower < low - 1
    return Pair(valid, low) if falls else None
