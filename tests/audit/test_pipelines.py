"""Whole pipelines: the fault that was planted is found, and nothing where there is none."""

import json

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PowerTransformer, StandardScaler

from sklearn_negloss import (
    TransformedTargetProbabilisticRegressor,
    audit,
    gaussian_nll_loss,
    predict_dist,
)
from sklearn_negloss.audit import AuditedTargetTransformer
from sklearn_negloss.distributions import LostMassWarning
from tests.audit.pipelines import PIPELINES, fitted, linear, split

pytest.importorskip("pandas")

# Yeo-Johnson of what is no power of a normal: predict_dist says so, and rightly.
pytestmark = pytest.mark.filterwarnings(
    f"ignore::{LostMassWarning.__module__}.{LostMassWarning.__name__}"
)

BUILT = pytest.mark.parametrize(
    ("build", "code"),
    PIPELINES.items(),
    ids=[build.__name__.replace("_", " ") for build in PIPELINES],
)
SEEDS = pytest.mark.parametrize("seed", range(3))
HARMLESS = {"clear", "legitimate", "units", "convention"}


def errors(report):
    return {f.code for f in report.findings if f.severity == "error"}


@BUILT
@SEEDS
def test_a_planted_fault_is_found(build, code, seed):
    report = audit(**build(np.random.default_rng(seed), True))
    assert report.outcomes[code] == "found", report
    assert errors(report) <= {code}
    assert report.findings[0].severity != "info"
    json.dumps(report.to_dict(), allow_nan=False)


@BUILT
@SEEDS
def test_without_it_nothing_is_found_to_be_wrong(build, code, seed):
    report = audit(**build(np.random.default_rng(seed), False))
    assert [f.code for f in report.findings if f.severity != "info"] == [], report
    assert report.verdict in HARMLESS
    json.dumps(report.to_dict(), allow_nan=False)


# -- whatever is wrapped around ------------------------------------------------------


def wrappers(parts):
    """Yield one model in wrappers that people put around it."""
    X, y = parts["X_train"], parts["y_train"]
    model = make_pipeline(StandardScaler(), BayesianRidge()).fit(X, y)
    yield model
    yield FrozenEstimator(model)
    grid = {"bayesianridge__lambda_init": [1.0]}
    yield GridSearchCV(clone(model).set_params(bayesianridge__lambda_init=1.0), grid)


def test_the_same_forecasts_have_the_same_report_in_every_wrapper(rng):
    parts = split(*linear(rng))
    losses = []
    for model in wrappers(parts):
        model.fit(parts["X_train"], parts["y_train"])
        losses.append(audit(estimator=model, **parts).decomposition.loss)
    assert losses == pytest.approx([losses[0]] * 3, abs=1e-3)


def test_a_loss_is_that_of_the_target_whatever_the_transform(rng):
    X, z = linear(rng, noise=0.5)
    log = FunctionTransformer(np.log, np.exp, check_inverse=False)
    for transformer in (log, AuditedTargetTransformer(log)):
        model = TransformedTargetProbabilisticRegressor(
            BayesianRidge(), transformer=transformer
        )
        kwargs = fitted(model, split(X, np.exp(z)))
        report = audit(**kwargs)
        dist = predict_dist(model, kwargs["X"])
        right = -dist.logpdf(kwargs["y_true"]).mean()
        assert report.decomposition.loss == pytest.approx(right)
        assert report.outcomes["NEG103"] == "found"


@pytest.mark.parametrize("spread", [0.3, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("name", ["log", "box-cox"])
@SEEDS
def test_long_tails_behind_a_transform_are_no_miscalibration(seed, name, spread):
    # The variance of a log-normal forecast is its tail, which no sample shows.
    rng = np.random.default_rng(seed)
    transformer = {
        "log": FunctionTransformer(np.log, np.exp, check_inverse=False),
        "box-cox": PowerTransformer("box-cox"),
    }[name]
    X, z = linear(rng, 1_500, noise=spread)
    model = TransformedTargetRegressor(BayesianRidge(), transformer=transformer)
    report = audit(**fitted(model, split(X, np.exp(0.5 * z))))
    assert [f.code for f in report.findings if f.severity != "info"] == []
    assert report.decomposition.miscalibration < 0.05


def test_forecasts_without_a_variance_are_audited_all_the_same(rng):
    # Yeo-Johnson with a negative exponent reaches only a part of the normal's range.
    X, z = linear(rng, noise=0.5)
    model = TransformedTargetRegressor(BayesianRidge(), transformer=PowerTransformer())
    kwargs = fitted(model, split(X, np.exp(0.4 * z)))
    assert np.isinf(predict_dist(model, kwargs["X"]).std()).any()
    report = audit(**kwargs)
    assert [f.code for f in report.findings if f.severity != "info"] == []
    assert all(np.isfinite(report.decomposition))


def test_a_sigma_too_small_is_found_behind_a_transform(rng):
    class Overconfident(BayesianRidge):
        def predict(self, X, return_std=False):
            found = super().predict(X, return_std=return_std)
            return (found[0], 0.3 * found[1]) if return_std else found

    X, z = linear(rng, noise=0.5)
    log = FunctionTransformer(np.log, np.exp, check_inverse=False)
    model = TransformedTargetRegressor(Overconfident(), transformer=log)
    report = audit(**fitted(model, split(X, np.exp(z))))
    assert report.findings[0].code == "NEG404"
    factor = report.findings[0].evidence["factor"]
    assert factor == pytest.approx(1 / 0.3, rel=0.1)


def test_what_is_given_goes_before_what_the_estimator_says(rng):
    parts = split(*linear(rng))
    model = make_pipeline(StandardScaler(), BayesianRidge())
    kwargs = fitted(model, parts)
    mu = kwargs["y_true"] * 0
    report = audit(**kwargs, mu=mu, sigma=3.0)
    right = gaussian_nll_loss(kwargs["y_true"], mu, 3.0)
    assert report.decomposition.loss == pytest.approx(right)
