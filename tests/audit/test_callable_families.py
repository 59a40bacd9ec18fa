"""What the audit says of losses of any family, and of numbers that they came to."""

import numpy as np
import pytest
from scipy import stats

import sklearn_negloss as snl
from sklearn_negloss import audit
from sklearn_negloss.audit import check_loss
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._supplied import read_supplied
from sklearn_negloss.distributions import (
    Gamma,
    Laplace,
    Logistic,
    LogNormal,
    NegativeBinomial,
    Normal,
    StudentT,
)
from tests.audit.cases.callable import (
    HALF_LOG_2PI,
    laplace_of_std,
    log_normal_nll,
    number,
    poisson_nll,
)


def finding(report, code):
    return next(f for f in report.findings if f.code == code)


# -- a width is a scale or a standard deviation ----------------------------------------

FAMILIES = (Normal, Laplace, Logistic, StudentT, LogNormal, Gamma, NegativeBinomial)
CONTINUOUS = (Normal, Laplace, Logistic, StudentT)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("prefix", ["", "nll_", "logistics_"])
def test_the_nll_of_every_family_of_ours_is_a_loss(family, prefix):
    def loss(y_true, mu, sigma):
        return snl.nll_loss(y_true, family.from_moments(mu, sigma))

    loss.__name__ = prefix + family.__name__  # which tells nothing
    report = check_loss(loss)
    assert {f.code for f in report.findings} <= {"NEG506"}
    assert report.outcomes["NEG501"] == "clear"
    assert (report.outcomes["NEG504"] == "clear") == (family in CONTINUOUS)


@pytest.mark.parametrize("family", CONTINUOUS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("width", ["sigma", "scale", "var", "log_sigma", "s"])
def test_the_crps_of_a_family_is_one_however_its_width_is_said(family, width):
    read = {"var": np.sqrt, "log_sigma": np.exp}.get(width, np.positive)
    scope = {"family": family, "read": read, "crps": snl.crps_loss}
    code = f"lambda y, mu, {width}: crps(y, family.from_moments(mu, read({width})))"
    assert check_loss(eval(code, scope)).outcomes["NEG504"] == "clear"


@pytest.mark.parametrize("df", [2.5, 3.0, 5.0, 30.0])
@pytest.mark.parametrize("metric", [snl.nll_loss, snl.crps_loss])
def test_degrees_of_freedom_do_not_matter(df, metric):
    def loss(y_true, mu, sigma):
        return metric(y_true, StudentT.from_moments(mu, sigma, df=df))

    assert audit(loss=loss).outcomes["NEG504"] in ("clear", "not applicable")
    check_loss(loss)


def crps_of(law):
    """Return the CRPS of any law of scale sigma, from its quantiles."""
    x = law.ppf((np.arange(200) + 0.5) / 200)
    spread = np.abs(x[:, None] - x).mean() / 2

    def crps(y, mu, sigma):
        far = np.abs((y - mu)[:, None] - sigma[:, None] * x).mean(axis=1)
        return np.mean(far - sigma * spread)

    return crps


LAWS = (stats.uniform(-1, 2), stats.gumbel_r(), stats.t(2), stats.expon(-1))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.dist.name)
def test_the_crps_of_a_family_that_nobody_knows_is_proper(law):
    report = audit(loss=crps_of(law))
    assert report.outcomes["NEG504"] in ("clear", "not applicable")


def half_a_crps(y, mu, sigma):
    z = (y - mu) / sigma
    return np.mean(sigma * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z)))


@pytest.mark.parametrize(
    ("loss", "least"),
    [
        (half_a_crps, 0.06),
        (lambda y, mu, sigma: np.mean(np.abs(y - mu) + sigma), 0.06),
        (lambda y, mu, sigma: np.mean(np.log(sigma) + 2 * np.abs(y - mu) / sigma), 2.8),
        (
            lambda y, mu, sigma: np.mean(-stats.logistic.logpdf(y, mu, sigma) * sigma),
            0.26,
        ),
    ],
    ids=["half a CRPS", "width as a penalty", "factor", "beta-NLL of logistic errors"],
)
def test_what_is_least_at_neither_width_is_improper(loss, least):
    evidence = finding(audit(loss=loss), "NEG504").evidence
    assert evidence["argmin"] == pytest.approx(least, rel=0.05)
    assert "Student" not in evidence["what"]


def test_a_width_that_is_not_read_proves_nothing():
    report = audit(loss=lambda y, mu, sigma: np.mean((y - mu) ** 2))
    assert report.outcomes["NEG504"] == "not applicable"
    assert report.reasons["NEG504"] == "the loss is the same for every width"


def test_the_constant_of_a_laplace_density_is_seen_by_its_standard_deviation():
    report = audit(loss=lambda y, mu, sigma: laplace_of_std(y, mu, sigma) - np.log(2))
    evidence = finding(report, "NEG502").evidence
    assert (evidence["family"], evidence["what"]) == ("Laplace", "log 2")


# -- densities of positive targets -----------------------------------------------------


def gamma_nll(y_true, mu, sigma):
    shape = (mu / sigma) ** 2
    return -stats.gamma.logpdf(y_true, shape, scale=mu / shape).mean()


@pytest.mark.parametrize("loss", [gamma_nll, log_normal_nll])
def test_a_density_of_positive_targets_is_understood(loss):
    assert check_loss(loss).outcomes["NEG501"] == "clear"
    turned = audit(loss=lambda y, mu, sigma: -loss(y, mu, sigma))
    assert finding(turned, "NEG501").advice.startswith("Turn its sign")


def test_why_a_loss_was_not_understood_is_an_attribute_of_the_case():
    def picky(y_true, mu, sigma):
        raise ValueError("mu must be even; " + "this loss is of pairs of shoes, " * 20)

    case = Case(read_supplied(loss=picky))
    assert case.loss_refusal.startswith("the loss was not understood: ValueError: mu")
    assert case.loss_refusal.endswith(" ...")
    assert Case(read_supplied(loss=gamma_nll)).loss_refusal is None
    assert Case(read_supplied(loss="nll", loss_value=1.0)).loss_refusal is None
    reasons = audit(loss=picky).reasons
    for code in ("NEG501", "NEG502", "NEG503", "NEG504"):
        assert reasons[code] == case.loss_refusal


def test_a_loss_without_finite_values_says_which():
    infinite = audit(loss=lambda y, mu, sigma: np.full(len(y), np.inf))
    assert infinite.reasons["NEG501"].endswith("it is infinite")
    nan = audit(loss=lambda y, mu, sigma: np.full(len(y), np.nan))
    assert nan.reasons["NEG501"].endswith("it returns NaN")


# -- a constant is left out of a number ------------------------------------------------


def given(value, **kwargs):
    return number(value, **kwargs)(np.random.default_rng(0), 500)


def test_a_number_without_its_constant_is_a_convention():
    report = audit(**given(lambda nll, n: nll - HALF_LOG_2PI))
    assert report.verdict == "convention"
    first = report.findings[0]
    assert (first.code, first.severity) == ("NEG502", "info")
    assert first.evidence["subject"] == "loss_value"
    assert first.evidence["constant"] == pytest.approx(HALF_LOG_2PI)


def test_a_sum_and_a_score_say_so():
    total = audit(**given(lambda nll, n: n * (nll - HALF_LOG_2PI)))
    assert "as a sum of 500" in finding(total, "NEG502").message
    twice = audit(**given(lambda nll, n: 2 * (nll - HALF_LOG_2PI)))
    assert "is twice the normal NLL" in finding(twice, "NEG502").message
    assert "Dawid-Sebastiani" in finding(twice, "NEG502").message


def test_the_default_of_torch_is_recognised():
    torch = pytest.importorskip("torch")
    forecasts = given(lambda nll, n: nll)
    y, mu, sigma = (torch.as_tensor(forecasts[k]) for k in ("y_true", "mu", "sigma"))
    for reduction in ("mean", "sum"):
        value = torch.nn.GaussianNLLLoss(reduction=reduction)(mu, y, sigma**2).item()
        report = audit(**forecasts | {"loss_value": value})
        assert report.outcomes["NEG502"] == "found"


def test_a_number_of_another_family_is_not_compared():
    report = audit(**given(lambda nll, n: nll - HALF_LOG_2PI, loss="gaussian_crps"))
    assert report.reasons["NEG502"] == "the number is of no NLL"


# -- what else it may be ---------------------------------------------------------------


def test_a_logarithm_of_bytes_is_rounded_and_does_not_wrap():
    assert audit(loss=poisson_nll).outcomes["NEG508"] == "clear"
    wrapping = audit(loss=lambda y, p: np.mean((y - p) ** 2))
    assert "wraps around in uint8" in finding(wrapping, "NEG508").message

    def cancels(y, p):
        return np.mean((np.log(y) - np.log(p)) ** 2 + 50 * np.log(y)) - 50 * np.mean(
            np.log(y.astype(float))
        )

    rounded = audit(loss=cancels)
    assert "is rounded to half precision in uint8" in finding(rounded, "NEG508").message


@pytest.mark.parametrize(
    "loss",
    [
        lambda y_true, y_prob: -np.mean(y_prob[np.arange(len(y_true)), y_true]),
        lambda y_true, y_prob: -np.sum(y_prob[np.arange(len(y_true)), y_true]),
        lambda y, p: -np.mean(y * p + (1 - y) * (1 - p)),
    ],
    ids=["classes", "sum", "binary"],
)
def test_a_missing_logarithm_is_named(loss):
    assert "the logarithm is missing" in finding(audit(loss=loss), "NEG206").message


def test_an_overlap_lacks_no_logarithm():
    report = audit(loss=lambda y, p: -2 * np.sum(y * p) / np.sum(y + p))
    assert "logarithm" not in finding(report, "NEG206").message
