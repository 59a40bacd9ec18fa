"""Weights say how often a sample counts: 0 is never, and 2 is twice."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

from sklearn_negloss import audit
from sklearn_negloss.audit.case._derive import complete
from sklearn_negloss.audit.case._supplied import read_supplied
from sklearn_negloss.audit.case._target import TargetSummary
from tests.audit.cases import GUILTY, NOT_AT

ROWS = ("y_true", "mu", "sigma", "y_pred", "y_prob", "logits", "X")

# Numbers of rows, and standard errors, in which a weight of 2 is still one row: a
# forecast that is repeated is no second proof.
OF_ROWS = {"n", "count", "amount", "error", "ratio", "invalid"}

# Rules whose other numbers are of rows, too: draws of a probe, ties and slopes of sigma,
# what a loss does to arrays as they came.
BY_ROWS = {"NEG202", "NEG401", "NEG402", "NEG406", "NEG407", "NEG411"}

# Repeated rows tie, and sharpen a slope: these have to be found without.
REPEATED_TIES = {"NEG402", "NEG406"}


def cases():
    """Yield the guilty cases of every rule about data that can be weighted."""
    for code, table in GUILTY.items():
        for name, make in table.items():
            given = make(np.random.default_rng(0), 100)
            array = isinstance(given.get("y_true"), np.ndarray)
            if not code.startswith("NEG5") and array and "sample_weight" not in given:
                yield pytest.param(code, make, id=f"{code}-{name}")


CASES = list(cases())


def taken(case, rows, **kwargs):
    """Return a case of some rows, perhaps more than once."""
    n = len(case["y_true"])
    return kwargs | {
        k: np.asarray(v)[rows] if k in ROWS and np.ndim(v) and len(v) == n else v
        for k, v in case.items()
    }


def finding(report, code):
    """Return the evidence of a finding."""
    return next(f.evidence for f in report.findings if f.code == code)


def arguments(code, make):
    """Return a case, and weights of 0 to 3."""
    rng = np.random.default_rng(0)
    case = make(rng, max(1_000, NOT_AT.get(code, 0)))
    return case, rng.integers(0, 4, size=len(case["y_true"]))


@pytest.mark.parametrize(("code", "make"), CASES)
def test_a_sample_of_weight_zero_is_as_good_as_none(code, make):
    case, weight = arguments(code, make)
    weight = np.minimum(weight, 1)
    kept = taken(case, weight > 0, sample_weight=np.ones(weight.sum()))
    report, right = audit(**case, sample_weight=weight), audit(**kept)
    assert report.outcomes == right.outcomes
    assert report.verdict == right.verdict
    if code != "NEG411":  # which tells the shapes that came
        assert [f.evidence for f in report.findings] == [
            f.evidence for f in right.findings
        ]


@pytest.mark.parametrize(("code", "make"), CASES)
def test_weights_are_repetitions(code, make):
    case, weight = arguments(code, make)
    repeated = np.repeat(np.arange(len(weight)), weight)
    report = audit(**case, sample_weight=weight)
    if code in REPEATED_TIES:
        assert report.outcomes[code] == "found"
        return
    right = audit(**taken(case, repeated, sample_weight=np.ones(len(repeated))))
    # A number that was computed without these weights is found in neither.
    assert report.outcomes[code] == right.outcomes[code]
    assert report.verdict == right.verdict
    if code in BY_ROWS or report.outcomes[code] != "found":
        return
    got, expected = finding(report, code), finding(right, code)
    for key in set(expected) - OF_ROWS:
        if isinstance(expected[key], float):
            assert math.isclose(got[key], expected[key], rel_tol=1e-6), key


class TestSamplesOfWeightZero:
    def test_they_have_no_units(self, rng):
        y = np.r_[0.05 * rng.normal(size=200), 50 * rng.normal(size=200)]
        weight = np.repeat([1, 0], 200)
        assert audit(y_true=y).outcomes["NEG102"] == "clear"
        assert audit(y_true=y, sample_weight=weight).outcomes["NEG102"] == "found"

    def test_they_are_no_mass_and_no_floor(self, rng):
        weight = np.repeat([0, 1], [40, 360])
        sigma = np.where(weight, np.exp(rng.normal(size=400)), 1e-3)
        y = np.where(weight, sigma * rng.normal(size=400), 0.0)
        given = {"y_true": y, "mu": 0.0, "sigma": sigma}
        assert {"NEG402", "NEG305"} <= {f.code for f in audit(**given).findings}
        outcomes = audit(**given, sample_weight=weight).outcomes
        assert outcomes["NEG402"] == outcomes["NEG305"] == "clear"

    def test_they_leave_a_constant(self, rng):
        weight = np.repeat([0, 1], [50, 150])
        y = np.where(weight, 3.7, rng.normal(size=200))
        assert audit(y_true=y).outcomes["NEG305"] == "found"
        assert audit(y_true=y, sample_weight=weight).outcomes["NEG304"] == "found"

    def test_they_are_no_labels(self, rng):
        weight = np.repeat([0, 1], [20, 180])
        y = np.where(weight, rng.integers(0, 2, size=200), 255)
        given = {"y_true": y, "loss": "binary_cross_entropy"}
        assert audit(**given).outcomes["NEG301"] == "found"
        assert audit(**given, sample_weight=weight).outcomes["NEG301"] == "clear"

    @pytest.mark.parametrize("form", [np.asarray, pd.DataFrame, sparse.csr_array, list])
    def test_their_features_are_left_out(self, rng, form):
        X, weight = rng.normal(size=(90, 2)), np.arange(90) % 3
        model = Ridge().fit(X, X[:, 0])
        given = {"y_true": X[:, 0], "sample_weight": weight, "estimator": model}
        predicted = complete(read_supplied(X=form(X), **given)).y_pred
        np.testing.assert_allclose(predicted, model.predict(X[weight > 0]))

    @pytest.mark.parametrize("classes", [["a", "b", "c"], [0, 2, 5], [1, 2, 3]])
    def test_their_class_keeps_its_column(self, rng, classes):
        prob = rng.dirichlet(np.ones(3), size=300)
        which = (rng.uniform(size=(300, 1)) > prob.cumsum(axis=1)[:, :2]).sum(axis=1)
        weight = np.where(which == 1, 0, 1)
        y = np.asarray(classes)[which]
        report = audit(y_true=y, y_prob=prob, sample_weight=weight)
        chosen = prob[np.arange(300), which][which != 1]
        assert report.decomposition.loss == pytest.approx(-np.log(chosen).mean())

    def test_they_hide_no_negative_weight(self, rng):
        weight = np.repeat([0.0, 1.0, -1.0], [60, 30, 10])
        report = audit(y_true=rng.normal(size=100), sample_weight=weight)
        assert finding(report, "NEG307")["count"] == 10
        assert finding(report, "NEG307")["n"] == 100


class TestWeightedTargets:
    def test_the_baseline_is_that_of_the_decomposition(self, rng):
        y = np.r_[0.1 * rng.normal(size=390), 0.3 * rng.normal(size=10)]
        weight = np.r_[np.ones(390), np.full(10, 20.0)]
        given = {"y_true": y, "mu": np.zeros(400), "sigma": 0.2}
        report = audit(**given, sample_weight=weight)
        units = report.decomposition.units
        assert finding(report, "NEG102")["baseline"] == pytest.approx(units)
        wide = given | {"y_true": np.r_[y[:390], 5 * y[390:]]}
        assert audit(**wide).outcomes["NEG102"] == "found"
        report = audit(**wide, sample_weight=weight)
        assert report.decomposition.units > 0
        assert report.outcomes["NEG102"] == "clear"

    def test_the_share_of_a_mass_is_weighted(self, rng):
        y = rng.gamma(2.0, 5.0, size=1_000)
        y[:300] = 0.0
        weight = rng.uniform(0.5, 2.0, size=1_000)
        report = audit(y_true=y, sample_weight=weight)
        share = weight[:300].sum() / weight.sum()
        assert finding(report, "NEG305")["share"] == pytest.approx(share)

    @pytest.mark.parametrize("decimals", [1, 15])
    def test_one_sample_of_great_weight_is_no_mass(self, decimals):
        for seed in range(50):
            rng = np.random.default_rng(seed)
            y = np.round(rng.gamma(2.0, 5.0, size=300), decimals)
            for weight in (1 + 60.0 * (np.arange(300) == 7), rng.pareto(1.0, 300)):
                report = audit(y_true=y, sample_weight=weight)
                assert report.outcomes["NEG305"] != "found"

    @pytest.mark.parametrize("factor", [1e-9, 1.0, 1e9])
    def test_a_factor_on_all_weights_changes_nothing(self, rng, factor):
        y = np.where(rng.uniform(size=500) < 0.2, 0.0, rng.gamma(2.0, 0.05, size=500))
        weight = rng.uniform(0.1, 1.0, size=500)
        summary = TargetSummary.of(y, factor * weight)
        right = TargetSummary.of(y, weight)
        for field in TargetSummary.__dataclass_fields__:
            assert getattr(summary, field) == pytest.approx(getattr(right, field))

    def test_equal_weights_are_none(self, rng):
        y = np.round(rng.normal(size=500), 1)
        summary, right = TargetSummary.of(y, np.full(500, 0.3)), TargetSummary.of(y)
        for field in TargetSummary.__dataclass_fields__:
            assert getattr(summary, field) == pytest.approx(getattr(right, field))

    def test_whole_numbers_stay_whole(self, rng):
        y, weight = rng.poisson(30.0, size=999), rng.uniform(size=999)
        assert TargetSummary.of(y, weight).integer_share == 1.0
