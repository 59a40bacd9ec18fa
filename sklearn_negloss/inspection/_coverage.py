"""Nominal against empirical coverage, with the width that it cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from sklearn_negloss._reduction import Floats
from sklearn_negloss._validation import (
    NON_NEGATIVE,
    OPEN_UNIT,
    POSITIVE,
    UNIT,
    Argument,
    check_number,
    checked,
)
from sklearn_negloss.inspection._calibration import (
    central_coverage,
    coverage_band,
    pit_intervals,
)
from sklearn_negloss.inspection._display import ForecastDisplay
from sklearn_negloss.inspection._forecast import Forecast
from sklearn_negloss.inspection._style import (
    CURVES,
    GREY,
    axes,
    count,
    first,
    ink,
    merged,
    plain,
    tidy,
)

LEVELS = np.arange(1, 20) / 20.0
CURVE, BAND, DIAGONAL, INSET = (
    f"coverage-{s}" for s in ("curve", "band", "ideal", "in")
)

# Where the inset goes, given the corner of the legend: across the diagonal from it, or
# on the same side where a curve fills the other.
INSET_PLACES = {
    ("upper left", "across"): (0.70, 0.10, 0.28, 0.20),
    ("upper left", "beside"): (0.09, 0.47, 0.26, 0.17),
    ("lower right", "across"): (0.09, 0.74, 0.28, 0.20),
    ("lower right", "beside"): (0.72, 0.34, 0.26, 0.17),
}


class CoverageDisplay(ForecastDisplay):
    """Show how much of what happened central intervals hold, against what they promise.

    How to read it: below the diagonal, intervals hold less than they promise (sigma is
    too small); above it, more (sigma is too large). Calibrated forecasts stay inside the
    band. The inset shows what the coverage cost: the mean width of the intervals, in the
    units of y. Of two calibrated forecasts the one with narrower intervals is better.

    Parameters
    ----------
    nominal : array-like of shape (n_levels,)
        What the intervals promise to hold.
    empirical : array-like of shape (n_levels,)
        Share of what happened that they hold.
    width : array-like of shape (n_levels,), default=None
        Mean width of the intervals. None leaves the inset out.
    n_effective : float
        Number of independent samples, which sets the width of the band.
    name : str, default=None
        What to call the forecasts.

    Attributes
    ----------
    band_ : tuple of ndarray of shape (n_levels,)
        Lower and upper end of the band.
    line_ : matplotlib Line2D
        The curve of coverage.
    inset_ : matplotlib axes or None
        Where the widths were drawn.
    ax_ : matplotlib axes
        Where it was drawn. Displays drawn on the same axes share one inset.
    figure_ : matplotlib figure
        The figure of `ax_`.

    See Also
    --------
    PITDisplay : Where in its forecast each observation fell.

    Notes
    -----
    The coverage is that of the probability integral transform: the share of it between
    ``(1 - nominal) / 2`` and ``(1 + nominal) / 2``. For continuous forecasts that is the
    coverage of the intervals themselves. For counts and ensembles, whose intervals hold
    more than they promise only because they end on whole steps, the transform is spread
    over its steps, so that calibrated forecasts lie on the diagonal.

    References
    ----------
    T. Gneiting, F. Balabdaoui and A. E. Raftery. Probabilistic forecasts, calibration
    and sharpness. Journal of the Royal Statistical Society B, 69(2), 243-268, 2007.
    :doi:`10.1111/j.1467-9868.2007.00587.x`

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import BayesianRidge
    >>> from sklearn.model_selection import cross_validate
    >>> from sklearn_negloss.inspection import CoverageDisplay
    >>> X, y = load_diabetes(return_X_y=True)
    >>> folds = cross_validate(
    ...     BayesianRidge(), X, y, return_estimator=True, return_indices=True
    ... )
    >>> display = CoverageDisplay.from_cv_results(folds, X, y)
    >>> plt.show()
    """

    def __init__(
        self,
        *,
        nominal: ArrayLike,
        empirical: ArrayLike,
        width: ArrayLike | None = None,
        n_effective: float,
        name: str | None = None,
    ) -> None:
        self.nominal = checked(nominal, Argument("nominal", OPEN_UNIT))
        self.empirical = checked(empirical, Argument("empirical", UNIT))
        width_of = Argument("width", NON_NEGATIVE)
        self.width = None if width is None else checked(width, width_of)
        self.n_effective = check_number("n_effective", n_effective, POSITIVE)
        self.name = name

    @classmethod
    def _of(cls, forecast: Forecast, name: str | None) -> Self:
        empirical = central_coverage(*pit_intervals(forecast), forecast.weight, LEVELS)
        return cls(
            nominal=LEVELS,
            empirical=empirical,
            width=_mean_widths(forecast),
            n_effective=forecast.n_effective,
            name=name,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        band: str = "simultaneous",
        confidence: float = 0.9,
        show_width: bool = True,
        line_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the curve; on the axes of another display, beside its curve.

        Parameters
        ----------
        ax : matplotlib axes, default=None
            Where to draw; None makes a new figure.
        band : {"simultaneous", "pointwise"}, default="simultaneous"
            Whether `confidence` is the probability that the whole curve of calibrated
            forecasts lies inside, or that each point does.
        confidence : float, default=0.9
            Probability of the band.
        show_width : bool, default=True
            Whether to draw the inset of interval widths.
        line_kwargs : dict, default=None
            Passed to matplotlib's ``plot``.

        Returns
        -------
        display : CoverageDisplay
            Itself.

        Raises
        ------
        ValueError
            If an option is not one of those above.
        ImportError
            If matplotlib is missing.
        """
        self.band_ = coverage_band(self.nominal, self.n_effective, confidence, band)
        ax = axes(ax, "CoverageDisplay.plot", (4.8, 4.6))
        self._draw_reference(ax, confidence)
        name = None if self.name is None else plain(self.name)
        style = {**CURVES[count(ax, CURVE) % len(CURVES)], "markersize": 3.5}
        style = merged(line_kwargs, "lines.Line2D", **style, label=name)
        (self.line_,) = ax.plot(self.nominal, self.empirical, **style, gid=CURVE)
        _label(ax)
        shown = show_width and self.width is not None
        self.inset_ = self._draw_widths(ax, style) if shown else None
        _arrange(ax, self.inset_)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _draw_reference(self, ax: Any, confidence: float) -> None:
        """Draw the diagonal, and one band for each number of samples."""
        if first(ax, DIAGONAL):
            ax.plot([0, 1], [0, 1], color=ink(), linewidth=1.0, gid=DIAGONAL)
        mark = f"{BAND}-{round(self.n_effective)}"
        if first(ax, mark):
            label = f"{100 * confidence:g} % band"
            style = {"color": GREY, "alpha": 0.3, "linewidth": 0, "label": label}
            ax.fill_between(self.nominal, *self.band_, **style, gid=mark)

    def _draw_widths(self, ax: Any, style: Mapping[str, Any]) -> Any:
        """Draw the mean width of the intervals into a small picture inside."""
        inset = next((c for c in ax.child_axes if c.get_gid() == INSET), None)
        if inset is None:
            inset = ax.inset_axes(INSET_PLACES["upper left", "across"], gid=INSET)
            inset.set_title("mean width, units of y", fontsize="x-small", pad=3)
            inset.set(xlim=(0, 1), xticks=[0, 0.5, 1])
            inset.tick_params(labelsize="x-small")
            inset.locator_params(axis="y", nbins=3)
            tidy(inset)
        line = {key: style[key] for key in ("color", "linestyle") if key in style}
        inset.plot(self.nominal, self.width, **line)
        widest = max(max(curve.get_ydata()) for curve in inset.get_lines())
        inset.set_ylim(0.0, 1.05 * widest or 1.0)
        return inset


def _label(ax: Any) -> None:
    """Name what is seen."""
    ax.set(
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
        xlabel="nominal coverage of central intervals",
        ylabel="empirical coverage",
    )
    tidy(ax)


def _arrange(ax: Any, inset: Any) -> None:
    """Put legend and inset where no curve passes."""
    curves = [line.get_xydata() for line in ax.get_lines() if line.get_gid() == CURVE]
    points = np.concatenate(curves)
    above = 1.0 - points[points[:, 0] <= 0.4, 1].max(initial=0.0)
    below = points[points[:, 0] >= 0.6, 1].min(initial=1.0)
    upper = above >= below - 0.1  # the upper corner, unless the lower has more room
    corner = "upper left" if upper else "lower right"
    ax.legend(loc=corner, framealpha=0.7, edgecolor="none", fontsize="small")
    if inset is not None:
        here, there = (above, below) if upper else (below, above)
        side = "beside" if there < 0.36 and here > 0.55 else "across"
        _move(ax, inset, INSET_PLACES[corner, side])


def _move(ax: Any, inset: Any, place: tuple[float, float, float, float]) -> None:
    """Move an inset; a locator for the place comes with a new inset there."""
    template = ax.inset_axes(place)
    inset.set_axes_locator(template.get_axes_locator())
    template.remove()


def _mean_widths(forecast: Forecast) -> Floats | None:
    """Return the mean width of intervals, None if a distribution has no quantiles."""
    if not all(callable(getattr(p.dist, "interval", None)) for p in forecast.parts):
        return None

    def width(level: float) -> float:
        return forecast.mean(forecast.each(lambda _, dist: _width(dist, level)))

    return np.array([width(float(level)) for level in LEVELS])


def _width(dist: Any, level: float) -> Any:
    """Return the width of one central interval of each sample."""
    lower, upper = dist.interval(level)
    return np.asarray(upper) - np.asarray(lower)
