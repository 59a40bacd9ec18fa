"""Skill: what a forecast wins over a constant baseline, whatever the units."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sklearn_negloss._reduction import Floats, reduce_samples
from sklearn_negloss._validation import Y_TRUE, Checked
from sklearn_negloss.distributions._formulas import (
    HALF_LOG_2PI,
    dot,
    gaussian_nll,
    gaussian_nll_total,
)
from sklearn_negloss.metrics._density import GAUSSIAN
from sklearn_negloss.metrics._refusal import needs_forecast

# A spread below this share of the mean is what rounding leaves of a constant.
ROUNDING = 4.0 * float(np.finfo(np.float64).eps)

# From here on, half of a mean squared error hides the rest of the loss.
HUGE = 1e8


class NLLDecomposition(NamedTuple):
    """The terms of a Gaussian negative log-likelihood, in nats per sample.

    ``loss = units - attainable_gain + miscalibration`` and
    ``gain = attainable_gain - miscalibration``.

    Parameters
    ----------
    loss : float
        The loss that is split.
    units : float
        Loss of the best constant forecast: all that the unit of the target decides.
    gain : float
        What the forecast wins over that constant.
    attainable_gain : float
        What it would win with every sigma multiplied by the one best factor.
    miscalibration : float
        What that factor wins.
    """

    loss: float
    units: float
    gain: float
    attainable_gain: float
    miscalibration: float


@needs_forecast
def decompose_nll(
    y_true: ArrayLike,
    mu: ArrayLike,
    sigma: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
) -> NLLDecomposition:
    r"""Split a Gaussian negative log-likelihood into units, skill and miscalibration.

    The sign of the loss is mostly a matter of the unit of `y_true`; this says how much.
    `units` is the loss of the best constant forecast and carries all of the unit; the
    gains do not change under ``a * y + b``. Higher gains are better; `miscalibration`
    is never negative, and lower is better.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Observed target, not constant.
    mu : array-like of shape (n_samples,) or float
        Predicted mean, in the units of `y_true`.
    sigma : array-like of shape (n_samples,) or float
        Predicted standard deviation, in the units of `y_true`, strictly positive.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; weight 2 counts as the same sample given twice.

    Returns
    -------
    decomposition : NLLDecomposition
        Named tuple, in nats per sample, of

        - `loss`: what `gaussian_nll_loss` returns, in (-inf, inf);
        - `units`: loss of the constant Gaussian forecast with the mean and standard
          deviation of `y_true` itself, ``log(sd) + 1.4189``, in (-inf, inf);
        - `gain`: ``units - loss``, in (-inf, inf); below 0 the forecast is worse than
          that constant;
        - `attainable_gain`: the gain once sigma is multiplied by the one best factor;
        - `miscalibration`: what that factor wins, in [0, inf].

    Raises
    ------
    ValueError
        If `y_true` is constant (no forecast can be measured against it), a value is NaN
        or infinite, `sigma` is not strictly positive, shapes differ, or weights are
        negative or all zero.
    TypeError
        If an input does not hold real numbers, or `sigma` is missing.

    See Also
    --------
    gaussian_nll_loss : The loss that is split.

    Notes
    -----
    With :math:`m_2` the mean of the squared standardised error, multiplying every
    sigma by :math:`c` changes the loss to
    :math:`\ell + \log c + \frac{m_2}{2}(c^{-2} - 1)`, least at :math:`c = \sqrt{m_2}`;
    so the miscalibration is :math:`(m_2 - 1 - \log m_2) / 2`. Where every error is
    exactly zero it is infinite, and so is the attainable gain.

    The baseline has seen `y_true`, the hardest constant one there is; that favours the
    baseline by about 1/n nat.

    References
    ----------
    T. Gneiting, A. E. Raftery, "Strictly proper scoring rules, prediction, and
    estimation", Journal of the American Statistical Association 102 (2007).
    :doi:`10.1198/016214506000001437`

    Examples
    --------
    >>> from sklearn_negloss import decompose_nll
    >>> y_true, mu = [0.010, 0.020, 0.030, 0.040], [0.012, 0.019, 0.031, 0.037]
    >>> terms = decompose_nll(y_true, mu, 0.002)
    >>> round(terms.loss, 2), round(terms.units, 2), round(terms.gain, 2)
    (-4.83, -3.07, 1.75)
    """
    data = Checked.of(GAUSSIAN, (y_true, mu, sigma), sample_weight)
    means = np.asarray(reduce_samples(_terms, data, total=_term_totals))
    loss, m2, centre = means.tolist()
    units = math.log(_spread(data, centre)) + HALF_LOG_2PI + 0.5
    miscalibration = rescaling_gain(m2)
    attainable = units - _calibrated_loss(data, loss, m2)
    return NLLDecomposition(loss, units, units - loss, attainable, miscalibration)


def _terms(y: Floats, mu: Floats, sigma: Floats) -> Floats:
    """Loss, squared standardised error, and target: what takes one look at the data."""
    z = (y - mu) / sigma
    return np.stack([gaussian_nll(y, mu, sigma), z * z, y])


def _term_totals(y: Floats, mu: Floats, sigma: Floats) -> Floats:
    """Sums of the same, for fewer logarithms than samples."""
    z = (y - mu) / sigma
    return np.array([gaussian_nll_total(y, mu, sigma), dot(z, z), y.sum()])


def _calibrated_loss(data: Checked, loss: float, m2: float) -> float:
    """Loss after the one best rescaling of sigma."""
    if not m2 > HUGE:
        return loss - rescaling_gain(m2)
    # The difference would hold no digits: m2 and the size of sigma apart, in logs.
    y, mu, sigma = (np.asarray(a, dtype=np.float64) for a in data.arrays[:3])
    with np.errstate(divide="ignore"):
        log_z = np.log(np.abs(y - mu)) - np.log(sigma)
    weights = data.arrays[3] if data.weighted else None
    top = float(log_z.max() if weights is None else log_z[weights > 0].max())
    log_z = np.minimum(log_z, top)  # what has no weight may be larger
    log_m2 = 2.0 * top + math.log(
        np.average(np.exp(2.0 * (log_z - top)), weights=weights)
    )
    log_sigma = float(np.average(np.log(sigma), weights=weights))
    return log_sigma + HALF_LOG_2PI + 0.5 * (1.0 + log_m2)


def rescaling_gain(m2: float) -> float:
    """What one rescaling of sigma wins, given the mean squared standardised error."""
    if math.isinf(m2):
        return m2
    if m2 < 0.5:
        return 0.5 * (m2 - 1.0 - math.log(m2)) if m2 > 0 else math.inf
    # Near 1, log1p keeps the digits of a difference that nearly vanishes.
    return 0.5 * ((m2 - 1.0) - math.log1p(m2 - 1.0))


def moments(data: Checked) -> tuple[float, float]:
    """Return weighted mean and standard deviation of the target, the first array."""
    target = data.replaced(Y_TRUE, data.arrays[0])
    centre = float(reduce_samples(lambda y: y, target))
    return centre, _spread(target, centre)


def _spread(data: Checked, centre: float) -> float:
    """Return the weighted standard deviation of the target, of which the mean is known.

    With a second look, since the square of the mean is often so much larger than the
    variance that their sum leaves no digits of it.
    """
    target = data.arrays[0]
    low, high = float(target.min()), float(target.max())
    if low == high:
        raise ValueError(
            f"y_true must not be constant; got {low:.6g} for all {target.size} "
            "samples; a constant target has no baseline to win against."
        )
    # Scaled by the largest deviation, so that no square under- or overflows.
    scale = max(high - centre, centre - low)
    y_only = data.replaced(Y_TRUE, target)
    square = float(reduce_samples(lambda y: ((y - centre) / scale) ** 2, y_only))
    if scale * math.sqrt(square) <= ROUNDING * abs(centre):
        raise ValueError(
            "y_true must not be constant; the samples with positive sample_weight all "
            f"equal {centre:.6g}; give weight to more of them."
        )
    return scale * math.sqrt(square)
