"""A forecast next to what happened: every number that the rules need of it, once."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss.distributions._formulas import HALF_LOG_2PI, gaussian_nll
from sklearn_negloss.metrics import NLLDecomposition
from sklearn_negloss.metrics._skill import rescaling_gain

Floats = NDArray[np.float64]

# Expected Gaussian NLL of a calibrated forecast of sigma 1.
UNIT_ENTROPY = HALF_LOG_2PI + 0.5  # 1.4189...


# Beyond it, a square may overflow.
LARGE = 1e100


class Mean(NamedTuple):
    """A weighted mean, and how far it may be off by chance."""

    value: float
    error: float

    @property
    def t(self) -> float:
        """The mean in units of its standard error."""
        if self.error > 0:
            return self.value / self.error
        return math.copysign(math.inf, self.value) if self.value else 0.0


def mean_of(values: Floats, weights: Floats | None = None) -> Mean:
    """Return the mean of values, and its standard error."""
    n = len(values) if weights is None else weights.sum() ** 2 / (weights**2).sum()
    mean = float(np.average(values, weights=weights))
    off = values - mean
    largest = float(np.abs(off).max())
    scale = largest if LARGE < largest < math.inf else 1.0
    variance = float(np.average((off / scale) ** 2, weights=weights))
    return Mean(mean, scale * math.sqrt(variance / max(n - 1.0, 1.0)))


def count_infinite(losses: Floats, weights: Floats | None) -> int:
    """Return how many samples of any weight have an infinite loss."""
    infinite = np.isposinf(losses)
    return int(
        np.count_nonzero(infinite if weights is None else infinite & (weights > 0))
    )


class Forecast:
    """Predicted mu and sigma next to the target, in one space.

    Parameters
    ----------
    y, mu, sigma : ndarray of shape (n_samples,)
        Finite target and forecast, sigma strictly positive.
    weights : ndarray of shape (n_samples,), default=None
        Non-negative weights.
    losses : ndarray of shape (n_samples,), default=None
        Minus log density of each sample; None takes the Gaussian one.
    scores : ndarray of shape (n_samples,), default=None
        Standardised error of each sample; None takes the error in units of sigma.
    """

    def __init__(
        self,
        y: Floats,
        mu: Floats,
        sigma: Floats,
        weights: Floats | None = None,
        losses: Floats | None = None,
        scores: Floats | None = None,
    ) -> None:
        self.y, self.mu, self.sigma, self.weights = y, mu, sigma, weights
        self.n = len(y)
        self.gaussian, self.scores = losses is None, scores
        self.losses = gaussian_nll(y, mu, sigma) if losses is None else losses

    def mean(self, values: Floats) -> Mean:
        """Return the weighted mean of one value a sample, with its standard error."""
        return mean_of(values, self.weights)

    @cached_property
    def error(self) -> Floats:
        """Target minus mu, or what a Gaussian forecast as good would have erred by."""
        return self.y - self.mu if self.scores is None else self.scores * self.sigma

    @cached_property
    def z2(self) -> Mean:
        """Mean squared standardised error; 1 for a calibrated forecast."""
        return self.mean((self.error / self.sigma) ** 2)

    @property
    def z2_t(self) -> float:
        """How many standard errors the mean of z2 lies above 1."""
        return Mean(self.z2.value - 1.0, self.z2.error).t

    @cached_property
    def loss(self) -> Mean:
        """Mean of minus log density, in nats per sample."""
        return self.mean(self.losses)

    @cached_property
    def impossible(self) -> int:
        """Number of samples with an infinite loss: what came had no density at all."""
        return count_infinite(self.losses, self.weights)

    @cached_property
    def std(self) -> float:
        """Standard deviation of the target."""
        centre = np.average(self.y, weights=self.weights)
        square = np.average((self.y - centre) ** 2, weights=self.weights)
        return math.sqrt(float(square))

    @cached_property
    def gain(self) -> Mean | None:
        """Nats won over the best constant Gaussian; None for a constant target."""
        if self.y.min() == self.y.max() or self.std == 0.0:
            return None
        centre = float(np.average(self.y, weights=self.weights))
        return self.mean(gaussian_nll(self.y, centre, self.std) - self.losses)

    @cached_property
    def r2(self) -> float:
        """Share of the variance that mu explains; nan for a constant target."""
        if self.std == 0.0:
            return math.nan
        return 1.0 - self.mean((self.y - self.mu) ** 2).value / self.std**2

    @cached_property
    def entropy(self) -> float:
        """Loss that these sigmas promise where they are right."""
        return self.mean(np.log(self.sigma)).value + UNIT_ENTROPY

    @cached_property
    def decomposition(self) -> NLLDecomposition | None:
        """Loss split into units, gain and miscalibration; None for a constant target."""
        if self.gain is None:
            return None
        units = math.log(self.std) + UNIT_ENTROPY
        loss = self.loss.value
        excess = rescaling_gain(self.z2.value)
        return NLLDecomposition(
            loss, units, units - loss, units - loss + excess, excess
        )

    def with_sigma(self, sigma: Floats) -> Forecast:
        """Return the same forecast with another sigma."""
        return Forecast(self.y, self.mu, sigma, self.weights)


class ClassGain(NamedTuple):
    """The terms of a cross-entropy, in nats per sample.

    ``loss = units - gain``.

    Parameters
    ----------
    loss : float
        The cross-entropy.
    units : float
        Cross-entropy of the prevalence: the best constant forecast.
    gain : float
        What the forecast wins over it.
    """

    loss: float
    units: float
    gain: float


class ClassForecast:
    """Predicted log probabilities next to the classes that came.

    Parameters
    ----------
    target : ndarray of shape (n_samples, n_classes)
        Probability of each class, 0 or 1 for hard labels.
    log_prob : ndarray of shape (n_samples, n_classes)
        Logarithm of the predicted probability of each class.
    weights : ndarray of shape (n_samples,), default=None
        Non-negative weights.
    """

    def __init__(
        self, target: Floats, log_prob: Floats, weights: Floats | None = None
    ) -> None:
        self.target, self.log_prob, self.weights = target, log_prob, weights
        self.n = len(target)

    @cached_property
    def prevalence(self) -> Floats:
        """Share of each class."""
        return np.asarray(np.average(self.target, axis=0, weights=self.weights))

    @cached_property
    def losses(self) -> Floats:
        """Cross-entropy of each sample; infinite where the impossible came."""
        terms = np.where(
            self.target > 0,
            -self.target * np.where(self.target > 0, self.log_prob, 0),
            0,
        )
        return np.asarray(terms.sum(axis=1))

    @cached_property
    def impossible(self) -> int:
        """Number of samples with an infinite loss: what came had probability 0."""
        return count_infinite(self.losses, self.weights)

    @cached_property
    def loss(self) -> Mean:
        """Mean cross-entropy."""
        return self._mean(self.losses)

    @cached_property
    def gain(self) -> Mean | None:
        """Nats won over the prevalence; None where one class is all there is."""
        return None if self._gains is None else self._mean(self._gains)

    @cached_property
    def gain_of_possible(self) -> Mean | None:
        """The gain over samples of finite loss; None where there are none of weight."""
        if self._gains is None:
            return None
        finite = np.isfinite(self.losses)
        weights = None if self.weights is None else self.weights[finite]
        heavy = finite.any() if weights is None else weights.sum() > 0
        return mean_of(self._gains[finite], weights) if heavy else None

    @cached_property
    def _gains(self) -> Floats | None:
        """Nats that each sample wins over the prevalence."""
        present = self.prevalence > 0
        if np.count_nonzero(present) < 2:
            return None
        constant = -self.target[:, present] @ np.log(self.prevalence[present])
        return np.asarray(constant - self.losses)

    @cached_property
    def decomposition(self) -> ClassGain | None:
        """Loss split into the prevalence's and the gain."""
        if self.gain is None:
            return None
        loss, gain = self.loss.value, self.gain.value
        return ClassGain(loss, loss + gain, gain)

    def _mean(self, values: Floats) -> Mean:
        if not np.isfinite(values).all():
            return Mean(float(np.average(values, weights=self.weights)), math.inf)
        return mean_of(values, self.weights)


def log_probabilities(prob: Floats) -> Floats:
    """Return log probabilities, one column a class, of one or more columns."""
    if prob.ndim == 1 or prob.shape[1] == 1:
        prob = prob.reshape(-1)
        prob = np.column_stack([1.0 - prob, prob])
    with np.errstate(divide="ignore"):
        return np.log(prob)


def log_softmax_of(logits: Any) -> Floats:
    """Return log probabilities, one column a class, of logits."""
    if logits.ndim == 1 or logits.shape[1] == 1:
        flat = logits.reshape(-1)
        return np.column_stack([-np.logaddexp(0, flat), -np.logaddexp(0, -flat)])
    peak = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(peak - np.log(np.exp(peak).sum(axis=1, keepdims=True)))
