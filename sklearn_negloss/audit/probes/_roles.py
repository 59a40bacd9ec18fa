"""What the parameters of a callable stand for, by their names and their order."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Role of a parameter, and the names that it goes by.
NAMES: dict[str, tuple[str, ...]] = {
    "y": (
        *("y", "y_true", "ytrue", "true", "truth", "t", "target", "targets", "obs"),
        *(
            "observed",
            "observation",
            "observations",
            "actual",
            "actuals",
            "gt",
            "y_test",
        ),
        *("label", "labels_true", "x", "y_obs", "y1", "labels"),
    ),
    "mu": (
        "mu",
        "mean",
        "loc",
        "location",
        "m",
        "pred_mean",
        "mu_pred",
        "y_mean",
        "mus",
    ),
    "sigma": (
        *("sigma", "std", "stddev", "std_dev", "sd", "stdev", "sig", "scale", "sigmas"),
        *("sigma_pred", "pred_std", "y_std", "y_sigma"),
    ),
    "variance": (
        *("var", "variance", "sigma2", "sigma_sq", "sigma_squared", "sigmasq", "vars"),
        *("y_var", "pred_var", "var_pred", "sq_sigma"),
    ),
    "log-sigma": (
        *(
            "log_sigma",
            "logsigma",
            "log_std",
            "logstd",
            "log_scale",
            "log_sd",
            "lsigma",
        ),
    ),
    "log-variance": (
        *("log_var", "logvar", "log_variance", "logvariance", "log_sigma2", "lvar"),
        *("log_sigma_sq", "s_log_var"),
    ),
    "precision": ("precision", "prec", "inv_var", "inverse_variance"),
    "scale": ("s", "v", "b", "uncertainty", "unc", "spread", "dispersion", "y_unc"),
    "lower": ("lower", "low", "lo", "lb", "y_lower", "lower_bound"),
    "upper": ("upper", "high", "hi", "up", "ub", "y_upper", "upper_bound"),
    "prob": (
        *("y_prob", "y_proba", "prob", "proba", "probs", "probas", "probability"),
        *("probabilities", "p_pred", "y_pred_proba", "y_score_prob"),
    ),
    "logits": ("logits", "logit", "y_logits", "log_odds"),
    "log-prob": ("log_prob", "log_probs", "logp", "log_p", "log_proba", "y_log_proba"),
    "dist": ("dist", "distribution", "forecast_dist"),
    "log-rate": ("log_rate", "log_input", "log_lambda", "eta"),
    "rate": ("rate", "lam", "lambda_", "lmbda", "rates"),
    "pred": (
        *("y_pred", "ypred", "pred", "preds", "prediction", "predictions", "yhat"),
        *("y_hat", "yh", "input", "output", "forecast", "fct", "p", "q", "f", "a", "z"),
        *("labels_pred", "pred_decision", "y_score", "score", "estimate", "y2"),
    ),
    "weight": ("sample_weight", "weight", "weights", "w"),
}

ROLE = {name: role for role, names in NAMES.items() for name in names}

# Settings that a callable may ask for, and what it is given.
CONSTANTS: dict[str, Any] = {
    "coverage": 0.9,
    "alpha": 0.1,
    "quantile": 0.5,
    "tau": 0.5,
    "beta": 1.0,
    "delta": 1.0,
    "eps": 1e-12,
    "epsilon": 1e-12,
    "df": 5.0,
    "nu": 5.0,
    "power": 0.0,
    "gamma": 2.0,
    "smooth": 1.0,
    "reduction": "mean",
}

# Parts of longer names, such as predicted_std, the most telling first.
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("variance", ("var", "variance", "sigma2", "vars")),
    ("sigma", ("sigma", "std", "sd", "stddev", "scale", "stdev")),
    ("mu", ("mu", "mean", "loc")),
    ("logits", ("logit", "logits")),
    ("prob", ("prob", "proba", "probs", "probability")),
    ("lower", ("lower", "low")),
    ("upper", ("upper", "high")),
    ("y", ("true", "target", "obs", "actual", "label", "labels")),
    ("pred", ("pred", "predicted", "hat", "forecast", "output")),
)

SCALES = ("sigma", "variance", "log-sigma", "log-variance", "precision", "scale")


@dataclass(frozen=True)
class Roles:
    """How to call a loss.

    Parameters
    ----------
    order : tuple of (str, str, bool)
        Name, role, and whether it is passed by keyword, of each parameter.
    constants : dict of str to object
        Settings that it needs.
    """

    order: tuple[tuple[str, str, bool], ...]
    constants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """The roles."""
        return {role for _, role, _ in self.order}

    @property
    def scale(self) -> str | None:
        """Role of the parameter that says how wide the forecast is."""
        return next((role for role in SCALES if role in self.names), None)


def role_of(name: str) -> str | None:
    """Return what a parameter of this name stands for.

    Parameters
    ----------
    name : str
        Name of a parameter.

    Returns
    -------
    role : str or None
        None if the name does not tell.
    """
    name = name.lower()
    if name in ROLE:
        return ROLE[name]
    tokens = set(name.split("_"))
    for role, parts in PARTS:
        if tokens & set(parts):
            logged = "log" in tokens and role in ("sigma", "variance", "prob")
            return f"log-{role}" if logged else role
    return None


class UnknownSignature(Exception):
    """A callable asks for something that nobody knows."""


def read_roles(loss: Callable[..., Any]) -> Roles:
    """Read the parameters of a loss.

    Parameters
    ----------
    loss : callable
        Loss.

    Returns
    -------
    roles : Roles
        How to call it.

    Raises
    ------
    UnknownSignature
        If a parameter that must be given has no known role.
    """
    try:
        parameters = list(inspect.signature(_called(loss)).parameters.values())
    except (TypeError, ValueError):
        # Functions written in C tell nothing: target and prediction, as everywhere.
        return Roles((("", "y", False), ("", "pred", False)))
    bound = getattr(loss, "keywords", {})
    free = [p for p in parameters if p.name not in bound]
    taken = [p for p in free if _wanted(p)]
    if len(taken) == 1:  # log_loss(y_true, y_proba=None, ...)
        taken += [p for p in free if _is_forecast(p)][:1]
    constants = {
        p.name: CONSTANTS[p.name.lower()]
        for p in taken
        if p.name.lower() in CONSTANTS and len(taken) > 2
    }
    order = [
        (
            p.name,
            role_of(p.name) or "?",
            p.kind is p.KEYWORD_ONLY or _behind(p, taken, constants),
        )
        for p in taken
        if p.name not in constants
    ]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters) and len(order) < 2:
        order = [("", "y", False), ("", "pred", False)]
    if len(order) < 2 and constants:
        raise UnknownSignature(
            f"has parameters that are not known, {', '.join(constants)}: give them "
            "values by functools.partial"
        )
    return Roles(tuple(_completed(order)), constants)


def _behind(
    parameter: inspect.Parameter,
    taken: list[inspect.Parameter],
    constants: Mapping[str, Any],
) -> bool:
    """Whether a setting stands before a parameter, which is passed by name then."""
    before = taken[: taken.index(parameter)]
    return any(p.name in constants for p in before)


def _called(loss: Any) -> Any:
    """Return what tells the parameters: `forward` of a module, or the callable."""
    return getattr(loss, "forward", loss)


def _wanted(parameter: inspect.Parameter) -> bool:
    """Whether a parameter must be given, or carries the forecast."""
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return False
    if parameter.default is parameter.empty:
        return True
    role = ROLE.get(parameter.name.lower())
    return role in (*SCALES, "mu", "lower", "upper") and len(parameter.name) > 1


def _is_forecast(parameter: inspect.Parameter) -> bool:
    """Whether a parameter that may be left out carries a forecast."""
    if parameter.default is parameter.empty or parameter.kind is parameter.KEYWORD_ONLY:
        return False
    return role_of(parameter.name) in ("pred", "prob", "logits")


def _weak(place: int, order: list[tuple[str, str, bool]]) -> bool:
    """Whether a name says too little: one letter, or a letter for a width before all."""
    name, role, _ = order[place]
    if role == "scale":
        return len(name) == 1 and place < max(2, len(order) - 1)
    return role == "pred" and len(name) == 1


def _completed(order: list[tuple[str, str, bool]]) -> list[tuple[str, str, bool]]:
    """Give a role to parameters without a telling name, by their place."""
    free = ["y", "pred", "scale"]
    roles = [role for _, role, _ in order]
    if "y" not in roles:
        roles = [
            "?" if _weak(place, order) else role for place, role in enumerate(roles)
        ]
    elif len(order) == 2:
        roles = ["?" if role == "scale" else role for role in roles]
    if len(order) < 2 or len(order) > 4:
        raise UnknownSignature(f"takes {len(order)} arguments: {_listed(order)}")
    if roles.count("y") > 1:  # (y, x): the first is the target
        first = roles.index("y")
        roles = [r if r != "y" or i == first else "?" for i, r in enumerate(roles)]
    free = [role for role in free if not _filled(role, roles)]
    for place, role in enumerate(roles):
        if role == "?" or (role == "pred" and roles.index("pred") != place):
            # A width may go by any letter, but a longer name has a meaning.
            telling = free[:1] == ["scale"] and len(order[place][0]) > 2
            if not free or telling:
                raise UnknownSignature(
                    f"has a parameter that is not known, {order[place][0]}: give it "
                    "a value by functools.partial"
                )
            roles[place] = free.pop(0)
    if "y" not in roles:
        roles[0] = "y"
    scaled = any(role in SCALES for role in roles)
    roles = [("mu" if scaled else "pred") if r in ("pred", "mu") else r for r in roles]
    return [(n, role, by) for (n, _, by), role in zip(order, roles, strict=True)]


def _filled(role: str, roles: list[str]) -> bool:
    """Whether some parameter has a role already."""
    if role == "y":
        return "y" in roles
    if role == "pred":
        forecasts = {"pred", "mu", "lower", "prob", "logits", "log-prob", "dist"}
        return bool(forecasts & set(roles)) or bool({"rate", "log-rate"} & set(roles))
    return any(r in SCALES for r in roles)


def _listed(order: list[tuple[str, str, bool]]) -> str:
    """Return the names of parameters."""
    return ", ".join(name for name, _, _ in order) or "none"
