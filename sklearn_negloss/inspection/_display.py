"""What the displays share: the ways to make one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from numpy.typing import ArrayLike

from sklearn_negloss.inspection import _forecast
from sklearn_negloss.inspection._forecast import Forecast
from sklearn_negloss.inspection._style import pyplot


class ForecastDisplay:
    """Base of the displays: it reads forecasts; a display measures and draws them."""

    ax_: Any
    figure_: Any

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the forecasts of a fitted estimator.

        Parameters
        ----------
        estimator : object
            Fitted, and of a kind that `predict_dist` can read.
        X : array-like of shape (n_samples, n_features)
            Samples to predict, preferably new ones: those it was fitted on look
            better calibrated than they are.
        y : array-like of shape (n_samples,)
            What happened.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; weight 2 counts as the same sample given twice.
        name : str, default=None
            What to call the forecasts; None takes the class of the estimator.
        ax : matplotlib axes, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to `plot`.

        Returns
        -------
        display : object of this class
            With what was computed and what was drawn.

        Raises
        ------
        TypeError
            If the estimator offers no predictive distribution.
        ValueError
            If a value is NaN or infinite, shapes differ, or weights are negative or all
            zero.
        ImportError
            If matplotlib is missing.
        """
        pyplot(f"{cls.__name__}.from_estimator")
        forecast = _forecast.of_estimator(estimator, X, y, sample_weight)
        name = _forecast.name_of(estimator) if name is None else name
        return cls._of(forecast, name).plot(ax=ax, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        dist: Any = None,
        *,
        mu: ArrayLike | None = None,
        sigma: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw forecasts given as a distribution, or as mean and standard deviation.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            What happened.
        dist : distribution, default=None
            One predictive distribution for each sample (or one for all): ours, a frozen
            distribution of scipy, a prediction of NGBoost or skpro, or what
            `predict_dist` returns.
        mu : array-like of shape (n_samples,) or float, default=None
            Predicted mean, if there is no `dist`.
        sigma : array-like of shape (n_samples,) or float, default=None
            Predicted standard deviation, if there is no `dist`. With `mu` it is a normal
            distribution.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; weight 2 counts as the same sample given twice.
        name : str, default=None
            What to call the forecasts.
        ax : matplotlib axes, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to `plot`.

        Returns
        -------
        display : object of this class
            With what was computed and what was drawn.

        Raises
        ------
        TypeError
            If neither `dist` nor both `mu` and `sigma` are given, or `dist` is not a
            distribution.
        ValueError
            If a value is NaN or infinite, shapes differ, or weights are negative or all
            zero.
        ImportError
            If matplotlib is missing.
        """
        pyplot(f"{cls.__name__}.from_predictions")
        forecast = _forecast.of_predictions(y_true, dist, mu, sigma, sample_weight)
        return cls._of(forecast, name).plot(ax=ax, **kwargs)

    @classmethod
    def from_cv_results(
        cls,
        cv_results: Mapping[str, Any],
        X: Any,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw out-of-fold forecasts: each fold's, by the model that has not seen it.

        Parameters
        ----------
        cv_results : dict
            What ``cross_validate(..., return_estimator=True, return_indices=True)``
            returned.
        X : array-like of shape (n_samples, n_features)
            The samples that were cross-validated.
        y : array-like of shape (n_samples,)
            Their target.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; weight 2 counts as the same sample given twice.
        name : str, default=None
            What to call the forecasts; None takes the class of the estimators.
        ax : matplotlib axes, default=None
            Where to draw; None makes a new figure.
        **kwargs : dict
            Passed to `plot`.

        Returns
        -------
        display : object of this class
            With what was computed and what was drawn, all folds together.

        Raises
        ------
        TypeError
            If the estimators offer no predictive distribution.
        ValueError
            If `cv_results` holds no estimators or indices, those of other data, or a
            fold that failed, or as in `from_estimator`.
        ImportError
            If matplotlib is missing.
        """
        pyplot(f"{cls.__name__}.from_cv_results")
        forecast = _forecast.of_folds(cv_results, X, y, sample_weight)
        if name is None:
            name = f"{_forecast.name_of(cv_results['estimator'][0])}, out of fold"
        return cls._of(forecast, name).plot(ax=ax, **kwargs)

    @classmethod
    def _of(cls, forecast: Forecast, name: str | None) -> Self:
        """Measure what this display draws."""
        raise NotImplementedError

    def plot(self, ax: Any = None, *args: Any, **kwargs: Any) -> Self:
        """Draw what was measured."""
        raise NotImplementedError
