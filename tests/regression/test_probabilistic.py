"""ProbabilisticRegressor: what is true of mu and sigma."""

import pickle
import warnings

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.base import clone
from sklearn.datasets import make_regression
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import GammaRegressor, LinearRegression, Ridge
from sklearn.model_selection import KFold, RepeatedKFold, TimeSeriesSplit
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from sklearn_negloss.regression import ProbabilisticRegressor


def heteroscedastic(n, seed, columns=3):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, columns))
    mu, sigma = 1 + 2 * X[:, 0], np.exp(0.5 * X[:, 1])
    return X, mu + sigma * rng.normal(size=n), mu, sigma


def double_glm(**kwargs):
    kwargs = {"random_state": 0, **kwargs}
    return ProbabilisticRegressor(Ridge(), GammaRegressor(alpha=0), **kwargs)


def quick_default(**kwargs):
    """Return the built-in regressors with few folds and one round."""
    return ProbabilisticRegressor(cv=3, max_iter=1, random_state=0, **kwargs)


def nll(y, mu, sigma):
    return -norm.logpdf(y, mu, sigma).mean()


def test_double_glm_recovers_the_coefficients_of_its_own_model():
    X, y, _, sigma = heteroscedastic(4000, seed=0)
    model = double_glm().fit(X, y)
    error = np.sqrt(np.mean(sigma**2) / len(y))
    np.testing.assert_allclose(model.mean_regressor_.coef_, [2, 0, 0], atol=3 * error)
    # The log variance has twice the coefficients of log sigma, and errors sqrt(2/n).
    np.testing.assert_allclose(
        model.variance_regressor_.coef_, [0, 1, 0], atol=3 * np.sqrt(2 / len(y))
    )


def test_double_glm_comes_near_the_true_loss():
    X, y, mu, sigma = heteroscedastic(6000, seed=1)
    model = double_glm().fit(X[:4000], y[:4000])
    test = slice(4000, None)
    gap = nll(y[test], *model.predict(X[test], return_std=True))
    assert gap - nll(y[test], mu[test], sigma[test]) < 0.01


def test_reweighting_makes_the_mean_more_exact():
    errors = []
    for max_iter in (1, 3):
        error = 0
        for seed in range(5):
            X, y, *_ = heteroscedastic(400, seed=seed)
            X[:, 1] *= 2
            y = 2 * X[:, 0] + np.exp(0.5 * X[:, 1]) * (y - 1 - 2 * X[:, 0])
            model = double_glm(max_iter=max_iter, tol=0).fit(X, y)
            error += np.sum((model.mean_regressor_.coef_ - [2, 0, 0]) ** 2)
        errors.append(error)
    assert errors[1] < 0.5 * errors[0]


def test_out_of_fold_residuals_do_not_collapse_sigma():
    X, y, *_ = heteroscedastic(300, seed=2)
    # An interpolator has residuals of zero on its own rows.
    model = ProbabilisticRegressor(
        HistGradientBoostingRegressor(min_samples_leaf=1, learning_rate=0.3),
        GammaRegressor(),
        cv=5,
        max_iter=1,
        random_state=0,
    ).fit(X, y)
    X, y, *_ = heteroscedastic(2000, seed=3)
    mu, sigma = model.predict(X, return_std=True)
    assert 0.8 < np.mean(((y - mu) / sigma) ** 2) < 1.3


@pytest.mark.parametrize("n", [200, 1000])
def test_noise_costs_at_most_0_02_nat_against_the_constant_baseline(n):
    excess = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(n + 2000, 5)), rng.normal(size=n + 2000)
        model = ProbabilisticRegressor(cv=3, random_state=0).fit(X[:n], y[:n])
        loss = nll(y[n:], *model.predict(X[n:], return_std=True))
        excess.append(loss - nll(y[n:], model.baseline_.mu, model.baseline_.sigma))
    assert np.mean(excess) < 0.02


@pytest.mark.parametrize("make", [double_glm, quick_default], ids=["glm", "default"])
@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_a_change_of_units_changes_nothing_but_the_units(make, scale):
    X, y, *_ = heteroscedastic(150, seed=4)
    one = make().fit(X, y)
    other = make().fit(X, y * scale)
    for a, b in zip(
        one.predict(X, return_std=True), other.predict(X, return_std=True), strict=True
    ):
        np.testing.assert_allclose(b / scale, a, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(
        np.array(other.loss_curve_) - np.log(scale), one.loss_curve_, atol=1e-8
    )


def test_weights_equal_repetition_for_mu_and_for_sigma():
    X, y, *_ = heteroscedastic(60, seed=5)
    times = np.random.default_rng(0).integers(0, 4, size=60)
    rows = np.repeat(np.arange(60), times)
    group = np.arange(60) % 4
    folds = [(np.flatnonzero(group != k), np.flatnonzero(group == k)) for k in range(4)]
    repeated = [
        (np.flatnonzero(group[rows] != k), np.flatnonzero(group[rows] == k))
        for k in range(4)
    ]
    base = ProbabilisticRegressor(
        LinearRegression(), GammaRegressor(alpha=0, tol=1e-10, solver="newton-cholesky")
    )
    a = clone(base).set_params(cv=folds).fit(X, y, sample_weight=times)
    b = clone(base).set_params(cv=repeated).fit(X[rows], y[rows])
    for p, q in zip(
        a.predict(X, return_std=True), b.predict(X, return_std=True), strict=True
    ):
        np.testing.assert_allclose(p, q, rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, 5.0, -1e12])
def test_a_constant_target_is_fitted_with_a_warning(value):
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = quick_default()
    with pytest.warns(UserWarning, match="y is constant"):
        model.fit(X, np.full(30, value))
    mu, sigma = model.predict(X, return_std=True)
    np.testing.assert_allclose(mu, value, atol=1e-12)
    np.testing.assert_allclose(sigma, model.sigma_floor_)


TARGETS = {
    "point mass at zero": lambda X: np.maximum(X[:, 0], 0),
    "perfect feature": lambda X: 3 * X[:, 0],
    "counts": lambda X: np.floor(np.exp(X[:, 0])),
    "binary": lambda X: (X[:, 0] > 0).astype(int),
    "one outlier": lambda X: np.where(np.arange(len(X)) == 0, 1e6, X[:, 0]),
}


@pytest.mark.parametrize("make", [double_glm, quick_default], ids=["glm", "default"])
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_sigma_is_finite_and_never_below_the_floor(make, target):
    X = np.random.default_rng(6).normal(size=(80, 2))
    X = np.vstack([X, X[:10]])  # duplicates
    mu, sigma = (model := make().fit(X, target(X))).predict(X, return_std=True)
    assert np.isfinite(mu).all()
    assert np.isfinite(sigma).all()
    assert sigma.min() >= model.sigma_floor_ > 0


def test_ten_samples_are_enough():
    X, y, *_ = heteroscedastic(10, seed=7)
    sigma = ProbabilisticRegressor(random_state=0).fit(X, y).predict(X, True)[1]
    assert (sigma > 0).all()


def test_quantiles_intervals_and_distribution_agree():
    X, y, *_ = heteroscedastic(200, seed=8)
    model = double_glm().fit(X, y)
    mu, sigma = model.predict(X, return_std=True)
    lower, upper = model.predict_interval(X, coverage=0.5)
    np.testing.assert_allclose(upper - mu, 0.6744897501960817 * sigma)
    np.testing.assert_allclose(mu - lower, upper - mu)
    np.testing.assert_allclose(model.predict_quantiles(X, [0.5])[:, 0], mu)
    np.testing.assert_allclose(model.predict_quantiles(X, 0.5), mu)
    np.testing.assert_allclose(model.predict_dist(X).std(), sigma)
    np.testing.assert_array_equal(model.predict(X), mu)


def test_the_default_chooses_the_smooth_mean_on_smooth_data():
    rng = np.random.default_rng(9)
    X = rng.uniform(-2, 2, size=(400, 2))
    y = np.sin(X[:, 0]) * X[:, 1] + 0.01 * rng.normal(size=400)
    trees = HistGradientBoostingRegressor(random_state=0)
    losses = [
        min(ProbabilisticRegressor(m, cv=3, random_state=0).fit(X, y).loss_curve_)
        for m in (None, trees)
    ]
    assert losses[0] < losses[1] - 1


def test_a_given_mean_is_refitted_on_all_rows_and_a_frozen_one_kept():
    X, y, *_ = heteroscedastic(100, seed=10)
    model = double_glm(max_iter=1).fit(X, y)
    np.testing.assert_allclose(model.mean_regressor_.coef_, Ridge().fit(X, y).coef_)
    frozen = FrozenEstimator(Ridge().fit(X, y))
    model = ProbabilisticRegressor(frozen, GammaRegressor()).fit(X, y)
    np.testing.assert_array_equal(model.mean_regressor_.predict(X), frozen.predict(X))


def test_missing_and_categorical_values_reach_the_default():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(11)
    X = pd.DataFrame({"a": rng.normal(size=120), "b": pd.Categorical(list("xyz") * 40)})
    X.loc[::7, "a"] = np.nan
    y = (X["b"] == "x") * 3 + rng.normal(size=120)
    model = quick_default().fit(X, y)
    assert list(model.feature_names_in_) == ["a", "b"]
    assert model.predict(X[X["b"] == "x"]).mean() > model.predict(X).mean() + 0.5


def test_a_value_missing_only_at_prediction_is_accepted_by_the_default():
    X, y, *_ = heteroscedastic(100, seed=12)
    model = quick_default().fit(X, y)
    X[0, 0] = np.nan
    assert np.isfinite(model.predict(X, return_std=True)).all()


def test_sparse_input_reaches_regressors_that_take_it():
    from scipy import sparse

    X, y, *_ = heteroscedastic(100, seed=13)
    mean = Ridge(solver="sparse_cg", tol=1e-12)
    model = ProbabilisticRegressor(mean, GammaRegressor(), random_state=0)
    a = clone(model).fit(X, y).predict(X, return_std=True)
    b = clone(model).fit(sparse.coo_array(X), y).predict(X, return_std=True)
    np.testing.assert_allclose(a, b, rtol=1e-4)


@pytest.mark.parametrize(
    ("mean", "rounds"),
    [
        (KNeighborsRegressor(), 1),
        (make_pipeline(StandardScaler(), SVR()), 2),
        (make_pipeline(StandardScaler(), KNeighborsRegressor()), 1),
    ],
    ids=["no weights", "Pipeline with weights", "Pipeline without"],
)
def test_a_mean_that_takes_no_weights_is_fitted_for_one_round(mean, rounds):
    X, y, *_ = heteroscedastic(100, seed=14)
    model = ProbabilisticRegressor(mean, GammaRegressor(), max_iter=2, tol=0)
    assert model.fit(X, y).n_iter_ == rounds


def test_repeated_folds_are_averaged():
    X, y, *_ = heteroscedastic(100, seed=15)
    cv = RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)
    assert np.isfinite(double_glm(cv=cv).fit(X, y).loss_curve_).all()


def test_the_seed_alone_decides():
    X, y, *_ = heteroscedastic(80, seed=16)
    a, b = (quick_default().fit(X, y).predict(X, True) for _ in range(2))
    np.testing.assert_array_equal(a, b)


def test_pickle_keeps_every_digit():
    X, y, *_ = heteroscedastic(80, seed=17)
    model = quick_default().fit(X, y)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X, True), model.predict(X, True))


def test_processes_give_the_same_fit():
    X, y, *_ = heteroscedastic(80, seed=18)
    a, b = (double_glm(n_jobs=j).fit(X, y).predict(X, True) for j in (1, 2))
    np.testing.assert_allclose(a, b)


def test_verbose_prints_one_line_per_round(capsys):
    X, y, *_ = heteroscedastic(80, seed=19)
    model = double_glm(max_iter=3, tol=0, verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == model.n_iter_
    assert "out-of-fold NLL" in lines[0]


def test_default_fit_gives_no_warning():
    X, y = make_regression(60, 3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quick_default().fit(X, y).predict(X, return_std=True)


REFUSED = {
    "two columns": (double_glm(), {"y": np.ones((20, 2))}, "MultiOutputRegressor"),
    "weights that Pipeline cannot take": (
        ProbabilisticRegressor(make_pipeline(KNeighborsRegressor())),
        {"sample_weight": np.ones(20)},
        "metadata routing",
    ),
    "weights that a neighbour cannot take": (
        ProbabilisticRegressor(Ridge(), KNeighborsRegressor()),
        {"sample_weight": np.ones(20)},
        "variance_regressor must take sample_weight",
    ),
    "variance not positive": (
        ProbabilisticRegressor(Ridge(), LinearRegression()),
        {"y": np.where(np.arange(20) == 19, 1e3, 0.0)},
        "GammaRegressor",
    ),
    "untested rows": (double_glm(cv=TimeSeriesSplit(3)), {}, "at least one test fold"),
    "negative weight": (double_glm(), {"sample_weight": -np.ones(20)}, "negative"),
    "zero weights": (double_glm(), {"sample_weight": np.zeros(20)}, "zero"),
    "beta": (double_glm(beta=2), {}, "beta"),
    "max_iter": (double_glm(max_iter=0), {}, "max_iter"),
    "one row": (double_glm(), {"X": [[1.0]], "y": [1.0]}, "n_samples=1"),
    "groups without routing": (double_glm(), {"groups": [0] * 20}, "routing"),
}


@pytest.mark.parametrize(("model", "change", "word"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_one_sentence_that_says_what_to_do(model, change, word):
    X = np.arange(20.0)[:, None]
    arguments = {"X": X, "y": np.sin(X[:, 0]), **change}
    with pytest.raises(ValueError, match=word):
        model.fit(**arguments)


@pytest.mark.parametrize("coverage", [0, 1, -0.5])
def test_coverage_is_a_probability(coverage):
    X, y, *_ = heteroscedastic(30, seed=20)
    with pytest.raises(ValueError, match="coverage"):
        double_glm(cv=KFold(3)).fit(X, y).predict_interval(X, coverage=coverage)
