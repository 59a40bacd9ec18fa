"""ProbabilisticRegressor as scikit-learn meets it: checks, routing, tags."""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import GammaRegressor, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator

from sklearn_negloss.regression import ProbabilisticRegressor

# min_samples_leaf counts rows: scikit-learn expects the same of its own trees.
EXPECTED = {"check_sample_weight_equivalence_on_dense_data": "leaves count rows"}


def checks(estimator, expected=None):
    """Parametrise by scikit-learn's checks; its own decorator passes a generator."""
    pairs = list(
        estimator_checks_generator(
            estimator, mark="xfail", expected_failed_checks=expected
        )
    )
    return pytest.mark.parametrize(("estimator", "check"), pairs)


@checks(ProbabilisticRegressor(Ridge(), GammaRegressor()))
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_checks_pass_with_two_linear_models(estimator, check):
    check(estimator)


@pytest.mark.slow
@checks(ProbabilisticRegressor(), EXPECTED)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_checks_pass_with_the_default(estimator, check):
    check(estimator)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    y = X[:, 0] + rng.normal(size=90) * np.exp(0.5 * X[:, 1])
    return X, y, rng.uniform(0.5, 2, size=90)


def model(**kwargs):
    return ProbabilisticRegressor(
        kwargs.pop("mean", Ridge()),
        kwargs.pop("variance", GammaRegressor()),
        random_state=0,
        **kwargs,
    )


def predictions(estimator, X, *args, **kwargs):
    return np.array(estimator.fit(X, *args, **kwargs).predict(X, return_std=True))


def test_routed_weights_equal_plain_ones(data):
    X, y, w = data
    plain = predictions(model(), X, y, sample_weight=w)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = model(
            mean=Ridge().set_fit_request(sample_weight=True),
            variance=GammaRegressor().set_fit_request(sample_weight=True),
        )
        routed = predictions(asked, X, y, sample_weight=w)
    np.testing.assert_allclose(routed, plain)


@pytest.mark.usefixtures("routing")
def test_a_regressor_that_has_not_asked_is_named(data):
    X, y, w = data
    half = model(mean=Ridge().set_fit_request(sample_weight=True))
    with pytest.raises(UnsetMetadataPassedError):
        half.fit(X, y, sample_weight=w)


@pytest.mark.usefixtures("routing")
def test_aliases_carry_two_sets_of_weights(data):
    X, y, w = data
    aliased = model(
        mean=Ridge().set_fit_request(sample_weight="w_mean"),
        variance=GammaRegressor().set_fit_request(sample_weight="w_variance"),
    )
    same = predictions(aliased, X, y, w_mean=w, w_variance=w)
    other = predictions(clone(aliased), X, y, w_mean=w, w_variance=np.ones(90))
    assert np.abs(same - other).max() > 1e-3


@pytest.mark.usefixtures("routing")
def test_groups_reach_the_splitter(data):
    X, y, _ = data
    groups = np.arange(90) // 10
    grouped = model(cv=GroupKFold(3))
    assert np.isfinite(predictions(grouped, X, y, groups=groups)).all()
    with pytest.raises(ValueError, match="groups"):
        clone(grouped).fit(X, y)


@pytest.mark.usefixtures("routing")
def test_a_pipeline_takes_weights_that_its_steps_asked_for(data):
    X, y, w = data
    pipe = make_pipeline(
        StandardScaler().set_fit_request(sample_weight=True),
        Ridge().set_fit_request(sample_weight=True),
    )
    variance = GammaRegressor().set_fit_request(sample_weight=True)
    asked = model(mean=pipe, variance=variance)
    assert np.isfinite(predictions(asked, X, y, sample_weight=w)).all()


@pytest.mark.usefixtures("routing")
def test_the_default_asks_for_weights_itself(data):
    X, y, w = data
    default = ProbabilisticRegressor(cv=2, max_iter=1, random_state=0)
    assert np.isfinite(predictions(default, X, y, sample_weight=w)).all()


def test_a_search_reaches_the_inner_parameters(data):
    X, y, _ = data
    grid = {"mean_regressor__alpha": [0.1, 1e6]}
    search = GridSearchCV(model(), grid, cv=3).fit(X, y)
    assert search.best_params_ == {"mean_regressor__alpha": 0.1}


def test_tags_are_those_of_both_regressors():
    default = get_tags(ProbabilisticRegressor()).input_tags
    linear = get_tags(model()).input_tags
    assert default.allow_nan
    assert not default.sparse
    assert linear.sparse
    assert not linear.allow_nan
