"""What a loss asks of an estimator, told by the names of the loss's parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from sklearn_negloss.distributions._adapters import predict_dist

# The sets of names that carry a forecast, the richest first.
FORECASTS: tuple[tuple[str, ...], ...] = (
    ("mu", "sigma"),
    ("lower", "upper"),
    ("dist",),
    ("y_prob",),
    ("logits",),
    ("y_pred",),
)


def forecast_of(loss: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the parameters through which a loss gets its forecast."""
    names = inspect.signature(loss).parameters
    for forecast in FORECASTS:
        if all(name in names for name in forecast):
            return forecast
    wanted = "; ".join(", ".join(forecast) for forecast in FORECASTS)
    raise TypeError(
        f"a loss must name its forecast by its parameters ({wanted}); got "
        f"{getattr(loss, '__name__', loss)!s}({', '.join(names)}); rename them so that "
        "the scorer knows what to ask the estimator for."
    )


class Response:
    """The predictions of one estimator for one X, each made at most once.

    Parameters
    ----------
    estimator : object
        Fitted estimator.
    X : array-like of shape (n_samples, n_features)
        Samples to predict.
    """

    def __init__(self, estimator: Any, X: Any) -> None:
        self.estimator = estimator
        self.X = X

    def arguments(
        self, loss: Callable[..., Any], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        """Return all keyword arguments of a loss: its forecast, and its options."""
        parameters = inspect.signature(loss).parameters
        forecast = forecast_of(loss)
        arguments = {**self._defaults(parameters), **kwargs}
        if forecast == ("mu", "sigma"):
            return {**arguments, "mu": self.dist.mean(), "sigma": self.dist.std()}
        if forecast == ("lower", "upper"):
            lower, upper = self.dist.interval(_coverage(parameters, arguments))
            return {**arguments, "lower": lower, "upper": upper}
        if forecast == ("y_prob",):
            return {**arguments, "y_prob": self._probability(arguments)}
        if forecast == ("logits",):
            return {**arguments, "logits": self._logits(arguments)}
        return {**arguments, forecast[0]: getattr(self, forecast[0])}

    @cached_property
    def dist(self) -> Any:
        """Predictive distribution of the estimator."""
        return predict_dist(self.estimator, self.X)

    @cached_property
    def y_pred(self) -> Any:
        """Point prediction of the estimator."""
        return self.estimator.predict(self.X)

    @cached_property
    def predicted_probability(self) -> Any:
        """Class probabilities, one column for each class."""
        return np.asarray(_method(self.estimator, "predict_proba")(self.X))

    @cached_property
    def decision(self) -> Any:
        """Decision function, one column for each class, or one for two classes."""
        return np.asarray(_method(self.estimator, "decision_function")(self.X))

    def _defaults(self, parameters: Any) -> dict[str, Any]:
        """Take labels from the estimator: a fold may hold one class only."""
        defaults: dict[str, Any] = {}
        if "labels" in parameters:
            defaults["labels"] = self._classes()
        if "pos_label" in parameters:
            classes = self._classes()
            if len(classes) != 2:
                raise ValueError(
                    f"a binary loss needs a classifier of 2 classes; got {len(classes)} "
                    "classes; use cross_entropy_with_logits_loss or log_loss."
                )
            defaults["pos_label"] = classes[1]
        return defaults

    def _classes(self) -> Any:
        """Classes of the estimator as plain Python values."""
        return np.asarray(_method(self.estimator, "classes_")).tolist()

    def _column(self, arguments: dict[str, Any]) -> int:
        """Place of the positive class."""
        classes = self._classes()
        pos_label = arguments.get("pos_label", classes[-1])
        if pos_label not in classes:
            raise ValueError(
                f"pos_label must be a class of the estimator; got {pos_label!r}, not in "
                f"{classes}; pass one of these."
            )
        return int(classes.index(pos_label))

    def _probability(self, arguments: dict[str, Any]) -> Any:
        """Probability of the positive class, or of every class for several."""
        if "labels" in arguments:
            return self.predicted_probability
        return self.predicted_probability[:, self._column(arguments)]

    def _logits(self, arguments: dict[str, Any]) -> Any:
        """Log odds of the positive class, or one column for each class."""
        decision = self.decision
        if "labels" in arguments:
            if decision.ndim == 1:
                # Two classes: only the difference of their logits matters.
                decision = np.column_stack([np.zeros_like(decision), decision])
            return decision
        return decision if self._column(arguments) == 1 else -decision


def _coverage(parameters: Any, arguments: dict[str, Any]) -> float:
    """Return the coverage of the interval that a loss wants."""
    if "coverage" in arguments:
        return float(arguments["coverage"])
    default = parameters["coverage"].default if "coverage" in parameters else None
    if default is None or default is inspect.Parameter.empty:
        raise TypeError(
            "an interval loss needs its coverage; pass it to the scorer: "
            "make_distribution_scorer(interval_loss, coverage=0.9)."
        )
    return float(default)


def _method(estimator: Any, name: str) -> Any:
    """Return what a loss needs of the estimator, or say that it has none."""
    if not hasattr(estimator, name):
        raise TypeError(
            f"{type(estimator).__name__} has no {name}, which this loss needs; use a "
            "fitted classifier that has it, or a loss of what this one predicts."
        )
    return getattr(estimator, name)
