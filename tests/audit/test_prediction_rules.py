"""The family 4xx: what its evidence says is true, and holds in every unit."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from sklearn.base import clone
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import BayesianRidge, GammaRegressor, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeRegressor

from sklearn_negloss import ProbabilisticRegressor, audit, gaussian_nll_loss
from sklearn_negloss.audit.case._forecast import Forecast
from sklearn_negloss.audit.rules._prediction_variance import growth
from tests.audit.cases.clean import CLEAN, heteroscedastic
from tests.audit.cases.prediction import GUILTY, INNOCENT, honest, points, spread
from tests.audit.cases.prediction_calibration import WRONG_MU

SIGMA_RULES = ("NEG401", "NEG402", "NEG403", "NEG404", "NEG406")


def case(code, name, n=1_000, seed=0, table=GUILTY):
    """Return the arguments of a case."""
    return table[code][name](np.random.default_rng(seed), n)


def finding(code, **given):
    """Return the finding of a rule."""
    found = [f for f in audit(**given).findings if f.code == code]
    assert found, audit(**given)
    return found[0]


def alarms(**given):
    """Return codes of findings that are no mere information."""
    return {f.code for f in audit(**given).findings if f.severity != "info"}


# -- sigma ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a twentieth at a millionth", "weighted"])
def test_the_floor_of_401_wins_what_it_says(name):
    given = case("NEG401", name)
    evidence = finding("NEG401", **given).evidence
    args = (given["y_true"], given["mu"])
    raised = np.maximum(given["sigma"], evidence["floor"])
    drop = gaussian_nll_loss(*args, given["sigma"]) - gaussian_nll_loss(*args, raised)
    assert f"{drop:.4g} nats" in evidence["effect"]
    assert evidence["count"] == np.sum(given["sigma"] < evidence["floor"])
    assert not alarms(**given | {"sigma": raised}) & {"NEG401"}


@pytest.mark.parametrize("seed", range(5))
def test_a_floor_that_costs_is_no_collapse(seed):
    y, mu, sigma = spread(np.random.default_rng(seed), 1_000, 2.0)
    floor = 0.01 * np.quantile(sigma, 0.75)
    assert (sigma < floor).any()
    raised = gaussian_nll_loss(y, mu, np.maximum(sigma, floor))
    assert raised > gaussian_nll_loss(y, mu, sigma)
    assert audit(y_true=y, mu=mu, sigma=sigma).outcomes["NEG401"] == "clear"


def test_a_collapse_of_weight_zero_decides_nothing():
    given = case("NEG401", "a twentieth at a millionth")
    weight = (given["sigma"] > 1e-3).astype(float)
    assert audit(**given, sample_weight=weight).outcomes["NEG401"] == "clear"


def test_402_finds_the_floor():
    evidence = finding("NEG402", **case("NEG402", "a tenth")).evidence
    assert evidence["count"] == 100
    assert evidence["percent"] == 10.0


def test_the_interval_likelihood_of_403_is_a_probability():
    given = case("NEG403", "whole numbers nearly hit")
    evidence = finding("NEG403", **given).evidence
    forecast = stats.norm(given["mu"], given["sigma"])
    prob = forecast.cdf(given["y_true"] + 0.5) - forecast.cdf(given["y_true"] - 0.5)
    assert evidence["interval"] == pytest.approx(-np.log(prob).mean(), rel=1e-9)
    assert evidence["interval"] >= 0 > evidence["loss"]
    assert evidence["implied"] > 1


def test_the_interval_likelihood_is_exact_far_out():
    y = np.repeat(np.arange(30.0), 100)
    mu = y.copy()
    mu[0] += 4.0  # 40 sigmas off: its interval starts at 35
    evidence = finding("NEG403", y_true=y, mu=mu, sigma=0.1).evidence
    expected = (-stats.norm.logsf(35) - 2999 * math.log1p(-2 * stats.norm.sf(5))) / 3000
    assert evidence["interval"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", sorted(set(GUILTY["NEG404"]) - set(WRONG_MU)))
def test_the_factor_of_404_calibrates(name):
    given = case("NEG404", name)
    evidence = finding("NEG404", **given).evidence
    given["sigma"] = evidence["factor"] * given["sigma"]
    assert not alarms(**given)


def test_the_root_of_406_calibrates():
    given = case("NEG406", "normal")
    evidence = finding("NEG406", **given).evidence
    args, sigma = (given["y_true"], given["mu"]), given["sigma"]
    drop = gaussian_nll_loss(*args, sigma) - gaussian_nll_loss(*args, np.sqrt(sigma))
    assert evidence["drop"] == pytest.approx(drop)
    assert evidence["slope"] == pytest.approx(0.5, abs=0.1)
    assert not alarms(**given | {"sigma": np.sqrt(sigma)})


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_slope_is_that_of_the_errors(power):
    y, mu, sigma = spread(np.random.default_rng(0), 20_000)
    slope = growth(Forecast(y, mu, sigma**power))
    assert abs(slope.value - 1 / power) < 4 * slope.error
    assert slope.error == pytest.approx(
        math.sqrt(0.5 / 20_000) / (0.7 * power), rel=0.05
    )


@pytest.mark.parametrize("code", SIGMA_RULES)
@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_what_is_wrong_with_sigma_is_wrong_in_every_unit(code, scale):
    for name, make in GUILTY[code].items():
        given = make(np.random.default_rng(0), 1_000)
        if code == "NEG406" or "transformer" in given:
            continue  # a variance has the unit squared
        for key in ("y_true", "mu", "sigma"):
            given[key] = scale * np.asarray(given[key], dtype=float)
        assert audit(**given).outcomes[code] == "found", name


@pytest.mark.parametrize("value", [1e-100, 1e-30])
def test_evidence_is_finite_however_small_sigma_is(value):
    y = np.random.default_rng(0).normal(size=200)
    sigma = np.ones(200)
    for given in (value, np.where(y > 1, value, sigma)):
        report = audit(y_true=y, mu=np.zeros(200), sigma=given)
        for found in report.findings:
            numbers = [v for v in found.evidence.values() if not isinstance(v, str)]
            assert np.isfinite(numbers).all(), found.code


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (GUILTY["NEG401"]["a twentieth at a millionth"], {"NEG401"}),
        (GUILTY["NEG401"]["zero in a few"], {"NEG401"}),
        (GUILTY["NEG406"]["normal"], {"NEG406"}),
        (GUILTY["NEG406"]["tiny"], {"NEG406"}),
        (GUILTY["NEG409"]["binary"], {"NEG409"}),
        (GUILTY["NEG410"]["log probabilities"], {"NEG410"}),
        (GUILTY["NEG411"]["target"], {"NEG411"}),
        (GUILTY["NEG412"]["three classes"], {"NEG412"}),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_one_mistake_is_one_finding(make, codes, seed):
    assert alarms(**make(np.random.default_rng(seed), 1_000)) == codes


@pytest.mark.parametrize("n", [50, 100])
@pytest.mark.parametrize("name", CLEAN)
def test_few_clean_samples_raise_no_alarm(name, n):
    raised = 0
    for seed in range(100):
        y, mu, sigma = CLEAN[name](np.random.default_rng([seed, n]), n)
        report = audit(y_true=y, mu=mu, sigma=sigma)
        raised += any(report.outcomes[code] == "found" for code in SIGMA_RULES)
    assert raised <= 1


# -- held-out data -------------------------------------------------------------------


def test_405_compares_the_two_losses():
    given = case("NEG405", "interpolated")
    evidence = finding("NEG405", **given).evidence
    test = gaussian_nll_loss(given["y_true"], given["mu"], given["sigma"])
    train = gaussian_nll_loss(
        *(given[k] for k in ("y_train", "mu_train", "sigma_train"))
    )
    assert evidence["gap"] == pytest.approx(test - train)


def test_a_mean_that_interpolates_with_an_honest_sigma_is_no_crime():
    X, y = make_friedman1(600, noise=1.0, random_state=0)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    model = ProbabilisticRegressor(
        HistGradientBoostingRegressor(max_iter=300, random_state=0), random_state=0
    ).fit(X, y)
    given = {"estimator": model, "X": X_test, "y_true": y_test}
    report = audit(**given, X_train=X, y_train=y)
    assert report.outcomes["NEG405"] == "clear"


TABLES = {
    "array": lambda X: X,
    "dataframe": lambda X: pd.DataFrame(X, columns=list("abcde")).assign(f="text"),
    "sparse": sparse.csr_array,
    "list": lambda X: X.tolist(),
}


@pytest.mark.parametrize("table", TABLES)
def test_407_reads_any_table(table):
    given = case("NEG407", "another unit")
    given["X"] = TABLES[table](given["X"])
    evidence = finding("NEG407", **given).evidence
    assert evidence["column"] == ("e" if table == "dataframe" else "4")
    assert evidence["correlation"] == pytest.approx(-1)


def test_407_looks_past_missing_values():
    given = case("NEG407", "a copy")
    given["X"] = np.where(np.arange(1_000)[:, np.newaxis] % 7 == 0, np.nan, given["X"])
    assert audit(**given).outcomes["NEG407"] == "found"


def test_407_reads_classes_by_name():
    rng = np.random.default_rng(0)
    codes, X = rng.integers(0, 2, size=200), rng.normal(size=(200, 2))
    y = np.array(["no", "yes"])[codes]
    assert audit(y_true=y, X=X).outcomes["NEG407"] == "clear"
    leaked = np.column_stack([X, codes])
    assert audit(y_true=y, X=leaked).outcomes["NEG407"] == "found"


@pytest.mark.parametrize("n_classes", [2, 3])
def test_407_finds_repeated_samples_of_classes_by_name(n_classes):
    rng = np.random.default_rng(0)
    X, codes = rng.normal(size=(300, 2)), rng.integers(0, n_classes, size=300)
    y = np.array(["a", "b", "c"])[codes]
    repeated = {"y_true": y[:100], "X": X[:100], "X_train": X, "y_train": y}
    assert finding("NEG407", **repeated).evidence["share"] == 1.0
    split = {"y_true": y[:100], "X": X[:100], "X_train": X[100:], "y_train": y[100:]}
    assert audit(**split).outcomes["NEG407"] == "clear"


def test_407_says_how_many_samples_were_trained_on():
    given = case("NEG407", "repeated rows")
    assert finding("NEG407", **given).evidence["share"] == pytest.approx(0.9)


def test_a_latent_sigma_is_told_next_to_predictions_too():
    given = case("NEG408", "alpha")
    mu, sigma = given["estimator"].predict(given["X"], return_std=True)
    report = audit(**given, mu=mu, sigma=sigma)
    assert report.outcomes["NEG408"] == "found"


# -- classes -------------------------------------------------------------------------


def test_logits_read_as_logits_are_clear():
    given = case("NEG409", "binary")
    loss = finding("NEG409", **given).evidence["loss"]
    prob = 1 / (1 + np.exp(-given["y_prob"]))
    assert loss == pytest.approx(log_loss(given["y_true"], prob))
    assert not alarms(y_true=given["y_true"], logits=given["y_prob"])


@pytest.mark.parametrize("name", ["softmax twice", "sigmoid twice"])
def test_410_tells_the_right_loss(name):
    given = case("NEG410", name)
    loss = finding("NEG410", **given).evidence["loss"]
    assert loss == pytest.approx(log_loss(given["y_true"], given["logits"]))


def test_410_reads_minus_the_mean_probability_as_it_was_printed():
    given = case("NEG410", "probabilities into NLLLoss")
    given["loss_value"] = round(given["loss_value"], 3)
    assert audit(**given).outcomes["NEG410"] == "found"
    given["loss_value"] += 0.05
    assert audit(**given).outcomes["NEG410"] == "clear"


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_probabilities_in_low_precision_are_probabilities(dtype):
    for name in ("honest", "by name"):
        given = case("NEG412", name, table=INNOCENT)
        given["y_prob"] = given["y_prob"].astype(dtype)
        assert not alarms(**given) & {"NEG409", "NEG410", "NEG412"}


def test_the_order_of_412_is_the_right_one():
    given = case("NEG412", "two of five")
    evidence = finding("NEG412", **given).evidence
    order = [int(k) for k in evidence["order"].strip("[]").split(",")]
    assert order == [0, 3, 2, 1, 4]
    right = given["y_prob"][:, order]
    assert evidence["best"] == pytest.approx(log_loss(given["y_true"], right))
    assert not alarms(y_true=given["y_true"], y_prob=right)


# -- shapes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns", [("y_true",), ("mu",), ("sigma",), ("mu", "sigma"), ("y_true", "sigma")]
)
def test_411_returns_what_numpy_returns(columns):
    given = honest(np.random.default_rng(0), 200)
    for name in columns:
        given[name] = given[name][:, np.newaxis]
    evidence = finding("NEG411", **given).evidence
    y, mu, sigma = (given[name] for name in ("y_true", "mu", "sigma"))
    wrong = -stats.norm.logpdf(y, mu, sigma)
    assert wrong.shape == (200, 200)
    assert evidence["wrong"] == pytest.approx(wrong.mean())
    flat = [np.ravel(a) for a in (y, mu, sigma)]
    assert evidence["right"] == pytest.approx(gaussian_nll_loss(*flat))


def test_411_returns_the_squared_error_of_numpy():
    given = points(np.random.default_rng(0), 200)
    given["y_pred"] = given["y_pred"][:, np.newaxis]
    evidence = finding("NEG411", **given).evidence
    wrong = np.mean((given["y_true"] - given["y_pred"]) ** 2)
    assert evidence["wrong"] == pytest.approx(wrong)


def test_a_column_of_a_dataframe_next_to_an_estimator_is_fine():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    model = BayesianRidge().fit(X, y)
    report = audit(estimator=model, X=X, y_true=y.to_frame())
    assert report.outcomes["NEG411"] != "found"


# -- real models ---------------------------------------------------------------------


class LeafSigma(DecisionTreeRegressor):
    """Predicts the mean and standard deviation of the training samples in a leaf."""

    def fit(self, X, y):
        super().fit(X, y)
        leaves = self.apply(X)
        self.std_ = {leaf: y[leaves == leaf].std(ddof=1) for leaf in np.unique(leaves)}
        return self

    def predict(self, X, return_std=False):
        mu = super().predict(X)
        if not return_std:
            return mu
        return mu, np.array([self.std_[leaf] for leaf in self.apply(X)])


MODELS = {
    "bayesian ridge": BayesianRidge(),
    "double linear model": ProbabilisticRegressor(
        Ridge(), GammaRegressor(), random_state=0
    ),
    "boosting": ProbabilisticRegressor(random_state=0),
    "leaves": LeafSigma(min_samples_leaf=40, random_state=0),
    "process": GaussianProcessRegressor(
        RBF(3.0, "fixed") + WhiteKernel(0.5, "fixed"), normalize_y=True
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("seed", range(2))
def test_held_out_predictions_of_real_models_raise_no_alarm(name, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1_200, 5))
    mu, sigma = X[:, 0] + 0.5 * np.abs(X[:, 1]), np.exp(0.4 * X[:, 2])
    y = mu + sigma * rng.normal(size=1_200)
    X, X_test, y, y_test = train_test_split(X, y, random_state=seed)
    model = clone(MODELS[name]).fit(X, y)
    given = {"estimator": model, "X": X_test, "y_true": y_test}
    raised = alarms(**given, X_train=X, y_train=y)
    assert not raised


def test_a_sigma_of_single_precision_is_as_good():
    y, mu, sigma = heteroscedastic(np.random.default_rng(0), 5_000)
    given = {
        "y_true": y,
        "mu": mu.astype(np.float32),
        "sigma": sigma.astype(np.float32),
    }
    assert not alarms(**given)
