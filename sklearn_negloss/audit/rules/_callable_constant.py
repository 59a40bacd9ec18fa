"""5xx: a density loss, or a number that one came to, without a constant."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.case._forecast import Floats, Forecast
from sklearn_negloss.audit.case._measured import agrees
from sklearn_negloss.audit.probes import _formulas
from sklearn_negloss.audit.probes._loss import LossProbe
from sklearn_negloss.audit.rules._callable import REVERSED, UNKNOWN_FAMILY, probing
from sklearn_negloss.distributions._formulas import HALF_LOG_2PI


class DroppedConstant(Rule):
    """A constant of the density is left out, so that values are shifted.

    **Why the loss goes negative.** The Gaussian NLL without half of log 2 pi is 0.9189
    nats lower and negative from sigma below 1 on; the Poisson NLL without log y! is
    negative for every y above e. Gradients and comparisons are the same, values and
    signs are not.

    **What is measured.** Of a callable loss: its values against the log density of known
    families, whatever the width is called: found if they differ by one constant. For
    counts: whether the values are those of the Poisson NLL without log y!. Of a number,
    `loss_value`: whether it is the Gaussian NLL of the forecasts, as computed here, less
    half of log 2 pi, as torch's GaussianNLLLoss has it by default; as a mean or a sum;
    or twice that, which is the Dawid-Sebastiani score.

    **What to do.** Nothing where models are compared by the same function. Add the
    constant (`full=True` in torch) before values are compared with anything else.

    References
    ----------
    .. [1] `pytorch/pytorch#60928 <https://github.com/pytorch/pytorch/issues/60928>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> def short(y, mu, sigma):
    ...     return np.mean(np.log(sigma) + 0.5 * ((y - mu) / sigma) ** 2)
    >>> report = audit(loss=short)
    >>> report.outcomes["NEG502"]
    'found'
    >>> report.findings[0].code, round(report.findings[0].evidence["constant"], 4)
    ('NEG502', 0.9189)
    >>> audit(loss=lambda y, mu, sigma: short(y, mu, sigma) + 0.9189385332
    ...       ).outcomes["NEG502"]
    'clear'

    A number, with the forecasts that it is of:

    >>> rng = np.random.default_rng(0)
    >>> mu = rng.normal(size=500)
    >>> given = {"y_true": mu + 0.5 * rng.normal(size=500), "mu": mu, "sigma": 0.5}
    >>> value = short(**{"y": given["y_true"], "mu": mu, "sigma": 0.5})
    >>> audit(**given, loss_value=value).outcomes["NEG502"]
    'found'
    >>> audit(**given, loss_value=value + 0.9189385332).outcomes["NEG502"]
    'clear'
    """

    code = "NEG502"
    cause = "convention"
    severity = "info"
    message = (
        "{subject} is {times}the {family} NLL without {what}: its values are "
        "{constant:.4f} nats too low{where}."
    )
    advice = (
        "Compare it with nothing but itself, or put the constant back: full=True in "
        "torch, or sklearn_negloss.nll_loss."
    )
    # Nats; less than this is rounding.
    least = 1e-4
    # The count for which log y! is quoted.
    count = 20

    @classmethod
    @probing
    def measure(
        cls,
        loss_probe: LossProbe | None = None,
        loss_refusal: str | None = None,
        loss: DeclaredLoss | None = None,
        loss_value: float | None = None,
        measured_columns: tuple[float, ...] | None = None,
        forecast: Forecast | None = None,
        weights: Floats | None = None,
    ) -> Evidence | NotApplicable | None:
        """Compare a loss with known densities, or a number with the NLL measured."""
        if loss_probe is not None:
            return cls._of_callable(loss_probe)
        if loss_refusal is not None:
            return NotApplicable(loss_refusal)
        if loss_value is None or forecast is None or measured_columns is None:
            return NotApplicable(
                "needs a callable loss, or loss_value with y_true, mu and sigma"
            )
        if loss is None or loss.name not in ("gaussian_nll", "nll"):
            return NotApplicable("the number is of no NLL")
        if not forecast.gaussian:
            return NotApplicable("the forecasts are not Gaussian")
        return cls._of_number(loss_value, measured_columns, forecast.n, weights)

    @classmethod
    def _of_callable(cls, probe: LossProbe) -> Evidence | NotApplicable | None:
        """Compare a loss with known densities."""
        if probe.direction < 0:
            return REVERSED
        if probe.kind in ("positive", "log-rate"):
            return cls._of_counts(probe)
        if probe.reads_width and not probe.is_density:
            return UNKNOWN_FAMILY
        if not probe.is_density:
            return None
        fit = probe.density_fit
        if fit is None or not math.isclose(fit.slope, 1.0, rel_tol=1e-6):
            return None
        if abs(fit.constant) < cls.least:
            return None
        what = _formulas.named_constant(-fit.constant)
        return cls._evidence(probe.subject, fit.family, what, -fit.constant)

    @classmethod
    def _of_counts(cls, probe: LossProbe) -> Evidence | None:
        """Look for the Poisson NLL without its only constant."""
        if not _formulas.dropped_log_factorial(probe):
            return None
        constant, where = _formulas.log_factorial(cls.count), f" at y = {cls.count}"
        return cls._evidence(probe.subject, "Poisson", "log y!", constant, where)

    @classmethod
    def _of_number(
        cls,
        value: float,
        columns: tuple[float, ...],
        n: int,
        weights: Floats | None,
    ) -> Evidence | None:
        """Compare a number with the NLL that was measured, less its constant."""
        total = float(n) if weights is None else float(weights.sum())
        ways = list(_ways(columns, n, total))
        if any(agrees(abs(value), abs(way.size * way.mean)) for way in ways):
            return None  # nothing is left out
        for times, words in ((1.0, ""), (2.0, "twice ")):
            for way in ways:
                if agrees(value, times * way.size * (way.mean - HALF_LOG_2PI)):
                    constant, what = times * HALF_LOG_2PI, "half of log 2 pi"
                    return cls._evidence(
                        "loss_value", "normal", what, constant, _back(way, times), words
                    )
        return None

    @staticmethod
    def _evidence(
        subject: str,
        family: str,
        what: str,
        constant: float,
        where: str = "",
        times: str = "",
    ) -> Evidence:
        return {
            "subject": subject,
            "family": family,
            "what": what,
            "constant": constant,
            "where": where,
            "times": times,
        }


class Way(NamedTuple):
    """A way to make one number of the losses of samples.

    Parameters
    ----------
    mean : float
        Mean loss, over all columns or in one.
    size : float
        What it is multiplied by: 1, or a number of samples, columns or both.
    """

    mean: float
    size: float


def _ways(columns: tuple[float, ...], n: int, total: float) -> Iterator[Way]:
    """Yield the mean over samples and columns, and what may be summed, once each."""
    d = len(columns)
    means = dict.fromkeys((math.fsum(columns) / d, *columns))
    for size in dict.fromkeys(
        (1.0, total * d, float(n * d), total, float(n), float(d))
    ):
        for mean in means:
            yield Way(mean, size)


def _back(way: Way, times: float) -> str:
    """Say what the number with its constant is, and of how many this one is a sum."""
    summed = f" per sample, as a sum of {way.size:.6g}" if way.size != 1.0 else ""
    score = "it is the Dawid-Sebastiani score, and " if times != 1.0 else ""
    return f"{summed}; {score}the NLL of these forecasts is {way.mean:.4g} per sample"
