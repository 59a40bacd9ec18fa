"""`predict_dist`: the one place that knows how anybody represents a prediction.

Each way is a small reader in `READERS`, tried in order: one function that recognises
an estimator by what it can do (never by importing its library), and one that reads
its prediction. Wrappers (searches, pipelines, target transformers) are peeled, so
that their contents are read directly: that makes the reading independent of metadata
routing, and of wrappers that drop keyword arguments.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from sklearn_negloss._sklearn import gaussian_process_target_scale
from sklearn_negloss._validation import SIGMA, as_numeric
from sklearn_negloss.distributions._coerce import as_distribution
from sklearn_negloss.distributions._counts import NegativeBinomial, Poisson
from sklearn_negloss.distributions._empirical import QuantileGrid
from sklearn_negloss.distributions._families import Laplace, Normal
from sklearn_negloss.distributions._positive import Gamma, LogNormal
from sklearn_negloss.distributions._skpro import from_skpro
from sklearn_negloss.distributions.transforms._transformed import transform_dist

Reader = Callable[..., Any]

# Nine levels give the sigma and the CRPS of a quantile forest to about 1 %; 39 cost
# nothing more, since a forest sorts its leaves once.
QUANTILE_LEVELS = np.linspace(0.025, 0.975, 39)


class LatentSigmaWarning(UserWarning):
    """A Gaussian process reported the sigma of its latent function, without the noise."""


class NoDistributionError(TypeError):
    """The estimator drops or does not know its uncertainty."""


_registered: dict[type, Reader] = {}


def register_predict_dist(*classes: type) -> Callable[[Reader], Reader]:
    """Register how `predict_dist` reads estimators of given classes.

    Parameters
    ----------
    *classes : type
        Estimator classes; their subclasses are read in the same way.

    Returns
    -------
    decorator : callable
        Takes and returns a function ``read(estimator, X)`` that returns a predictive
        distribution of one value for each row of X.

    Examples
    --------
    >>> from sklearn_negloss import register_predict_dist
    >>> from sklearn_negloss.distributions import Normal
    >>> class TwoColumns:
    ...     def predict(self, X):
    ...         return [[0.0, 1.0] for _ in X]
    >>> @register_predict_dist(TwoColumns)
    ... def read(estimator, X):
    ...     mu, sigma = zip(*estimator.predict(X))
    ...     return Normal(mu, sigma)
    """
    for each in classes:
        if not isinstance(each, type):
            raise TypeError(
                f"register_predict_dist takes estimator classes; got {each!r}; write "
                "@register_predict_dist(MyRegressor) above the function that reads it."
            )

    def register(read: Reader) -> Reader:
        _registered.update(dict.fromkeys(classes, read))
        return read

    return register


def predict_dist(estimator: Any, X: Any, *, add_noise: bool = False) -> Any:
    """Predictive distribution of any fitted estimator that knows its uncertainty.

    Parameters
    ----------
    estimator : object
        Fitted regressor: one of ours, one of scikit-learn's whose ``predict`` takes
        ``return_std``, NGBoost, CatBoost with ``RMSEWithUncertainty``, skpro,
        quantile-forest, xgboost-distribution, ondil, a registered one; or any search,
        pipeline or target transformer around it.
    X : array-like of shape (n_samples, n_features)
        Samples to predict.
    add_noise : bool, default=False
        For a GaussianProcessRegressor whose noise is in `alpha`: add that variance to
        the one of the latent function, which is what its ``predict`` reports.

    Returns
    -------
    dist : distribution
        One distribution for each sample, with ``cdf``, ``mean()`` and ``std()`` in the
        units of y, and ``logpdf`` (or ``logpmf``) where it has a density.

    Raises
    ------
    TypeError
        If the estimator drops or does not know its uncertainty; the message names what
        was tried and what to use instead.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    Warns
    -----
    LatentSigmaWarning
        If a GaussianProcessRegressor reports the sigma of its latent function.

    See Also
    --------
    register_predict_dist : Teach it another estimator.
    make_distribution_scorer : Score what it returns.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import BayesianRidge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_negloss import predict_dist
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), BayesianRidge()).fit(X, y)
    >>> dist = predict_dist(model, X[:2])
    >>> dist.mean().round(), dist.std().round()
    (array([203.,  71.]), array([55., 55.]))
    """
    if isinstance(estimator, type):
        raise TypeError(
            f"estimator must be a fitted object; got the class {estimator.__name__}; "
            f"make and fit one: {estimator.__name__}().fit(X, y)."
        )
    if _is_classifier(estimator):
        raise NoDistributionError(
            f"{type(estimator).__name__} is a classifier, which predicts probabilities and "
            "no distribution of a number; score it by binary_cross_entropy_loss or "
            "cross_entropy_with_logits_loss."
        )
    for way in READERS:
        if way.recognises(estimator):
            return way.read(estimator, X, add_noise)
    raise NoDistributionError(_unknown(estimator))


class Way(NamedTuple):
    """A way of representing a prediction: how to tell it, and how to read it."""

    name: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, Any, bool], Any]


XGBOOST_FAMILIES = {
    "normal": Normal,
    "laplace": Laplace,
    "log-normal": LogNormal,
    "poisson": Poisson,
    "negative-binomial": NegativeBinomial,
}


# -- how each is recognised ----------------------------------------------------------


def _comes_from(estimator: Any, package: str) -> bool:
    """Whether a class of the estimator was defined in `package`."""
    return any(c.__module__.split(".")[0] == package for c in type(estimator).__mro__)


def _takes(method: Any, parameter: str) -> bool:
    """Whether a method has a parameter of this name (``**kwargs`` do not count)."""
    try:
        return parameter in inspect.signature(method).parameters
    except (TypeError, ValueError):
        return False


def _is_classifier(estimator: Any) -> bool:
    """Whether it predicts classes; skpro's regressors have that method, too."""
    own = hasattr(estimator, "predict_dist") or _is_registered(estimator)
    return hasattr(estimator, "predict_proba") and not (
        own or _comes_from(estimator, "skpro")
    )


def _has(name: str) -> Callable[[Any], bool]:
    """Recognise by a method or a fitted attribute."""
    return lambda estimator: hasattr(estimator, name)


def _is_registered(estimator: Any) -> bool:
    return any(c in _registered for c in type(estimator).__mro__)


def _is_search(estimator: Any) -> bool:
    return hasattr(estimator, "best_estimator_") or _unfitted_search(estimator)


def _unfitted_search(estimator: Any) -> bool:
    return all(hasattr(estimator, name) for name in ("estimator", "scoring", "refit"))


def _is_stacking(estimator: Any) -> bool:
    return hasattr(estimator, "final_estimator") and hasattr(estimator, "transform")


def _predicts_std(estimator: Any) -> bool:
    return _takes(getattr(estimator, "predict", None), "return_std")


def _is_catboost_with_uncertainty(estimator: Any) -> bool:
    if not _comes_from(estimator, "catboost"):
        return False
    return str(estimator.get_param("loss_function")).startswith("RMSEWithUncertainty")


def _predicts_quantiles(estimator: Any) -> bool:
    return _takes(getattr(estimator, "predict", None), "quantiles")


# -- how each is read ----------------------------------------------------------------


def _own(estimator: Any, X: Any, add_noise: bool) -> Any:
    return as_distribution(estimator.predict_dist(X))


def _registered_reader(estimator: Any, X: Any, add_noise: bool) -> Any:
    found = next(c for c in type(estimator).__mro__ if c in _registered)
    return as_distribution(_registered[found](estimator, X))


def _search(estimator: Any, X: Any, add_noise: bool) -> Any:
    if (
        not hasattr(estimator, "best_estimator_")
        and getattr(estimator, "refit", 1) is False
    ):
        raise TypeError(
            f"{type(estimator).__name__} was made with refit=False, so it has no "
            "best_estimator_ to predict with; set refit=True (or refit='name')."
        )
    check_is_fitted(estimator, "best_estimator_")
    return predict_dist(estimator.best_estimator_, X, add_noise=add_noise)


def _frozen(estimator: Any, X: Any, add_noise: bool) -> Any:
    return predict_dist(estimator.estimator, X, add_noise=add_noise)


def _pipeline(estimator: Any, X: Any, add_noise: bool) -> Any:
    # Step by step: Pipeline.transform asks whether the last step of a slice is fitted,
    # and takes a step without fitted attributes for an unfitted one.
    for _, step in estimator.steps[:-1]:
        if step is not None and step != "passthrough":
            X = step.transform(X)
    return predict_dist(estimator.steps[-1][1], X, add_noise=add_noise)


def _stacking(estimator: Any, X: Any, add_noise: bool) -> Any:
    check_is_fitted(estimator, "final_estimator_")
    stacked = estimator.transform(X)
    return predict_dist(estimator.final_estimator_, stacked, add_noise=add_noise)


def _transformed_target(estimator: Any, X: Any, add_noise: bool) -> Any:
    check_is_fitted(estimator, "regressor_")
    inner = predict_dist(estimator.regressor_, X, add_noise=add_noise)
    return transform_dist(inner, estimator.transformer_)


def _ngboost(estimator: Any, X: Any, add_noise: bool) -> Any:
    # NGBoost's own object answers None to any attribute; the scipy one inside is sound.
    if not getattr(estimator, "base_models", True):
        raise _unfitted(estimator)
    return as_distribution(estimator.pred_dist(X))


def _skpro(estimator: Any, X: Any, add_noise: bool) -> Any:
    if not estimator.is_fitted:
        raise _unfitted(estimator)
    return from_skpro(estimator.predict_proba(X))


def _return_std(estimator: Any, X: Any, add_noise: bool) -> Any:
    if hasattr(estimator, "kernel") and not hasattr(estimator, "X_train_"):
        raise _unfitted(estimator)  # a Gaussian process would predict its prior
    predicted = estimator.predict(X, return_std=True)
    if not isinstance(predicted, tuple) or len(predicted) != 2:
        raise TypeError(
            f"{type(estimator).__name__}.predict(X, return_std=True) must return mean and "
            f"standard deviation; got {type(predicted).__name__}; return a tuple of two."
        )
    mu, sigma = predicted[0], as_numeric(predicted[1], SIGMA).astype(np.float64)
    sigma = _with_noise(estimator, sigma, add_noise)
    if not np.all(sigma > 0):
        raise ValueError(
            f"sigma must be strictly positive; {type(estimator).__name__} predicted "
            f"{sigma.min():.6g} ({int(np.sum(~(sigma > 0)))} of {sigma.size} values); "
            f"{_noise_remedy(estimator)}."
        )
    return Normal(mu, sigma)


def _noise_remedy(estimator: Any) -> str:
    """Say how to get a sigma that is not 0."""
    if hasattr(estimator, "kernel"):
        return "add a WhiteKernel, which models the noise"
    if type(estimator).__name__ == "DummyRegressor":
        return (
            "for a constant forecast with a sigma, use ProbabilisticRegressor with a "
            "DummyRegressor for the mean and one for the variance"
        )
    return "use an estimator that models the noise, such as ProbabilisticRegressor"


def _catboost(estimator: Any, X: Any, add_noise: bool) -> Any:
    mu, variance = np.asarray(estimator.predict(X)).T
    return Normal(mu, np.sqrt(variance))


def _quantiles(estimator: Any, X: Any, add_noise: bool) -> Any:
    values = np.asarray(estimator.predict(X, quantiles=QUANTILE_LEVELS.tolist()))
    return QuantileGrid(QUANTILE_LEVELS, values)


def _xgboost_distribution(estimator: Any, X: Any, add_noise: bool) -> Any:
    family, parameters = str(estimator.distribution), estimator.predict(X)
    if family == "exponential":
        return Gamma(1.0, parameters.scale)
    return XGBOOST_FAMILIES[family](**parameters._asdict())


def _ondil(estimator: Any, X: Any, add_noise: bool) -> Any:
    theta = estimator.predict_distribution_parameters(X)
    family = estimator.distribution
    return as_distribution(family.scipy_dist(**family.theta_to_scipy_params(theta)))


def _unfitted(estimator: Any) -> NotFittedError:
    name = type(estimator).__name__
    return NotFittedError(
        f"This {name} is not fitted yet; call fit before predict_dist."
    )


def _with_noise(estimator: Any, sigma: Any, add_noise: bool) -> Any:
    """Add the noise that a Gaussian process keeps in `alpha` to its latent sigma."""
    alpha = getattr(estimator, "alpha", None)
    if not hasattr(estimator, "kernel_") or alpha is None:
        return sigma
    if add_noise and np.ndim(alpha):
        raise ValueError(
            "add_noise needs one alpha for all samples; got an array of "
            f"{np.size(alpha)} for the training samples; add a WhiteKernel instead."
        )
    if add_noise:
        scale = gaussian_process_target_scale(estimator)
        return np.sqrt(sigma**2 + alpha * scale**2)
    if np.max(alpha) > LATENT_ALPHA and "WhiteKernel" not in repr(estimator.kernel_):
        warnings.warn(
            f"{type(estimator).__name__} with alpha={np.max(alpha):.3g} reports the sigma "
            "of its latent function, without that noise, so its density losses are too "
            "low or far too high; pass add_noise=True to predict_dist, or use a "
            "WhiteKernel.",
            LatentSigmaWarning,
            stacklevel=2,
        )
    return sigma


# scikit-learn's default alpha, 1e-10, is numerical jitter and no model of noise.
LATENT_ALPHA = 1e-8

READERS: tuple[Way, ...] = (
    Way("predict_dist", _has("predict_dist"), _own),
    Way("a registered reader", _is_registered, _registered_reader),
    Way("best_estimator_", _is_search, _search),
    Way("FrozenEstimator", lambda e: isinstance(e, FrozenEstimator), _frozen),
    Way("Pipeline", lambda e: isinstance(e, Pipeline), _pipeline),
    Way("pred_dist (NGBoost)", _has("pred_dist"), _ngboost),
    Way("skpro", lambda e: _comes_from(e, "skpro"), _skpro),
    Way("predict(X, return_std=True)", _predicts_std, _return_std),
    Way(
        "TransformedTargetRegressor",
        lambda e: isinstance(e, TransformedTargetRegressor),
        _transformed_target,
    ),
    Way("stacked final_estimator_", _is_stacking, _stacking),
    Way("CatBoost RMSEWithUncertainty", _is_catboost_with_uncertainty, _catboost),
    Way("predict(X, quantiles=...)", _predicts_quantiles, _quantiles),
    Way(
        "xgboost-distribution",
        lambda e: _comes_from(e, "xgboost_distribution"),
        _xgboost_distribution,
    ),
    Way(
        "predict_distribution_parameters",
        _has("predict_distribution_parameters"),
        _ondil,
    ),
)


def _unknown(estimator: Any) -> str:
    """Say what was tried, and what to use instead."""
    name = type(estimator).__name__
    tried = ", ".join(way.name for way in READERS)
    remedy = _REMEDIES.get(name, _REMEDY)
    return f"{name} offers no predictive distribution (tried {tried}); {remedy}."


_REMEDY = (
    "wrap it in ProbabilisticRegressor, use a regressor whose predict takes return_std, "
    "or teach predict_dist with register_predict_dist"
)
_REMEDIES = {
    "CatBoostRegressor": (
        "train it with loss_function='RMSEWithUncertainty', which predicts a variance"
    ),
    "VotingRegressor": (
        "it averages predictions and drops every sigma; score its members one by one, or "
        "stack them with StackingRegressor(final_estimator=BayesianRidge())"
    ),
    "BaggingRegressor": (
        "it averages predictions and drops every sigma; bag inside "
        "ProbabilisticRegressor(mean_regressor=BaggingRegressor(...))"
    ),
    "MultiOutputRegressor": (
        "it drops every sigma; score each of its estimators_ on its own column of y"
    ),
}
