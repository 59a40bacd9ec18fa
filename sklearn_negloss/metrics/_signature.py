"""What a scorer can know of a loss before any estimator is fitted.

Everything that would fail at scoring time is refused here: a search replaces the errors
of a scorer by NaN, so that a wrong option would only show as missing scores.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

Loss = Callable[..., Any]

# The sets of names that carry a forecast, the richest first.
FORECASTS: tuple[tuple[str, ...], ...] = (
    ("mu", "sigma"),
    ("lower", "upper"),
    ("dist",),
    ("y_proba",),
    ("y_prob",),
    ("logits",),
    ("y_pred",),
)

# Metrics of scikit-learn that take probabilities of all classes, up to 1.8 as y_pred.
OF_PROBABILITIES = ("log_loss", "d2_log_loss_score")

# Names under which only the caller knows the response of a classifier that is meant.
OTHER_RESPONSES = {
    "y_score": ("predict_proba", ', or "decision_function"'),
    "pred_decision": ("decision_function", ""),
}

# A function's name says which way it points; these endings are scikit-learn's.
SCORE_ENDINGS = ("_score",)
LOSS_ENDINGS = ("_loss", "_error", "_deviance")


def name_of(loss: Any) -> str:
    """Name of a callable, also of a partial one; of an object, that of its class."""
    inner = loss.func if isinstance(loss, functools.partial) else loss
    return getattr(inner, "__name__", None) or type(inner).__name__


def code_of(loss: Any) -> str:
    """Return the expression that makes a callable, as far as it can be told."""
    if isinstance(loss, functools.partial):
        options = [f"{name}={value!r}" for name, value in loss.keywords.items()]
        arguments = [code_of(loss.func), *map(repr, loss.args), *options]
        return f"functools.partial({', '.join(arguments)})"
    if hasattr(loss, "__name__"):
        return str(loss.__name__)
    # Of an object without a repr of its own, only the class can be read.
    shown = repr(loss)
    return f"{type(loss).__name__}(...)" if shown.startswith("<") else shown


def tells_direction(loss: Any) -> bool:
    """Whether the name of a callable says which way it points."""
    return name_of(loss).endswith(SCORE_ENDINGS + LOSS_ENDINGS)


def wants_probability(loss: Loss) -> bool:
    """Whether a loss takes class probabilities, whatever it calls them."""
    inner = loss.func if isinstance(loss, functools.partial) else loss
    module = getattr(inner, "__module__", None) or ""
    known = module.startswith("sklearn.metrics") and name_of(loss) in OF_PROBABILITIES
    return known or forecast_of(loss) in (("y_prob",), ("y_proba",))


def parameters_of(loss: Loss) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a loss that a scorer may fill, by name."""
    try:
        parameters = inspect.signature(loss).parameters
    except (TypeError, ValueError):
        raise TypeError(
            f"a loss must have a signature that Python can read; got {loss!r}; wrap it "
            "in a function loss(y_true, mu, sigma)."
        ) from None
    bound = getattr(loss, "keywords", {})  # of functools.partial
    return {
        name: parameter
        for name, parameter in parameters.items()
        if name not in bound and parameter.kind is not parameter.POSITIONAL_ONLY
    }


def forecast_of(loss: Loss) -> tuple[str, ...]:
    """Return the names of the parameters through which a loss gets its forecast."""
    names = parameters_of(loss)
    for forecast in FORECASTS:
        if all(name in names for name in forecast):
            return forecast
    _refuse_other_responses(loss, names)
    wanted = "; ".join(", ".join(forecast) for forecast in FORECASTS)
    raise TypeError(
        f"a loss must name its forecast by its parameters ({wanted}); got "
        f"{name_of(loss)}({', '.join(names)}); rename them so that the scorer knows what "
        "to ask the estimator for."
    )


def _refuse_other_responses(loss: Loss, names: Mapping[str, Any]) -> None:
    """Point to `make_scorer` for what only the caller can choose."""
    for name, (response, other) in OTHER_RESPONSES.items():
        if name in names:
            down = "" if points_up(loss, False) else ", greater_is_better=False"
            raise TypeError(
                f"a distribution scorer cannot know what {name_of(loss)} wants as {name};"
                f" use sklearn.metrics.make_scorer({name_of(loss)}{down}, "
                f'response_method="{response}"){other}.'
            )


def points_up(loss: Loss, greater_is_better: bool) -> bool:
    """Whether higher values are better: by its name, or else as the caller says."""
    name = name_of(loss)
    if name.endswith(SCORE_ENDINGS):
        return True
    if greater_is_better and name.endswith(LOSS_ENDINGS):
        raise ValueError(
            f"{name} is a loss by its name, of which lower values are better; got "
            "greater_is_better=True; leave that out, or rename it *_score."
        )
    return greater_is_better


def check_losses(losses: Mapping[Any, Any], kwargs: Mapping[str, Any]) -> None:
    """Refuse what cannot be scored, or would be dropped without a word."""
    if not losses:
        raise ValueError("loss must have at least one entry; got an empty dict.")
    for key, loss in losses.items():
        if not callable(loss):
            raise TypeError(
                f"loss must be callable; got {loss!r}; pass a function "
                "loss(y_true, mu, sigma), or a dict of such functions."
            )
        if not isinstance(key, str):
            raise TypeError(
                f"names of losses must be text; got {key!r}; pass {{'name': loss}}."
            )
        _check_coverage(loss, kwargs)
    _check_options(losses, kwargs)


def _check_coverage(loss: Loss, kwargs: Mapping[str, Any]) -> None:
    """An interval loss must know for which coverage to ask."""
    if forecast_of(loss) != ("lower", "upper") or "coverage" in kwargs:
        return
    coverage = inspect.signature(loss).parameters.get("coverage")
    if coverage is None or coverage.default is inspect.Parameter.empty:
        raise TypeError(
            f"{name_of(loss)} needs its coverage; pass it to the scorer: "
            f"make_distribution_scorer({name_of(loss)}, coverage=0.9)."
        )


def _check_options(losses: Mapping[str, Loss], kwargs: Mapping[str, Any]) -> None:
    """Refuse options that no loss has, that the estimator gives, or that give arrays."""
    known = {name for loss in losses.values() for name in parameters_of(loss)}
    given = {name for forecast in FORECASTS for name in forecast} | {"y_true"}
    for name, value in kwargs.items():
        if name in given:
            raise TypeError(
                f"{name} comes from the estimator that is scored; got {name}={value!r}; "
                "remove it, or write a loss that uses a constant."
            )
        if name not in known and not (name == "coverage" and "lower" in known):
            raise TypeError(
                f"{name} is no parameter of {', '.join(map(name_of, losses.values()))}; "
                f"got {name}={value!r}; remove it, or check its spelling."
            )
        if (name, value) in (("reduction", "none"), ("multioutput", "raw_values")):
            raise ValueError(
                f"a scorer must return one number; got {name}={value!r}; score each "
                "output or sample with the loss itself."
            )
