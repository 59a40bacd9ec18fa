"""NEG404, NEG406 and NEG412 where the easy reading of the numbers is the wrong one."""

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from sklearn_negloss import audit
from sklearn_negloss.audit.case._forecast import ClassForecast, Forecast
from sklearn_negloss.audit.rules._prediction_calibration import MiscalibratedSigma
from sklearn_negloss.audit.rules._prediction_variance import VariancePassedAsSigma
from tests.audit.cases.prediction import GUILTY, INNOCENT, spread
from tests.audit.cases.prediction_calibration import heavy, skewed


def finding(code, **given):
    """Return the finding of a rule."""
    return next(f for f in audit(**given).findings if f.code == code)


def share_found(rule, make, n, seeds):
    """Return in how many cases a rule of forecasts finds something."""
    found = 0
    for seed in range(seeds):
        given = make(np.random.default_rng([seed, n]), n)
        mu, sigma = (np.broadcast_to(given[k], n) for k in ("mu", "sigma"))
        forecast = Forecast(np.asarray(given["y_true"], float), mu, sigma)
        found += isinstance(rule.measure(forecast), dict)
    return found / seeds


# -- what is wrong is mu -------------------------------------------------------------


@pytest.fixture
def accurate():
    """A target and a forecast of it that is right."""
    rng = np.random.default_rng(0)
    mu = rng.normal(size=500)
    return mu + 0.25 * rng.normal(size=500), mu


def test_an_offset_is_told_by_its_size_and_no_sigma_is_blamed(accurate):
    y, mu = accurate
    found = finding("NEG404", y_true=y + 50, mu=mu, sigma=0.25)
    assert f"mu is off by {50 + (y - mu).mean():.4g} on average" in found.message
    assert "sigma is too" not in found.message
    assert "Multiply" not in found.advice


@pytest.mark.parametrize("unit", [1e-3, 1e3])
def test_another_unit_of_mu_is_told_by_its_factor(accurate, unit):
    y, mu = accurate
    for sigma in (0.25, 0.25 * min(unit, 1)):
        found = finding("NEG404", y_true=y, mu=unit * mu, sigma=sigma)
        slope = np.polyfit(unit * mu, y, 1)[0]
        assert f"the target changes by {slope:.4g} where mu" in found.message
        assert "Multiply" not in found.advice


def test_no_factor_is_advised_that_leaves_forecasts_worse_than_a_constant(accurate):
    y, mu = accurate
    rng = np.random.default_rng(1)
    noisy, wild = mu + 0.5 * rng.normal(size=500), 0.3 * np.exp(rng.normal(size=500))
    for given in (
        {"y_true": rng.permutation(y), "mu": mu, "sigma": 0.25},
        {"y_true": noisy, "mu": mu, "sigma": wild},
    ):
        report = audit(**given)
        found = next(f for f in report.findings if f.code == "NEG404")
        assert report.decomposition.attainable_gain < 0
        assert "Multiply" not in found.advice
        assert "worse than a constant" in found.message
    assert "sigma does not follow the errors" in found.message


def test_a_sigma_that_is_merely_too_small_is_multiplied(accurate):
    y, mu = accurate
    found = finding("NEG404", y_true=y, mu=mu, sigma=0.1)
    assert "sigma is too small" in found.message
    assert "Multiply sigma by 2.3" in found.advice
    constant = finding("NEG404", y_true=y, mu=np.zeros(500), sigma=0.1)
    assert "Multiply" in constant.advice


# -- how often it is said ------------------------------------------------------------


@pytest.mark.parametrize("n", [100, 200])
@pytest.mark.parametrize(
    ("make", "most"), [(heavy(3), 0.005), (heavy(2.5), 0.02), (skewed, 0.01)]
)
def test_errors_whose_large_ones_are_missing_are_not_called_small(make, most, n):
    assert share_found(MiscalibratedSigma, make, n, 400) <= most


@pytest.mark.parametrize(
    ("factor", "n", "least"),
    [(2.0, 100, 0.95), (2.5, 100, 0.95), (5.0, 100, 0.95), (1.5, 200, 0.8)],
)
def test_a_sigma_that_is_far_too_large_is_found_in_few_samples(factor, n, least):
    def make(rng, n):
        return {"y_true": rng.normal(size=n), "mu": 0.0, "sigma": factor}

    assert share_found(MiscalibratedSigma, make, n, 200) >= least


def test_too_many_errors_beyond_three_sigmas_are_found_in_few_samples():
    def make(rng, n):  # a mean square of 7.4 with a standard error about as large
        sigma = np.exp(rng.normal(1.0, 1.2, size=n))
        return {"y_true": sigma * rng.normal(size=n), "mu": 0.0, "sigma": 1.0}

    assert share_found(MiscalibratedSigma, make, 75, 100) >= 0.95
    for name in ("rare shifts", "rare counts", "skewed", "student-t3"):
        rate = share_found(MiscalibratedSigma, INNOCENT["NEG404"][name], 75, 200)
        assert rate <= 0.01, name


@pytest.mark.parametrize("centre", [-0.7, 0.0])
@pytest.mark.parametrize("n", [100, 300, 1_000])
def test_a_noisy_sigma_is_hardly_ever_called_a_variance(centre, n):
    def make(rng, n):
        y, mu, sigma = spread(rng, n, 0.7, centre)
        noisy = sigma * np.exp(0.5 * rng.normal(size=n))
        return {"y_true": y, "mu": mu, "sigma": noisy}

    assert share_found(VariancePassedAsSigma, make, n, 200) <= 0.04


@pytest.mark.parametrize("name", GUILTY["NEG406"])
def test_a_variance_is_found_in_a_thousand_samples(name):
    rate = share_found(VariancePassedAsSigma, GUILTY["NEG406"][name], 1_000, 60)
    assert rate >= 0.95


# -- probabilities of 0 --------------------------------------------------------------


@pytest.mark.parametrize(
    "order", [[2, 1, 0], [2, 0, 1], [0, 2, 1], [1, 0, 2], [1, 2, 0]]
)
def test_columns_in_another_order_are_found_where_the_loss_is_infinite(order):
    X, y = load_wine(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
    prob = tree.predict_proba(X_test)
    report = audit(y_true=y_test, y_prob=prob[:, order], loss="log_loss")
    found = report.findings[0]
    assert found.code == "NEG412"
    chosen = prob[:, order][np.arange(len(y_test)), y_test]
    assert found.evidence["count"] == np.sum(chosen == 0)
    assert f"0 for the class of {np.sum(chosen == 0)} of 45 samples" in found.message
    assert found.evidence["loss"] == pytest.approx(log_loss(y_test, prob[:, order]))
    assert found.evidence["best"] == pytest.approx(log_loss(y_test, prob))
    assert audit(y_true=y_test, y_prob=prob).outcomes["NEG412"] == "clear"


def test_what_was_called_impossible_is_counted():
    target = np.eye(2)[[0, 1, 1, 0]]
    prob = np.array([[1.0, 0.0], [0.5, 0.5], [1.0, 0.0], [0.5, 0.5]])
    with np.errstate(divide="ignore"):
        forecast = ClassForecast(target, np.log(prob))
    assert forecast.impossible == 1
    assert forecast.gain.value == -np.inf
    assert forecast.gain_of_possible.value == pytest.approx(np.log(2) / 3)
    assert Forecast(np.ones(3), np.ones(3), np.ones(3)).impossible == 0


def test_logits_taken_for_probabilities_say_how_they_were_clipped():
    given = GUILTY["NEG409"]["binary"](np.random.default_rng(0), 1_000)
    found = finding("NEG409", **given)
    clipped = np.clip(given["y_prob"], found.evidence["low"], found.evidence["high"])
    assert found.evidence["clipped"] == pytest.approx(
        log_loss(given["y_true"], clipped)
    )
    assert "clipped to [0.001, 0.999]" in found.message
