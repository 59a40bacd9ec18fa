"""ProbabilisticRegressor: what it is given at the edges, and what it says of it."""

import numpy as np
import pytest
import sklearn
from scipy import sparse
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingRegressor
from sklearn.linear_model import GammaRegressor, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_negloss.regression import ProbabilisticRegressor
from sklearn_negloss.regression._cross_fit import takes_weight
from sklearn_negloss.regression._inputs import check_weight, numbers_of, refuse_infinity
from sklearn_negloss.regression._target import standardise

N = 60
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 2))
Y = X[:, 0] + np.exp(0.5 * X[:, 1]) * RNG.normal(size=N)
WEIGHT = RNG.uniform(0.5, 2, size=N)
ONES = np.ones(N)


def glm(mean=None, **kwargs):
    mean = Ridge() if mean is None else mean
    return ProbabilisticRegressor(mean, GammaRegressor(), random_state=0, **kwargs)


def default(**kwargs):
    return ProbabilisticRegressor(random_state=0, **kwargs)


def predictions(model, X=X, y=Y, weight=None):
    return np.array(model.fit(X, y, sample_weight=weight).predict(X, return_std=True))


# -- the target's range ----------------------------------------------------------------


@pytest.mark.parametrize("make", [glm, default])
def test_a_far_off_target_that_varies_is_not_called_constant(make):
    mu, sigma = predictions(make(), y=Y)
    # At 1e13 doubles are 0.002 apart: what is left of y's digits, sigma can show.
    shifted = predictions(make(), y=Y + 1e13)
    np.testing.assert_allclose(shifted[0] - 1e13, mu, atol=0.05)
    np.testing.assert_allclose(shifted[1], sigma, rtol=0.05)


def test_the_rounding_of_a_computed_constant_does_not_vary():
    y = np.where(np.arange(N) % 2, 0.1 + 0.2, 0.3)
    assert np.ptp(y) > 0
    with pytest.warns(UserWarning, match="y is constant"):
        default(cv=3).fit(X, y)


@pytest.mark.parametrize("make", [glm, default])
@pytest.mark.parametrize("scale", [1e-110, 1e110])
def test_very_large_and_small_units_are_fitted(make, scale):
    mu, sigma = predictions(make(), y=Y * scale) / scale
    assert np.abs(mu).max() < 10
    assert 0.3 < np.median(sigma) < 3


@pytest.mark.parametrize(
    "y", [Y * 1e200, Y * 1e-200, np.full(N, 1e300)], ids=["1e200", "1e-200", "constant"]
)
def test_a_target_whose_variance_has_no_number_is_refused_at_the_door(y):
    with pytest.raises(
        ValueError, match=r"between 1e-120 and 1e\+120.* change the unit"
    ):
        default().fit(X, y)


# -- weights ---------------------------------------------------------------------------


@pytest.mark.parametrize("make", [glm, default])
@pytest.mark.parametrize("positive", [2, 10, 40])
def test_rows_of_zero_weight_count_no_more_than_rows_left_out(make, positive):
    weight = np.zeros(N)
    rows = RNG.choice(N, positive, replace=False)
    weight[rows] = WEIGHT[rows]
    rows = np.flatnonzero(weight)
    model = make().fit(X, Y, sample_weight=weight)
    without = make().fit(X[rows], Y[rows], sample_weight=weight[rows])
    np.testing.assert_array_equal(model.predict(X, True), without.predict(X, True))


def test_the_default_depends_on_the_rows_that_count_with_folds_of_yours_too():
    weight = np.zeros(1100)
    weight[:60] = 1
    X = np.random.default_rng(1).normal(size=(1100, 2))
    model = default(cv=KFold(3, shuffle=True, random_state=0))
    model.fit(X, X[:, 0] > 0, sample_weight=weight)
    members = model.mean_regressor_.estimators
    # Of 1,100 rows it would be 16.
    assert {m.max_leaf_nodes for m in members if hasattr(m, "max_leaf_nodes")} == {8}


@pytest.mark.parametrize("make", [glm, default])
@pytest.mark.parametrize("size", [1e-300, 1e300, 1e308])
def test_the_size_of_absurd_weights_does_not_matter(make, size):
    scaled = predictions(make(), weight=np.full(N, size))
    np.testing.assert_allclose(scaled, predictions(make(), weight=ONES), rtol=1e-9)


def test_a_weight_of_two_stays_worth_two_rows_to_a_penalty():
    model = glm(Ridge(alpha=10)).fit(X, Y, sample_weight=2 * ONES)
    twice = Ridge(alpha=10).fit(np.vstack([X, X]), np.tile(Y, 2))
    np.testing.assert_allclose(model.mean_regressor_.coef_, twice.coef_)


def test_scaled_weights_keep_every_digit():
    weight = check_weight(3 * WEIGHT, N)
    assert weight.max() <= 1
    a, b = standardise(Y, weight), standardise(Y, 3 * WEIGHT)
    assert a == b


@pytest.mark.parametrize("max_iter", [1, 2])
def test_a_pipeline_takes_weights_through_its_last_step(max_iter):
    pipe = glm(make_pipeline(Ridge()), max_iter=max_iter, tol=0)
    np.testing.assert_allclose(
        predictions(pipe, weight=WEIGHT),
        predictions(glm(max_iter=max_iter, tol=0), weight=WEIGHT),
    )


WRAPPERS = {
    "TransformedTargetRegressor": TransformedTargetRegressor,
    "GridSearchCV": lambda r: GridSearchCV(r, {"fit_intercept": [True]}, cv=2),
    "StackingRegressor": lambda r: StackingRegressor([("r", r)], r, cv=2),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_what_a_wrapper_is_told_to_do_about_weights_works(wrap):
    if not takes_weight(wrap(Ridge())):  # until 1.6, stacking does
        with pytest.raises(ValueError, match="if one inside it does, enable metadata"):
            glm(wrap(Ridge())).fit(X, Y, sample_weight=WEIGHT)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = Ridge().set_fit_request(sample_weight=True)
        model = glm(wrap(asked.set_score_request(sample_weight=False)), max_iter=2)
        variance = GammaRegressor().set_fit_request(sample_weight=True)
        model.set_params(variance_regressor=variance)
        weighted = predictions(model, weight=WEIGHT)
        assert model.n_iter_ == 2
    assert np.abs(weighted - predictions(glm(wrap(Ridge())))).max() > 1e-4


def test_a_regressor_without_others_inside_is_not_sent_to_routing():
    with pytest.raises(ValueError, match=r"choose a regressor that does\.$"):
        glm(KNeighborsRegressor()).fit(X, Y, sample_weight=WEIGHT)


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_wrappers_need_no_weights(wrap):
    assert np.isfinite(
        predictions(glm(make_pipeline(StandardScaler(), wrap(Ridge()))))
    ).all()
    assert np.isfinite(predictions(glm(wrap(Ridge())))).all()


# -- refusals --------------------------------------------------------------------------


def test_a_generator_is_used_up_and_says_so():
    model = glm(cv=KFold(3).split(X))
    model.fit(X, Y)
    with pytest.raises(ValueError, match="pass a list of them"):
        model.fit(X, Y)


def test_routing_leaves_a_generator_to_the_fit():
    with sklearn.config_context(enable_metadata_routing=True):
        assert np.isfinite(predictions(glm(cv=KFold(3).split(X)))).all()


FOLDS = list(KFold(3).split(np.zeros(N + 10)))
MASKS = [(np.arange(N + 10) % 2 == k, np.arange(N + 10) % 2 != k) for k in (0, 1)]
FEW, ONE = np.where(np.arange(N) < 2, 1.0, 0), np.where(np.arange(N) < 1, 1.0, 0)
DAYS = np.datetime64("2020-01-01") + np.arange(N)
REFUSED = {
    "folds of other rows": ({"cv": FOLDS}, {}, "60 rows that are fitted. Got row 60;"),
    "masks of other rows": ({"cv": MASKS}, {}, "Got a mask of 70 rows"),
    "a fold without weight": (
        {"cv": KFold(3)},
        {"sample_weight": FEW},
        "training fold of cv needs a row of positive .* Got 2 positive of 60",
    ),
    "one row of weight": ({}, {"sample_weight": ONE}, "At least 2 .* Got 1 of 60"),
    "one weight": ({}, {"sample_weight": 2.0}, r"each of the 60 rows. Got 2\.0"),
    "dates": ({}, {"y": DAYS}, "y must hold numbers. Got dtype datetime64"),
    "durations": (
        {},
        {"y": DAYS - DAYS[0]},
        "y must hold numbers. Got dtype timedelta",
    ),
    "text as tol": ({"tol": "a"}, {}, "tol must be a number of at least 0. Got 'a'"),
    "no tol": ({"tol": None}, {}, "tol must be a number of at least 0. Got None"),
    "text as beta": ({"beta": "a"}, {}, r"beta must be a number in \[0, 1\]. Got 'a'"),
    "no beta": ({"beta": None}, {}, r"beta must be a number in \[0, 1\]. Got None"),
    "text as mean": ({"mean": "a"}, {}, "mean_regressor must be None or a reg.*'a'"),
    "a class as mean": ({"mean": Ridge}, {}, r"the class Ridge; write Ridge\(\)"),
}


@pytest.mark.parametrize(("given", "change", "word"), REFUSED.values(), ids=REFUSED)
def test_the_refusal_names_what_was_given(given, change, word):
    with pytest.raises(ValueError, match=word):
        glm(**given).fit(**{"X": X, "y": Y, **change})


@pytest.mark.parametrize("name", ["predict_interval", "predict_quantiles"])
def test_a_probability_outside_its_range_is_named(name):
    with pytest.raises(ValueError, match=r"must be in \(0, 1\); got 1.5"):
        getattr(glm().fit(X, Y), name)(X, 1.5)


def test_quantiles_that_are_none_are_refused():
    model = glm().fit(X, Y)
    for levels, words in (
        ([], r"not empty; got shape \(0,\)"),
        ([[0.1]], r"shape \(1, 1\)"),
    ):
        with pytest.raises(ValueError, match=words):
            model.predict_quantiles(X, levels)
    with pytest.raises(TypeError, match="quantiles must hold real numbers"):
        model.predict_quantiles(X, "a")


def test_text_is_no_coverage():
    with pytest.raises(TypeError, match=r"coverage must be a number.*'a'.*such as 0.9"):
        glm().fit(X, Y).predict_interval(X, "a")


# -- infinities in X -------------------------------------------------------------------


def with_one(value):
    changed = X.copy()
    changed[3, 1] = value
    return changed


@pytest.mark.parametrize("kind", ["array", "sparse", "frame"])
def test_the_built_in_regressors_refuse_infinities(kind):
    bad = with_one(np.inf)
    if kind == "sparse":
        bad = sparse.csr_array(bad)
    if kind == "frame":
        pd = pytest.importorskip("pandas")
        bad = pd.DataFrame(bad, columns=["a", "b"]).assign(c="text")
        bad["c"] = bad["c"].astype("category")
    for model in (default(), ProbabilisticRegressor(Ridge())):
        with pytest.raises(ValueError, match="Input X contains infinity"):
            model.fit(bad, Y)


def test_infinities_are_left_to_regressors_that_take_them():
    bad = with_one(np.inf)

    def squeeze(regressor):
        return make_pipeline(FunctionTransformer(np.tanh), regressor)

    model = ProbabilisticRegressor(squeeze(Ridge()), squeeze(GammaRegressor()))
    assert np.isfinite(predictions(model, bad)).all()


def test_missing_values_stay_allowed():
    holes = with_one(np.nan)
    assert np.isfinite(predictions(default(), holes)).all()


def test_a_pyarrow_table_is_read_by_its_names():
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"a": X[:, 0], "b": X[:, 1]})
    refuse_infinity(table)
    bad = pyarrow.table({"a": np.where(X[:, 0] > 0, np.inf, 0.0), "b": X[:, 1]})
    with pytest.raises(ValueError, match="X contains infinity"):
        refuse_infinity(bad)


def test_lists_of_unequal_lengths_are_left_to_an_encoder():
    tokens = [["a", "b"], ["c"], ["a", "c", "d"]]
    assert numbers_of(tokens) is tokens
