"""The audit never cries wolf: what is clean is left alone, whatever its sign."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_iris,
    make_friedman1,
)
from sklearn.ensemble import RandomForestClassifier
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import audit
from tests.audit.cases.clean import (
    CLEAN,
    SCALES,
    SIZES,
    bundled_targets,
    clean_case,
    honest_binary,
    honest_probabilities,
)

HARMLESS = {"legitimate", "units", "clear", "convention"}


def alarms(report):
    """Return the codes of findings that say something is wrong."""
    return [f.code for f in report.findings if f.severity != "info"]


def sweep(sizes, seeds):
    """Yield clean cases: families, sizes, scales and seeds, each combination once."""
    for name in CLEAN:
        for n in sizes:
            for seed in seeds:
                yield name, seed, n, SCALES[(seed + n) % len(SCALES)]


@pytest.mark.parametrize("name", sorted(CLEAN))
def test_clean_forecasts_raise_no_alarm(name):
    cases = [case for case in sweep(SIZES[:4], range(10)) if case[0] == name]
    raised = {case: alarms(audit(**clean_case(*case))) for case in cases}
    raised = {case: codes for case, codes in raised.items() if codes}
    assert not raised


@pytest.mark.slow
def test_fewer_than_one_clean_case_in_a_hundred_raises_an_alarm():
    cases = list(sweep(SIZES, range(100, 140)))
    raised = [(c, a) for c in cases if (a := alarms(audit(**clean_case(*c))))]
    assert len(cases) == 2_000
    assert len(raised) <= 10, raised


@pytest.mark.parametrize("name", sorted(CLEAN))
@pytest.mark.parametrize("scale", SCALES)
def test_a_clean_verdict_is_legitimate_units_or_clear(name, scale):
    report = audit(**clean_case(name, 1, 1_000, scale))
    assert report.verdict in HARMLESS
    negative = report.decomposition.loss < 0
    assert (report.verdict == "clear") == (not negative and not report.findings)


@pytest.mark.parametrize("name", sorted(bundled_targets()))
def test_targets_that_scikit_learn_bundles_raise_no_alarm(name):
    y = bundled_targets()[name]
    assert alarms(audit(y_true=y)) == []
    for dtype in (np.float32, np.float64, np.int32):
        assert alarms(audit(y_true=np.asarray(y).astype(dtype))) == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [50, 1_000, 20_000])
def test_honest_probabilities_raise_no_alarm(n, seed):
    rng = np.random.default_rng(seed)
    for case in (honest_binary(rng, n), honest_probabilities(rng, n)):
        report = audit(**case)
        assert alarms(report) == []
        assert report.verdict == "clear"


def test_honest_logits_raise_no_alarm():
    case = honest_binary(np.random.default_rng(0), 2_000)
    logits = np.log(case["y_prob"] / (1 - case["y_prob"]))
    assert alarms(audit(y_true=case["y_true"], logits=logits)) == []


REGRESSORS = {
    "bayesian ridge": make_pipeline(StandardScaler(), BayesianRidge()),
    "gaussian process": make_pipeline(
        StandardScaler(),
        GaussianProcessRegressor(
            ConstantKernel() * RBF() + WhiteKernel(), normalize_y=True, random_state=0
        ),
    ),
}


@pytest.mark.parametrize("name", REGRESSORS)
@pytest.mark.parametrize("data", ["diabetes", "friedman"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_real_regressors_raise_no_alarm(name, data):
    X, y = (
        load_diabetes(return_X_y=True)
        if data == "diabetes"
        else make_friedman1(300, noise=1.0, random_state=0)
    )
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    model = clone(REGRESSORS[name]).fit(X, y)
    report = audit(estimator=model, X=X_test, y_true=y_test, X_train=X, y_train=y)
    assert alarms(report) == []


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer])
@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(min_samples_leaf=5, random_state=0),
    ],
    ids=["logistic", "forest"],
)
def test_real_classifiers_raise_no_alarm(load, model):
    X, X_test, y, y_test = train_test_split(
        *load(return_X_y=True), random_state=0, stratify=load().target
    )
    report = audit(estimator=clone(model).fit(X, y), X=X_test, y_true=y_test)
    assert alarms(report) == []
    assert report.decomposition.gain > 0
