"""The histogram of the probability integral transform."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any, Self

import numpy as np

from sklearn_negloss._reduction import Floats
from sklearn_negloss._validation import SAMPLE_WEIGHT, UNIT, Argument, checked
from sklearn_negloss.distributions._inputs import generator
from sklearn_negloss.inspection._calibration import (
    bin_band,
    histogram,
    outside,
    pit_intervals,
)
from sklearn_negloss.inspection._display import ForecastDisplay
from sklearn_negloss.inspection._forecast import Forecast, effective_size
from sklearn_negloss.inspection._style import (
    BLUE,
    GREY,
    VERMILLION,
    axes,
    ink,
    merged,
    plain,
    tidy,
)

PIT_REMEDY = "a PIT value is a probability, such as dist.cdf(y_true)"
LOWER, UPPER = Argument("lower", UNIT, PIT_REMEDY), Argument("upper", UNIT, PIT_REMEDY)


class PITDisplay(ForecastDisplay):
    """Show where in its forecast each observation fell; flat means calibrated.

    How to read it: the height of a bar is how often y fell into that tenth of its
    forecast, 1 being as often as it should. Tall ends (a bowl) mean that sigma is too
    small, a hump in the middle that it is too large, a slope that mu is off to one side.
    Calibrated forecasts stay inside the band; bars that leave it are hatched.

    Parameters
    ----------
    lower : array-like of shape (n_samples,)
        Forecast probability of less than what happened.
    upper : array-like of shape (n_samples,), default=None
        Forecast probability of at most what happened. None means `lower`: the forecasts
        are continuous.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights.
    n_effective : float, default=None
        Number of independent samples, which sets the width of the band. None takes the
        effective size of the weights.
    name : str, default=None
        What to call the forecasts.

    Attributes
    ----------
    heights_ : ndarray of shape (n_bins,)
        Heights of the bars; their mean is 1.
    band_ : tuple of float
        Lower and upper end of the band.
    outside_ : ndarray of bool of shape (n_bins,)
        Which bars lie outside the band.
    bars_ : matplotlib BarContainer
        The bars.
    ax_ : matplotlib axes
        Where it was drawn.
    figure_ : matplotlib figure
        The figure of `ax_`.

    See Also
    --------
    CoverageDisplay : Whether intervals hold what they promise, and how wide they are.

    Notes
    -----
    Counts and ensembles make the transform jump from F(y-) to F(y). By default its
    probability is spread evenly over the step (the non-randomised histogram [2]_);
    ``randomized=True`` draws one value in it instead. An ensemble of m members gives
    the rank histogram, in which y takes any of m + 1 ranks.

    The band is that of binomial counts. It holds for the randomised histogram, and is
    a little too wide for the other one. Weights count as repetitions for the bars; the
    band counts independent samples, the squared sum of the weights over the sum of
    their squares, since a repeated sample tells nothing new.

    A flat histogram does not make a forecast good: the constant forecast of the
    target's own distribution has one [1]_.

    References
    ----------
    .. [1] T. Gneiting, F. Balabdaoui and A. E. Raftery. Probabilistic forecasts,
       calibration and sharpness. Journal of the Royal Statistical Society B, 69(2),
       243-268, 2007. :doi:`10.1111/j.1467-9868.2007.00587.x`
    .. [2] C. Czado, T. Gneiting and L. Held. Predictive model assessment for count
       data. Biometrics, 65(4), 1254-1261, 2009.
       :doi:`10.1111/j.1541-0420.2009.01191.x`

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from sklearn_negloss.inspection import PITDisplay
    >>> y = np.random.default_rng(0).normal(size=500)
    >>> display = PITDisplay.from_predictions(y, mu=0.0, sigma=0.5)
    >>> display.heights_.round(1)  # a bowl: sigma is too small
    array([2.7, 0.8, 0.7, 0.6, 0.4, 0.4, 0.4, 0.7, 0.6, 2.6])
    >>> plt.show()
    """

    def __init__(
        self,
        *,
        lower: Any,
        upper: Any = None,
        sample_weight: Any = None,
        n_effective: float | None = None,
        name: str | None = None,
    ) -> None:
        self.lower = checked(lower, LOWER)
        self.upper = self.lower if upper is None else checked(upper, UPPER)
        ones = np.ones(self.lower.shape)
        weight = (
            ones if sample_weight is None else checked(sample_weight, SAMPLE_WEIGHT)
        )
        self.sample_weight = weight
        self.n_effective = (
            effective_size(weight) if n_effective is None else n_effective
        )
        self.name = name

    @classmethod
    def _of(cls, forecast: Forecast, name: str | None) -> Self:
        lower, upper = pit_intervals(forecast)
        return cls(
            lower=lower,
            upper=upper,
            sample_weight=forecast.weight,
            n_effective=forecast.n_effective,
            name=name,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        n_bins: int = 10,
        randomized: bool = False,
        random_state: Any = None,
        band: str = "simultaneous",
        confidence: float = 0.9,
        bar_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the histogram.

        Parameters
        ----------
        ax : matplotlib axes, default=None
            Where to draw; None makes a new figure.
        n_bins : int, default=10
            Number of bars.
        randomized : bool, default=False
            Whether to draw one value within the step of a cdf that jumps, instead of
            spreading its probability over the step.
        random_state : int, RandomState instance, Generator or None, default=None
            Seed of these draws.
        band : {"simultaneous", "pointwise"}, default="simultaneous"
            Whether `confidence` is the probability that all bars of calibrated
            forecasts lie inside, or that each one does.
        confidence : float, default=0.9
            Probability of the band.
        bar_kwargs : dict, default=None
            Passed to matplotlib's ``bar``.

        Returns
        -------
        display : PITDisplay
            Itself.

        Raises
        ------
        ValueError
            If an option is not one of those above.
        ImportError
            If matplotlib is missing.
        """
        n_bins = _check_bins(n_bins)
        lower, upper = self._steps(randomized, random_state)
        self.heights_ = histogram(lower, upper, self.sample_weight, n_bins)
        self.band_ = bin_band(self.n_effective, n_bins, confidence, band)
        self.outside_ = outside(self.heights_, *self.band_)
        ax = axes(ax, "PITDisplay.plot", (5.6, 3.6))
        self._draw_bars(ax, bar_kwargs)
        self._draw_band(ax, confidence)
        self._label(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _steps(self, randomized: bool, random_state: Any) -> tuple[Floats, Floats]:
        """Return the steps, or one value drawn in each of them."""
        if not randomized:
            return self.lower, self.upper
        share = generator(random_state).random(self.lower.shape)
        drawn = self.lower + share * (self.upper - self.lower)
        return drawn, drawn

    def _draw_bars(self, ax: Any, bar_kwargs: Mapping[str, Any] | None) -> None:
        """Draw the bars, those outside the band hatched."""
        n_bins = self.heights_.size
        defaults = {"color": BLUE, "edgecolor": ax.get_facecolor(), "linewidth": 1.0}
        style = merged(bar_kwargs, "patches.Rectangle", **defaults)
        left = np.arange(n_bins) / n_bins
        self.bars_ = ax.bar(left, self.heights_, 1.0 / n_bins, align="edge", **style)
        stray = [b for b, out in zip(self.bars_, self.outside_, strict=True) if out]
        for bar in stray:
            bar.set(hatch="///", facecolor=VERMILLION)
        if stray:
            stray[0].set_label("outside")

    def _draw_band(self, ax: Any, confidence: float) -> None:
        """Draw the band over the bars, and the height that all should have."""
        low, high = self.band_
        label = f"{100 * confidence:g} % band"
        ax.axhspan(low, high, color=GREY, alpha=0.3, linewidth=0, label=label, zorder=2)
        for end in (low, high):
            ax.axhline(end, color=ink(), linewidth=0.8, linestyle=":")
        ax.axhline(1.0, color=ink(), linewidth=1.0)

    def _label(self, ax: Any) -> None:
        """Name what is seen."""
        top = 1.22 * max(self.heights_.max(), self.band_[1])
        ax.set(
            xlim=(0.0, 1.0),
            ylim=(0.0, max(top, ax.get_ylim()[1])),  # axes may share their scale
            xlabel="PIT: where in its forecast each y fell",
            ylabel="frequency (1 = calibrated)",
            title=plain(self.name or ""),
        )
        style = {"handlelength": 1.4, "columnspacing": 1.2, "fontsize": "small"}
        ax.legend(loc="upper center", ncols=2, frameon=False, **style)
        tidy(ax)


def _check_bins(n_bins: Any) -> int:
    """Return the number of bins as an int."""
    if isinstance(n_bins, bool) or not isinstance(n_bins, Integral) or n_bins < 2:
        raise ValueError(
            f"n_bins must be a whole number of at least 2; got {n_bins!r}."
        )
    return int(n_bins)
