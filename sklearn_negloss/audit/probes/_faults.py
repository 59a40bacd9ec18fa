"""What is wrong with a loss that is lowest nowhere near the right forecast."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sklearn_negloss.audit.probes._calling import Caller
from sklearn_negloss.audit.probes._sandbox import RefusedCall
from sklearn_negloss.audit.probes._settings import Answer, Setting

# Targets that are no labels, and errors that ordinary regression data have.
TARGETS = (0.25, 2.25)
ERRORS = (5.0, 40.0)

# Halvings of an interval until its ends agree to rounding.
HALVINGS = 50

# A value that falls by more than this, from one millionth to one billionth off the
# right probability, falls without end: a logarithm does so by 6.9.
WITHOUT_END = 1.0

RETURNS_NAN = "returns NaN"

# What mends a loss whose right forecast is not lowest.
TURN = "Turn its sign: minimised as it is, it makes forecasts worse."
SCORE = "Negate it to use it as a loss, or audit it as scorer={maker}({name})."
REWRITE = (
    "Its formula is wrong, and turning the sign does not mend it: compare it term by "
    "term with -y log p - (1 - y) log(1 - p)."
)
FILL = (
    "Take abs or the square of the error before its logarithm or root: a loss has a "
    "value for errors of either sign."
)

Value = Callable[[np.ndarray, Answer], float]


class Gap(NamedTuple):
    """Where a loss of predicted values has no value.

    Parameters
    ----------
    says : str
        What it does there: "returns NaN", or "raises" and the error.
    where : str
        Condition in the names of its parameters.
    error : float
        One such error.
    """

    says: str
    where: str
    error: float

    @property
    def bad(self) -> str:
        """A forecast in the gap, as an expression of y."""
        return f"y {'+' if self.error > 0 else '-'} {abs(self.error):g}"


def is_score_by_name(name: str) -> bool:
    """Whether a function calls itself a score, of which higher is better."""
    return name.lower().endswith("score")


def gap_of(caller: Caller) -> Gap | None:
    """Find errors of a predicted value for which a loss has no value.

    The right forecast has one, and the bound is at the same error for every target:
    then the loss is one of errors, whose sign was not to matter, and none of
    probabilities.

    Parameters
    ----------
    caller : Caller
        Calls a loss of a target and a prediction.

    Returns
    -------
    gap : Gap or None
        None if there is no such bound.
    """
    names = {role: name for name, role, _ in caller.roles.order}
    if "pred" not in names:
        return None
    for sign in (1.0, -1.0):
        bounds = [_bound(caller, target, sign) for target in TARGETS]
        if None in bounds or not math.isclose(*_numbers(bounds), abs_tol=1e-6):
            continue
        bound = round(sum(_numbers(bounds)) / len(bounds), 4) + 0.0
        error = sign * next(e for e in ERRORS if e > bound)
        says = _says(caller, TARGETS[0], error)
        pred, y = names["pred"] or "y_pred", names.get("y") or "y_true"
        side = "exceeds" if sign > 0 else "is below"
        moved = "" if not bound else f" {'+' if sign > 0 else '-'} {bound:g}"
        return Gap(str(says), f"{pred} {side} {y}{moved}", error)
    return None


def _numbers(bounds: list[float | None]) -> list[float]:
    return [bound for bound in bounds if bound is not None]


def _says(caller: Caller, target: float, error: float) -> str | None:
    """Return what a loss says in place of a value, None if it has one."""
    y = np.full(4, target)
    try:
        value = caller(y, {"pred": y + error})
    except RefusedCall as refused:
        return f"raises {refused}"
    return RETURNS_NAN if math.isnan(value) else None


def _bound(caller: Caller, target: float, sign: float) -> float | None:
    """Return the size of error from which on there is no value."""
    if _says(caller, target, 0.0) is not None:
        return None
    far = [error for error in ERRORS if _says(caller, target, sign * error)]
    if not far:
        return None
    low, high = 0.0, far[0]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _says(caller, target, sign * middle) is None:
            low = middle
        else:
            high = middle
        if high - low < 1e-8:
            break
    return high


def mended_by_sign(value: Value, setting: Setting) -> bool:
    """Whether a loss that is highest for the right forecast is one with its sign turned.

    Parameters
    ----------
    value : callable
        ``value(y, answer)``: the function as it is.
    setting : Setting
        Target and forecasts on which it is highest for the right one.

    Returns
    -------
    mended : bool
        False if the turned function prefers a forecast that is the same for all, or
        falls without end as the right one grows sure, so that its formula is wrong.
    """
    if setting.kind not in ("probability", "logits"):
        return True
    right = _turned(value, setting, 0.01, 0.01)
    least = 1e-9 * max(1.0, abs(right))
    alike = [_turned(value, setting, *off) for off in ((0.9, 0.01), (0.01, 0.9))]
    if any(each < right - least for each in alike):
        return False
    if setting.kind == "logits":
        return True  # scores of any size: a mean of margins falls without end
    near, nearer = (_turned(value, setting, off, off) for off in (1e-6, 1e-9))
    falls = (near - nearer) > WITHOUT_END
    return not falls


def _turned(value: Value, setting: Setting, ones: float, zeros: float) -> float:
    """Return minus the function where ones and zeros are missed by so much."""
    y, role = setting.y, next(iter(setting.right))
    p = np.where(y == 1, 1 - ones, zeros)
    answer = {role: np.log(p / (1 - p)) if setting.kind == "logits" else p}
    try:
        found = -value(y, answer)
    except RefusedCall:
        return math.nan
    return found
