"""`predict_dist` reads scikit-learn's estimators through every wrapper."""

import pickle

import numpy as np
import pytest
import sklearn
from scipy import stats
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import make_regression
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    BaggingRegressor,
    RandomForestRegressor,
    StackingRegressor,
    VotingRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
)
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import sklearn_negloss as sn
from sklearn_negloss.distributions import LatentSigmaWarning, LogNormal, Normal
from sklearn_negloss.distributions._adapters import _registered

X, Y = make_regression(80, 3, noise=5.0, random_state=0)
Y_POSITIVE = np.exp(Y / 100)
GRID = {"bayesianridge__alpha_1": [1e-6, 1e-2]}


@pytest.fixture(params=[False, True], ids=["routing-off", "routing-on"])
def routing(request):
    with sklearn.config_context(enable_metadata_routing=request.param):
        yield


def pipeline():
    return make_pipeline(StandardScaler(), BayesianRidge())


def expected():
    """The moments that the bare regressor predicts on scaled features."""
    Z = StandardScaler().fit_transform(X)
    return BayesianRidge().fit(Z, Y).predict(Z, return_std=True)


def agree(dist, moments, rtol=1e-10):
    np.testing.assert_allclose(dist.mean(), moments[0], rtol=rtol)
    np.testing.assert_allclose(dist.std(), moments[1], rtol=rtol)


@pytest.mark.parametrize(
    "regressor", [BayesianRidge(), ARDRegression()], ids=lambda e: type(e).__name__
)
def test_return_std_is_read(regressor):
    model = regressor.fit(X, Y)
    agree(sn.predict_dist(model, X), model.predict(X, return_std=True))


def test_wrappers_are_peeled(routing):
    nested = Pipeline(
        [("outer", StandardScaler(with_std=False)), ("inner", pipeline())]
    )
    columns = make_pipeline(
        ColumnTransformer([("scale", StandardScaler(), [0, 1, 2])]), BayesianRidge()
    )
    for model in (
        pipeline(),
        nested,
        columns,
        GridSearchCV(pipeline(), {"bayesianridge__alpha_1": [1e-6]}),
        RandomizedSearchCV(pipeline(), {"bayesianridge__alpha_1": [1e-6]}, n_iter=1),
        Pipeline([("none", "passthrough"), ("rest", pipeline())]),
        make_pipeline(GridSearchCV(pipeline(), {"bayesianridge__alpha_1": [1e-6]})),
    ):
        agree(sn.predict_dist(model.fit(X, Y), X), expected(), rtol=1e-8)


def test_frozen_estimators_are_peeled(routing):
    agree(sn.predict_dist(FrozenEstimator(pipeline().fit(X, Y)), X), expected())


def test_a_stack_reports_the_sigma_of_its_final_estimator(routing):
    stack = StackingRegressor(
        [("a", LinearRegression())], final_estimator=BayesianRidge()
    )
    stack.fit(X, Y)
    moments = stack.final_estimator_.predict(stack.transform(X), return_std=True)
    agree(sn.predict_dist(stack, X), moments)


def test_a_linear_target_transform_is_undone(routing):
    model = TransformedTargetRegressor(BayesianRidge(), transformer=StandardScaler())
    model.fit(X, Y)
    mu, sigma = model.regressor_.predict(X, return_std=True)
    scale = model.transformer_.scale_[0]
    dist = sn.predict_dist(model, X)
    assert isinstance(dist, Normal)
    agree(dist, (mu * scale + model.transformer_.mean_[0], sigma * scale))


def test_a_logarithm_of_the_target_is_undone(routing):
    model = TransformedTargetRegressor(
        BayesianRidge(), func=np.log, inverse_func=np.exp
    )
    model.fit(X, Y_POSITIVE)
    mu, sigma = model.regressor_.predict(X, return_std=True)
    dist = sn.predict_dist(model, X)
    truth = stats.lognorm(s=sigma, scale=np.exp(mu))
    np.testing.assert_allclose(
        sn.nll_loss(Y_POSITIVE, dist, reduction="none"), -truth.logpdf(Y_POSITIVE)
    )
    agree(dist, (truth.mean(), truth.std()))
    search = GridSearchCV(
        make_pipeline(StandardScaler(), model),
        {"transformedtargetregressor__func": [np.log]},
        scoring=sn.get_scorer("neg_nll"),
    )
    assert np.isfinite(search.fit(X, Y_POSITIVE).best_score_)


# -- Gaussian processes ----------------------------------------------------------------


def gaussian_process(**kwargs):
    kernel = kwargs.pop("kernel", RBF(2.0))
    return GaussianProcessRegressor(kernel, optimizer=None, **kwargs)


def test_a_white_kernel_includes_the_noise():
    model = gaussian_process(kernel=RBF(2.0) + WhiteKernel(0.5)).fit(X, Y / 50)
    agree(sn.predict_dist(model, X), model.predict(X, return_std=True))


@pytest.mark.parametrize("normalize_y", [False, True])
def test_alpha_is_left_out_with_a_warning_or_added(normalize_y):
    y = Y / 50
    latent = gaussian_process(alpha=0.5, normalize_y=normalize_y).fit(X, y)
    with pytest.warns(LatentSigmaWarning, match="add_noise=True"):
        without = sn.predict_dist(latent, X)
    agree(without, latent.predict(X, return_std=True))
    with_noise = sn.predict_dist(latent, X, add_noise=True)
    white = gaussian_process(
        kernel=RBF(2.0) + WhiteKernel(0.5), alpha=1e-10, normalize_y=normalize_y
    ).fit(X, y)
    agree(with_noise, white.predict(X, return_std=True), rtol=1e-6)
    wrapped = make_pipeline(latent)
    agree(
        sn.predict_dist(wrapped, X, add_noise=True),
        (with_noise.mean(), with_noise.std()),
    )


def test_noise_of_each_training_sample_is_no_noise_of_new_ones():
    model = gaussian_process(alpha=np.full(80, 0.5)).fit(X, Y / 50)
    with pytest.raises(
        ValueError, match="needs one alpha for all samples; got an array of 80"
    ):
        sn.predict_dist(model, X, add_noise=True)


def test_default_alpha_is_jitter_and_no_noise():
    model = gaussian_process().fit(X[:40], Y[:40])
    sn.predict_dist(model, X[40:])  # a warning would be an error here


# -- registered, own, and unknown -------------------------------------------------------


class Quantile90:
    """Predicts something that only its author understands."""

    def predict(self, X):
        return np.column_stack([X[:, 0], np.full(len(X), 2.0)])


class Child(Quantile90):
    """Inherits how it is read."""


def test_others_can_be_registered():
    @sn.register_predict_dist(Quantile90)
    def read(estimator, X):
        return stats.norm(*estimator.predict(X).T)

    try:
        for model in (Quantile90(), Child(), Pipeline([("last", Child())])):
            agree(sn.predict_dist(model, X), (X[:, 0], np.full(80, 2.0)))
    finally:
        del _registered[Quantile90]
    with pytest.raises(TypeError, match="offers no predictive distribution"):
        sn.predict_dist(Quantile90(), X)
    with pytest.raises(TypeError, match="takes estimator classes; got 'BayesianRidge'"):
        sn.register_predict_dist("BayesianRidge")


class Own:
    """Has a method of its own."""

    def predict_dist(self, X):
        return LogNormal(0.5, np.full(len(X), 2.0))


def test_an_own_method_comes_first():
    assert isinstance(sn.predict_dist(Own(), X), LogNormal)


class Wrong:
    """Has the method, but not what it should return."""

    def predict_dist(self, X):
        return X[:, 0]


def test_what_is_no_distribution_is_refused():
    with pytest.raises(TypeError, match="must be a predictive distribution"):
        sn.predict_dist(Wrong(), X)


@pytest.mark.parametrize(
    ("model", "remedy"),
    [
        (LinearRegression(), "wrap it in ProbabilisticRegressor"),
        (RandomForestRegressor(5), "register_predict_dist"),
        (
            VotingRegressor([("a", BayesianRidge())]),
            "drops every sigma; score its members",
        ),
        (BaggingRegressor(BayesianRidge(), 3), "drops every sigma; bag inside"),
        (
            make_pipeline(StandardScaler(), LinearRegression()),
            "LinearRegression offers no",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_dropped_sigma_is_named_with_a_remedy(model, remedy):
    with pytest.raises(TypeError, match="offers no predictive distribution") as caught:
        sn.predict_dist(model.fit(X, Y), X)
    assert remedy in str(caught.value)
    assert "tried predict_dist" in str(caught.value)


def test_several_targets_are_named_with_a_remedy():
    model = MultiOutputRegressor(BayesianRidge()).fit(X, np.column_stack([Y, Y]))
    with pytest.raises(TypeError, match="each of its estimators_"):
        sn.predict_dist(model, X)


class Doubler(TransformerMixin, BaseEstimator):
    """Has nothing to fit, and so no attribute that says it is fitted."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return 2 * X


def test_steps_without_fitted_attributes_are_passed(routing):
    model = make_pipeline(Doubler(), BayesianRidge()).fit(X, Y)
    agree(sn.predict_dist(model, X), model[-1].predict(2 * X, return_std=True))
    scores = cross_val_score(model, X, Y, scoring=sn.get_scorer("neg_nll"))
    assert np.isfinite(scores).all()


def test_an_unfitted_gaussian_process_does_not_score_its_prior():
    with pytest.raises(NotFittedError):
        sn.predict_dist(GaussianProcessRegressor(), X)


@pytest.mark.parametrize("model", [LogisticRegression(), LogisticRegressionCV(cv=2)])
@pytest.mark.filterwarnings("ignore")  # of other versions' defaults
def test_a_classifier_is_sent_to_cross_entropy(model):
    with pytest.raises(
        TypeError, match="is a classifier, which predicts probabilities"
    ):
        sn.predict_dist(model.fit(X, Y > 0), X)


def test_noise_is_added_inside_a_stack():
    stack = StackingRegressor(
        [("a", LinearRegression())], final_estimator=gaussian_process(alpha=0.5)
    ).fit(X, Y / 50)
    noisy = sn.predict_dist(stack, X, add_noise=True).std()
    with pytest.warns(LatentSigmaWarning):
        assert np.all(noisy > sn.predict_dist(stack, X).std())


class OneArray:
    """Says return_std, and returns the mean alone."""

    def predict(self, X, return_std=False):
        return X[:, 0]


def test_return_std_must_return_two():
    with pytest.raises(TypeError, match="must return mean and standard deviation"):
        sn.predict_dist(OneArray(), X[:2])


def test_a_class_is_no_estimator():
    with pytest.raises(
        TypeError, match="got the class BayesianRidge; make and fit one"
    ):
        sn.predict_dist(BayesianRidge, X)


def test_sigma_zero_is_refused_with_a_remedy():
    with pytest.raises(
        ValueError, match=r"DummyRegressor predicted 0 \(80 of 80 values\)"
    ):
        sn.predict_dist(DummyRegressor().fit(X, Y), X)


def test_unfitted_estimators_say_so():
    for model in (
        BayesianRidge(),
        pipeline(),
        GridSearchCV(pipeline(), GRID),
        TransformedTargetRegressor(BayesianRidge(), transformer=StandardScaler()),
        StackingRegressor([("a", LinearRegression())], final_estimator=BayesianRidge()),
    ):
        with pytest.raises(NotFittedError):
            sn.predict_dist(model, X)


def test_a_search_without_refit_says_so():
    search = GridSearchCV(pipeline(), GRID, refit=False).fit(X, Y)
    with pytest.raises(TypeError, match="refit=False"):
        sn.predict_dist(search, X)


def test_what_is_read_can_be_pickled():
    dist = sn.predict_dist(BayesianRidge().fit(X, Y), X)
    agree(pickle.loads(pickle.dumps(dist)), (dist.mean(), dist.std()), rtol=0)


def test_a_pipeline_whose_step_is_a_function():
    model = make_pipeline(FunctionTransformer(np.tanh), BayesianRidge()).fit(X, Y)
    agree(sn.predict_dist(model, X), model.predict(X, return_std=True))


def test_a_sigma_of_zero_gets_the_remedy_of_its_estimator():
    dummy = DummyRegressor().fit(X, Y)
    with pytest.raises(ValueError, match="ProbabilisticRegressor") as caught:
        sn.predict_dist(dummy, X)
    assert "WhiteKernel" not in str(caught.value)
    # What the sentence advises is the constant Gaussian of the target.
    model = sn.ProbabilisticRegressor(dummy, DummyRegressor()).fit(X, Y)
    agree(sn.predict_dist(model, X), (Y.mean(), Y.std()), rtol=0.05)


def test_a_family_of_scipy_must_be_frozen():
    histogram = stats.rv_histogram(np.histogram(Y, 10))
    with pytest.raises(TypeError, match="freeze it"):
        sn.nll_loss(Y, histogram)
    density = np.histogram(Y, 10, density=True)[0]
    edges = np.histogram(Y, 10)[1]
    at = np.minimum(np.searchsorted(edges, Y, side="right") - 1, 9)
    losses = sn.nll_loss(Y[:50], histogram(), reduction="none")
    inside = Y[:50] < edges[-1]
    np.testing.assert_allclose(losses[inside], -np.log(density[at[:50]])[inside])
