"""5xx: what a user's own loss function really computes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.probes import _faults, _proper
from sklearn_negloss.audit.probes._discrete import negative_discrete
from sklearn_negloss.audit.probes._loss import SHARE, LossProbe
from sklearn_negloss.audit.probes._sandbox import BudgetSpent, RefusedCall

REVERSED = NotApplicable("the loss points the wrong way")
UNKNOWN_FAMILY = NotApplicable("the family of the density is not one of the known")


def probing(measure: Callable[..., Any]) -> Callable[..., Any]:
    """Let a rule that calls a loss answer "not applicable" where that stops."""

    @wraps(measure)
    def measured(cls: type[Rule], **inputs: Any) -> Any:
        try:
            return measure(cls, **inputs)
        except BudgetSpent as error:
            return NotApplicable(str(error))
        except RefusedCall as error:
            return NotApplicable(f"the loss refuses the probe: {error}")

    return measured


def said(value: float) -> float | str:
    """Return a number as evidence: short, and nan or inf as text."""
    return float(f"{value:.6g}") if math.isfinite(value) else str(value)


class ReversedLoss(Rule):
    """The function is not lowest for a perfect forecast: minimising it grows the errors.

    **Why the loss goes negative.** A log-likelihood, or minus an error, was returned
    where a loss was meant. Minus the sum of log(1 + abs(error)) is 0 for a perfect
    forecast and falls without end as the errors grow. A score such as R2 points up by
    right, but it is no loss.

    **What is measured.** The function for a right forecast, for slightly wrong ones on
    either side, and for bad ones. Found if the right forecast has the highest value, or
    if it has one where an error of the other sign has none, as the logarithm of
    1 + error without abs.

    **What to do.** Turn the sign, if minus the function is a loss: that is tried. Where
    a wrong forecast is lowest of minus the function as well, the formula is wrong. Audit
    what is a score by its name as a scorer.

    References
    ----------
    .. [1] `catboost/catboost#2701 <https://github.com/catboost/catboost/issues/2701>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> def article(y_true, y_pred):
    ...     return -np.sum(np.log(1 + np.abs(y_true - y_pred)))
    >>> audit(loss=article).outcomes["NEG501"]
    'found'
    >>> audit(loss=lambda y_true, y_pred: -article(y_true, y_pred)).outcomes["NEG501"]
    'clear'
    """

    code = "NEG501"
    cause = "code"
    severity = "error"
    message = (
        "{subject} {fault}: for targets y = {target}, it is {right} at the right "
        "forecast of {kind}, {answer}, and {wrong} at a bad one, {bad}."
    )
    advice = "{cure}"

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Read the direction that the probe found."""
        if loss_probe.direction > 0:
            return None
        fault, cure = cls._fault(loss_probe)
        words = loss_probe.told
        return {
            "subject": loss_probe.subject,
            "fault": fault,
            "target": words.target,
            "kind": loss_probe.of,
            "right": said(loss_probe.right),
            "answer": words.right,
            "wrong": said(loss_probe.wrong),
            "bad": words.bad,
            "cure": cure,
        }

    @classmethod
    def _fault(cls, probe: LossProbe) -> tuple[str, str]:
        """Say what is wrong, and what mends it."""
        if probe.gap is not None:
            return f"{probe.gap.says} where {probe.gap.where}", _faults.FILL
        if probe.mended_by_sign and _faults.is_score_by_name(probe.name):
            spread = probe.reads_width or probe.kind == "interval"
            maker = "make_distribution_scorer" if spread else "make_scorer"
            fault = "is a score by its name, higher is better, and no loss"
            return fault, _faults.SCORE.format(maker=maker, name=probe.name)
        if probe.mended_by_sign:
            return "points the wrong way", _faults.TURN
        return "is lower for wrong forecasts than for right ones", _faults.REWRITE


class VarianceForSigmaInside(Rule):
    """The loss takes its width for something else than its parameter says.

    **Why the loss goes negative.** A variance used as a standard deviation is too small
    wherever sigma is below 1. The function is still a normalised density, so that
    neither its constant nor its value at sigma 1 tells; its minimum does.

    **What is measured.** The sigma of least loss on errors of a known sigma: {truth:g},
    since 1 is its own square. Found if it is not the true one, and is if the width is
    read in another way: minima of 1.41 and 4 stand for a sigma that is squared, and for
    one that is taken for a variance.

    **What to do.** Take the square, or the root, once.

    References
    ----------
    .. [1] `unit8co/darts#1162 <https://github.com/unit8co/darts/pull/1162>`_.

    Examples
    --------
    >>> from scipy.stats import norm
    >>> from sklearn_negloss import audit
    >>> def squared(y, mu, sigma):
    ...     return -norm.logpdf(y, mu, sigma**2).mean()
    >>> audit(loss=squared).outcomes["NEG503"]
    'found'
    >>> audit(loss=lambda y, mu, sigma: squared(y, mu, sigma**0.5)
    ...       ).outcomes["NEG503"]
    'clear'
    """

    code = "NEG503"
    cause = "code"
    severity = "error"
    message = (
        "{subject} takes its {declared} for something else: where the true sigma is "
        "{truth:g}, it is least at {argmin:.4g} instead of {expected:.4g}; it is right if "
        "handed the {reading}."
    )
    advice = "Square it, or take the root, once: hand the function what it reads."
    truth = _proper.TRUTH

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Compare how the width is called with how it is read."""
        if not loss_probe.reads_width:
            return NotApplicable("the loss reads no width")
        if loss_probe.direction < 0:
            return REVERSED
        if not loss_probe.is_density:
            return UNKNOWN_FAMILY
        minimum = loss_probe.minimum
        declared = minimum.declared
        hidden = minimum.reading == _proper.READINGS[-1]
        if not minimum.reading or minimum.reading == declared:
            return None
        if not declared and not hidden:
            return None  # no name says otherwise
        if minimum.agrees_with_name:
            return None
        name = declared or "sigma"
        return {
            "subject": loss_probe.subject,
            "declared": name,
            "reading": minimum.reading,
            "truth": cls.truth,
            "argmin": _proper.as_said(name, minimum.argmin),
            "expected": _proper.as_said(name, cls.truth),
        }


class ImproperLoss(Rule):
    """The loss is least for a forecast that is not the true one.

    **Why the loss goes negative.** Whatever its sign, a better value is no better
    forecast. The beta-NLL multiplies the NLL by a power of sigma for the sake of
    gradients: reported as a score, it prefers half of a sigma of 2, a third of one of
    100, and 1.7 times one of 0.1, so that the bias depends on the unit.

    **What is measured.** The sigma of least loss on errors of sigma {truth:g}, under
    every reading of the width, which may be the standard deviation of the errors or the
    scale of their family; the constant forecast of least loss for labels of which
    3 in 10 are 1; the lower end of least loss for intervals of 90 %. Found if it is not
    the true one.

    **What to do.** Where the minimum is off by the root of 2, a 1/2 is missing: put it
    back. Else train with it if you like; report the NLL or the CRPS.

    References
    ----------
    .. [1] Gneiting and Raftery (2007). Strictly proper scoring rules, prediction, and
       estimation. :doi:`10.1198/016214506000001437`
    .. [2] Seitzer et al. (2022). On the pitfalls of heteroscedastic uncertainty
       estimation with probabilistic neural networks. `arXiv:2203.09168
       <https://arxiv.org/abs/2203.09168>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.stats import norm
    >>> from sklearn_negloss import audit
    >>> def beta_nll(y, mu, sigma):
    ...     return np.mean(-norm.logpdf(y, mu, sigma) * sigma)
    >>> audit(loss=beta_nll).outcomes["NEG504"]
    'found'
    >>> audit(loss=lambda y, mu, sigma: -norm.logpdf(y, mu, sigma).mean()
    ...       ).outcomes["NEG504"]
    'clear'
    """

    code = "NEG504"
    cause = "code"
    severity = "warning"
    message = (
        "{subject} is improper: where {what} is {expected:.4g}, it is least for "
        "{argmin:.4g}{why}."
    )
    advice = "{cure}"
    keep = (
        "Compare models by a proper loss (the NLL or the CRPS); keep this one for "
        "training."
    )
    halve = (
        "Put it right: minus the log density is log(sigma) + z**2 / 2 and a constant, "
        "or log(sigma**2) / 2 + z**2 / 2."
    )
    yields_to = ("NEG206", "NEG503")
    truth = _proper.TRUTH

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Look for the forecast of least loss."""
        if loss_probe.direction < 0:
            return REVERSED
        if loss_probe.is_density:
            return cls._of_width(loss_probe)
        if loss_probe.reads_width:
            return UNKNOWN_FAMILY
        if loss_probe.kind in ("probability", "logits"):
            if not _proper.is_sure(loss_probe):
                return NotApplicable("the loss may be of labels or margins")
            if not _proper.is_mean(loss_probe):
                return NotApplicable("the loss is no mean over samples")
            share = _proper.improper_share(loss_probe)
            return cls._evidence(loss_probe, "the true share", SHARE, share)
        if loss_probe.kind == "interval":
            if not {"coverage", "alpha"} & set(loss_probe.caller.roles.constants):
                return NotApplicable("nothing says which coverage is meant")
            lower = _proper.improper_quantile(loss_probe)
            what = "the 5 % quantile"
            return cls._evidence(loss_probe, what, _proper.LOWER, lower)
        return NotApplicable("the loss is of no probability forecast")

    @classmethod
    def _of_width(cls, probe: LossProbe) -> Evidence | NotApplicable | None:
        minimum = probe.minimum
        if math.isnan(minimum.argmin):
            return NotApplicable("the loss is the same for every width")
        if minimum.reading:
            return None
        if not minimum.family:
            return UNKNOWN_FAMILY
        width = "sigma" if minimum.family == "normal" else minimum.width
        what = f"the true {width} of {minimum.family} errors"
        evidence = cls._evidence(probe, what, cls.truth, minimum.argmin)
        half = _proper.missing_half(probe, minimum)
        if evidence is None or not half:
            return evidence
        return {**evidence, "why": half, "cure": cls.halve}

    @classmethod
    def _evidence(
        cls, probe: LossProbe, what: str, expected: float, argmin: float | None
    ) -> Evidence | None:
        if argmin is None:
            return None
        return {
            "subject": probe.subject,
            "what": what,
            "expected": expected,
            "argmin": argmin,
            "why": "",
            "cure": cls.keep,
        }


class NegativeDiscreteNll(Rule):
    """A likelihood of labels or counts is above one, which none can be.

    **Why the loss goes negative.** A probability of a class or a count is at most 1, and
    minus its logarithm at least 0. A negative value proves that something is not
    normalised: logits that no softmax has seen, a constant with the wrong sign, a mask
    that covers the score and not the partition sum.

    **What is measured.** The loss of right and wrong forecasts of classes, where it
    grows with the logarithm of the probability, and of counts, where it follows a
    Poisson rate or is called after a law of counts. Found below -{least:g}.

    **What to do.** Normalise; test on an example so small that all outcomes can be
    summed.

    References
    ----------
    .. [1] `allenai/allennlp#2658 <https://github.com/allenai/allennlp/issues/2658>`_.

    Examples
    --------
    Logits without their softmax:

    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> def raw(y_true, logits):
    ...     return -np.mean(logits[np.arange(len(y_true)), y_true])
    >>> audit(loss=raw).outcomes["NEG510"]
    'found'
    >>> from scipy.special import log_softmax
    >>> def right(y_true, logits):
    ...     return raw(y_true, log_softmax(logits, axis=1))
    >>> audit(loss=right).outcomes["NEG510"]
    'clear'
    """

    code = "NEG510"
    cause = "code"
    severity = "error"
    message = (
        "{subject} is {value:.4g} for a forecast of {kind}: a probability of "
        "{probability:.4g}, above 1."
    )
    advice = (
        "Normalise it (softmax, the partition sum, log y!); minus the logarithm of a "
        "probability is never negative."
    )
    yields_to = ("NEG502",)
    least = 1e-6

    @classmethod
    @probing
    def measure(cls, loss_probe: LossProbe) -> Evidence | NotApplicable | None:
        """Look for a value below zero."""
        if loss_probe.direction < 0:
            return REVERSED
        value = negative_discrete(loss_probe)
        if isinstance(value, NotApplicable):
            return value
        if value >= -cls.least:
            return None
        return {
            "subject": loss_probe.subject,
            "kind": loss_probe.of,
            "value": value,
            "probability": math.exp(min(-value, 700.0)),
        }
