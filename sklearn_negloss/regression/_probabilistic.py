"""ProbabilisticRegressor: mu and sigma from any two scikit-learn regressors."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state, get_tags, indexable
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from sklearn_negloss._links import DOC_LINK
from sklearn_negloss._sklearn import routing_enabled
from sklearn_negloss._validation import check_share
from sklearn_negloss.distributions import Normal
from sklearn_negloss.regression._calibration import Floats
from sklearn_negloss.regression._cross_fit import Target, check_positive
from sklearn_negloss.regression._default_models import (
    default_mean_members,
    default_variance,
)
from sklearn_negloss.regression._descent import Problem, descend, finish
from sklearn_negloss.regression._folds import check_fold_weights, make_design
from sklearn_negloss.regression._inputs import (
    asking,
    check_parameters,
    check_regressor,
    check_weight,
    make_part,
    quantiles_of,
    refuse_infinity,
    without_idle_rows,
)
from sklearn_negloss.regression._target import (
    check_target,
    squared_unit,
    standardise,
)


class ProbabilisticRegressor(MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """Predict a mean and a standard deviation with any two scikit-learn regressors.

    One regressor predicts mu, the other the variance of what mu leaves over. They are
    fitted by block-coordinate descent on the Gaussian negative log likelihood: for
    fixed mu it is a gamma deviance of the squared residuals, for fixed sigma a
    weighted squared error. Residuals are out of fold: those of the training rows
    themselves are too small, and sigma would collapse.

    ``GridSearchCV(ProbabilisticRegressor(), ...)`` without ``scoring=`` compares R2,
    which does not see sigma: pass ``scoring=get_scorer("neg_gaussian_nll")``.

    Parameters
    ----------
    mean_regressor : regressor, default=None
        Predicts mu. Refitted on all rows, in the units of y. None averages
        HistGradientBoostingRegressor over the folds, and blends it by out-of-fold
        error with a kernel ridge (dense numbers, up to 10,000 rows) on all rows.
    variance_regressor : regressor, default=None
        Predicts the squared residuals; its predictions must be positive, and its loss
        should be a gamma deviance. None averages
        HistGradientBoostingRegressor(loss="gamma") over the folds. Where the variance
        of y is below 1e-12 or above 1e30, yours sees a power of two of the squares.
    cv : int, cross-validation generator or iterable, default=None
        How out-of-fold residuals are made. An int is the number of shuffled folds;
        every row must be tested at least once, and predictions of rows tested more
        often are averaged. None takes 5 folds, and 3 above 20,000 rows, where folds
        only cost time. Up to 750 rows each row counts among its neighbours: the
        built-in mean then leaves out pairs of 8 blocks, so that a variance learns
        only from residuals that have not seen its test rows, and a mean of yours,
        which is refitted on all rows, takes 10 folds twice.
    max_iter : int, default=1
        Greatest number of rounds. The first is unweighted; each later one weights the
        mean by the last variances. Take 2 or 3 for a parametric mean, whose
        coefficients it makes more exact.
    tol : float, default=0.01
        Stop when the out-of-fold loss falls by less, in nats per row.
    beta : float, default=0.5
        The mean's weights are ``sigma ** (2 * beta - 2)``: 0 is full inverse-variance
        weighting, which trusts small sigmas most, 1 no weighting.
    n_jobs : int, default=None
        Number of folds fitted side by side. Each process gets its share of the
        threads.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds and of the built-in regressors. A regressor of yours keeps
        its own.
    verbose : int, default=0
        Print one line per round, and show a progress bar on a terminal if rich is
        installed.

    Attributes
    ----------
    mean_regressor_ : regressor
        The fitted mean: yours on all rows, or an average of the built-in fold models.
    variance_regressor_ : regressor
        The fitted variance, likewise.
    calibration_ : Calibration
        ``shrinkage`` of the mean towards the baseline, ``offset`` and ``slope`` of
        the log variance.
    sigma_floor_ : float
        No predicted sigma is smaller. From the resolution of the target.
    baseline_ : Baseline
        ``mu``, ``sigma`` and ``loss`` of the constant Gaussian.
    loss_curve_ : list of float
        Out-of-fold Gaussian negative log likelihood of each round.
    n_iter_ : int
        Number of rounds run; the best of them is kept.
    n_features_in_ : int
        Number of columns seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, where X has string names.

    See Also
    --------
    TransformedTargetProbabilisticRegressor : The same for a transformed target.

    Notes
    -----
    The round that is kept has the least out-of-fold loss, which is itself optimistic.
    A second round of the built-in regressors doubles the time. It gains where sigma
    varies by orders of magnitude (yacht of ``benchmarks/uci.py``, three splits: 0.2 nat)
    and elsewhere little or nothing (concrete: 0.007 lost): hence one.

    ``tol`` and ``beta`` matter from the second round on. A regressor that takes no
    ``sample_weight`` is fitted for one round. Without metadata routing, the last step
    of a Pipeline takes the weights, yours and those of later rounds.

    sigma describes a Gaussian. Where few residuals are very large, the mean squared z
    is near one only because intervals are too wide for all the others.

    References
    ----------
    .. [1] M. Aitkin. Modelling variance heterogeneity in normal regression using GLIM.
       Journal of the Royal Statistical Society C, 36(3), 332-339, 1987.
       :doi:`10.2307/2347792`
    .. [2] D. A. Nix and A. S. Weigend. Estimating the mean and variance of the target
       probability distribution. ICNN 1994. :doi:`10.1109/ICNN.1994.374138`
    .. [3] M. Seitzer, A. Tavakoli, D. Antic and G. Martius. On the pitfalls of
       heteroscedastic uncertainty estimation with probabilistic neural networks.
       ICLR 2022. :doi:`10.48550/arXiv.2203.09168`
    .. [4] G. K. Smyth. Generalized linear models with varying dispersion. Journal of
       the Royal Statistical Society B, 51(1), 47-60, 1989.
       :doi:`10.1111/j.2517-6161.1989.tb01747.x`
    .. [5] D. H. Wolpert. Stacked generalization. Neural Networks, 5(2), 241-259, 1992.
       :doi:`10.1016/S0893-6080(05)80023-1`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import GammaRegressor, Ridge
    >>> from sklearn_negloss.regression import ProbabilisticRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 2))
    >>> y = X[:, 0] + rng.normal(size=500) * np.exp(X[:, 1])
    >>> model = ProbabilisticRegressor(Ridge(), GammaRegressor(), random_state=0)
    >>> mu, sigma = model.fit(X, y).predict(X[:2], return_std=True)
    >>> mu.shape, sigma.shape
    ((2,), (2,))
    """

    _doc_link_module = "sklearn_negloss"
    _doc_link_template = DOC_LINK

    def __init__(
        self,
        mean_regressor: Any = None,
        variance_regressor: Any = None,
        *,
        cv: Any = None,
        max_iter: int = 1,
        tol: float = 0.01,
        beta: float = 0.5,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.mean_regressor = mean_regressor
        self.variance_regressor = variance_regressor
        self.cv = cv
        self.max_iter = max_iter
        self.tol = tol
        self.beta = beta
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def fit(
        self, X: Any, y: ArrayLike, sample_weight: Any = None, **fit_params: Any
    ) -> ProbabilisticRegressor:
        """Fit both regressors.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Whatever the two regressors take.
        y : array-like of shape (n_samples,)
            Target.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows: 2 counts as two rows, and 0 as none.
        **fit_params : dict
            With metadata routing: what the regressors and the splitter asked for.

        Returns
        -------
        self : ProbabilisticRegressor
            Fitted.
        """
        check_parameters(self.max_iter, self.tol, self.beta)
        check_regressor("mean_regressor", self.mean_regressor)
        check_regressor("variance_regressor", self.variance_regressor)
        X, y = self._check_data(X, y)
        weight = check_weight(sample_weight, len(y))
        routed = self._route(sample_weight, fit_params)
        if self.cv is None or isinstance(self.cv, numbers.Integral):
            # Folds of yours may be made of all rows; ours need not be.
            X, y, weight, routed = without_idle_rows(X, y, weight, routed)
        outer, self.baseline_, self.sigma_floor_ = standardise(y, weight)
        problem = self._problem(X, y, weight, routed, outer)
        best, curve = descend(
            problem,
            max_iter=self.max_iter,
            tol=self.tol,
            beta=self.beta,
            log_scale=float(np.log(outer.scale)),
        )
        self.mean_regressor_, self.variance_regressor_, self.calibration_ = finish(
            problem, best, outer
        )
        self.loss_curve_ = curve
        self.n_iter_ = len(curve)
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict mu, and sigma if asked.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Rows to predict.
        return_std : bool, default=False
            Also return sigma.

        Returns
        -------
        mu : ndarray of shape (n_samples,)
            Predicted means.
        sigma : ndarray of shape (n_samples,)
            Predicted standard deviations; only if ``return_std``.
        """
        check_is_fitted(self)
        # The regressors check X themselves, in words that name what is wrong with it.
        centre = self.baseline_.mu
        m = np.asarray(self.mean_regressor_.predict(X), dtype=float).reshape(-1)
        mu = centre + self.calibration_.shrinkage * (m - centre)
        return (mu, self._predict_sigma(X)) if return_std else mu

    def _predict_sigma(self, X: Any) -> Floats:
        v = np.asarray(self.variance_regressor_.predict(X), dtype=float).reshape(-1)
        check_positive(v, self.variance_regressor_)
        _, offset, slope = self.calibration_
        return np.maximum(np.exp(0.5 * (offset + slope * np.log(v))), self.sigma_floor_)

    def predict_dist(self, X: Any) -> Normal:
        """Predict the distribution of y.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        dist : Normal
            Its ``logpdf``, ``cdf``, ``ppf``, ``mean()`` and ``std()`` hold one value
            per row.
        """
        mu, sigma = self.predict(X, return_std=True)
        return Normal(loc=mu, scale=sigma)

    def predict_interval(self, X: Any, coverage: float = 0.9) -> tuple[Floats, Floats]:
        """Predict the central interval that holds y with probability `coverage`.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Rows to predict.
        coverage : float, default=0.9
            Probability, in (0, 1).

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,)
            Ends of the intervals.
        """
        check_share("coverage", coverage)
        return self.predict_dist(X).interval(coverage)

    def predict_quantiles(self, X: Any, quantiles: ArrayLike) -> Floats:
        """Predict quantiles of y.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Rows to predict.
        quantiles : array-like of shape (n_quantiles,) or float
            Probabilities, in (0, 1).

        Returns
        -------
        values : ndarray of shape (n_samples, n_quantiles) or (n_samples,)
            One column for each level, in the units of y; none for one number.
        """
        return quantiles_of(lambda: self.predict_dist(X), quantiles)

    # -- scikit-learn's contract -----------------------------------------------------

    def get_metadata_routing(self) -> MetadataRouter:
        """Return what fit passes on: to both regressors and to the splitter.

        Returns
        -------
        routing : MetadataRouter
            The estimator also consumes ``sample_weight`` itself.
        """
        fit_fit = MethodMapping().add(caller="fit", callee="fit")
        split = MethodMapping().add(caller="fit", callee="split")
        # Folds of yours ask for nothing, and to look at a generator would use it up.
        cv = self.cv if hasattr(self.cv, "split") else KFold()
        return (
            MetadataRouter(owner=type(self).__name__)
            .add_self_request(self)
            .add(mean_regressor=self._mean_members()[0], method_mapping=fit_fit)
            .add(variance_regressor=self._variance(), method_mapping=fit_fit)
            .add(splitter=cv, method_mapping=split)
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        subs = [get_tags(self._mean_members()[0]), get_tags(self._variance())]
        tags.input_tags.allow_nan = all(s.input_tags.allow_nan for s in subs)
        tags.input_tags.sparse = all(s.input_tags.sparse for s in subs)
        return tags

    def _mean_members(self, X: Any = None, n_samples: int = 0, seed: Any = None) -> Any:
        if self.mean_regressor is not None:
            return [self.mean_regressor]
        return [asking(m) for m in default_mean_members(X, n_samples, seed)]

    def _variance(self, seed: Any = None) -> Any:
        if self.variance_regressor is not None:
            return self.variance_regressor
        return asking(default_variance(seed))

    # -- fit, step by step -----------------------------------------------------------

    def _check_data(self, X: Any, y: Any) -> tuple[Any, Floats]:
        y = check_target(y, type(self).__name__)
        if not hasattr(X, "shape"):
            X = np.asarray(X)
        if self.mean_regressor is None or self.variance_regressor is None:
            refuse_infinity(X)
        validate_data(self, X, skip_check_array=True)
        check_consistent_length(X, y)
        if len(y) < 2:
            raise ValueError(f"At least 2 rows are needed. Got n_samples={len(y)}.")
        return indexable(X)[0], y

    def _route(self, sample_weight: Any, fit_params: dict[str, Any]) -> dict[str, Any]:
        """Return fit's parameters for each part, weights under "sample_weight"."""
        given = dict(fit_params)
        if sample_weight is not None:
            given["sample_weight"] = sample_weight
        if routing_enabled():
            routed = process_routing(self, "fit", **given)
            return {
                "mean_regressor": dict(routed["mean_regressor"]["fit"]),
                "variance_regressor": dict(routed["variance_regressor"]["fit"]),
                "splitter": dict(routed["splitter"]["split"]),
            }
        if fit_params:
            raise ValueError(
                f"fit takes only sample_weight. Got {sorted(fit_params)}; call "
                "sklearn.set_config(enable_metadata_routing=True) to pass more on."
            )
        own = {} if sample_weight is None else {"sample_weight": sample_weight}
        return {"mean_regressor": own, "variance_regressor": own, "splitter": {}}

    def _problem(
        self,
        X: Any,
        y: Floats,
        weight: Floats,
        routed: dict[str, Any],
        outer: Target,
    ) -> Problem:
        rng = check_random_state(self.random_state)
        fold_seed, mean_seed, variance_seed = rng.randint(2**31 - 1, size=3)
        averaged = self.mean_regressor is None
        members = self._mean_members(X, int(np.count_nonzero(weight)), int(mean_seed))
        variance = [self._variance(int(variance_seed))]
        split = routed["splitter"]
        design = make_design(self.cv, X, y, split, int(fold_seed), averaged=averaged)
        check_fold_weights(design, weight)
        return Problem(
            X=X,
            t=outer.from_regressor(y),
            weight=weight,
            floor=self.sigma_floor_ / outer.scale,
            design=design,
            mean=make_part(
                "mean_regressor", members, averaged, outer, routed["mean_regressor"]
            ),
            variance=make_part(
                "variance_regressor",
                variance,
                self.variance_regressor is None,
                Target(0.0, squared_unit(outer.scale)),
                routed["variance_regressor"],
            ),
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
