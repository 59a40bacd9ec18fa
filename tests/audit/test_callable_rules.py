"""What the audit says of the losses that people use: ours and everybody's."""

import functools
import inspect
import math

import numpy as np
import pytest
from scipy.stats import norm
from sklearn import metrics

import sklearn_negloss as snl
from sklearn_negloss import audit
from sklearn_negloss.audit import check_loss, check_scorer
from tests.audit.cases.callable import (
    article,
    bce,
    beta_nll,
    clipped_bce,
    exact_bce,
    focal,
    gaussian_kernel,
    gaussian_nll,
    poisson_kernel,
    stable_logits,
)

GUARDS = {"NEG505", "NEG506", "NEG507", "NEG508"}


def found(loss):
    return {f.code for f in audit(loss=loss).findings}


def evidence(loss, code):
    return next(f.evidence for f in audit(loss=loss).findings if f.code == code)


# -- ours ------------------------------------------------------------------------------

OUR_LOSSES = [f"{name}_loss" for name in snl.metrics.LOSS_FACTS]
OUR_SCORES = ["crps_skill_score", "information_gain_score"]


@pytest.mark.parametrize("name", OUR_LOSSES)
def test_nothing_is_found_in_a_loss_of_ours(name):
    report = check_loss(getattr(snl, name))
    assert report.findings == []
    assert report.outcomes["NEG501"] == "clear"


@pytest.mark.parametrize("name", OUR_SCORES)
def test_a_score_is_no_loss_and_a_scorer_once_it_is_made_one(name):
    score = getattr(snl, name)
    assert found(score) == {"NEG501"}
    with pytest.raises(AssertionError, match="is a score by its name"):
        check_loss(score)
    advised = f"make_distribution_scorer({name})"
    assert advised in evidence(score, "NEG501")["cure"]
    check_scorer(snl.make_distribution_scorer(score))


# -- scikit-learn ----------------------------------------------------------------------

# Metrics that wrap around in small integers (scikit-learn 1.9); 1.6 has more of them.
WRAPPING = {"max_error", "median_absolute_error"}

ENDINGS = ("_loss", "_error", "_deviance")
METRICS = {
    name: getattr(metrics, name)
    for name in metrics.__all__
    if inspect.isfunction(getattr(metrics, name))
}
LOSSES = [name for name in METRICS if name.endswith(ENDINGS)]
# Scores that read features, and one whose best value is low.
NO_FORECAST = {
    *("calinski_harabasz_score", "davies_bouldin_score", "silhouette_score"),
    "consensus_score",
}
SCORES = [n for n in METRICS if n.endswith("_score") and n not in NO_FORECAST]
REST = [n for n in METRICS if n not in LOSSES + SCORES and n != "matthews_corrcoef"]


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_scikit_learn_is_one(name):
    report = audit(loss=METRICS[name])
    assert report.outcomes["NEG501"] == "clear", report.reasons.get("NEG501")
    assert {f.code for f in report.findings} <= {"NEG508"}


@pytest.mark.parametrize("name", SCORES)
def test_a_score_of_scikit_learn_points_up(name):
    assert found(METRICS[name]) - {"NEG508"} == {"NEG501"}


@pytest.mark.parametrize("name", REST)
def test_what_is_no_loss_of_scikit_learn_is_not_applicable(name):
    report = audit(loss=METRICS[name])
    assert report.findings == []
    assert report.outcomes["NEG501"] in ("not applicable", "clear")


def test_two_metrics_of_scikit_learn_wrap_around():
    small, large = np.array([10, 10, 10], np.uint8), np.array([26, 26, 26], np.uint8)
    for name in sorted(WRAPPING):
        values = [METRICS[name](small, large), METRICS[name](large, small)]
        wraps = values != [16, 16]
        assert (audit(loss=METRICS[name]).outcomes["NEG508"] == "found") == wraps


# -- scoringrules and properscoring ----------------------------------------------------

SCORINGRULES = {
    "crps_normal": GUARDS,
    "crps_laplace": GUARDS,
    "crps_logistic": GUARDS,
    "crps_t": GUARDS,
    "crps_poisson": GUARDS,
    "logs_normal": GUARDS,
    "logs_laplace": GUARDS,
    "logs_logistic": GUARDS,
    "logs_t": GUARDS,
    "logs_poisson": GUARDS,
    "interval_score": GUARDS,
    "quantile_score": GUARDS,
    "brier_score": GUARDS,
    "log_score": GUARDS,
    "rps_score": GUARDS,
}


@pytest.mark.parametrize("name", SCORINGRULES)
def test_rules_of_scoringrules_are_losses_without_guards(name):
    scoringrules = pytest.importorskip("scoringrules")
    report = check_loss(getattr(scoringrules, name))
    assert report.outcomes["NEG501"] == "clear"
    assert {f.code for f in report.findings} <= SCORINGRULES[name]


def test_no_function_of_scoringrules_is_called_wrong():
    scoringrules = pytest.importorskip("scoringrules")
    functions = [f for n, f in vars(scoringrules).items() if inspect.isfunction(f)]
    assert len(functions) > 50
    for function in functions:
        serious = [f for f in audit(loss=function).findings if f.severity != "info"]
        assert not serious, function.__name__


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ["crps_gaussian", "brier_score"])
def test_rules_of_properscoring_are_losses_without_guards(name):
    properscoring = pytest.importorskip("properscoring")
    assert found(getattr(properscoring, name)) <= GUARDS


# -- torch -----------------------------------------------------------------------------

TORCH = {
    "GaussianNLLLoss()": {"NEG502"},
    "GaussianNLLLoss(full=True)": set(),
    "GaussianNLLLoss(reduction='sum')": {"NEG502", "NEG105"},
    "NLLLoss()": set(),
    "CrossEntropyLoss()": set(),
    "BCELoss()": set(),
    "BCEWithLogitsLoss()": {"NEG505"},
    "PoissonNLLLoss()": {"NEG502"},
    "PoissonNLLLoss(log_input=False)": {"NEG502"},
    "PoissonNLLLoss(full=True)": set(),
    "KLDivLoss(reduction='batchmean')": set(),
    "MSELoss()": set(),
    "MSELoss(reduction='none')": set(),
    "MSELoss(reduction='sum')": {"NEG105"},
    "L1Loss()": set(),
    "SmoothL1Loss()": set(),
    "HuberLoss()": set(),
    "SoftMarginLoss()": set(),
}


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is not installed here")


@pytest.mark.parametrize("call", TORCH)
def test_losses_of_torch_are_what_they_are(call, torch):
    loss = eval(f"nn.{call}", {"nn": torch.nn})
    report = check_loss(loss)
    assert report.outcomes["NEG501"] == "clear"
    # Some stretch (n, 1) against (n,), with a warning or without.
    assert {f.code for f in report.findings} - {"NEG506"} == TORCH[call]


def test_a_loss_of_tensors_is_probed_as_one_of_arrays(torch):
    def heteroscedastic(y_true, mu, log_var):
        square = torch.exp(-log_var) * (y_true - mu) ** 2
        return torch.mean(0.5 * square + 0.5 * log_var)

    assert evidence(heteroscedastic, "NEG502")["constant"] == pytest.approx(
        0.91894, abs=1e-4
    )
    report = audit(loss=lambda y, mu, log_var: -heteroscedastic(y, mu, log_var))
    assert report.outcomes["NEG501"] == "found"


def test_probes_leave_the_generator_of_torch_alone(torch):
    torch.manual_seed(3)
    before = torch.get_rng_state().tolist()
    audit(loss=lambda y, p: ((y - p) ** 2).mean() + 1e-9 * torch.rand(1).item())
    assert torch.get_rng_state().tolist() == before


# -- the numbers that prove it ---------------------------------------------------------


def test_the_third_example_of_the_article_is_reversed():
    proof = evidence(article, "NEG501")
    assert proof["right"] == 0.0 > proof["wrong"]


def test_the_second_example_of_the_article_is_nan_in_single_precision():
    report = audit(loss=clipped_bce)
    assert evidence(clipped_bce, "NEG507")["got"] == "nan"
    assert evidence(clipped_bce, "NEG505")["got"] == pytest.approx(-4.58507, abs=1e-5)
    assert all(finding.severity == "info" for finding in report.findings)


def test_the_constant_of_the_gaussian_is_named():
    proof = evidence(gaussian_kernel, "NEG502")
    assert proof["constant"] == pytest.approx(0.5 * math.log(2 * math.pi))
    assert proof["what"] == "half of log 2 pi"


def test_the_constant_of_the_poisson_is_named():
    assert evidence(poisson_kernel, "NEG502")["what"] == "log y!"


@pytest.mark.parametrize(
    ("loss", "argmin"),
    [
        (lambda y, mu, sigma: -norm.logpdf(y, mu, sigma**2).mean(), math.sqrt(2)),
        (lambda y, mu, sigma: -norm.logpdf(y, mu, np.sqrt(sigma)).mean(), 4.0),
    ],
    ids=["squared", "root"],
)
def test_a_width_that_is_swapped_moves_the_minimum(loss, argmin):
    assert evidence(loss, "NEG503")["argmin"] == pytest.approx(argmin, rel=0.01)


def test_the_beta_nll_prefers_half_of_sigma():
    assert evidence(beta_nll, "NEG504")["argmin"] == pytest.approx(1.017, rel=0.02)


def test_the_focal_loss_prefers_the_middle():
    assert 0.35 < evidence(focal, "NEG504")["argmin"] < 0.5


TYPOS = {
    "same logarithm": lambda y, p: -np.mean(y * np.log(p) + (1 - y) * np.log(p)),
    "labels swapped": lambda y_true, y_prob: bce(1 - y_true, y_prob),
    "half": lambda y_true, y_prob: -np.mean((1 - y_true) * np.log(y_prob)),
}


def turned(loss):
    return functools.wraps(loss)(lambda *args, **kwargs: -loss(*args, **kwargs))


@pytest.mark.parametrize("name", TYPOS)
def test_a_typo_in_a_cross_entropy_is_not_mended_by_a_sign(name):
    finding = audit(loss=TYPOS[name]).findings[0]
    assert finding.code == "NEG501"
    assert "lower for wrong forecasts" in finding.message
    assert "turning the sign does not mend it" in finding.advice


@pytest.mark.parametrize("name", LOSSES)
def test_minus_a_loss_is_mended_by_its_sign(name):
    finding = audit(loss=turned(METRICS[name])).findings[0]
    assert finding.code == "NEG501"
    assert finding.advice.startswith("Turn its sign")


@pytest.mark.parametrize("name", SCORES)
def test_a_score_is_to_be_audited_as_a_scorer(name):
    finding = next(f for f in audit(loss=METRICS[name]).findings if f.code == "NEG501")
    assert "is a score by its name, higher is better, and no loss" in finding.message
    assert finding.advice == (
        f"Negate it to use it as a loss, or audit it as scorer=make_scorer({name})."
    )


@pytest.mark.parametrize("loss", [bce, exact_bce, focal, stable_logits])
def test_a_log_likelihood_of_labels_is_mended_by_its_sign(loss):
    assert evidence(turned(loss), "NEG501")["cure"].startswith("Turn its sign")


@pytest.mark.parametrize(
    ("loss", "gap"),
    [
        (lambda y_true, y_pred: np.log1p(y_true - y_pred), "y_pred exceeds y_true + 1"),
        (lambda y_true, mu: np.log1p(y_true - mu), "mu exceeds y_true + 1"),
        (lambda y, p: np.log1p(p - y).mean(), "p is below y - 1"),
        (lambda y, p: np.sqrt(y - p).sum(), "p exceeds y"),
        (lambda y, p: np.log(2.5 + 2 * (p - y)).mean(), "p is below y - 1.25"),
    ],
    ids=["log1p", "log1p of mu", "other side", "root", "factor"],
)
def test_a_forgotten_abs_is_no_loss_of_probabilities(loss, gap):
    finding = audit(loss=loss).findings[0]
    assert finding.code == "NEG501"
    assert f"returns NaN where {gap}: for" in finding.message
    assert "probabilities" not in finding.message
    assert "Turn" not in finding.advice
    assert "abs" in finding.advice
    assert finding.evidence["wrong"] == "nan"


def test_a_reversed_loss_names_forecasts_that_anybody_can_call():
    proof = evidence(article, "NEG501")
    y = eval(proof["target"], {"np": np})
    for value, forecast in (("right", "answer"), ("wrong", "bad")):
        said = article(y, eval(proof[forecast], {"np": np, "y": y}))
        assert said == pytest.approx(proof[value], rel=1e-5)
    assert proof["target"] in audit(loss=article).findings[0].message


@pytest.mark.parametrize(
    ("loss", "argmin", "words"),
    [
        (
            lambda y, mu, sigma: np.mean(np.log(sigma) + ((y - mu) / sigma) ** 2),
            2 * math.sqrt(2),
            "a factor of sqrt(2): a 1/2 is missing before the squared error",
        ),
        (
            lambda y, mu, var: np.mean(np.log(var) + (y - mu) ** 2 / var / 2),
            math.sqrt(2),
            "a factor of sqrt(2)/2: a 1/2 is missing before the logarithm",
        ),
    ],
    ids=["of the square", "of the logarithm"],
)
def test_a_missing_half_is_named_and_not_kept(loss, argmin, words):
    finding = next(f for f in audit(loss=loss).findings if f.code == "NEG504")
    assert finding.evidence["argmin"] == pytest.approx(argmin, rel=0.01)
    assert words in finding.message
    assert "keep" not in finding.advice


@pytest.mark.parametrize("loss", [beta_nll, focal])
def test_what_lacks_no_half_may_be_kept_for_training(loss):
    finding = next(f for f in audit(loss=loss).findings if f.code == "NEG504")
    assert "missing" not in finding.message
    assert "keep this one for training" in finding.advice


@pytest.mark.parametrize("loss", [bce, gaussian_nll], ids=["bce", "nll"])
def test_a_missing_guard_does_not_fail_a_check(loss):
    report = check_loss(loss)
    assert {f.severity for f in report.findings} == {"info"}


@pytest.mark.parametrize("loss", [article, beta_nll, metrics.r2_score])
def test_a_check_raises_the_report(loss):
    with pytest.raises(AssertionError, match=r"NEG50\d .*\n"):
        check_loss(loss)


def test_a_check_may_ignore_a_rule():
    assert check_loss(beta_nll, ignore=["NEG504"]).outcomes["NEG504"] == "ignored"


def test_a_check_refuses_names():
    with pytest.raises(TypeError, match="must be callable"):
        check_loss("gaussian_nll")
