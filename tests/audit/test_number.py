"""The number that somebody brings: whether it is of what was given, and of what else."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error

from sklearn_negloss import (
    audit,
    dawid_sebastiani_loss,
    gaussian_crps_loss,
    gaussian_nll_loss,
)

N = 500


@pytest.fixture
def forecasts():
    """A target, honest forecasts, and their loss."""
    rng = np.random.default_rng(0)
    mu = rng.normal(size=N)
    y = mu + 0.4 * rng.normal(size=N)
    return {"y_true": y, "mu": mu, "sigma": 0.4}, gaussian_nll_loss(y, mu, 0.4)


@pytest.mark.parametrize("number", [-50.0, -0.4, 3.0])
def test_a_number_that_the_forecasts_contradict_is_told_first(forecasts, number):
    given, loss = forecasts
    report = audit(**given, loss_value=number)
    start = f"The loss of {number:.4g} is not that of these forecasts, which have"
    assert report.summary.startswith(f"{start} {loss:.4g}")
    assert "nothing was found to be wrong" not in report.summary


@pytest.mark.parametrize(
    "loss",
    [
        gaussian_crps_loss,
        dawid_sebastiani_loss,
        mean_squared_error,
        mean_absolute_error,
    ],
    ids=lambda loss: loss.__name__,
)
def test_the_number_of_a_function_is_not_held_against_another(forecasts, loss):
    given, _ = forecasts
    y, mu = given["y_true"], given["mu"]
    points = loss in (mean_squared_error, mean_absolute_error)
    number = loss(y, mu) if points else loss(y, mu, 0.4)
    report = audit(**given, loss=loss, loss_value=number)
    assert "forecasts have" not in report.summary
    assert report.verdict in ("clear", "legitimate")


@pytest.mark.parametrize("scorer", ["r2", "information_gain", lambda e, X, y: 0.9])
def test_the_number_of_a_scorer_is_not_held_against_a_loss(forecasts, scorer):
    report = audit(**forecasts[0], scorer=scorer, loss_value=0.86)
    assert "forecasts have" not in report.summary
    assert report.verdict == "clear"


@pytest.mark.parametrize("flip", [1, -1])
def test_the_mean_over_columns_is_not_held_against_one_of_them(flip):
    rng = np.random.default_rng(7)
    mu = rng.normal(size=(400, 2))
    sigma = np.broadcast_to([0.01, 0.1][::flip], mu.shape)
    y = mu + sigma * rng.normal(size=mu.shape)
    for number in (gaussian_nll_loss(y, mu, sigma), None):
        given = {} if number is None else {"loss": "gaussian_nll", "loss_value": number}
        report = audit(y_true=y, mu=mu, sigma=sigma, **given)
        assert report.verdict == "legitimate"
        assert "not that" not in report.summary


@pytest.mark.parametrize("unit", [1.0, 0.1])
def test_a_number_from_other_rows_of_the_kind_is_no_contradiction(unit):
    rng = np.random.default_rng(1)
    mu = rng.normal(size=N)
    y = mu + rng.normal(size=N)
    given = {"y_true": unit * y, "mu": unit * mu, "sigma": unit}
    for _ in range(50):
        rows = rng.integers(N, size=N // 5)  # a fold
        number = gaussian_nll_loss(unit * y[rows], unit * mu[rows], unit)
        said = audit(**given, loss="gaussian_nll", loss_value=number).summary
        assert "is not that" not in said


def test_the_number_of_what_was_given_needs_no_aside(forecasts):
    given, loss = forecasts
    assert "These forecasts have" not in audit(**given, loss_value=loss).summary
    other = audit(**given, loss_value=loss + 0.02).summary
    assert f"These forecasts have a gaussian nll of {loss:.4g}, not" in other


def test_a_number_in_units_of_the_standard_deviation_is_told():
    rng = np.random.default_rng(2)
    mu = 1_000 * rng.normal(size=N)
    y = mu + 400 * rng.normal(size=N)
    inside = gaussian_nll_loss(y / y.std(), mu / y.std(), 400 / y.std())
    report = audit(y_true=y, mu=mu, sigma=400.0, loss_value=inside)
    assert report.verdict == "units"
    assert "in units of the standard deviation of y;" in report.summary


def test_a_scaler_fitted_on_other_rows_is_recognised_by_them():
    rng = np.random.default_rng(8)
    mu, y_train = 1_000 * rng.normal(size=N), 1_100 * rng.normal(size=N)
    y, std = mu + 400 * rng.normal(size=N), y_train.std()
    inside = gaussian_nll_loss(y / std, mu / std, 400 / std)
    report = audit(y_true=y, mu=mu, sigma=400.0, y_train=y_train, loss_value=inside)
    assert report.verdict == "units"
    assert "in units of the standard deviation of y_train;" in report.summary


@pytest.mark.parametrize(
    ("factor", "said"), [(100, "100 times as large"), (1e-3, "1000 times as small")]
)
def test_a_number_in_another_decimal_unit_is_told(forecasts, factor, said):
    given, loss = forecasts
    report = audit(**given, loss_value=round(loss - np.log(factor), 4))
    assert report.verdict == "units"
    assert f"in a unit {said}; in the units of y it is {loss:.4g}" in report.summary


def test_bad_forecasts_do_not_excuse_an_impossible_number():
    rng = np.random.default_rng(3)
    y, prob = rng.integers(0, 2, 300), rng.uniform(0.01, 0.99, 300)
    report = audit(y_true=y, y_prob=prob, loss="log_loss", loss_value=-0.33)
    assert report.outcomes["NEG107"] == "found"
    assert report.verdict == "code"
    assert "which log loss never is" in report.summary


@pytest.mark.parametrize("score", ["r2", "information_gain", "matthews_corrcoef"])
@pytest.mark.parametrize("where", ["loss", "scorer"])
def test_a_score_below_zero_is_worse_than_its_reference(score, where):
    report = audit(**{where: score}, loss_value=-0.3)
    assert report.verdict == "legitimate"
    assert (
        f"{score} is a score, higher is better, and -0.3 is below 0" in report.summary
    )


@pytest.mark.parametrize("score", ["accuracy", "f1", "roc_auc", "average_precision"])
@pytest.mark.parametrize("where", ["loss", "scorer"])
def test_a_score_that_is_never_negative_is_wrong_below_zero(score, where):
    assert audit(**{where: score}, loss_value=-0.3).verdict == "code"


def test_a_name_with_neg_says_that_the_number_is_minus_the_loss():
    report = audit(loss="neg_gaussian_nll", loss_value=-5.42)
    assert [finding.code for finding in report.findings] == ["NEG201"]
    assert "stands for a loss of 5.42" in report.summary
    assert audit(loss="gaussian_nll", loss_value=-5.42).verdict == "legitimate"


def test_a_positive_score_of_a_bounded_loss_is_the_loss_already():
    summary = audit(scorer="neg_mean_squared_error", loss_value=5.0).summary
    assert "cannot be one, so it is the loss already" in summary
    summary = audit(scorer="neg_gaussian_nll", loss_value=5.0).summary
    assert "stands for a loss of -5" in summary


def test_what_was_given_is_not_asked_for():
    labels = np.tile([0, 1], 50)
    said = audit(y_true=labels, loss="binary_cross_entropy", loss_value=-4.585).summary
    assert "give y_true" not in said
    assert "add y_true" not in audit(y_true=[1, 2] * 50).summary
    assert "add y_true" in audit(loss_value=-3.2).summary


def test_a_target_and_a_number_tell_the_gain():
    y = np.random.default_rng(4).normal(scale=2.0, size=2_000)
    units = gaussian_nll_loss(y, y.mean(), y.std())
    said = audit(y_true=y, loss="gaussian_nll", loss_value=-1.3).summary
    assert f"pays {units:.4g} for this target" in said
    assert f"a gain of {units + 1.3:.4g} nats" in said
    assert "pays" not in audit(y_true=y, scorer="neg_nll", loss_value=-1.3).summary


def test_a_small_deficit_is_said_to_be_one():
    z = np.random.default_rng(5).normal(size=20_000)
    said = audit(y_true=z, mu=np.full(20_000, 0.3), sigma=np.ones(20_000)).summary
    assert "worse than that, by no more than a fit to few samples may cost" in said
    assert "worse" not in audit(y_true=z, mu=0.0 * z, sigma=1.0 + 0.0 * z).summary


def test_an_infinite_loss_is_counted_and_not_averaged():
    rng = np.random.default_rng(6)
    y = rng.integers(0, 2, 300)
    prob = np.where(y == 1, 0.8, 0.2)
    prob[:3] = 1.0 - y[:3]
    said = audit(y_true=y, y_prob=prob).summary
    assert "3 samples came with probability 0, an infinite loss" in said
    assert "inf " not in said
    assert "The others gain 0.4" in said


def test_a_score_has_no_neg():
    assert audit(loss="neg_r2", loss_value=-0.4).verdict == "legitimate"


def test_an_infinite_loss_is_said_once():
    y = np.tile([0, 1], 150)
    prob = np.where(y == 1, 0.8, 0.2)
    prob[:2] = 1.0, 0.0
    said = audit(y_true=y, y_prob=prob, loss_value=np.inf).summary
    assert said.count("came with probability 0") == 1
