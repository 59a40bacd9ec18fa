"""The case: what was supplied, and what follows from it, each computed once.

A rule names its inputs; they are attributes here. An attribute is None where its
source was not given, and `NotApplicable` where it was given and cannot be used.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.case._classes import class_forecast
from sklearn_negloss.audit.case._clues import Clues
from sklearn_negloss.audit.case._declared import DeclaredLoss
from sklearn_negloss.audit.case._forecast import ClassForecast, Floats, Forecast
from sklearn_negloss.audit.case._inputs import as_column
from sklearn_negloss.audit.case._measured import Measured, measured_loss
from sklearn_negloss.audit.case._objective import (
    Objective,
    probed_objective,
    recorded_objective,
)
from sklearn_negloss.audit.case._supplied import Supplied
from sklearn_negloss.audit.case._target import TargetSummary
from sklearn_negloss.audit.probes._loss import LossProbe, probe_loss
from sklearn_negloss.audit.probes._oracle import Oracle
from sklearn_negloss.distributions.transforms._jacobians import mean_log_jacobian
from sklearn_negloss.distributions.transforms._maps import NoDensityError
from sklearn_negloss.distributions.transforms._numeric_map import column_function

# What the user would have to give for an attribute to be known.
NEEDS = {
    "target": "y_true",
    "scored_target": "y_true",
    "forecast": "y_true, mu and sigma",
    "raw_forecast": "y_true, mu and sigma",
    "y_labels": "y_true",
    "train_forecast": "y_train, mu_train and sigma_train",
    "class_forecast": "y_true and y_prob or logits",
    "jacobian": "y_true and transformer",
    "transformed": "y_true and transformer",
    "loss": "loss",
    "measured": "y_true, predictions, and the loss that reads them",
    "measured_columns": "y_true, predictions, and the loss that reads them",
    "compared": "transformer as a list, one for each model compared",
    "clues": "a scorer, an estimator or loss_value",
    "oracle": "a scorer, or an estimator with X",
    "loss_probe": "a callable loss",
    "objective": "an estimator that recorded its objective, or a callable loss",
    "weights": "sample_weight",
    "loss_function": "a callable loss",
    "point": "y_true and y_pred",
}


class RawForecast(NamedTuple):
    """Target, mu and sigma in the space of mu, with whatever values they hold."""

    y: Floats
    mu: Floats
    sigma: Floats
    weights: Floats | None


class Case:
    """All that is known when the rules run.

    Parameters
    ----------
    supplied : Supplied
        What was given, read and complete with what an estimator predicts.
    """

    def __init__(self, supplied: Supplied) -> None:
        self.supplied = supplied
        # The cases of all columns of the target: a reported number is of them all.
        self.columns: tuple[Case, ...] = (self,)

    def __getattr__(self, name: str) -> Any:
        """Look up what was supplied under this name."""
        if name.startswith("_"):
            raise AttributeError(name)
        attribute = getattr(type(self), name, None)
        if attribute is not None:
            # Python comes here, too, if an attribute of ours failed: show why.
            return attribute.__get__(self, type(self))
        return getattr(self.supplied, name)

    def get(self, name: str) -> Any:
        """Return an attribute, or why there is none."""
        value = getattr(self, name)
        return (
            NotApplicable(f"needs {NEEDS.get(name, name)}") if value is None else value
        )

    # -- the target ------------------------------------------------------------------

    @cached_property
    def target(self) -> TargetSummary | NotApplicable | None:
        """Summary of the target, in its own units."""
        if self.supplied.target is not None:
            return self.supplied.target
        y = self.supplied.y_true
        if y is None or y.ndim == 2:
            return None
        return TargetSummary.of(y, self.weights)

    @cached_property
    def transformed(self) -> Floats | NotApplicable | None:
        """Target after the transformer, with whatever infinities or NaN it makes."""
        y, transformer = self.supplied.y_true, self.supplied.transformer
        if y is None or y.ndim == 2 or transformer is None:
            return None
        return _through(transformer, as_column(y))

    @cached_property
    def scored_target(self) -> TargetSummary | NotApplicable | None:
        """Summary of the target as a loss of the transformed target sees it."""
        z = self.transformed
        if z is None or isinstance(z, NotApplicable):
            return self.target if z is None else z
        known = ~np.isnan(z)
        weights = None if self.weights is None else self.weights[known]
        return TargetSummary.of(z[known], weights)

    @cached_property
    def jacobian(self) -> float | NotApplicable | None:
        """Mean log abs(dz/dy): nats that belong to the transform."""
        if self.supplied.y_true is None or self.supplied.transformer is None:
            return None
        try:
            return mean_log_jacobian(
                self.supplied.transformer,
                as_column(self.supplied.y_true),
                sample_weight=self.weights,
            )
        except NoDensityError as error:
            return NotApplicable(str(error))
        except Exception as error:
            return NotApplicable(_refused(error))

    # -- forecasts -------------------------------------------------------------------

    @cached_property
    def weights(self) -> Floats | None:
        """Weights that a mean can be taken with; others are a finding of their own."""
        weight = self.supplied.sample_weight
        if weight is None or weight.min() < 0:
            return None
        return as_column(weight)

    @cached_property
    def in_transformed_space(self) -> bool:
        """Whether mu lies near the transformed target rather than the target itself."""
        z, mu = self.transformed, self.supplied.mu
        if z is None or isinstance(z, NotApplicable) or mu is None:
            return False
        if self.supplied.estimator is not None or not np.isfinite(z).all():
            return False  # predict_dist answers in the target's own units
        return _distance(z, mu) < _distance(as_column(self.supplied.y_true), mu)

    @cached_property
    def raw_forecast(self) -> RawForecast | None:
        """Target, mu and sigma in the space of mu, unchecked: sigma may be zero."""
        given = self.supplied
        if given.y_true is None or given.mu is None or given.sigma is None:
            return None
        z = self.transformed if self.in_transformed_space else None
        y = z if isinstance(z, np.ndarray) else as_column(given.y_true)
        mu, sigma = (
            np.broadcast_to(as_column(a), y.shape) for a in (given.mu, given.sigma)
        )
        if given.scores is not None:  # the Gaussian forecast that is as good
            y = mu + given.scores * sigma
        return RawForecast(y, mu, sigma, self.weights)

    @cached_property
    def forecast(self) -> Forecast | NotApplicable | None:
        """Target, mu and sigma, in the space in which mu was predicted."""
        raw, given = self.raw_forecast, self.supplied
        if raw is None:
            return None
        y = raw.y if given.scores is None else as_column(given.y_true)
        return _forecast(y, *raw[1:], given.losses, given.scores)

    @cached_property
    def train_forecast(self) -> Forecast | NotApplicable | None:
        """The same on the training data."""
        given = self.supplied
        if given.y_train is None or given.mu_train is None or given.sigma_train is None:
            return None
        y: Floats | NotApplicable = as_column(given.y_train)
        if self.in_transformed_space:
            y = _through(given.transformer, as_column(given.y_train))
        if isinstance(y, NotApplicable):
            return y
        scores = given.scores_train
        return _forecast(y, given.mu_train, given.sigma_train, None, None, scores)

    @cached_property
    def class_forecast(self) -> ClassForecast | NotApplicable | None:
        """Classes and their predicted probabilities."""
        return class_forecast(self.supplied, self.weights)

    # -- the loss --------------------------------------------------------------------

    @cached_property
    def loss(self) -> DeclaredLoss | None:
        """The loss that was named, or the one that the inputs are for."""
        if self.supplied.loss is not None:
            return self.supplied.loss
        if self.supplied.mu is not None:
            return DeclaredLoss("gaussian_nll", "density", -np.inf, inferred=True)
        if self.supplied.y_prob is not None or self.supplied.logits is not None:
            return self._cross_entropy()
        target = self.target
        if self.supplied.y_pred is not None:
            return None  # a loss of points, and which one nobody said
        if isinstance(target, TargetSummary) and target.is_regression:
            return DeclaredLoss("gaussian_nll", "density", -np.inf, inferred=True)
        return None

    @cached_property
    def measured(self) -> Measured:
        """Mean of the loss over what was given, in the space in which mu is."""
        return measured_loss(self)

    @cached_property
    def measured_columns(self) -> tuple[float, ...] | None:
        """The same for every column of the target, of which this may be one."""
        values = [column.measured for column in self.columns]
        known = [value for value in values if isinstance(value, float)]
        return tuple(known) if len(known) == len(values) else None

    @cached_property
    def clues(self) -> Clues | None:
        """What tells the sign of the reported number."""
        return Clues.of(self)

    @cached_property
    def oracle(self) -> Oracle | NotApplicable | None:
        """What the scorer says of estimators that are right, and of others."""
        return None if self.clues is None else self.clues.oracle

    @cached_property
    def objective(self) -> Objective | NotApplicable | None:
        """What was minimised, where that was recorded."""
        if self.loss_probe is not None:
            probe = self.loss_probe
            return probed_objective(probe) if isinstance(probe, LossProbe) else probe
        if self.clues is None or self.clues.leaf is None:
            return None
        return recorded_objective(self.clues.leaf)

    @cached_property
    def loss_probe(self) -> LossProbe | NotApplicable | None:
        """What a callable loss turned out to be."""
        if self.supplied.loss_function is None:
            return None
        return probe_loss(self.supplied.loss_function)

    @cached_property
    def loss_refusal(self) -> str | None:
        """Why a callable loss was not understood; None if it was, or there is none."""
        probe = self.loss_probe
        return probe.reason if isinstance(probe, NotApplicable) else None

    def _cross_entropy(self) -> DeclaredLoss:
        """Return the cross-entropy for what was predicted."""
        logits = self.supplied.y_prob is None
        values = self.supplied.logits if logits else self.supplied.y_prob
        name = "cross_entropy" + ("_with_logits" if logits else "")
        binary = np.ndim(values) == 1 or np.shape(values)[1] == 1
        # Labels that an estimator or the user lists are encoded, not read as numbers.
        literal = bool(binary) and self.supplied.labels is None
        name = f"binary_{name}" if binary else name
        return DeclaredLoss(name, "cross-entropy", 0.0, literal, inferred=True)


def _refused(error: Exception) -> str:
    """Say why a transformer did not transform, in one clause."""
    said = f"{type(error).__name__}: {error}".splitlines()[0].rstrip(".")
    return f"the transformer refused the target: {said}"


def _through(transformer: Any, y: Floats) -> Floats | NotApplicable:
    """Return a target after a transformer, or why it refused."""
    try:
        with np.errstate(all="ignore"):
            return column_function(transformer, "transform")(y)
    except Exception as error:  # anybody's function may do anything
        return NotApplicable(_refused(error))


def _distance(y: Floats, mu: Floats) -> float:
    """Typical error in units of the spread of the target."""
    spread = float(np.median(np.abs(y - np.median(y)))) or float(y.std()) or 1.0
    return float(np.median(np.abs(y - mu))) / spread


def _forecast(
    y: Any,
    mu: Any,
    sigma: Any,
    weights: Floats | None,
    losses: Floats | None,
    scores: Floats | None = None,
) -> Forecast | NotApplicable:
    """Return a forecast, or why its numbers are none."""
    mu, sigma = (np.broadcast_to(as_column(a), y.shape) for a in (mu, sigma))
    if not np.isfinite(y).all():
        return NotApplicable("the target has infinite values")
    if sigma.min() <= 0:
        count = int(np.sum(sigma <= 0))
        return NotApplicable(f"sigma is not strictly positive in {count} samples")
    return Forecast(y, mu, sigma, weights, losses, scores)
