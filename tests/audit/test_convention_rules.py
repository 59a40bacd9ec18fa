"""What the audit says of scorers, of estimators that score themselves, of objectives."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes, make_regression
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import BayesianRidge, LogisticRegression, Ridge
from sklearn.metrics import (
    log_loss,
    make_scorer,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
)
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity

from sklearn_negloss import (
    audit,
    gaussian_nll_loss,
    get_scorer_names,
    make_distribution_scorer,
)
from sklearn_negloss.audit import check_scorer
from tests.audit.cases.convention import LossIsScore, minus_mse

X, Y = load_diabetes(return_X_y=True)
SERIOUS = {"NEG202", "NEG203", "NEG205"}


def codes(**given):
    return {f.code for f in audit(**given).findings}


def message(code, **given):
    return next(f.message for f in audit(**given).findings if f.code == code)


# -- named scorers ---------------------------------------------------------------------


@pytest.mark.parametrize("name", get_scorer_names())
def test_a_named_scorer_is_at_most_a_loss_with_its_sign_turned(name):
    report = audit(scorer=name)
    expected = {"NEG201"} if name.startswith("neg_") else set()
    assert {f.code for f in report.findings} == expected
    assert report.outcomes["NEG202"] == "clear"
    assert report.verdict == ("convention" if expected else "clear")


def test_a_scorer_by_name_or_as_an_object_is_the_same():
    for given in ("neg_mean_squared_error", make_scorer(
        mean_squared_error, greater_is_better=False
    )):  # fmt: skip
        assert "mean_squared_error" in message("NEG201", scorer=given)


def test_an_unknown_scorer_is_refused():
    with pytest.raises(ValueError, match="must be a known name"):
        audit(scorer="neg_mean_squared")


def test_a_scorer_of_several_losses_is_judged_loss_by_loss():
    losses = {"good": gaussian_nll_loss, "bad": lambda y, mu, sigma: minus_mse(y, mu)}
    report = audit(scorer=make_distribution_scorer(losses))
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert ", bad," in finding.message


def test_a_dict_of_scorers_from_a_search_is_judged_scorer_by_scorer():
    scoring = {"r2": "r2", "wrong": make_scorer(mean_absolute_error)}
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, scoring=scoring, refit="r2", cv=2)
    assert ", wrong," in message("NEG202", estimator=search.fit(X, Y), X=X, y_true=Y)


def test_the_value_of_a_negated_scorer_is_explained():
    text = message("NEG201", scorer="neg_mean_squared_error", loss_value=-2871.0)
    assert "-2871 stands for a loss of 2871" in text


# -- scorers that no stub satisfies ----------------------------------------------------


class Special(RegressorMixin, BaseEstimator):
    """Predicts by a method of its own."""

    def fit(self, X, y):
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_) + X[:, 0]

    def special(self, X):
        return self.predict(X)


def special_loss(estimator, X, y):
    return mean_squared_error(y, estimator.special(X))


def test_the_users_own_estimator_tells_what_a_stub_cannot():
    model = Special().fit(X, Y)
    alone = audit(scorer=special_loss)
    assert alone.outcomes["NEG202"] == "not applicable"
    assert "special" in alone.reasons["NEG202"]
    assert "NEG202" in codes(scorer=special_loss, estimator=model, X=X, y_true=Y)
    minus = {"scorer": lambda *args: -special_loss(*args)}
    report = audit(**minus, estimator=model, X=X, y_true=Y)
    assert report.outcomes["NEG202"] == "clear"


def test_a_scorer_that_says_the_same_of_all_proves_nothing():
    report = audit(scorer=lambda estimator, X, y: 0.5)
    assert report.outcomes["NEG202"] == "not applicable"
    assert "alike" in report.reasons["NEG202"]


# -- check_scorer ----------------------------------------------------------------------


def test_a_right_scorer_passes_on_stubs_and_on_data():
    model = BayesianRidge().fit(X, Y)
    check_scorer("neg_gaussian_nll", model, X, Y)
    check_scorer(lambda *args: -special_loss(*args), Special().fit(X, Y), X, Y)


@pytest.mark.parametrize(
    "scorer",
    [
        make_scorer(mean_squared_error),
        make_scorer(minus_mse, greater_is_better=False),
        make_scorer(log_loss, greater_is_better=False),
    ],
    ids=["reversed", "twice", "hard labels"],
)
def test_a_wrong_scorer_raises_the_report(scorer):
    with pytest.raises(AssertionError, match=r"NEG20\d .*\n"):
        check_scorer(scorer)


def test_a_scorer_that_proves_nothing_does_not_pass():
    with pytest.raises(AssertionError, match="proves nothing"):
        check_scorer(lambda estimator, X, y: 0.5)


def test_an_estimator_whose_score_is_a_loss_does_not_pass():
    model = LossIsScore().fit(X, Y)
    with pytest.raises(AssertionError, match="NEG202"):
        check_scorer(lambda est, X, y: est.score(X, y), model, X, Y)


def test_a_score_that_is_no_number_does_not_pass():
    def scorer(estimator, X, y):
        return np.nan if len(y) == len(Y) else r2_score(y, estimator.predict(X))

    with pytest.raises(AssertionError):
        check_scorer(scorer, Ridge().fit(X, Y), X, Y)


# -- estimators that score themselves --------------------------------------------------


def test_an_honest_estimator_is_left_alone():
    assert not codes(estimator=Ridge().fit(X, Y), X=X, y_true=Y) & SERIOUS
    A, b = load_breast_cancer(return_X_y=True)
    model = LogisticRegression(max_iter=10_000).fit(A / A.std(axis=0), b)
    report = audit(estimator=model, X=A / A.std(axis=0), y_true=b)
    assert report.outcomes["NEG202"] == "clear"


def test_the_score_of_a_density_is_a_log_likelihood():
    small = X[:, :2] / 100
    mixture = GaussianMixture(2, random_state=0).fit(small)
    assert "mean log density" in message("NEG204", estimator=mixture, X=small)
    kernel = KernelDensity().fit(small)
    assert "summed over all samples" in message("NEG204", estimator=kernel, X=small)


def test_information_criteria_are_told_from_losses():
    mixture = GaussianMixture(random_state=0).fit(X / 100)
    given = {"estimator": mixture, "X": X / 100}
    text = message("NEG204", **given, loss_value=mixture.bic(X / 100))
    assert "GaussianMixture.bic" in text
    assert "lower is better" in text


def test_minus_an_inertia_is_minus_a_loss():
    model = KMeans(2, n_init=1, random_state=0).fit(X)
    assert "KMeans.score" in message("NEG201", estimator=model, X=X)


def test_the_training_curve_of_histogram_boosting_is_minus_a_loss():
    model = HistGradientBoostingRegressor(max_iter=5, scoring="loss").fit(X, Y)
    value = float(model.train_score_[-1]) if len(model.train_score_) else None
    if value is None:
        model.set_params(early_stopping=True).fit(X, Y)
        value = float(model.train_score_[-1])
    assert "train_score_" in message("NEG201", estimator=model, loss_value=value)


def test_a_number_that_is_its_own_loss_is_left_alone():
    mu = np.zeros(len(Y))
    value = mean_squared_error(Y, mu)
    given = {"y_true": Y, "y_pred": mu, "loss": "mean_squared_error"}
    assert "NEG201" not in codes(**given, loss_value=value)
    assert "NEG201" in codes(**given, loss_value=-value)
    assert "NEG201" in codes(**given, loss_value=float(f"{-value:.4g}"))


# -- peers -----------------------------------------------------------------------------


@pytest.mark.peers
def test_the_score_of_ngboost_is_a_loss():
    ngboost = pytest.importorskip("ngboost")
    A, b = make_regression(120, 3, noise=5.0, random_state=0)
    model = ngboost.NGBRegressor(n_estimators=20, verbose=False, random_state=0)
    model.fit(A, b)
    text = message("NEG202", estimator=model, X=A, y_true=b)
    assert text.startswith("NGBRegressor.score points the wrong way")
    search = GridSearchCV(model, {"n_estimators": [2, 20]}, cv=2).fit(A, b)
    assert "NEG202" in codes(estimator=search, X=A, y_true=b)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_native_metrics_of_lightgbm_and_xgboost_are_called_what_they_are():
    lightgbm = pytest.importorskip("lightgbm")
    xgboost = pytest.importorskip("xgboost")
    rng = np.random.default_rng(0)
    A = rng.normal(size=(200, 3))
    counts = rng.poisson(20, size=200)
    model = lightgbm.LGBMRegressor(objective="poisson", n_estimators=3, verbose=-1)
    model.fit(A, counts, eval_set=[(A, counts)])
    assert "without log y!" in message("NEG206", estimator=model)
    small = rng.gamma(2.0, 0.001, size=200)
    model = xgboost.XGBRegressor(
        objective="reg:gamma", eval_metric="gamma-nloglik", n_estimators=3
    )
    model.fit(A, small, eval_set=[(A, small)], verbose=False)
    assert "gamma NLL" in message("NEG206", estimator=model)
