"""What a fitted estimator adds: its predictions, its transformer, its search's scorer."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri
from sklearn.base import is_classifier as sklearn_is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from sklearn_negloss.audit.case._forecast import Floats
from sklearn_negloss.audit.case._inputs import as_column
from sklearn_negloss.audit.case._supplied import Supplied
from sklearn_negloss.distributions import LatentSigmaWarning, Normal, predict_dist
from sklearn_negloss.distributions._adapters import NoDistributionError


def complete(given: Supplied) -> Supplied:
    """Add what a fitted estimator tells and nobody gave.

    Parameters
    ----------
    given : Supplied
        What was handed in.

    Returns
    -------
    supplied : Supplied
        The same, with predictions for X and X_train, the target transformer, and the
        scorer of a search.
    """
    if given.estimator is None:
        return given
    found = {
        "transformer": target_transformer(given.estimator),
        "scorer": getattr(given.estimator, "scorer_", None),
        **_predictions(given),
        **_train_predictions(given),
    }
    added = {k: v for k, v in found.items() if getattr(given, k) is None}
    added = {k: v for k, v in added.items() if v is not None}
    return replace(given, **added, derived=tuple(added))


def leaf_of(estimator: Any) -> Any:
    """Return the fitted estimator inside searches, pipelines and wrappers."""
    for peel in (_best, _last_step, _frozen):
        inner = peel(estimator)
        if inner is not None:
            return leaf_of(inner)
    return estimator


def target_transformer(estimator: Any) -> Any:
    """Return the fitted target transformer inside searches, pipelines and wrappers."""
    return getattr(leaf_of(estimator), "transformer_", None)


def is_classifier(estimator: Any) -> bool:
    """Whether an estimator predicts classes; one without tags says so by its methods."""
    if hasattr(estimator, "__sklearn_tags__"):
        return bool(sklearn_is_classifier(estimator))
    says = getattr(estimator, "_estimator_type", None) == "classifier"
    return says or all(hasattr(estimator, a) for a in ("predict_proba", "classes_"))


def _best(estimator: Any) -> Any:
    return getattr(estimator, "best_estimator_", None)


def _last_step(estimator: Any) -> Any:
    return estimator.steps[-1][1] if isinstance(estimator, Pipeline) else None


def _frozen(estimator: Any) -> Any:
    return estimator.estimator if isinstance(estimator, FrozenEstimator) else None


def _predictions(given: Supplied) -> dict[str, Any]:
    """Return what the estimator predicts for X."""
    if given.X is None:
        return {}
    if is_classifier(given.estimator):
        return _class_predictions(given)
    if not hasattr(given.estimator, "predict"):
        return {}
    if given.mu is not None:
        return _latent(given)
    dist, latent = _dist(given.estimator, given.X)
    if dist is None:
        return {"y_pred": np.asarray(given.estimator.predict(given.X))}
    mu, sigma, scores = _moments(dist, given.y_true)
    return {
        "mu": mu,
        "sigma": sigma,
        "scores": scores if given.sigma is None else None,
        "losses": _losses(dist, given.y_true),
        "latent": latent,
    }


def _latent(given: Supplied) -> dict[str, Any]:
    """Return what is to be said of a sigma that was taken from the estimator before."""
    if given.sigma is None:
        return {}
    dist, latent = _dist(given.estimator, given.X)
    if latent is None or not np.allclose(as_column(dist.std()), given.sigma, rtol=1e-3):
        return {}
    return {"latent": latent}


def _train_predictions(given: Supplied) -> dict[str, Any]:
    """Return what it predicts for the training data."""
    if given.X_train is None or given.y_train is None or is_classifier(given.estimator):
        return {}
    dist, _ = _dist(given.estimator, given.X_train)
    if dist is None:
        return {}
    mu, sigma, scores = _moments(dist, given.y_train)
    own = given.mu_train is None and given.sigma_train is None
    found = {"mu_train": mu, "sigma_train": sigma}
    return found | {"scores_train": scores if own else None}


def _class_predictions(given: Supplied) -> dict[str, Any]:
    """Return class probabilities in the order of the classes."""
    if given.y_prob is not None or given.logits is not None:
        return {}
    if not hasattr(given.estimator, "predict_proba"):
        return {"y_pred": np.asarray(given.estimator.predict(given.X))}
    prob = given.estimator.predict_proba(given.X)
    if isinstance(prob, list):  # one table for each of several outputs
        return {}
    return {
        "y_prob": np.asarray(prob),
        "labels": np.asarray(given.estimator.classes_).tolist(),
    }


def _dist(estimator: Any, X: Any) -> tuple[Any, str | None]:
    """Return the predictive distribution, and what was warned about its sigma."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LatentSigmaWarning)
        try:
            dist = predict_dist(estimator, X)
        except (NoDistributionError, ValueError):
            return None, None  # a DummyRegressor predicts a sigma of 0
    latent = [w for w in caught if issubclass(w.category, LatentSigmaWarning)]
    return dist, str(latent[0].message) if latent else None


def _moments(dist: Any, y: Any) -> tuple[Floats, Floats, Floats | None]:
    """Return mean, standard deviation, and what a normal forecast would have erred by.

    The square of a standardised error says nothing of a log-normal forecast, whose tail
    is its variance, and a transform may leave no finite variance at all. Its normal
    score, the normal quantile of its cdf at y, is standard normal for any calibrated
    forecast.
    """
    mu, sigma = as_column(dist.mean()), as_column(dist.std())
    continuous = hasattr(dist, "logpdf") and hasattr(dist, "cdf")
    if isinstance(dist, Normal) or not continuous or y is None:
        return mu, sigma, None
    if not (np.isfinite(mu).all() and np.isfinite(sigma).all()):
        low, mu, high = (as_column(dist.ppf(p)) for p in ndtr([-1.0, 0.0, 1.0]))
        sigma = 0.5 * (high - low)
    y = as_column(y)
    below = as_column(dist.cdf(y))
    # Without a survival function, a score above 8 cannot be told from 8.
    rest = np.maximum(1.0 - below, np.finfo(float).eps / 2)
    above = as_column(dist.sf(y)) if hasattr(dist, "sf") else rest
    tail = np.clip(np.minimum(below, above), np.finfo(float).tiny, 0.5)
    scores = np.copysign(ndtri(tail), below - 0.5)
    return mu, sigma, scores if np.isfinite(scores).all() else None


def _losses(dist: Any, y_true: Any) -> Floats | None:
    """Return minus log density of each sample, where it is not the Gaussian one."""
    if y_true is None or isinstance(dist, Normal):
        return None
    density = getattr(dist, "logpdf", None) or getattr(dist, "logpmf", None)
    if density is None:
        return None
    try:
        losses = -np.asarray(density(as_column(y_true)), dtype=np.float64)
    except (TypeError, NotImplementedError):
        return None  # an ensemble has no density
    return losses if np.isfinite(losses).all() else None
