"""Targets with forecasts that are right and wrong, for each kind of loss.

A loss is of the first kind on whose forecasts it has an order: the right one lowest
(or, for what is no loss, highest), all others above.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss.distributions import Normal

Floats = NDArray[np.float64]
Answer = dict[str, Any]

N = 24
CLASSES = 3
INDEX = np.arange(N)

# Numbers of either sign, none of them zero, in no order.
MIXED = -3.0 + 6.0 * ((7 * INDEX) % N + 0.37) / N
COUNTS = (1.0 + (5 * INDEX) % N) % 9 + 1.0
BITS = (INDEX % 2).astype(float)
LABELS = INDEX % CLASSES

# Scale of every forecast of mu and sigma, in each way that it may be said.
SPREADS: dict[str, Callable[[Any], Any]] = {
    "sigma": lambda sigma: sigma,
    "variance": np.square,
    "log-sigma": np.log,
    "log-variance": lambda sigma: 2 * np.log(sigma),
    "precision": lambda sigma: sigma**-2.0,
    "inverse softplus of sigma": lambda sigma: np.log(np.expm1(sigma)),
}


@dataclass(frozen=True)
class Setting:
    """A target, the right forecast, and wrong ones.

    Parameters
    ----------
    kind : str
        Kind of loss.
    y : ndarray
        Target.
    right : dict of str to ndarray
        Forecast, by the roles of parameters.
    slightly, badly : list of dict
        Forecasts that are no better than the right one; and that must be worse.
    """

    kind: str
    y: Any
    right: Answer
    slightly: list[Answer]
    badly: list[Answer]


def spread(role: str | None, sigma: Any) -> Answer:
    """Return sigma as a parameter of a given role."""
    if role is None:
        return {}
    return {role: SPREADS.get(role, SPREADS["sigma"])(np.asarray(sigma, dtype=float))}


def settings(roles: set[str], scale: str | None) -> list[Setting]:
    """Return the kinds of loss that parameters allow, the likeliest first.

    Parameters
    ----------
    roles : set of str
        Roles of the parameters.
    scale : str or None
        Which of them says how wide the forecast is.

    Returns
    -------
    settings : list of Setting
        One for each kind.
    """
    if scale is not None:
        return [_gaussian(scale), _positive_density(scale), _log_density(scale)]
    if "dist" in roles:
        return [_dist()]
    if "lower" in roles:
        return [_interval()]
    named = {
        "prob": [_prob(), _table("probabilities"), _multilabel("prob")],
        "logits": [_logits(), _table("logits"), _multilabel("logits")],
        "log-prob": [_table("log-probabilities", "log-prob"), _soft("log-prob")],
        "log-rate": [_log_rate()],
        "rate": [_positive("rate")],
    }
    for role, kinds in named.items():
        if role in roles:
            return [renamed(each, role) for each in kinds]
    return [
        *(_point(), _columns(), _positive(), _logits("pred"), _prob("pred"), _margin()),
        *(_labels(2), _labels(CLASSES), _log_rate("pred")),
        *(_table("logits", "pred"), _table("log-probabilities", "pred")),
        *(_table("probabilities", "pred"), _multilabel("pred"), _soft("pred")),
    ]


def renamed(setting: Setting, role: str) -> Setting:
    """Return a setting of one parameter whose forecast goes by another role.

    Parameters
    ----------
    setting : Setting
        Its forecasts have one role.
    role : str
        The other one.

    Returns
    -------
    setting : Setting
        The same, renamed.
    """

    def rename(answers: list[Answer]) -> list[Answer]:
        return [dict.fromkeys((role,), *answer.values()) for answer in answers]

    (right,) = rename([setting.right])
    slightly, badly = rename(setting.slightly), rename(setting.badly)
    return Setting(setting.kind, setting.y, right, slightly, badly)


def _of(kind: str, y: Any, right: Any, slightly: Any, badly: Any, role: str) -> Setting:
    """Return a setting of forecasts in one parameter."""
    one = [{role: np.asarray(a)} for a in slightly]
    two = [{role: np.asarray(a)} for a in badly]
    return Setting(kind, y, {role: np.asarray(right)}, one, two)


def _point() -> Setting:
    y = MIXED
    near = [y + 1e-3, y - 1e-3, y + 0.3, y - 0.3]
    return _of("point", y, y, near, [y + 5, y - 5, y + 40], "pred")


def _positive(role: str = "pred") -> Setting:
    y = COUNTS
    return _of("positive", y, y, [1.2 * y, y / 1.2], [3 * y, y / 3], role)


def _log_rate(role: str = "log-rate") -> Setting:
    y = COUNTS
    z = np.log(y)
    return _of("log-rate", y, z, [z + 0.2, z - 0.2], [z + 1.1, z - 1.1], role)


def _prob(role: str = "prob") -> Setting:
    y = BITS
    sure, wrong = np.where(y == 1, 0.99, 0.01), np.where(y == 1, 0.05, 0.95)
    near, half = np.where(y == 1, 0.9, 0.1), np.full(N, 0.5)
    ones = np.where(y == 1, 0.99, 0.9)
    return _of("probability", y, sure, [near], [half, wrong, ones], role)


def _logits(role: str = "logits") -> Setting:
    y = BITS
    z = np.where(y == 1, 4.0, -4.0)
    return _of("logits", y, z, [0.9 * z], [0 * z, -z, np.where(z < 0, 3.0, 4.0)], role)


def _margin() -> Setting:
    y = 2 * BITS - 1
    return _of("margin", y, 4 * y, [3 * y], [0 * y, -y, -4 * y], "pred")


def _labels(k: int) -> Setting:
    y = INDEX % k
    off = np.where(k > INDEX, (y + 1) % k, y)
    return _of("labels", y, y, [off], [(INDEX // k) % k, (INDEX // 4) % k], "pred")


def _prob_rows(classes: Any, sure: float) -> Floats:
    """Return rows with most of the probability on given classes."""
    rows = np.full((len(classes), CLASSES), (1 - sure) / (CLASSES - 1))
    rows[np.arange(len(classes)), classes] = sure
    return rows


def _rows() -> list[Floats]:
    """Return rows of probabilities: right, nearly, and wrong."""
    even = np.full((N, CLASSES), 1 / CLASSES)
    wrong = _prob_rows((LABELS + 1) % CLASSES, 0.9)
    chance = _prob_rows((INDEX // CLASSES) % CLASSES, 0.9)
    return [_prob_rows(LABELS, 0.98), _prob_rows(LABELS, 0.9), even, wrong, chance]


def _table(kind: str, role: str = "prob") -> Setting:
    rows = _rows() if kind == "probabilities" else [np.log(each) for each in _rows()]
    if kind == "logits":
        rows = [each + 2.0 for each in rows]
    right, near, *bad = rows
    return _of(f"{kind} table", LABELS, right, [near], bad, role)


def _soft(role: str) -> Setting:
    y = _prob_rows(LABELS, 0.7)
    wrong = [_prob_rows((LABELS + 1) % CLASSES, 0.7), np.full((N, CLASSES), 1 / 3)]
    return _of("soft table", y, np.log(y), [], [np.log(each) for each in wrong], role)


def _multilabel(role: str) -> Setting:
    y = np.column_stack([INDEX % 2, (INDEX // 2) % 2, 1 - INDEX % 2]).astype(float)
    sure = np.where(y == 1, 0.95, 0.05)
    if role == "logits":
        sure = np.log(sure / (1 - sure))
    bad = [sure[:, [1, 2, 0]], sure[::-1]]
    return _of("multilabel", y.astype(int), sure, [], bad, role)


def _interval() -> Setting:
    y = MIXED

    def around(shift: float, width: float) -> Answer:
        return {"lower": y + shift - width, "upper": y + shift + width}

    return Setting("interval", y, around(0, 0.5), [], [around(5, 0.5), around(-5, 0.5)])


def _gaussian(scale: str) -> Setting:
    y = MIXED

    def around(shift: float) -> Answer:
        return {"mu": y + shift, **spread(scale, np.ones(N))}

    near = [around(0.3), around(-0.3)]
    return Setting("density", y, around(0), near, [around(6), around(-6)])


def _positive_density(scale: str) -> Setting:
    """Densities of positive numbers or counts, by their mean and width.

    The width is above the root of every mean, as that of a negative binomial must be.
    """
    y = COUNTS + 20

    def around(shift: float) -> Answer:
        return {"mu": y + shift, **spread(scale, np.full(N, 8.0))}

    return Setting("positive density", y, around(0), [], [around(20), around(-15)])


def _log_density(scale: str) -> Setting:
    """Densities of positive numbers, by mean and width of their logarithm."""
    y = COUNTS

    def around(shift: float) -> Answer:
        return {"mu": np.log(y) + shift, **spread(scale, np.ones(N))}

    near = [around(0.3), around(-0.3)]
    return Setting("log density", y, around(0), near, [around(6), around(-6)])


def _columns() -> Setting:
    """Predictions of two columns: mu, and something that says how wide."""
    setting = _gaussian("sigma")

    def stacked(answer: Answer) -> Answer:
        return {"pred": np.column_stack([answer["mu"], answer["sigma"]])}

    return Setting(
        "columns",
        setting.y,
        stacked(setting.right),
        [stacked(a) for a in setting.slightly],
        [stacked(a) for a in setting.badly],
    )


def _dist() -> Setting:
    y = MIXED

    def around(shift: float) -> Answer:
        return {"dist": Normal(y + shift, np.ones(N))}

    near = [around(0.3), around(-0.3)]
    return Setting("dist", y, around(0), near, [around(6), around(-6)])
