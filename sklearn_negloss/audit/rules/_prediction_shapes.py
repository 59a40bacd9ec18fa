"""4xx: arrays that NumPy would pair all with all."""

from __future__ import annotations

from typing import Any

import numpy as np

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._forecast import (
    ClassForecast,
    Floats,
    Forecast,
    mean_of,
)
from sklearn_negloss.distributions._formulas import HALF_LOG_2PI, TINY, gaussian_nll

TEST = ("y_labels", "mu", "sigma", "y_pred", "y_prob", "logits", "sample_weight")
TRAIN = ("y_train", "mu_train", "sigma_train")


class ShapeBroadcast(Rule):
    """One array is a column of shape (n, 1) and another is flat.

    **Why the loss goes negative.** NumPy and PyTorch pair a column with a flat array all
    with all: n times n terms of every target with every prediction. Their mean is the
    loss of predictions that were shuffled, and may have either sign.

    **What is measured.** The shapes in which arrays of one value a sample arrive, and
    for a known loss the mean over all pairs next to the right one. Metrics of
    scikit-learn flatten columns, and so does the audit: everything else in this report
    is about matching pairs.

    **What to do.** Flatten where the column arises: ``np.ravel(y)``, ``df["y"]`` in place
    of ``df[["y"]]``, ``output.squeeze(-1)``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> mu = rng.normal(size=100)
    >>> y = mu + 0.1 * rng.normal(size=100)
    >>> audit(y_true=y, mu=mu, sigma=0.1).outcomes["NEG411"]
    'clear'
    >>> audit(y_true=y[:, np.newaxis], mu=mu, sigma=0.1).outcomes["NEG411"]
    'found'
    """

    code = "NEG411"
    cause = "code"
    severity = "error"
    message = (
        "{columns} came as a column of shape ({n}, 1) and {flat} as a flat array: NumPy "
        "pairs all with all{effect}."
    )
    advice = (
        "Give all arrays one shape, ({n},), before a loss sees them: np.ravel({first})."
    )

    @classmethod
    def measure(
        cls,
        shapes: dict[str, tuple[int, ...]],
        forecast: Forecast | None = None,
        class_forecast: ClassForecast | None = None,
        y_true: Any = None,
        y_pred: Any = None,
    ) -> Evidence | NotApplicable | None:
        """Look for columns next to flat arrays."""
        if sum(name in shapes for name in (*TEST, *TRAIN)) < 2:
            return NotApplicable("needs y_true and predictions, as arrays")
        for group in (TEST, TRAIN):
            columns, flat = _columns_and_flat(shapes, group)
            if columns and flat:
                break
        else:
            return None
        values = None
        # Weights alone in their shape leave the losses themselves as they are.
        if group is TEST and all(set(a) - {"sample_weight"} for a in (columns, flat)):
            values = _averages(columns, forecast, class_forecast, y_true, y_pred)
        return _evidence(shapes[columns[0]][0], columns, flat, values)


def _columns_and_flat(
    shapes: dict[str, tuple[int, ...]], group: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """Return which arrays of several values are columns, and which are flat."""
    many = {name: shapes[name] for name in group if name in shapes}
    many = {name: shape for name, shape in many.items() if shape and shape[0] > 1}
    columns = [name for name, shape in many.items() if shape[1:] == (1,)]
    return columns, [name for name, shape in many.items() if len(shape) == 1]


def _evidence(
    n: int, columns: list[str], flat: list[str], values: tuple[float, float] | None
) -> Evidence:
    """Return the shapes, and the two means where they are known."""

    def names(which: list[str]) -> str:
        return " and ".join(name.replace("labels", "true") for name in which)

    evidence = {"columns": names(columns), "flat": names(flat), "n": n}
    first = columns[0].replace("labels", "true")
    if values is None or not np.isfinite(values).all():
        return evidence | {"first": first, "effect": ""}
    wrong, right = values
    effect = f", and returns a mean of {wrong:.4g} in place of {right:.4g}"
    numbers = {"wrong": wrong, "right": right}
    return evidence | {"first": first, "effect": effect} | numbers


def _averages(
    columns: list[str],
    forecast: Forecast | None,
    class_forecast: ClassForecast | None,
    y_true: Any,
    y_pred: Any,
) -> tuple[float, float] | None:
    """Return the mean loss over all pairs, and that over matching ones."""
    if forecast is not None and forecast.gaussian:
        apart = [name in columns for name in ("y_labels", "mu", "sigma")]
        right = mean_of(gaussian_nll(forecast.y, forecast.mu, forecast.sigma)).value
        return _gaussian_pairs(forecast, apart), right
    if class_forecast is not None:
        log_prob = np.maximum(class_forecast.log_prob, np.log(TINY))
        wrong = -class_forecast.target.mean(axis=0) @ log_prob.mean(axis=0)
        right = -(class_forecast.target * log_prob).sum(axis=1).mean()
        return float(wrong), float(right)
    if y_true is None or y_pred is None or np.asarray(y_pred).dtype.kind not in "fiub":
        return None
    y, p = (np.asarray(a, dtype=np.float64).ravel() for a in (y_true, y_pred))
    wrong = (y.mean() - p.mean()) ** 2 + y.var() + p.var()
    return float(wrong), float(np.mean((y - p) ** 2))


def _gaussian_pairs(forecast: Forecast, apart: list[bool]) -> float:
    """Return the mean Gaussian NLL over all pairs of a column and flat arrays.

    Of target, mu and sigma, the one whose shape differs from the others' is paired with
    every other sample; expectations of the two sides multiply.
    """
    y, mu, sigma = forecast.y, forecast.mu, forecast.sigma
    base = np.log(sigma).mean() + HALF_LOG_2PI
    if apart[0] == apart[1]:
        square = float(np.mean(sigma**-2.0) * np.mean((y - mu) ** 2))
    else:
        lone, other = (y, mu) if apart[1] == apart[2] else (mu, y)
        square = _mean_square(lone, other, sigma)
    return float(base + 0.5 * square)


def _mean_square(lone: Floats, other: Floats, sigma: Floats) -> float:
    """Return the mean of ((lone_i - other_j) / sigma_j)^2 over all i and j."""
    centre = lone.mean()
    return float(np.mean((lone.var() + (other - centre) ** 2) / sigma**2))
