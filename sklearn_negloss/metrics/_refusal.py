"""Refusing scikit-learn's `make_scorer` for a loss that needs more than `y_pred`.

`make_scorer` hands a loss what `predict` returns, so no sigma can reach it. The error
that says so must not drown: a search replaces every exception of a scorer by NaN. But
a search refuses a score that is not a number, and lets that error out; so there, and
only there, the loss returns an object that is no number and carries the sentence.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NoReturn, ParamSpec, TypeVar

from sklearn_negloss._sklearn import scored_in_search

P = ParamSpec("P")
R = TypeVar("R")


class PointForecastError(TypeError):
    """A point forecast was given where a probabilistic one is needed."""


class Refusal:
    """Stand-in for a score, which no search can take for a number."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __repr__(self) -> str:
        """Return the sentence, for scikit-learn's own message about scores."""
        return self.sentence

    def _survive(self, *_: Any) -> Refusal:
        """Survive the sign or the arithmetic that a scorer puts around a loss."""
        return self

    __neg__ = __mul__ = __rmul__ = __add__ = __radd__ = __sub__ = __rsub__ = _survive

    def item(self) -> NoReturn:
        """Raise: here scikit-learn asks for the number."""
        raise PointForecastError(self.sentence)


def needs_forecast(loss: Callable[P, R]) -> Callable[P, R]:
    """Make a loss of mu and sigma (or of a distribution) refuse bare predictions."""
    signature = inspect.signature(loss)
    required = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    options = [
        f", {name}=0.9" for name in ("coverage",) if name in signature.parameters
    ]
    sentence = point_forecast_sentence(loss.__name__, required[1:], "".join(options))

    @functools.wraps(loss)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if len(args) < len(required) and not kwargs.keys() & set(required):
                raise PointForecastError(sentence)
            return loss(*args, **kwargs)
        except PointForecastError:
            if scored_in_search():
                return Refusal(sentence)  # type: ignore[return-value]
            raise PointForecastError(sentence) from None

    return checked


def point_forecast_sentence(loss: str, needed: list[str], options: str) -> str:
    """Say which arguments are missing and which scorer supplies them."""
    lack = (
        f"{loss} needs {' and '.join(needed)}, which predictions alone do not carry; "
    )
    if not loss.endswith(
        ("_loss", "_score")
    ):  # several numbers: no scorer can hold them
        return (
            f"{lack}call {loss}(y_true, {', '.join(needed)}) with what "
            "predict(X, return_std=True) or predict_dist(estimator, X) says."
        )
    return (
        f"{lack}"
        f"score an estimator with make_distribution_scorer({loss}{options}) instead of "
        f"make_scorer, or call {loss}(y_true, {', '.join(needed)}{options})."
    )
