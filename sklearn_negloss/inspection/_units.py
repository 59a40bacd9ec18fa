"""The loss of one forecast in every unit of the target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from sklearn_negloss._validation import POSITIVE, REAL, Domain, check_number
from sklearn_negloss.distributions._coerce import is_discrete
from sklearn_negloss.inspection._display import ForecastDisplay
from sklearn_negloss.inspection._forecast import Forecast
from sklearn_negloss.inspection._style import (
    BLUE,
    GREY,
    VERMILLION,
    axes,
    ink,
    merged,
    number,
    outline,
    plain,
    tidy,
)
from sklearn_negloss.metrics import decompose_nll, nll_loss

YOURS = "your unit"
# A loss of more nats than this crosses zero in no unit that anybody uses.
FAR = 100.0
# Factors beyond leave no room in the range of floats for the margins of the picture.
DRAWABLE = Domain("in [1e-100, 1e100] to be drawn", low=1e-100, high=1e100)
# What an infinite loss of a sample says about its forecast.
INFINITE = {
    math.inf: "the forecasts ruled out something that happened",
    -math.inf: "a forecast has an infinite density at a value that happened",
}


class LossUnitsDisplay(ForecastDisplay):
    """Show the loss of one forecast in every unit of y, and where it turns negative.

    How to read it: measuring the target as k times y adds log k to the loss of every
    forecast, so the loss is a straight line over log k, negative to the left of the open
    circle and positive to its right. The dot is the unit you have. The dashed line is
    the best constant forecast; it rises just as fast, so the distance between the two,
    the gain, is the same in every unit. Judge the model by that.

    Parameters
    ----------
    loss : float
        Mean negative log-likelihood of the forecasts, in nats, in the unit of y.
    baseline_loss : float
        That of the Gaussian with the mean and standard deviation of y.
    name : str, default=None
        What to call the forecasts.

    Attributes
    ----------
    gain : float
        ``baseline_loss - loss``, in nats; the same in every unit.
    zero_crossing : float
        The factor k at which the loss is zero: ``exp(-loss)``.
    line_ : matplotlib Line2D
        The loss over k.
    baseline_line_ : matplotlib Line2D
        The loss of the baseline over k.
    ax_ : matplotlib axes
        Where it was drawn.
    figure_ : matplotlib figure
        The figure of `ax_`.

    See Also
    --------
    sklearn_negloss.information_gain_score : The gain.
    LossDecompositionDisplay : What the loss is made of.

    Notes
    -----
    Only densities have units. The loss of counts is minus the log of a probability, and
    stays where it is; ensembles and quantile grids have no density. Both are refused.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn_negloss.inspection import LossUnitsDisplay
    >>> y_true, mu = [0.010, 0.020, 0.030, 0.040], [0.012, 0.019, 0.031, 0.037]
    >>> display = LossUnitsDisplay.from_predictions(
    ...     y_true, mu=mu, sigma=0.002, units={"m": 1, "mm": 1000}
    ... )
    >>> round(display.loss, 2), round(display.zero_crossing), round(display.gain, 2)
    (-4.83, 125, 1.75)
    >>> plt.show()
    """

    def __init__(
        self, *, loss: float, baseline_loss: float, name: str | None = None
    ) -> None:
        self.loss = check_number("loss", loss, REAL)
        self.baseline_loss = check_number("baseline_loss", baseline_loss, REAL)
        self.name = name

    @property
    def gain(self) -> float:
        """What the forecasts win over a constant, in nats, whatever the unit."""
        return self.baseline_loss - self.loss

    @property
    def zero_crossing(self) -> float:
        """The factor k at which the loss of k * y is zero; 0 or inf if out of reach."""
        with np.errstate(over="ignore", under="ignore"):
            return float(np.exp(-self.loss))

    @classmethod
    def _of(cls, forecast: Forecast, name: str | None) -> Self:
        if any(is_discrete(part.dist) for part in forecast.parts):
            raise ValueError(
                "dist must have a density for its loss to have a unit; got counts, whose "
                "loss is minus the log of a probability and never negative; use "
                "PITDisplay or CoverageDisplay."
            )
        return cls(loss=_loss(forecast), baseline_loss=_baseline(forecast), name=name)

    def plot(
        self,
        ax: Any = None,
        *,
        units: Mapping[str, float] | None = None,
        line_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the loss over the unit.

        Parameters
        ----------
        ax : matplotlib axes, default=None
            Where to draw; None makes a new figure.
        units : dict of str to float, default=None
            Units to mark, and by what y is multiplied to be measured in them, such as
            ``{"m": 1, "mm": 1000, "km": 0.001}``. The one with factor 1 is yours; None
            marks that one alone.
        line_kwargs : dict, default=None
            Passed to matplotlib's ``plot`` of the loss.

        Returns
        -------
        display : LossUnitsDisplay
            Itself.

        Raises
        ------
        TypeError
            If `units` is not a dict of numbers.
        ValueError
            If a factor of `units` is not strictly positive, or not within 1e-100 and
            1e100.
        ImportError
            If matplotlib is missing.
        """
        marks = _check_units(units)
        ax = axes(ax, "LossUnitsDisplay.plot", (6.4, 4.2))
        ends = self._range(marks)
        self._draw_lines(ax, ends, line_kwargs)
        self._draw_zero(ax, ends)
        self._draw_gain(ax, ends)
        for unit, factor in marks.items():
            self._draw_unit(ax, unit, factor)
        self._label(ax, ends)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _range(self, marks: Mapping[str, float]) -> tuple[float, float]:
        """Return factors between which all that is marked lies, with room around."""
        shown = [*marks.values()]
        if abs(self.loss) < FAR:
            shown.append(self.zero_crossing)
        return min(shown) / 15.0, max(shown) * 60.0

    def _draw_lines(
        self, ax: Any, ends: tuple[float, float], line_kwargs: Mapping[str, Any] | None
    ) -> None:
        """Draw forecast and baseline, two parallel lines."""
        style = {"color": BLUE, "linewidth": 2.2, "label": plain(self.name or "loss")}
        style = merged(line_kwargs, "lines.Line2D", **style)
        k = np.array(ends)
        (self.line_,) = ax.plot(k, self.loss + np.log(k), **style)
        base = {"color": GREY, "linestyle": "--", "label": "best constant forecast"}
        (self.baseline_line_,) = ax.plot(k, self.baseline_loss + np.log(k), **base)

    def _draw_zero(self, ax: Any, ends: tuple[float, float]) -> None:
        """Draw the zero line, what lies below it, and where the loss crosses it."""
        x, low = self.zero_crossing, self._low(ends)
        ax.axhspan(low, 0.0, color=VERMILLION, alpha=0.1, linewidth=0)
        ax.axhline(0.0, color=ink(), linewidth=1.0)
        _write(ax, "negative", (ends[1], 0.0), (-2, -3), va="top", ha="right")
        if abs(self.loss) >= FAR:
            return
        ax.plot([x, x], [low, 0.0], ":", color=ink(), linewidth=1.0)
        style = {"marker": "o", "markersize": 8, "color": BLUE, "zorder": 4}
        ax.plot(x, 0.0, markerfacecolor=ax.get_facecolor(), **style)
        text = f"the loss is 0\nat k = {x:.3g}"
        _write(ax, text, (x, low), (5, 5), va="bottom")

    def _low(self, ends: tuple[float, float]) -> float:
        """Return the lowest loss in the picture."""
        return min(self.loss, self.baseline_loss) + math.log(ends[0])

    def _draw_gain(self, ax: Any, ends: tuple[float, float]) -> None:
        """Draw the distance of the lines, which no unit changes."""
        k = ends[1] / 8.0
        ends_of = [loss + math.log(k) for loss in (self.loss, self.baseline_loss)]
        style = {"color": ink(), "linewidth": 3.0, "solid_capstyle": "butt"}
        ax.plot(
            [k, k], ends_of, label=f"gain {number(self.gain)} in every unit", **style
        )

    def _draw_unit(self, ax: Any, unit: str, factor: float) -> None:
        """Mark the loss in one unit."""
        loss = self.loss + math.log(factor)
        own = factor == 1.0
        style = {"marker": "o" if own else "D", "markersize": 9 if own else 6}
        ax.plot(factor, loss, color=BLUE, zorder=5, **style)
        weight = "bold" if own else "normal"
        text = f"{plain(unit)}: {number(loss)}"
        # On the side of the line that the baseline is not on.
        side = 1 if self.gain >= 0 else -1
        style = (
            {"va": "top", "ha": "left"} if side > 0 else {"va": "bottom", "ha": "right"}
        )
        _write(ax, text, (factor, loss), (9 * side, -3 * side), weight=weight, **style)

    def _label(self, ax: Any, ends: tuple[float, float]) -> None:
        """Name what is seen."""
        ax.set(
            xscale="log",
            xlim=ends,
            xlabel="k: the target measured as k · y",
            ylabel="loss, nats per sample",
            ylim=(
                self._low(ends),
                max(self.loss, self.baseline_loss) + math.log(ends[1]),
            ),
        )
        ax.legend(loc="upper left", frameon=False, fontsize="small")
        tidy(ax)


def _write(
    ax: Any,
    text: str,
    at: tuple[float, float],
    shift: tuple[float, float],
    **kwargs: Any,
) -> None:
    """Write beside a point, readable where a line passes."""
    style = {"fontsize": "small", "color": ink(), "path_effects": outline(ax), **kwargs}
    ax.annotate(text, at, shift, textcoords="offset points", **style)


def _loss(forecast: Forecast) -> float:
    """Return the mean loss, which must be a number to be drawn."""
    losses = forecast.each(lambda y, dist: nll_loss(y, dist, reduction="none"))
    counted = losses[forecast.weight > 0]
    for limit, reason in INFINITE.items():
        times = int((counted == limit).sum())
        if times:
            raise ValueError(
                f"the loss must be finite to be drawn; got {limit} ({times} of "
                f"{counted.size} samples); {reason}."
            )
    return forecast.mean(losses)


def _baseline(forecast: Forecast) -> float:
    """Return the loss of the best constant Gaussian forecast."""
    weight = forecast.sample_weight
    return decompose_nll(forecast.y, 0.0, 1.0, sample_weight=weight).units


def _check_units(units: Mapping[str, float] | None) -> dict[str, float]:
    """Return the units to mark, the user's own among them."""
    if units is not None and not isinstance(units, Mapping):
        raise TypeError(
            f"units must be a dict of names and factors; got {units!r}; pass something "
            "like {'m': 1, 'mm': 1000}."
        )
    marks = {}
    for unit, factor in (units or {}).items():
        name = f"units[{unit!r}]"
        marks[str(unit)] = check_number(
            name, check_number(name, factor, POSITIVE), DRAWABLE
        )
    return marks if 1.0 in marks.values() else {YOURS: 1.0, **marks}
