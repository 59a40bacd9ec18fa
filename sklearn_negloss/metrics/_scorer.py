"""Scorers: from a fitted estimator and data to a number whose sign cannot fool.

A scorer here is one plain object. scikit-learn asks it for a handful of hooks (called,
named, routed) and for nothing private, so that it behaves alike on every supported
version, with metadata routing on or off. Subclassing scikit-learn's scorers, or handing
it a bare function, was tried and drops sample weights silently in some of its tools.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
from sklearn.metrics import get_scorer as sklearn_get_scorer
from sklearn.metrics import get_scorer_names as sklearn_scorer_names
from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

from sklearn_negloss._sklearn import routing_enabled
from sklearn_negloss._validation import did_you_mean
from sklearn_negloss.metrics import _classification, _density, _distribution, _point
from sklearn_negloss.metrics._response import Response
from sklearn_negloss.metrics._signature import (
    Loss,
    check_losses,
    code_of,
    name_of,
    parameters_of,
    points_up,
    tells_direction,
)


class DistributionScorer:
    """Callable ``scorer(estimator, X, y)`` whose value is higher for better estimators.

    Made by `make_distribution_scorer`; see there.

    Parameters
    ----------
    losses : dict of str to callable
        Losses (or scores) by name.
    signs : dict of str to int
        1 where higher values of the callable are better, else -1.
    kwargs : dict
        Keyword arguments for every callable that takes them.
    single : bool
        Whether to return the one value itself, and not a dict.
    """

    def __init__(
        self,
        losses: Mapping[str, Loss],
        signs: Mapping[str, int],
        kwargs: dict[str, Any],
        single: bool,
    ) -> None:
        self._losses = dict(losses)
        self._signs = dict(signs)
        self._kwargs = kwargs
        self._single = single
        self._request: dict[str, Any] = {}
        name = next(iter(losses)) if single else "_and_".join(losses)
        # Displays of scikit-learn label an axis with it.
        self.__name__ = name

    def __call__(
        self, estimator: Any, X: Any, y_true: Any, sample_weight: Any = None
    ) -> float | dict[str, float]:
        """Score a fitted estimator.

        Parameters
        ----------
        estimator : object
            Fitted estimator that knows what the losses need.
        X : array-like of shape (n_samples, n_features)
            Samples to predict.
        y_true : array-like of shape (n_samples,)
            Observed target.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, for losses that take them.

        Returns
        -------
        score : float or dict of str to float
            Higher is better.
        """
        response = Response(estimator, X)
        scores = {
            name: self._signs[name]
            * self._evaluate(loss, response, y_true, sample_weight)
            for name, loss in self._losses.items()
        }
        return next(iter(scores.values())) if self._single else scores

    def _evaluate(
        self, loss: Loss, response: Response, y_true: Any, sample_weight: Any
    ) -> float:
        """Call one loss with what its parameter names ask for."""
        taken = parameters_of(loss)
        arguments = response.arguments(loss, self._kwargs, y_true)
        if sample_weight is not None:
            if "sample_weight" not in taken:
                raise TypeError(
                    f"{name_of(loss)} takes no sample_weight, so it cannot be weighted; "
                    "give it that parameter, or do not pass sample_weight."
                )
            arguments["sample_weight"] = sample_weight
        value = loss(y_true, **arguments)
        if np.ndim(value):
            raise TypeError(
                f"{name_of(loss)} must return one number to be a score; got {value!r}; "
                "give a function that picks or averages them."
            )
        return float(value)

    def __repr__(self) -> str:
        """Return the call that makes this scorer."""
        losses = ", ".join(
            code_of(f) if self._single else f"{name!r}: {code_of(f)}"
            for name, f in self._losses.items()
        )
        options = "".join(f", {k}={v!r}" for k, v in self._kwargs.items())
        up = any(
            self._signs[name] > 0 and not tells_direction(loss)
            for name, loss in self._losses.items()
        )
        direction = ", greater_is_better=True" if up else ""
        losses = losses if self._single else f"{{{losses}}}"
        return f"make_distribution_scorer({losses}{direction}{options})"

    # -- what scikit-learn asks of a scorer -------------------------------------------

    def _accept_sample_weight(self) -> bool:
        """Whether every loss can be weighted (asked by searches of scikit-learn)."""
        return not self._weightless()

    def _weightless(self) -> list[str]:
        """Return the names of the losses that take no weights."""
        return [
            name_of(loss)
            for loss in self._losses.values()
            if "sample_weight" not in parameters_of(loss)
        ]

    @property
    def _score_func(self) -> NoReturn:
        """Say why there is none, to the tools that put labels in place of `predict`."""
        raise AttributeError(
            "a DistributionScorer reads the estimator itself and has no function of "
            "labels, which TunedThresholdClassifierCV needs to compare thresholds; give "
            "it a metric of labels, such as scoring='balanced_accuracy'."
        )

    def set_score_request(
        self, *, sample_weight: bool | str | None
    ) -> DistributionScorer:
        """Say whether metadata routing shall hand weights to this scorer.

        Parameters
        ----------
        sample_weight : bool, str or None
            True to ask for it, False to do without, a name to ask for it under that
            name, None to raise if it is passed.

        Returns
        -------
        scorer : DistributionScorer
            This scorer.
        """
        if not routing_enabled():
            raise RuntimeError(
                "set_score_request needs metadata routing; switch it on with "
                "sklearn.set_config(enable_metadata_routing=True)."
            )
        if sample_weight not in (None, False) and not self._accept_sample_weight():
            raise TypeError(
                f"every loss of this scorer must take sample_weight to ask for it; got "
                f"{', '.join(self._weightless())} without; give it that parameter, or "
                "score it by a scorer of its own, with sample_weight=False."
            )
        self._request = {"sample_weight": sample_weight}
        return self

    def get_metadata_routing(self) -> Any:
        """Return what this scorer asks of metadata routing.

        Returns
        -------
        routing : MetadataRequest
            A request of scikit-learn.
        """
        request = MetadataRequest(owner=repr(self))
        # Also where a loss takes none: weights must be refused, and never be dropped.
        request.score.add_request(param="sample_weight", alias=None)
        for param, alias in self._request.items():
            request.score.add_request(param=param, alias=alias)
        return get_routing_for_object(request)


def make_distribution_scorer(
    loss: Loss | Mapping[str, Loss],
    *,
    greater_is_better: bool = False,
    **loss_kwargs: Any,
) -> DistributionScorer:
    """Make a scorer that reads whatever a loss needs from any fitted estimator.

    The score is **higher for better estimators**: a loss is negated, so the score of a
    loss that is never negative is never positive. A callable whose name ends in
    ``_score`` is a score and keeps its sign. Use it wherever scikit-learn takes
    ``scoring=``.

    Parameters
    ----------
    loss : callable or dict of str to callable
        ``loss(y_true, ..., sample_weight=None)``, one number for all samples. It gets
        its forecast by the names of its parameters: ``mu`` and ``sigma``, ``dist``,
        ``lower`` and ``upper``, ``y_pred``, ``y_prob`` (or ``y_proba``) or ``logits``.
        A dict returns a dict, and all its losses of a distribution are scored with a
        single prediction; losses of ``y_pred`` share another, that of ``predict``.
    greater_is_better : bool, default=False
        True if higher values of `loss` are better and its name does not tell: what ends
        in ``_score`` is a score, what ends in ``_loss`` is a loss.
    **loss_kwargs : dict
        Further arguments of the loss (such as ``coverage``); in a dict of losses, each
        gets those that it has.

    Returns
    -------
    scorer : DistributionScorer
        Callable ``scorer(estimator, X, y_true, sample_weight=None)``.

    Raises
    ------
    TypeError
        If `loss` is not callable, its parameters name no forecast, no loss has a
        parameter of that name, or an interval loss gets no ``coverage``.
    ValueError
        If a loss by its name is called a score, or an option makes it return an array.

    See Also
    --------
    get_scorer : Scorers by name.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import BayesianRidge
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn_negloss import gaussian_nll_loss, make_distribution_scorer
    >>> X, y = load_diabetes(return_X_y=True)
    >>> scorer = make_distribution_scorer(gaussian_nll_loss)
    >>> cross_val_score(BayesianRidge(), X, y, scoring=scorer, cv=3).round(1)
    array([-5.4, -5.5, -5.4])
    """
    if isinstance(loss, Mapping):
        losses, single = dict(loss), False
    else:
        losses, single = {_scorer_name(loss, greater_is_better): loss}, True
    check_losses(losses, loss_kwargs)
    signs = {
        name: 1 if points_up(each, greater_is_better) else -1
        for name, each in losses.items()
    }
    return DistributionScorer(losses, signs, loss_kwargs, single)


def _scorer_name(loss: Any, greater_is_better: bool) -> str:
    """Return "neg_x" for "x_loss", and "x" for "x_score"."""
    if not callable(loss):
        return ""
    stem = name_of(loss).removesuffix("_loss").removesuffix("_score")
    return stem if points_up(loss, greater_is_better) else f"neg_{stem}"


_NAMED: dict[str, Loss] = {
    "neg_gaussian_nll": _density.gaussian_nll_loss,
    "neg_gaussian_crps": _density.gaussian_crps_loss,
    "neg_dawid_sebastiani": _density.dawid_sebastiani_loss,
    "neg_nll": _distribution.nll_loss,
    "neg_crps": _distribution.crps_loss,
    "information_gain": _distribution.information_gain_score,
    "neg_binary_cross_entropy": _classification.binary_cross_entropy_loss,
    "neg_binary_cross_entropy_with_logits": (
        _classification.binary_cross_entropy_with_logits_loss
    ),
    "neg_cross_entropy_with_logits": _classification.cross_entropy_with_logits_loss,
    "neg_log1p_absolute": _point.log1p_absolute_loss,
}


def get_scorer(scoring: str | Callable[..., Any]) -> Callable[..., Any]:
    """Return a scorer by name: one of ours, or else one of scikit-learn's.

    scikit-learn does not let others register names, so the string itself cannot be
    given to ``scoring=``; the scorer that this returns can.

    Parameters
    ----------
    scoring : str or callable
        A name from `get_scorer_names`; a callable is returned as it is.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y_true)``, higher for better estimators.

    Raises
    ------
    ValueError
        If neither we nor scikit-learn know the name.

    See Also
    --------
    make_distribution_scorer : Make one from your own loss.

    Examples
    --------
    >>> from sklearn_negloss import get_scorer
    >>> get_scorer("neg_gaussian_nll")
    make_distribution_scorer(gaussian_nll_loss)
    """
    if callable(scoring):
        return scoring
    if not isinstance(scoring, str):
        raise TypeError(
            f"scoring must be a name or a callable; got {scoring!r}; several scores take "
            "a dict {name: get_scorer(name)}."
        )
    if scoring in _NAMED:
        return make_distribution_scorer(_NAMED[scoring])
    if scoring in sklearn_scorer_names():
        return sklearn_get_scorer(scoring)
    raise ValueError(
        f"scoring must be a known name; got {scoring!r}; "
        f"{did_you_mean(scoring, get_scorer_names())}ours are "
        f"{', '.join(sorted(_NAMED))}, and sklearn.metrics.get_scorer_names() lists "
        "scikit-learn's."
    )


def get_scorer_names() -> list[str]:
    """Return the names of all scorers, ours and scikit-learn's.

    Returns
    -------
    names : list of str
        Sorted.

    Examples
    --------
    >>> from sklearn_negloss import get_scorer_names
    >>> [name for name in get_scorer_names() if "nll" in name]
    ['neg_gaussian_nll', 'neg_nll']
    """
    return sorted({*_NAMED, *sklearn_scorer_names()})
