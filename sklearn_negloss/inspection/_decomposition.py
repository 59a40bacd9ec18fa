"""The waterfall from the unit of the target to the loss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from sklearn_negloss.inspection._display import ForecastDisplay
from sklearn_negloss.inspection._forecast import Forecast
from sklearn_negloss.inspection._style import (
    BLUE,
    GREEN,
    GREY,
    VERMILLION,
    axes,
    ink,
    merged,
    number,
    plain,
    tidy,
)
from sklearn_negloss.metrics import NLLDecomposition, decompose_nll


class Step(NamedTuple):
    """One bar of the waterfall."""

    label: str
    start: float
    end: float
    total: bool = False

    @property
    def color(self) -> str:
        """Grey for the unit, blue for the loss, and whether a step lowers or raises."""
        if self.total:
            return BLUE if self.label == "loss" else GREY
        return GREEN if self.end <= self.start else VERMILLION

    @property
    def hatch(self) -> str | None:
        """What the colour says, without it."""
        if self.total:
            return None
        return "\\\\\\" if self.end <= self.start else "///"

    @property
    def text(self) -> str:
        """The number on the bar, with a true minus sign."""
        return number(self.end - self.start, "" if self.label == "loss" else "+")


class LossDecompositionDisplay(ForecastDisplay):
    """Show what a Gaussian negative log-likelihood is made of, as a waterfall.

    How to read it: the first bar is the loss of the best constant forecast, all that the
    unit of y decides. The second is what the model could win over it, the third what its
    sigma, too small or too large overall, gives away of that. The last bar is the loss.
    Its sign hangs on the first bar; whether the model is good, on the second and third.

    Parameters
    ----------
    decomposition : NLLDecomposition
        What `decompose_nll` returned.
    name : str, default=None
        What to call the forecasts.

    Attributes
    ----------
    bars_ : matplotlib BarContainer
        The four bars.
    texts_ : list of matplotlib Text
        The numbers on them, in nats.
    ax_ : matplotlib axes
        Where it was drawn.
    figure_ : matplotlib figure
        The figure of `ax_`.

    See Also
    --------
    sklearn_negloss.decompose_nll : The numbers.
    LossUnitsDisplay : The loss in every unit of y.

    Notes
    -----
    A distribution that is not normal is taken by its mean and standard deviation, so the
    loss is that of the normal distribution with these.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn_negloss import decompose_nll
    >>> from sklearn_negloss.inspection import LossDecompositionDisplay
    >>> y_true, mu = [0.010, 0.020, 0.030, 0.040], [0.012, 0.019, 0.031, 0.037]
    >>> terms = decompose_nll(y_true, mu, 0.002)
    >>> display = LossDecompositionDisplay(decomposition=terms).plot()
    >>> [text.get_text() for text in display.texts_]
    ['−3.07', '−1.75', '+0.00', '−4.83']
    >>> plt.show()
    """

    def __init__(
        self, *, decomposition: NLLDecomposition, name: str | None = None
    ) -> None:
        if not all(math.isfinite(term) for term in decomposition):
            raise ValueError(
                "decomposition must be finite to be drawn; got a miscalibration of "
                f"{decomposition.miscalibration:.6g}; an error of exactly zero for every "
                "sample has no loss to split."
            )
        self.decomposition = decomposition
        self.name = name

    @classmethod
    def _of(cls, forecast: Forecast, name: str | None) -> Self:
        mu = forecast.each(lambda _, dist: dist.mean())
        sigma = forecast.each(lambda _, dist: dist.std())
        weight = forecast.sample_weight
        terms = decompose_nll(forecast.y, mu, sigma, sample_weight=weight)
        return cls(decomposition=terms, name=name)

    def plot(
        self, ax: Any = None, *, bar_kwargs: Mapping[str, Any] | None = None
    ) -> Self:
        """Draw the waterfall.

        Parameters
        ----------
        ax : matplotlib axes, default=None
            Where to draw; None makes a new figure.
        bar_kwargs : dict, default=None
            Passed to matplotlib's ``bar``.

        Returns
        -------
        display : LossDecompositionDisplay
            Itself.

        Raises
        ------
        ImportError
            If matplotlib is missing.
        """
        ax = axes(ax, "LossDecompositionDisplay.plot", (5.6, 3.8))
        steps = self._steps()
        self._draw_bars(ax, steps, bar_kwargs)
        self._draw_connectors(ax, steps)
        self.texts_ = [_number(ax, place, step) for place, step in enumerate(steps)]
        self._label(ax, steps)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _steps(self) -> list[Step]:
        """Return the bars from left to right."""
        terms = self.decomposition
        best = terms.units - terms.attainable_gain
        worse = " < 0" if terms.attainable_gain < 0 else ""
        return [
            Step("unit of y", 0.0, terms.units, total=True),
            Step(f"attainable\ngain{worse}", terms.units, best),
            Step("mis-\ncalibration", best, terms.loss),
            Step("loss", 0.0, terms.loss, total=True),
        ]

    def _draw_bars(
        self, ax: Any, steps: list[Step], bar_kwargs: Mapping[str, Any] | None
    ) -> None:
        """Draw each bar from where the one before ended."""
        style = merged(
            bar_kwargs,
            "patches.Rectangle",
            color=[step.color for step in steps],
            edgecolor=ax.get_facecolor(),
            linewidth=0.0,
        )
        heights = [step.end - step.start for step in steps]
        bottoms = [step.start for step in steps]
        self.bars_ = ax.bar(range(len(steps)), heights, 0.62, bottoms, **style)
        for bar, step in zip(self.bars_, steps, strict=True):
            bar.set_hatch(step.hatch)

    def _draw_connectors(self, ax: Any, steps: list[Step]) -> None:
        """Draw the level that one bar hands to the next."""
        for place, step in enumerate(steps[:-1]):
            ends = [place + 0.31, place + 1.31]
            ax.plot(ends, [step.end] * 2, color=ink(), linewidth=0.8)
        ax.axhline(0.0, color=ink(), linewidth=1.0)

    def _label(self, ax: Any, steps: list[Step]) -> None:
        """Name what is seen."""
        labels = [step.label for step in steps]
        ax.set_xticks(range(len(steps)), labels, fontsize="small")
        ax.tick_params(axis="x", length=0)
        # Room for the numbers, on the sides that have some.
        ends = [end for step in steps for end in (step.start, step.end)]
        room = 0.13 * (max(ends) - min(ends))
        ax.set_ylim(
            min(ends) - room * (min(ends) < 0), max(ends) + room * (max(ends) > 0)
        )
        ax.set(ylabel="nats per sample", title=plain(self.name or ""))
        tidy(ax)


def _number(ax: Any, place: int, step: Step) -> Any:
    """Write a number beyond the end of its bar that is farther from zero."""
    far = max(step.start, step.end, key=abs)
    up = far >= 0.0
    return ax.annotate(
        step.text,
        (place, far),
        (0, 4 if up else -4),
        textcoords="offset points",
        ha="center",
        va="bottom" if up else "top",
        fontweight="bold" if step.total else None,
        color=ink(),
    )
