"""A regressor of a transformed target whose sigma and density survive the transform."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import BayesianRidge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from sklearn_negloss._links import DOC_LINK
from sklearn_negloss._sklearn import routing_enabled
from sklearn_negloss._validation import check_option
from sklearn_negloss.distributions._adapters import predict_dist
from sklearn_negloss.distributions.transforms._jacobians import check_domain, target_map
from sklearn_negloss.distributions.transforms._maps import NoDensityError, TargetMap
from sklearn_negloss.distributions.transforms._numeric_map import (
    column_function,
    function_name,
)
from sklearn_negloss.distributions.transforms._transformed import (
    check_inverse,
    transform_dist,
)
from sklearn_negloss.regression._inputs import numbers_of, quantiles_of

Floats = NDArray[np.float64]

POINTS = ("median", "mean")


class TransformedTargetProbabilisticRegressor(TransformedTargetRegressor):
    """Regress on a transformed target and predict the median of y, with its density.

    A :class:`~sklearn.compose.TransformedTargetRegressor` whose distribution is carried
    back through the transform, exactly. Its log density is in the units of y, so models
    of y, of log y and of sqrt y are comparable in one search.

    Parameters
    ----------
    regressor : estimator, default=None
        Regressor of the transformed target, any that `predict_dist` understands. None
        is :class:`~sklearn.linear_model.BayesianRidge`: linear, as scikit-learn's
        default, and it knows its sigma.
    transformer : estimator, default=None
        Transformer of the target, such as ``PowerTransformer()``; not together with
        `func`. None, without `func`, is the identity.
    func : callable, default=None
        Function of the target, such as ``np.log1p``.
    inverse_func : callable, default=None
        Its inverse, such as ``np.expm1``.
    check_inverse : bool, default=True
        Whether to check, on a few targets, that the inverse undoes the transform.
    point : {"median", "mean"}, default="median"
        What `predict` returns. The median is what scikit-learn's own class returns for
        a symmetric distribution: the image of its centre. The mean is the minimiser of
        the squared error, and may be infinite.

    Attributes
    ----------
    regressor_ : estimator
        Fitted regressor.
    transformer_ : estimator
        Fitted transformer.
    target_map_ : TargetMap or None
        What the transformer does, with its Jacobian; None if it leaves no density.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where `X` has such.

    See Also
    --------
    sklearn.compose.TransformedTargetRegressor : The same without sigma and density.
    sklearn_negloss.distributions.TransformedDistribution : What is predicted.

    Notes
    -----
    A transform that leaves no density (QuantileTransformer, functions that are not
    monotone) works for `predict` as in scikit-learn; what needs a distribution raises
    an error with the reason. So does a regressor that knows no sigma.

    References
    ----------
    .. [1] G. E. P. Box and D. R. Cox. An analysis of transformations. Journal of the
       Royal Statistical Society B, 26(2), 211-243, 1964.
       :doi:`10.1111/j.2517-6161.1964.tb00553.x`
    .. [2] I.-K. Yeo and R. A. Johnson. A new family of power transformations to improve
       normality or symmetry. Biometrika, 87(4), 954-959, 2000.
       :doi:`10.1093/biomet/87.4.954`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn_negloss import TransformedTargetProbabilisticRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = TransformedTargetProbabilisticRegressor(func=np.log, inverse_func=np.exp)
    >>> median, sigma = model.fit(X, y).predict(X[:2], return_std=True)
    >>> bool(np.allclose(median, model.predict(X[:2])))
    True
    >>> type(model.predict_dist(X[:2])).__name__
    'LogNormal'
    """

    _doc_link_module = "sklearn_negloss"
    _doc_link_template = DOC_LINK

    def __init__(
        self,
        regressor: Any = None,
        *,
        transformer: Any = None,
        func: Any = None,
        inverse_func: Any = None,
        check_inverse: bool = True,
        point: str = "median",
    ) -> None:
        super().__init__(
            regressor,
            transformer=transformer,
            func=func,
            inverse_func=inverse_func,
            check_inverse=check_inverse,
        )
        self.point = point

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Any:
        """Fit the transformer to y, and the regressor to the transformed y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training samples.
        y : array-like of shape (n_samples,)
            Targets, in the domain of the transform.
        **fit_params : dict of str -> object
            Passed to the regressor's ``fit``, such as `sample_weight`; routed if
            metadata routing is enabled.

        Returns
        -------
        self : object
            Fitted estimator.

        Raises
        ------
        ValueError
            If a target is outside the domain of the transform.
        """
        check_option("point", self.point, POINTS)
        target = _numeric(y)
        if target is not None and target.size == len(target):
            check_domain(self._unfitted_transformer(), target.ravel())
        super().fit(X, y, **fit_params)
        target = np.asarray(y, dtype=np.float64)
        self._column = target.ndim == 2
        self.target_map_, self.no_density_reason_ = self._read_transformer(target)
        return self

    def _unfitted_transformer(self) -> Any:
        """Return what will be fitted to y; `fit` of the parent reports contradictions."""
        if self.transformer is not None or self.func is None:
            return self.transformer
        transformer = FunctionTransformer(self.func, self.inverse_func)
        return transformer.set_output(transform="default")  # whatever is configured

    def _read_transformer(self, y: Floats) -> tuple[TargetMap | None, str | None]:
        """Return the map of the fitted transformer, or the reason why there is none."""
        if y.size > len(y):
            return None, (
                f"y must have one column for a density; got {y.size // len(y)} of them; "
                "fit one regressor for each column."
            )
        try:
            found = target_map(self.transformer_, y.ravel())
            check_inverse(found, y.ravel())
            _check_given_inverses(self.transformer_, y.ravel())
        except NoDensityError as error:
            return None, str(error)
        return found, None

    def predict(self, X: Any, return_std: bool = False, **predict_params: Any) -> Any:
        """Predict the median of y (or the mean: see `point`), and its sigma if asked.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.
        return_std : bool, default=False
            Whether to return the standard deviation, too.
        **predict_params : dict of str -> object
            Passed to the regressor's ``predict``; its answer then goes through the
            inverse transform as it is, as in scikit-learn.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,)
            Predictions, in the units of y.
        sigma : ndarray of shape (n_samples,)
            Standard deviation of y, in its units; only if `return_std`.
        """
        check_is_fitted(self)
        if return_std:
            dist = self.predict_dist(X)
            return self._point(dist), self._like_y(dist.std())
        if self.point == "mean":
            return self._point(self.predict_dist(X))
        if predict_params or self.target_map_ is None:
            return super().predict(X, **predict_params)
        try:
            dist = self.predict_dist(X)
        except TypeError:
            # The regressor knows no sigma, or cannot tell it for this X: what is wrong
            # with X, if anything is, its own predict says.
            return super().predict(X)
        return self._point(dist)

    def _point(self, dist: Any) -> Floats:
        return self._like_y(dist.mean() if self.point == "mean" else dist.ppf(0.5))

    def _like_y(self, values: Floats) -> Floats:
        """Return a column if y was one, as scikit-learn's own class does."""
        return values.reshape(-1, 1) if self._column else values

    def predict_dist(self, X: Any) -> Any:
        """Predict the distribution of y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        dist : distribution
            One distribution for each sample, in the units of y.

        Raises
        ------
        NoDensityError
            If the transform leaves no density; the message is the reason.
        TypeError
            If the regressor knows no uncertainty.

        Warns
        -----
        LostMassWarning
            If the transform cannot reach more than 1 % of the mass of any sample.
        """
        check_is_fitted(self)
        if self.target_map_ is None:
            raise NoDensityError(self.no_density_reason_)
        dist = predict_dist(self.regressor_, numbers_of(X))
        return transform_dist(dist, self.target_map_)

    def predict_interval(self, X: Any, coverage: float = 0.9) -> tuple[Floats, Floats]:
        """Predict the central interval of y that holds a share of the probability.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.
        coverage : float, default=0.9
            Probability between the ends.

        Returns
        -------
        lower, upper : tuple of ndarray of shape (n_samples,)
            Ends, in the units of y.
        """
        return self.predict_dist(X).interval(coverage)

    def predict_quantiles(self, X: Any, quantiles: ArrayLike) -> Floats:
        """Predict quantiles of y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.
        quantiles : array-like of shape (n_quantiles,) or float
            Levels, strictly between 0 and 1.

        Returns
        -------
        values : ndarray of shape (n_samples, n_quantiles) or (n_samples,)
            One column for each level, in the units of y; none for one number.
        """
        return quantiles_of(lambda: self.predict_dist(X), quantiles)

    def get_metadata_routing(self) -> Any:
        """Return what this regressor passes on, and what it takes itself.

        Returns
        -------
        routing : MetadataRouter
            With ``return_std`` among the requests of ``predict``.
        """
        return super().get_metadata_routing().add_self_request(self)

    def _get_regressor(self, get_clone: bool = False) -> Any:
        """Return the regressor to fit; scikit-learn's default knows no sigma.

        The only private name of scikit-learn that is touched here: it is what fit, tags,
        routing and the HTML block of the parent ask for the default.
        """
        if self.regressor is not None:
            return super()._get_regressor(get_clone=get_clone)
        default = BayesianRidge()
        return (
            default.set_fit_request(sample_weight=True)
            if routing_enabled()
            else default
        )


def _steps(transformer: Any) -> list[Any]:
    """Return the steps of a fitted transformer that do something."""
    if isinstance(transformer, Pipeline):
        return [inner for _, step in transformer.steps for inner in _steps(step)]
    return [] if transformer is None or isinstance(transformer, str) else [transformer]


def _check_given_inverses(transformer: Any, y: Floats) -> None:
    """Refuse a wrong inverse also of a function whose inverse is known without it."""
    for step in _steps(transformer):
        z = column_function(step, "transform")(y)
        if isinstance(step, FunctionTransformer):
            back = column_function(step, "inverse_transform")(z)
            wrong = ~np.isclose(back, y, rtol=1e-5, atol=1e-8 * np.ptp(y))
            if wrong.any():
                k = int(np.flatnonzero(wrong)[0])
                raise NoDensityError(
                    f"the inverse of {function_name(step)} must lead back to y; got "
                    f"{back[k]:.6g} for {y[k]:.6g} ({int(wrong.sum())} of {y.size} "
                    "values); pass the inverse_func that undoes the transform."
                )
        y = z


def _numeric(y: Any) -> Floats | None:
    """Return y as finite numbers, or None: the parent class says what is wrong."""
    try:
        target = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return target if target.size and np.isfinite(target).all() else None
