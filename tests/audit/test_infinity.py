"""An infinite number is read, and explained by the samples that make it so."""

import json

import numpy as np
import pytest
from sklearn.metrics import log_loss

from sklearn_negloss import audit, gaussian_nll_loss
from tests.audit.cases.units import honest

INFINITIES = pytest.mark.parametrize("value", [np.inf, -np.inf])


@pytest.fixture
def impossible(rng):
    """Return probabilities, three of them 0 for what came."""
    y = rng.integers(0, 2, size=200)
    prob = np.where(y == 1, 0.8, 0.3)
    prob[:3] = 1.0 - y[:3]
    return {"y_true": y, "y_prob": prob}


def test_probabilities_of_zero_are_counted(impossible):
    report = audit(**impossible, loss_value=np.inf)
    assert report.verdict == "degenerate"
    assert "3 of 200 samples came with probability 0." in report.summary


def test_minus_an_infinite_loss_is_a_score(impossible):
    report = audit(**impossible, loss="log_loss", loss_value=-np.inf)
    assert report.verdict == "convention"
    assert "3 of 200 samples came with probability 0" in report.summary
    assert "as a score has it" in report.summary


def test_a_sigma_of_zero_has_it(rng):
    case = honest(rng, 200)
    case["sigma"][:2] = 0.0
    case["y_true"][:2] = case["mu"][:2]
    report = audit(**case, loss_value=-np.inf)
    assert report.verdict == "degenerate"
    assert report.findings[0].code == "NEG401"


@INFINITIES
def test_forecasts_of_a_finite_loss_contradict_it(rng, value):
    for case in (
        honest(rng, 100),
        {"y_true": rng.integers(0, 2, size=100), "y_prob": np.full(100, 0.4)},
    ):
        report = audit(**case, loss_value=value)
        assert report.verdict == "code"
        assert f"The loss of {value} is not that of these forecasts" in report.summary


@INFINITIES
@pytest.mark.parametrize("loss", [None, "gaussian_nll", "log_loss", "r2"])
def test_alone_it_is_never_legitimate(value, loss):
    report = audit(loss=loss, loss_value=value)
    assert report.verdict == "degenerate"
    assert report.summary.startswith(f"The loss of {value} compares nothing")


@INFINITIES
def test_a_scorer_tells_its_sign(value):
    report = audit(scorer="neg_log_loss", loss_value=value)
    assert report.verdict == "convention"


@INFINITIES
def test_no_evidence_is_infinite(rng, value, impossible):
    for case in (impossible, honest(rng, 100, sigma=0.05), {"y_true": np.arange(99.0)}):
        report = audit(**case, loss_value=value)
        json.dumps([f.to_dict() for f in report.findings], allow_nan=False)
        assert str(report)
        assert report.to_html()


def test_a_finite_number_is_as_ever(rng, impossible):
    case = honest(rng, 100)
    assert (
        audit(**case, loss_value=gaussian_nll_loss(*case.values())).verdict == "clear"
    )
    clipped = log_loss(impossible["y_true"], impossible["y_prob"])
    assert "compares nothing" not in audit(**impossible, loss_value=clipped).summary
