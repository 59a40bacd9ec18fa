"""Scorers in every tool of scikit-learn, routing off and on, against a loop by hand."""

import numpy as np
import pytest
import sklearn
from sklearn.datasets import make_classification, make_regression
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFECV, SequentialFeatureSelector
from sklearn.inspection import permutation_importance
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

import sklearn_negloss as sn

X, Y = make_regression(150, 4, n_informative=2, noise=10.0, random_state=1)
WEIGHTS = np.random.default_rng(0).uniform(0.2, 3.0, 150)
CV = KFold(3)
GRID = {"alpha_1": [1e-6, 1.0, 1e3], "lambda_1": [1e-6]}
SCORES_WITH_SEARCH_WEIGHTS = parse_version(sklearn.__version__) >= parse_version("1.7")


@pytest.fixture(params=[False, True], ids=["routing-off", "routing-on"])
def routing(request):
    with sklearn.config_context(enable_metadata_routing=request.param):
        yield request.param


def by_hand(loss=sn.gaussian_nll_loss, fit_weight=None, score_weight=None, **params):
    """Return the score of each fold, without scikit-learn's machinery."""
    scores = []
    for train, test in CV.split(X):
        weight = None if fit_weight is None else fit_weight[train]
        model = BayesianRidge(**params).fit(X[train], Y[train], weight)
        mu, sigma = model.predict(X[test], return_std=True)
        weight = None if score_weight is None else score_weight[test]
        scores.append(-loss(Y[test], mu, sigma, sample_weight=weight))
    return np.array(scores)


def scorer(loss=sn.gaussian_nll_loss):
    return sn.make_distribution_scorer(loss)


def both():
    return sn.make_distribution_scorer(
        {"nll": sn.gaussian_nll_loss, "crps": sn.gaussian_crps_loss}
    )


def test_cross_val_score(routing):
    for n_jobs in (1, 2):
        scores = cross_val_score(
            BayesianRidge(), X, Y, cv=CV, scoring=scorer(), n_jobs=n_jobs
        )
        np.testing.assert_allclose(scores, by_hand(), rtol=1e-12)


def test_cross_validate_with_several_metrics(routing):
    crps = by_hand(sn.gaussian_crps_loss)
    single = {"nll": scorer(), "crps": scorer(sn.gaussian_crps_loss), "r2": "r2"}
    for scoring in (single, both()):
        result = cross_validate(BayesianRidge(), X, Y, cv=CV, scoring=scoring)
        np.testing.assert_allclose(result["test_nll"], by_hand(), rtol=1e-12)
        np.testing.assert_allclose(result["test_crps"], crps, rtol=1e-12)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_grid_search(routing, n_jobs):
    search = GridSearchCV(BayesianRidge(), GRID, cv=CV, scoring=scorer(), n_jobs=n_jobs)
    search.fit(X, Y)
    means = [by_hand(alpha_1=alpha).mean() for alpha in GRID["alpha_1"]]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], means, rtol=1e-12)
    assert search.best_score_ == pytest.approx(max(means))
    assert search.score(X, Y) == scorer()(search, X, Y)


def test_grid_search_with_several_metrics(routing):
    for scoring in (both(), {"nll": scorer(), "crps": scorer(sn.gaussian_crps_loss)}):
        search = GridSearchCV(
            BayesianRidge(), GRID, cv=CV, scoring=scoring, refit="crps"
        )
        search.fit(X, Y)
        means = [
            by_hand(sn.gaussian_crps_loss, alpha_1=a).mean() for a in GRID["alpha_1"]
        ]
        np.testing.assert_allclose(search.cv_results_["mean_test_crps"], means)
        assert search.best_score_ == pytest.approx(max(means))


def test_grid_search_over_a_pipeline(routing):
    model = make_pipeline(StandardScaler(), BayesianRidge())
    grid = {f"bayesianridge__{name}": values for name, values in GRID.items()}
    search = GridSearchCV(model, grid, cv=CV, scoring=scorer()).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_randomized_search(routing):
    search = RandomizedSearchCV(
        BayesianRidge(), GRID, n_iter=3, cv=CV, scoring=scorer(), random_state=0
    ).fit(X, Y)
    means = {a: by_hand(alpha_1=a).mean() for a in GRID["alpha_1"]}
    assert search.best_score_ == pytest.approx(max(means.values()))


def test_halving_search(routing):
    search = HalvingGridSearchCV(
        BayesianRidge(), GRID, cv=CV, scoring=scorer(), factor=2, random_state=0
    ).fit(X, Y)
    assert np.isfinite(search.best_score_)


def test_learning_curve(routing):
    _, _, test = learning_curve(
        BayesianRidge(), X, Y, cv=CV, scoring=scorer(), train_sizes=[0.5, 1.0]
    )
    np.testing.assert_allclose(test[-1], by_hand(), rtol=1e-12)


def test_learning_curve_display_names_the_axis(routing):
    plt = pytest.importorskip("matplotlib.pyplot")
    from sklearn.model_selection import LearningCurveDisplay

    _, ax = plt.subplots()
    LearningCurveDisplay.from_estimator(
        BayesianRidge(), X, Y, cv=CV, scoring=scorer(), train_sizes=[0.5, 1.0], ax=ax
    )
    assert "aussian nll" in ax.get_ylabel()
    plt.close("all")


def test_validation_curve(routing):
    _, test = validation_curve(
        BayesianRidge(),
        X,
        Y,
        param_name="alpha_1",
        param_range=GRID["alpha_1"],
        cv=CV,
        scoring=scorer(),
    )
    np.testing.assert_allclose(test[1], by_hand(alpha_1=1.0), rtol=1e-12)


def test_permutation_importance(routing):
    model = BayesianRidge().fit(X, Y)
    for weight in (None, WEIGHTS):
        result = permutation_importance(
            model, X, Y, scoring=scorer(), random_state=0, sample_weight=weight
        )
        assert np.sum(result.importances_mean > 0.1) == 2
    assert set(permutation_importance(model, X, Y, scoring=both())) == {"nll", "crps"}


def test_feature_selection(routing):
    chosen = RFECV(BayesianRidge(), cv=CV, scoring=scorer()).fit(X, Y)
    forward = SequentialFeatureSelector(
        BayesianRidge(), n_features_to_select=2, cv=CV, scoring=scorer()
    ).fit(X, Y)
    assert chosen.get_support().sum() >= 2
    assert np.all(chosen.get_support() >= forward.get_support())


def test_nested_search(routing):
    inner = GridSearchCV(BayesianRidge(), GRID, cv=CV, scoring=scorer())
    scores = cross_val_score(inner, X, Y, cv=CV, scoring=scorer())
    assert np.isfinite(scores).all()


# -- weights --------------------------------------------------------------------------


def fitted_with_weights():
    """A regressor that takes weights in fit, under either mode."""
    model = BayesianRidge()
    if sklearn.get_config()["enable_metadata_routing"]:
        model.set_fit_request(sample_weight=True)
    return model


def weighted_search(scoring, refit=True):
    grid = {"lambda_1": [1e-6]}
    search = GridSearchCV(
        fitted_with_weights(), grid, cv=CV, scoring=scoring, refit=refit
    )
    return search.fit(X, Y, sample_weight=WEIGHTS).cv_results_


@pytest.mark.parametrize("asked", [True, False])
def test_weights_score_a_search_if_asked_for(asked):
    with sklearn.config_context(enable_metadata_routing=True):
        expected = by_hand(fit_weight=WEIGHTS, score_weight=WEIGHTS if asked else None)
        single = scorer().set_score_request(sample_weight=asked)
        several = both().set_score_request(sample_weight=asked)
        results = weighted_search(single)
        assert results["mean_test_score"][0] == pytest.approx(
            expected.mean(), rel=1e-12
        )
        results = weighted_search(several, refit="nll")
        assert results["mean_test_nll"][0] == pytest.approx(expected.mean(), rel=1e-12)
        for scoring in (single, {"nll": single}):
            result = cross_validate(
                fitted_with_weights(),
                X,
                Y,
                cv=CV,
                scoring=scoring,
                params={"sample_weight": WEIGHTS},
            )
            key = "test_nll" if isinstance(scoring, dict) else "test_score"
            np.testing.assert_allclose(result[key], expected, rtol=1e-12)


def test_weights_under_an_alias():
    with sklearn.config_context(enable_metadata_routing=True):
        model = BayesianRidge().set_fit_request(sample_weight=False)
        scoring = scorer().set_score_request(sample_weight="importance")
        result = cross_validate(
            model, X, Y, cv=CV, scoring=scoring, params={"importance": WEIGHTS}
        )
        np.testing.assert_allclose(
            result["test_score"], by_hand(score_weight=WEIGHTS), rtol=1e-12
        )


def test_weights_that_nobody_asked_for_raise():
    with (
        sklearn.config_context(enable_metadata_routing=True),
        pytest.raises(UnsetMetadataPassedError),
    ):
        weighted_search(scorer())


def test_weights_without_routing():
    score_weight = WEIGHTS if SCORES_WITH_SEARCH_WEIGHTS else None
    expected = by_hand(fit_weight=WEIGHTS, score_weight=score_weight).mean()
    assert weighted_search(scorer())["mean_test_score"][0] == pytest.approx(expected)
    assert weighted_search(both(), "nll")["mean_test_nll"][0] == pytest.approx(expected)


def test_asking_for_weights_needs_routing():
    with pytest.raises(RuntimeError, match="enable_metadata_routing=True"):
        scorer().set_score_request(sample_weight=True)


def mine(y_true, mu, sigma):
    """A loss of a user that takes no weights."""
    return float(np.mean((y_true - mu) ** 2 / sigma))


@pytest.mark.parametrize(
    "losses", [mine, {"nll": sn.gaussian_nll_loss, "mine": mine}], ids=["one", "dict"]
)
def test_a_loss_without_weights_never_drops_them(losses):
    with sklearn.config_context(enable_metadata_routing=True):
        scoring = sn.make_distribution_scorer(losses)
        weighted = {"cv": CV, "params": {"sample_weight": WEIGHTS}}
        with pytest.raises(UnsetMetadataPassedError):
            cross_validate(fitted_with_weights(), X, Y, scoring=scoring, **weighted)
        with pytest.raises(TypeError, match=r"got mine without.*sample_weight=False"):
            scoring.set_score_request(sample_weight=True)
        with pytest.raises(TypeError, match="got mine without"):
            scoring.set_score_request(sample_weight="importance")
        scoring.set_score_request(sample_weight=False)
        result = cross_validate(
            fitted_with_weights(), X, Y, scoring=scoring, **weighted
        )
        assert any(key.startswith("test_") for key in result)


def test_no_request_is_needed_where_no_weights_are_passed():
    with sklearn.config_context(enable_metadata_routing=True):
        scores = cross_val_score(BayesianRidge(), X, Y, cv=CV, scoring=scorer())
        np.testing.assert_allclose(scores, by_hand(), rtol=1e-12)


def test_threshold_tuning_is_told_what_to_use():
    X2, y2 = make_classification(random_state=0)
    tuned = TunedThresholdClassifierCV(
        LogisticRegression(), scoring=sn.get_scorer("neg_binary_cross_entropy")
    )
    with pytest.raises(AttributeError, match="scoring='balanced_accuracy'"):
        tuned.fit(X2, y2)
