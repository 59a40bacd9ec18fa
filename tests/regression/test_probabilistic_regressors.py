"""ProbabilisticRegressor takes any regressors: every kind that users bring."""

import functools

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import GammaRegressor, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVR
from sklearn.utils.fixes import parse_version

from sklearn_negloss import get_scorer
from sklearn_negloss.regression import ProbabilisticRegressor

N = 300

# Before, scikit-learn read frames of polars through a protocol that polars 2 dropped.
READS_POLARS = parse_version(sklearn.__version__) >= parse_version("1.9")
LIBRARIES = [
    "pandas",
    pytest.param(
        "polars",
        marks=pytest.mark.skipif(not READS_POLARS, reason="scikit-learn < 1.9"),
    ),
]


def table(seed=0):
    """Return a number that drives the mean, a letter that drives sigma, and y."""
    rng = np.random.default_rng(seed)
    x, letter = rng.normal(size=N), rng.choice(list("ab"), size=N)
    sigma = np.where(letter == "a", 0.2, 2.0)
    return x, letter, 3 * x + sigma * rng.normal(size=N)


def numbers(seed=0):
    x, letter, y = table(seed)
    return np.column_stack([x, letter == "b"]).astype(float), y


def frames(library):
    """Return a frame with a categorical column, its target and its letters."""
    x, letter, y = table()
    if library == "pandas":
        pd = pytest.importorskip("pandas")
        return pd.DataFrame({"x": x, "letter": pd.Categorical(letter)}), y, letter
    pl = pytest.importorskip("polars")
    X = pl.DataFrame({"x": x, "letter": letter})
    return X.with_columns(pl.col("letter").cast(pl.Categorical)), y, letter


def one_hot(regressor):
    columns = make_column_transformer(
        (StandardScaler(), ["x"]), (OneHotEncoder(drop="first"), ["letter"])
    )
    return make_pipeline(columns, regressor)


def assert_sigma_sees_the_letter(sigma, letter):
    assert np.median(sigma[letter == "b"]) > 1.4 * np.median(sigma[letter == "a"])


MEANS = {
    "RandomForest": RandomForestRegressor(n_estimators=20, random_state=0),
    "SVR": make_pipeline(StandardScaler(), SVR(C=10)),
    "MLP": make_pipeline(
        StandardScaler(),
        MLPRegressor(solver="lbfgs", alpha=10, max_iter=2000, random_state=0),
    ),
    "HistGradientBoosting": HistGradientBoostingRegressor(max_iter=40, random_state=0),
    "frozen": FrozenEstimator(Ridge().fit(*numbers(seed=1))),
}


@pytest.mark.parametrize("mean", MEANS.values(), ids=MEANS)
def test_sigma_is_learnt_beside_any_mean(mean):
    X, y = numbers()
    model = ProbabilisticRegressor(mean, GammaRegressor(alpha=0), cv=3, random_state=0)
    mu, sigma = model.fit(X, y).predict(X, return_std=True)
    assert np.corrcoef(mu, X[:, 0])[0, 1] > 0.9
    assert_sigma_sees_the_letter(sigma, np.where(X[:, 1] == 1, "b", "a"))


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_column_transformer_takes_categories_of_a_frame(library):
    X, y, letter = frames(library)
    model = ProbabilisticRegressor(
        one_hot(Ridge()), one_hot(GammaRegressor(alpha=0)), cv=3, random_state=0
    ).fit(X, y)
    assert list(model.feature_names_in_) == ["x", "letter"]
    assert_sigma_sees_the_letter(model.predict(X, return_std=True)[1], letter)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_default_reads_missing_values_and_categories_of_a_frame(library):
    X, y, letter = frames(library)
    if library == "pandas":
        X.loc[::10, "x"] = np.nan
    model = ProbabilisticRegressor(cv=3, random_state=0).fit(X, y)
    assert_sigma_sees_the_letter(model.predict(X, return_std=True)[1], letter)


def test_a_renamed_column_is_refused():
    X, y, _ = frames("pandas")
    model = ProbabilisticRegressor(cv=3, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="columns are missing"):
        model.predict(X.rename(columns={"x": "other"}))


def test_a_search_over_means_needs_a_loss_that_sees_sigma():
    X, y = numbers()
    variances = [GammaRegressor(alpha=0), GammaRegressor(alpha=1e6)]
    model = ProbabilisticRegressor(Ridge(), cv=3, random_state=0)
    grid = {"variance_regressor": variances}
    blind = GridSearchCV(model, grid, cv=3).fit(X, y)
    # R2, the default, sees no difference between a good sigma and a constant one.
    assert np.ptp(blind.cv_results_["mean_test_score"]) == 0
    loss = get_scorer("neg_gaussian_nll")
    search = GridSearchCV(clone(model), grid, scoring=loss, cv=3).fit(X, y)
    assert search.best_params_["variance_regressor"] is variances[0]
    assert np.ptp(search.cv_results_["mean_test_score"]) > 0.1


def test_inner_parameters_of_the_mean_are_searched_by_the_loss():
    X, y = numbers()
    search = GridSearchCV(
        ProbabilisticRegressor(one_step(), GammaRegressor(), cv=3, random_state=0),
        {"mean_regressor__ridge__alpha": [0.1, 1e6]},
        scoring=get_scorer("neg_gaussian_nll"),
        cv=KFold(3),
    ).fit(X, y)
    assert search.best_params_ == {"mean_regressor__ridge__alpha": 0.1}


def one_step():
    return make_pipeline(StandardScaler(), Ridge())


@pytest.mark.parametrize(
    "model",
    [
        ProbabilisticRegressor(cv=3, random_state=0),
        ProbabilisticRegressor(one_step(), GammaRegressor(), cv=3, random_state=0),
    ],
    ids=["default", "given"],
)
def test_skops_keeps_every_digit(model):
    skops = pytest.importorskip("skops.io")
    X, y = numbers()
    model.fit(X, y)
    data = skops.dumps(model)
    copy = skops.loads(data, trusted=skops.get_untrusted_types(data=data))
    np.testing.assert_array_equal(copy.predict(X, True), model.predict(X, True))


def test_the_page_of_a_notebook_shows_both_regressors():
    page = ProbabilisticRegressor(Ridge(), GammaRegressor())._repr_html_()
    assert "mean_regressor" in page
    assert "GammaRegressor" in page


def test_set_output_is_harmless():
    X, y = numbers()
    pipe = make_pipeline(
        StandardScaler(), ProbabilisticRegressor(Ridge(), GammaRegressor(), cv=3)
    ).set_output(transform="default")
    assert np.isfinite(pipe.fit(X, y).predict(X, return_std=True)).all()


# -- units -----------------------------------------------------------------------------

X_UNITS, Y_UNITS = numbers()

KINDS = {
    "trees": lambda: ProbabilisticRegressor(
        Ridge(), HistGradientBoostingRegressor(loss="gamma", max_iter=20), cv=3
    ),
    "glm": lambda: ProbabilisticRegressor(Ridge(), GammaRegressor(), cv=3),
    "default": lambda: ProbabilisticRegressor(cv=3),
}


@pytest.mark.parametrize("unit", [1e-40, 1e-12, 1e-9, 1e-5, 1e7, 1e60])
@pytest.mark.parametrize("kind", KINDS)
def test_units_multiply_mu_and_sigma_and_do_nothing_else(kind, unit):
    mu, sigma = in_units(kind, 1.0).predict(X_UNITS, return_std=True)
    model = in_units(kind, unit)
    scaled = model.predict(X_UNITS, return_std=True)
    np.testing.assert_allclose(scaled[0] / unit, mu, rtol=1e-9)
    np.testing.assert_allclose(scaled[1] / unit, sigma, rtol=1e-9)
    slope = in_units(kind, 1.0).calibration_.slope
    assert model.calibration_.slope == pytest.approx(slope, abs=1e-9)


@functools.cache
def in_units(kind, unit):
    return KINDS[kind]().set_params(random_state=0).fit(X_UNITS, unit * Y_UNITS)


def test_in_ordinary_units_a_variance_is_in_their_square():
    for unit in (1e-5, 1.0, 1e5):
        model = in_units("glm", unit)
        v = model.variance_regressor_.predict(X_UNITS)
        residuals = unit * Y_UNITS - model.predict(X_UNITS)
        assert 0.3 < np.mean(v) / np.mean(residuals**2) < 3


@pytest.mark.parametrize("unit", [1e-30, 1e30])
def test_a_frozen_variance_keeps_its_own_units(unit):
    frozen = FrozenEstimator(in_units("glm", 1.0).variance_regressor_)
    glm = ProbabilisticRegressor(Ridge(), frozen, cv=3, random_state=0)
    _, ordinary = clone(glm).fit(X_UNITS, Y_UNITS).predict(X_UNITS, return_std=True)
    _, sigma = glm.fit(X_UNITS, unit * Y_UNITS).predict(X_UNITS, return_std=True)
    np.testing.assert_allclose(sigma / unit, ordinary, rtol=1e-9)
