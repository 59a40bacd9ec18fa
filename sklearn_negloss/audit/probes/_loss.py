"""What a callable loss is a loss of, and which way it points: found by calling it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.probes._calling import Caller, is_torch, torch_imported
from sklearn_negloss.audit.probes._faults import (
    RETURNS_NAN,
    Gap,
    gap_of,
    mended_by_sign,
)
from sklearn_negloss.audit.probes._roles import Roles, UnknownSignature, read_roles
from sklearn_negloss.audit.probes._sandbox import BudgetSpent, RefusedCall, Sandbox
from sklearn_negloss.audit.probes._settings import Answer, Setting, renamed, settings
from sklearn_negloss.audit.probes._words import WORDS, Told, told
from sklearn_negloss.distributions import Normal
from sklearn_negloss.metrics._signature import name_of

# Values that differ by less than rounding are equal.
TOLERANCE = 1e-9

# A value that is to be compared with its double.
MEASURABLE = 1e-6

# What losses of torch, which all call it `input`, are computed from.
TORCH_KINDS = {
    "NLLLoss": ("log-prob", "log-probabilities table"),
    "nll_loss": ("log-prob", "log-probabilities table"),
    "KLDivLoss": ("log-prob", "soft table"),
    "kl_div": ("log-prob", "soft table"),
    "CrossEntropyLoss": ("logits", "logits table"),
    "cross_entropy": ("logits", "logits table"),
    "BCELoss": ("prob", "probability"),
    "binary_cross_entropy": ("prob", "probability"),
    "BCEWithLogitsLoss": ("logits", "logits"),
    "binary_cross_entropy_with_logits": ("logits", "logits"),
    "poisson_nll_loss": ("log-rate", "log-rate"),
    "SoftMarginLoss": ("pred", "margin"),
    "HingeEmbeddingLoss": ("pred", "none"),
}

# What is said of a loss that has no finite value.
NO_VALUE = ("it returns NaN", "it is infinite")

BINARY = ("logits", "probability", "margin")
DENSITIES = ("density", "columns", "dist")

# Losses of these have no value for targets below zero.
POSITIVE_ONLY = ("positive density", "log density")


class Refusal(NamedTuple):
    """Why a loss was not understood.

    Parameters
    ----------
    text : str
        One clause.
    heard : bool
        Whether it had values at all.
    """

    text: str
    heard: bool


@dataclass
class LossProbe:
    """A loss whose kind is known, and which can be called.

    Parameters
    ----------
    name : str
        Its name.
    caller : Caller
        Calls it.
    setting : Setting
        Target and forecasts of its kind.
    direction : int
        1 if the right forecast has the lowest value, -1 if it has not: it has the
        highest then, but where there is a gap.
    gap : Gap or None
        Errors for which it returns NaN.
    """

    name: str
    caller: Caller
    setting: Setting
    direction: int
    gap: Gap | None = None

    @property
    def kind(self) -> str:
        """Kind of loss."""
        return self.setting.kind

    @property
    def of(self) -> str:
        """What it is a loss of, in words."""
        return WORDS.get(self.kind, self.kind.removesuffix(" table"))

    @property
    def is_density(self) -> bool:
        """Whether it reads a mean and a spread, or a distribution."""
        return self.kind in DENSITIES

    @property
    def reads_width(self) -> bool:
        """Whether it is a density, of any targets or of positive ones."""
        return self.is_density or self.kind in POSITIVE_ONLY

    @property
    def subject(self) -> str:
        """How to call it in a sentence."""
        return "The loss" if self.name == "<lambda>" else self.name

    def value(self, y: Any, answer: Answer) -> float:
        """Return the mean loss of a forecast."""
        return self.caller(y, answer)

    @cached_property
    def told(self) -> Told:
        """Target, right forecast and bad one of `right` and `wrong`, in words."""
        words = told(self.kind, self.setting.y)
        return words if self.gap is None else words._replace(bad=self.gap.bad)

    @cached_property
    def mended_by_sign(self) -> bool:
        """Whether minus the function is a loss, if the function is none."""
        return self.gap is None and mended_by_sign(self.mean_value, self.setting)

    @cached_property
    def right(self) -> float:
        """Value for the right forecast."""
        return self.value(self.setting.y, self.setting.right)

    @cached_property
    def wrong(self) -> float:
        """Value for a bad forecast."""
        return self.value(self.setting.y, self.setting.badly[0])

    @cached_property
    def sums(self) -> bool:
        """Whether twice the samples have twice the loss."""
        twice = np.concatenate([self.setting.y] * 2)
        answer = {k: _twice(v) for k, v in self.setting.badly[0].items()}
        value, once = self.value(twice, answer), self.wrong
        if not math.isfinite(value) or abs(once) < MEASURABLE:
            return False
        return math.isclose(value, 2 * once, rel_tol=1e-6)

    @cached_property
    def scale_law(self) -> tuple[str, float] | None:
        """What multiplying the unit by a does: times a**d, or plus k log a.

        As ("times", d) or ("plus", k); None if neither, or if the kind has no unit.
        """
        if self.kind not in ("point", "positive", "interval", "density"):
            return None
        scale = self.caller.roles.scale
        if scale is not None and scale not in ("sigma", "scale"):
            return None
        factors = (2.0, 8.0)
        answers = (*self.setting.badly[:2], *self.setting.slightly[-1:])
        try:
            base = np.array([self.value(self.setting.y, a) for a in answers])
            rows = [
                [
                    self.value(f * self.setting.y, {k: f * v for k, v in a.items()})
                    for a in answers
                ]
                for f in factors
            ]
        except RefusedCall:
            return None
        return _law(base, np.array(rows), np.log(factors))

    @cached_property
    def density_fit(self) -> Any:
        """The known density whose logarithm it is a line of, None if there is none."""
        from sklearn_negloss.audit.probes._formulas import fit_density

        return fit_density(self)

    @cached_property
    def minimum(self) -> Any:
        """Where a density loss is least, and how it reads its width."""
        from sklearn_negloss.audit.probes._proper import minimum_of

        return minimum_of(self)

    def mean_value(self, y: Any, answer: Answer) -> float:
        """Return the loss of a forecast for each sample, also of one that sums."""
        return self.value(y, answer) / (len(y) if self.sums else 1)


def _law(base: Any, rows: Any, logs: Any) -> tuple[str, float] | None:
    """Return the law that values follow when target and forecast are multiplied."""
    with np.errstate(all="ignore"):
        powers = np.log(rows / base) / logs[:, None]
        shifts = (rows - base) / logs[:, None]
    for name, found in (("times", powers), ("plus", shifts)):
        if np.isfinite(found).all() and np.ptp(found) < 1e-6:
            return name, round(float(found.mean()), 6) + 0.0
    return None


def _twice(value: Any) -> Any:
    """Return a forecast followed by itself."""
    if isinstance(value, Normal):
        return Normal(*(np.concatenate([a, a]) for a in (value.mean(), value.std())))
    return np.concatenate([value, value])


def probe_loss(loss: Callable[..., Any]) -> LossProbe | NotApplicable:
    """Find out what a callable is a loss of.

    Parameters
    ----------
    loss : callable
        ``loss(y_true, forecast, ...)``, of NumPy arrays or tensors.

    Returns
    -------
    probe : LossProbe or NotApplicable
        Its kind and direction.
    """
    try:
        roles = read_roles(loss)
    except UnknownSignature as error:
        return NotApplicable(f"the loss {error}")
    hint = _torch_hint(loss)
    named = roles.names - {"y", "weight", "mu"}
    kinds = settings({hint[0]} if hint else named, roles.scale)
    if hint:
        kinds = [
            renamed(each, next(iter(roles.names - {"y", "weight"})))
            for each in kinds
            if each.kind == hint[1]
        ]
    sandbox = Sandbox()
    modes = [True] if is_torch(loss) else [False, True][: 1 + torch_imported()]
    refusals = []
    try:
        for tensors in modes:
            caller = Caller(loss, roles, tensors, sandbox)
            with np.errstate(all="ignore"):  # differences of infinite losses
                found = _search(_name(loss), caller, kinds)
            if isinstance(found, LossProbe):
                return found
            refusals.append(found)
    except BudgetSpent as spent:
        return NotApplicable(str(spent))
    refusal = _most_telling(refusals)
    return NotApplicable(f"the loss was not understood: {refusal}{_guessed(roles)}")


def _most_telling(refusals: list[Refusal]) -> str:
    """Return what a loss that has values does, or the error of one that has none."""
    heard = [each.text for each in refusals if each.heard]
    plain = [each.text for each in refusals if "ensor" not in each.text]
    return next(iter(heard + plain), refusals[-1].text)


def _guessed(roles: Roles) -> str:
    """Name the settings for which the probe had to make up a value."""
    names = ", ".join(roles.constants)
    if not names:
        return ""
    return f"; the value of its parameter {names} is not known: use functools.partial"


def _name(loss: Any) -> str:
    """Return the name of a function, or of the class of an object."""
    name = name_of(loss)
    return type(loss).__name__ if name.endswith(")") or " object at " in name else name


def _torch_hint(loss: Any) -> tuple[str, str] | None:
    """Return the role and kind of a loss of torch whose parameters do not tell."""
    if not is_torch(loss):
        return None
    name = getattr(loss, "__name__", type(loss).__name__)
    if name == "PoissonNLLLoss":
        return ("log-rate", "log-rate") if loss.log_input else ("rate", "positive")
    return TORCH_KINDS.get(name)


def _search(name: str, caller: Caller, kinds: list[Setting]) -> LossProbe | Refusal:
    """Return the first kind on whose forecasts the loss has an order."""
    refusal = Refusal("it takes no forecast that this probe knows", False)
    fits: list[LossProbe] = []
    for kind in kinds:
        if fits and kind.kind not in BINARY:
            break  # binary kinds compete with each other, and come in a row
        if (
            kind.kind in POSITIVE_ONLY
            and refusal.heard
            and refusal.text not in NO_VALUE
        ):
            break  # what has values for targets of either sign is of no such density
        try:
            setting, direction = _directed(caller, kind)
        except RefusedCall as error:
            refusal = refusal if refusal.heard else Refusal(str(error), False)
            continue
        if direction and _reads_as(caller, setting):
            found = LossProbe(name, caller, setting, direction)
            if setting.kind not in BINARY or len(kinds) == 1:
                return found if direction > 0 else _gapped(name, caller) or found
            fits.append(found)
        elif not refusal.heard:
            refusal = Refusal(_disorder(caller, setting), True)
    best = _best_binary(fits)
    if best is not None and best.direction > 0:
        return best
    return _gapped(name, caller) or best or refusal


def _gapped(name: str, caller: Caller) -> LossProbe | Refusal | None:
    """Return a loss of errors that has no value for some, None if it is no such."""
    gap = gap_of(caller)
    if gap is None:
        return None
    if gap.says != RETURNS_NAN:
        return Refusal(f"it {gap.says} where {gap.where}", True)
    setting = settings({"pred"}, None)[0]
    bad = {"pred": setting.y + gap.error}
    setting = replace(setting, badly=[bad, *setting.badly])
    return LossProbe(name, caller, setting, -1, gap)


def _directed(caller: Caller, setting: Setting) -> tuple[Setting, int]:
    """Return the order of a loss, of classes counted from 0 or from 1."""
    direction = _order(caller, setting)
    if direction < 0 and setting.kind.endswith("s table"):
        counted = replace(setting, y=setting.y + 1)
        if _order_or_none(caller, counted) > 0:
            return counted, 1
    return setting, direction


def _disorder(caller: Caller, setting: Setting) -> str:
    """Say what a loss does that tells no right forecast from a wrong one."""
    answers = (setting.right, *setting.badly)
    values = np.array([caller(setting.y, answer) for answer in answers])
    if not np.isfinite(values).any():
        return NO_VALUE[int(np.isinf(values).all())]
    least = TOLERANCE * max(1.0, abs(values[0]))
    if (np.abs(values - values[0]) <= least).all():
        return "it is the same for right and wrong forecasts"
    return "it is neither lower for right forecasts nor for wrong ones"


def _order_or_none(caller: Caller, setting: Setting) -> int:
    """Return the order of a loss, 0 if it refuses."""
    try:
        return _order(caller, setting)
    except RefusedCall:
        return 0


def _order(caller: Caller, setting: Setting) -> int:
    """Return 1 if the right forecast is lowest, -1 if it is highest, 0 if neither."""
    right = caller(setting.y, setting.right)
    if not math.isfinite(right):
        return 0
    near = np.array([caller(setting.y, a) for a in setting.slightly]) - right
    far = np.array([caller(setting.y, a) for a in setting.badly]) - right
    if np.isnan(near).any() or np.isnan(far).any():
        return 0
    least = TOLERANCE * max(1.0, abs(right))
    for sign in (1, -1):
        if (sign * near >= -least).all() and (sign * far > least).all():
            ordered = setting.kind != "point" or _grows(sign * near, sign * far, least)
            return sign if ordered else 0
    return 0


def _grows(near: Any, far: Any, least: float) -> bool:
    """Whether the loss of a point forecast grows with its error, either way."""
    up, down = [near[0], near[2], far[0], far[2]], [near[1], near[3], far[1]]
    return all(bool((np.diff(side) >= -least).all()) for side in (up, down))


def _reads_as(caller: Caller, setting: Setting) -> bool:
    """Whether a loss reads forecasts as this kind has them.

    Predicted values may be anything, and are not cut off at 1; the logits of a sample
    may all be shifted; a loss of log probabilities is linear in them.
    """
    if setting.kind == "point":
        ramp = np.linspace(0.0, 1.0, len(setting.y))
        low, high = (caller(setting.y, {"pred": a}) for a in (2 + ramp, 3 + 2 * ramp))
        return low != high
    if "pred" not in setting.right:
        return True
    (right,) = setting.right.values()
    if setting.kind == "logits table":
        moved, times = right + 3.0, 1.0
    elif setting.kind == "log-probabilities table":
        moved, times = 2.0 * right, 2.0
    else:
        return True
    here, there = (caller(setting.y, {"pred": a}) for a in (right, moved))
    return math.isclose(times * here, there, rel_tol=1e-6, abs_tol=1e-9)


def _best_binary(fits: list[LossProbe]) -> LossProbe | None:
    """Tell log odds from probabilities by where the loss has its minimum."""
    for probe in fits:
        if probe.kind in ("logits", "probability") and is_proper_for_classes(probe):
            return probe
    plain = [probe for probe in fits if probe.kind == "probability"]
    return next(iter(plain + fits), None)


SHARE = 0.3


def is_proper_for_classes(probe: LossProbe) -> bool:
    """Whether the best constant forecast of 3 in 10 is that share."""
    values = [_of_share(probe, share) for share in (SHARE, 0.2, 0.25, 0.35, 0.4, 0.02)]
    if not np.isfinite(values[0]):
        return False
    return all(probe.direction * (v - values[0]) > 0 for v in values[1:])


def _of_share(probe: LossProbe, share: float) -> float:
    """Return the loss of a constant forecast where 3 in 10 labels are 1."""
    y = np.array([1.0] * 3 + [0.0] * 7)
    forecast = math.log(share / (1 - share)) if probe.kind == "logits" else share
    role = next(iter(probe.setting.right))
    try:
        return probe.value(y, {role: np.full(len(y), forecast)})
    except RefusedCall:
        return math.nan
