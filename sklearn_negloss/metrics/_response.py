"""What a loss asks of an estimator, told by the names of the loss's parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from sklearn_negloss._validation import check_share
from sklearn_negloss.distributions._adapters import predict_dist
from sklearn_negloss.metrics._signature import (
    forecast_of,
    parameters_of,
    wants_probability,
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
        self, loss: Callable[..., Any], options: Mapping[str, Any], y_true: Any
    ) -> dict[str, Any]:
        """Return all keyword arguments of a loss: its forecast, and its options."""
        taken = parameters_of(loss)
        kwargs = {name: value for name, value in options.items() if name in taken}
        both = {"labels", "pos_label"} <= taken.keys() and wants_probability(loss)
        if both and "labels" not in kwargs and len(self._classes()) == 2:
            # Of two classes, the probability of one is the plainer question.
            taken = {name: taken[name] for name in taken if name != "labels"}
        arguments = {**self._labels(taken, kwargs, y_true), **kwargs}
        forecast = forecast_of(loss)
        if forecast == ("mu", "sigma"):
            return {**arguments, "mu": self.dist.mean(), "sigma": self.dist.std()}
        if forecast == ("lower", "upper"):
            lower, upper = self.dist.interval(_coverage(loss, options))
            return {**arguments, "lower": lower, "upper": upper}
        if wants_probability(loss):
            return {**arguments, forecast[0]: self._probability(arguments)}
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

    def _labels(
        self, taken: Mapping[str, Any], options: Mapping[str, Any], y_true: Any
    ) -> dict[str, Any]:
        """Take labels from the estimator: a fold may hold one class only."""
        if not {"labels", "pos_label"} & taken.keys():
            return {}
        classes = self._classes()
        unknown = [
            v for v in dict.fromkeys(np.ravel(y_true).tolist()) if v not in classes
        ]
        if unknown:
            raise ValueError(
                f"y_true must hold classes of the estimator; got {unknown[0]!r}, not in "
                f"{classes} ({len(unknown)} unknown labels); score the labels it was "
                "fitted on."
            )
        if "labels" in taken:
            _check_order(options.get("labels", classes), classes)
            return {"labels": classes}
        if len(classes) != 2:
            raise ValueError(
                f"a binary loss needs a classifier of 2 classes; got {len(classes)} "
                "classes; use cross_entropy_with_logits_loss or log_loss."
            )
        return {"pos_label": classes[1]}

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
        _refuse_votes(self.estimator, len(self._classes()))
        decision = self.decision
        if "labels" in arguments:
            if decision.ndim == 1:
                # Two classes: only the difference of their logits matters.
                decision = np.column_stack([np.zeros_like(decision), decision])
            return decision
        return decision if self._column(arguments) == 1 else -decision


def _coverage(loss: Callable[..., Any], options: Mapping[str, Any]) -> float:
    """Return the coverage of the interval that a loss wants."""
    if "coverage" in options:
        return check_share("coverage", options["coverage"])
    return float(inspect.signature(loss).parameters["coverage"].default)


def _check_order(labels: Any, classes: list[Any]) -> None:
    """Columns come in the order of the classes; other labels would exchange them."""
    if list(labels) != classes:
        raise ValueError(
            f"labels must be the classes of the estimator, in their order; got "
            f"{list(labels)} for {classes}; leave labels out."
        )


def _refuse_votes(estimator: Any, n_classes: int) -> None:
    """With three classes, one column for each pair looks like one for each class."""
    leaf = estimator
    while True:
        if isinstance(leaf, Pipeline):
            leaf = leaf.steps[-1][1]
        elif hasattr(leaf, "best_estimator_"):
            leaf = leaf.best_estimator_
        elif isinstance(leaf, FrozenEstimator):
            leaf = leaf.estimator
        else:
            break
    if n_classes > 2 and getattr(leaf, "decision_function_shape", None) == "ovo":
        raise ValueError(
            "logits must have one column for each class; got one for each pair of "
            f"{n_classes} classes from {type(leaf).__name__}("
            "decision_function_shape='ovo'); use a classifier such as "
            "LogisticRegression, or score probabilities with log_loss."
        )


def _method(estimator: Any, name: str) -> Any:
    """Return what a loss needs of the estimator, or say that it has none."""
    if not hasattr(estimator, name):
        raise TypeError(
            f"{type(estimator).__name__} has no {name}, which this loss needs; use a "
            "fitted classifier that has it, or a loss of what this one predicts."
        )
    return getattr(estimator, name)
