"""Probes survive any callable, repeat, stay within their budget, and leave no trace."""

import functools
import math
import random
import re
import sys
import time
import warnings

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import Ridge

from sklearn_negloss import audit, get_scorer_names
from sklearn_negloss.audit import NotApplicable, check_loss, check_scorer
from sklearn_negloss.audit.probes import _sandbox
from sklearn_negloss.audit.probes._loss import LossProbe, probe_loss
from sklearn_negloss.audit.probes._oracle import probe_scorer
from sklearn_negloss.audit.probes._proper import minimum_of
from sklearn_negloss.audit.probes._settings import settings
from sklearn_negloss.audit.probes._words import told


def nll(y_true, mu, sigma):
    return -norm.logpdf(y_true, mu, sigma).mean()


def mse(y, p):
    return np.mean((y - p) ** 2)


def raises(y, p):
    raise RuntimeError("no")


def leaves(y, p):
    sys.exit(3)


def prints(y, p):
    print("noise")  # noqa: T201
    print("noise", file=sys.stderr)  # noqa: T201
    return mse(y, p)


def mutates(y, p):
    y -= p
    p[:] = 0
    return np.mean(y**2)


def warns(y, p):
    warnings.warn("noise", stacklevel=1)
    warnings.simplefilter("always")
    np.seterr(all="raise")
    return mse(y, p)


def draws(y, p):
    noise = np.random.normal(scale=1e-3) + random.random() * 1e-3  # noqa: NPY002
    return mse(y, p) + noise


class Loss:
    """An object that is called."""

    def __call__(self, y_true, y_pred):
        return mse(y_true, y_pred)


STRANGE = {
    "raises": raises,
    "leaves": leaves,
    "returns none": lambda y, p: None,
    "returns text": lambda y, p: "1.0",
    "returns a tuple": lambda y, p: (1.0, 2.0),
    "returns nan": lambda y, p: np.nan,
    "returns a constant": lambda y, p: 1.0,
    "returns complex": lambda y, p: 1j,
    "takes nothing": lambda: 1.0,
    "takes one": lambda y: 1.0,
    "takes five": lambda a, b, c, d, e: 1.0,
    "recurses": lambda y, p: 1.0 + STRANGE["recurses"](y, p),
    "asks for memory": lambda y, p: np.zeros(10**14).sum(),
    "takes a threshold": lambda y, p, threshold: 1.0,
    "a class": dict,
    "builtin": max,
    "ufunc": np.add,
}

HARMLESS = {
    "prints": prints,
    "mutates": mutates,
    "warns": warns,
    "an object": Loss(),
    "a method": Loss().__call__,
    "one number a sample": lambda y, p: (y - p) ** 2,
    "a list": lambda y, p: ((y - p) ** 2).tolist(),
    "overflows": lambda y, p: 1e308 * mse(y, p),
    "any arguments": lambda *args: np.abs(args[0] - args[1]).mean(),
    "prediction first": lambda y_pred, y_true: np.mean(np.abs(y_pred - y_true)),
    "by keyword": lambda y_true, *, y_pred: mse(y_true, y_pred),
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_no_loss_is_not_applicable(name):
    report = audit(loss=STRANGE[name])
    mine = {c: o for c, o in report.outcomes.items() if c.startswith("NEG5")}
    assert set(mine.values()) == {"not applicable"}
    assert all(report.reasons[code] for code in mine)
    with pytest.raises(AssertionError, match="cannot be checked"):
        check_loss(STRANGE[name])


@pytest.mark.parametrize("name", HARMLESS)
def test_manners_of_a_callable_do_not_matter(name):
    report = check_loss(HARMLESS[name])
    assert report.outcomes["NEG501"] == "clear"


def test_a_noisy_loss_is_heard_the_same_way_each_time():
    first, second = audit(loss=draws), audit(loss=draws)
    assert first.to_dict() == second.to_dict()


@pytest.mark.parametrize("function", [warns, prints, draws, raises, leaves])
def test_global_state_is_left_as_it_was(function, capsys):
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    filters, errors = list(warnings.filters), np.geterr()
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    audit(loss=function)
    audit(scorer=lambda est, X, y: function(y, est.predict(X)))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    assert np.geterr() == errors
    assert warnings.filters == filters
    assert capsys.readouterr() == ("", "")


def test_a_slow_loss_stops_the_probe():
    def slow(y, p):
        time.sleep(0.8)
        return mse(y, p)

    start = time.perf_counter()
    report = audit(loss=slow)
    assert time.perf_counter() - start < 4.0
    assert report.outcomes["NEG501"] == "not applicable"
    assert "calls that took" in report.reasons["NEG501"]


def test_a_slow_scorer_stops_the_probe():
    def slow(estimator, X, y):
        time.sleep(0.8)
        return 1.0

    assert "calls that took" in probe_scorer(slow).reason


@pytest.mark.parametrize(
    "function",
    [
        nll,
        mse,
        lambda y, m, s: nll(y, m, s) * s.mean(),
        lambda y, m, s: nll(y, m, s**2),
        lambda a, b: 1.0,
    ],
    ids=["nll", "mse", "improper", "swapped", "constant"],
)
def test_calls_stay_below_the_stated_number(function):
    calls = []

    def counted(*args):
        calls.append(1)
        return function(*args)

    start = time.process_time()  # of this process: other work may share the machine
    audit(loss=functools.wraps(function)(counted))
    assert len(calls) <= _sandbox.MAX_CALLS
    assert time.process_time() - start < 2.0


def test_the_number_of_calls_is_a_limit():
    sandbox = _sandbox.Sandbox(max_calls=3)
    for _ in range(3):
        sandbox.call(mse, np.ones(2), np.ones(2))
    with pytest.raises(_sandbox.BudgetSpent, match="3 calls"):
        sandbox.call(mse, np.ones(2), np.ones(2))


# -- signatures ------------------------------------------------------------------------

SCALES = {
    "sigma": nll,
    "std_pred": lambda y_true, y_pred, std_pred: nll(y_true, y_pred, 1.0 * std_pred),
    "var": lambda y, mu, var: nll(y, mu, np.sqrt(var)),
    "log_var": lambda y, mu, log_var: nll(y, mu, np.exp(log_var / 2)),
    "log_sigma": lambda y, mu, log_sigma: nll(y, mu, np.exp(log_sigma)),
    "unnamed sigma": lambda a, b, c: nll(a, b, 1.0 * c),
    "unnamed variance": lambda a, b, c: nll(a, b, np.sqrt(c)),
    "unnamed log variance": lambda a, b, c: nll(a, b, np.exp(c / 2)),
    "unnamed precision": lambda a, b, c: nll(a, b, c**-0.5),
    "other order": lambda mu, sigma, y: nll(y, mu, sigma),
    "default width": lambda y, mu, sigma=1.0: nll(y, mu, sigma),
    "weights": lambda y, mu, sigma, sample_weight: np.average(
        -norm.logpdf(y, mu, sigma), weights=sample_weight
    ),
    "columns": lambda y_true, y_pred: nll(y_true, y_pred[:, 0], y_pred[:, 1]),
    "log columns": lambda y_true, y_pred: nll(
        y_true, y_pred[:, 0], np.exp(y_pred[:, 1])
    ),
    "distribution": lambda y, dist: -dist.logpdf(y).mean(),
}


@pytest.mark.parametrize("name", SCALES)
def test_any_way_to_say_the_width_is_understood(name):
    probe = probe_loss(SCALES[name])
    assert isinstance(probe, LossProbe), probe
    assert minimum_of(probe).reading
    assert audit(loss=SCALES[name]).outcomes["NEG503"] == "clear"
    check_loss(SCALES[name])


KINDS = {
    "point": mse,
    "positive": lambda y, p: np.mean((np.log(y) - np.log(p)) ** 2),
    "probability": lambda y, p: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)),
    "logits": lambda y, z: np.mean(np.logaddexp(0, z) - y * z),
    "margin": lambda y, z: np.mean(np.where(np.abs(y) == 1, np.exp(-y * z), np.nan)),
    "labels": lambda y, p: np.mean(y != p) if p.dtype.kind == "i" else np.nan,
    "probabilities table": lambda y, p: -np.log(p[np.arange(len(y)), y]).mean(),
    "logits table": lambda y, z: np.mean(
        np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]
    ),
    "interval": lambda y, lower, upper: np.mean(
        upper
        - lower
        + 20 * np.clip(lower - y, 0, None)
        + 20 * np.clip(y - upper, 0, None)
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_a_loss_is_found_by_calling_it(kind):
    probe = probe_loss(KINDS[kind])
    assert isinstance(probe, LossProbe), probe
    assert (probe.kind, probe.direction) == (kind, 1)


@pytest.mark.parametrize(
    ("function", "law"),
    [
        (mse, ("times", 2.0)),
        (lambda y, p: np.abs(y - p).mean(), ("times", 1.0)),
        (nll, ("plus", 1.0)),
        (lambda y, mu, sigma: 2 * nll(y, mu, sigma), ("plus", 2.0)),
        (lambda y, p: np.mean(np.abs(y - p) / np.abs(y)), ("times", 0.0)),
        (lambda y, p: np.log1p(np.abs(y - p)).mean(), None),
    ],
    ids=["squares", "absolute", "nll", "twice nll", "percentage", "none"],
)
def test_the_law_under_a_change_of_unit_is_measured(function, law):
    assert probe_loss(function).scale_law == law


@pytest.mark.parametrize("sums", [False, True])
def test_a_sum_is_told_from_a_mean(sums):
    probe = probe_loss(lambda y, p: mse(y, p) * (len(y) if sums else 1))
    assert probe.sums is sums


UNORDERED = {
    "signed error": (
        lambda y_true, y_pred: np.mean(y_true - y_pred),
        "it is neither lower for right forecasts nor for wrong ones",
    ),
    "constant": (
        lambda y_true, y_pred: 1.0,
        "it is the same for right and wrong forecasts",
    ),
    "nan": (lambda y_true, y_pred: np.nan, "it returns NaN"),
    "domain": (
        lambda y, p: sum(math.log1p(a - b) for a, b in zip(y, p, strict=True)),
        "it raises ValueError: math domain error where p exceeds y + 1",
    ),
    "guessed setting": (
        lambda y_true, y_pred, sigma, nu: 1.0 * nu,
        "its parameter nu is not known: use functools.partial",
    ),
    "unknown setting": (
        lambda y_true, mu, sigma, shape: mse(y_true, mu) / shape,
        "a parameter that is not known, shape: give it a value by functools.partial",
    ),
    "unknown settings": (
        lambda y, gamma, nu, alpha, beta: 1.0,
        "parameters that are not known, gamma, nu, alpha, beta: give them values by",
    ),
}


@pytest.mark.parametrize("with_torch", [False, True])
@pytest.mark.parametrize("name", UNORDERED)
def test_why_a_loss_is_not_understood_is_said_in_words(name, with_torch):
    if with_torch:
        pytest.importorskip("torch")
    function, words = UNORDERED[name]
    with pytest.raises(
        AssertionError, match=f"cannot be checked: .*{re.escape(words)}"
    ):
        check_loss(function)


def test_a_setting_that_is_bound_is_no_secret():
    def powers(y_true, mu, sigma, shape):
        return nll(y_true, mu, sigma) * shape

    assert (
        check_loss(functools.partial(powers, shape=2.0)).findings[0].severity == "info"
    )


SETTINGS = [
    *settings(set(), None),
    *settings({"lower"}, None),
    *settings({"dist"}, None),
    *settings({"sigma"}, "sigma"),
]
NUMBERS = ("point", "positive", "log-rate", "probability", "logits", "margin", "labels")


def rows(*columns):
    return sorted(zip(*columns, strict=True))


@pytest.mark.parametrize(
    "setting", SETTINGS, ids=[f"{i} {each.kind}" for i, each in enumerate(SETTINGS)]
)
def test_what_a_probe_says_that_it_called_is_what_it_called(setting):
    words = told(setting.kind, setting.y)
    if setting.y.ndim == 2:
        return  # in words, as what follows for forecasts of several numbers
    y = eval(words.target, {"np": np})
    np.testing.assert_allclose(np.sort(y), np.sort(setting.y))
    if setting.kind not in NUMBERS:
        return
    for text, answer in ((words.right, setting.right), (words.bad, setting.badly[0])):
        forecast = eval(text, {"np": np, "y": y})
        (given,) = answer.values()
        np.testing.assert_allclose(rows(y, forecast), rows(setting.y, given))


# -- scorers ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", get_scorer_names())
def test_every_named_scorer_points_up(name):
    oracle = probe_scorer(name)
    assert not isinstance(oracle, NotApplicable), oracle.reason
    assert {reading.verdict for reading in oracle.decided} == {"right"}
    check_scorer(name)


def test_a_scorer_of_frames_is_judged_on_the_users_own():
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame({"a": np.arange(60.0), "b": np.arange(60.0) % 7})
    model = Ridge().fit(X, X["a"] + X["b"])

    def weighted(estimator, X, y):
        return -np.mean(X["b"] * (y - estimator.predict(X)) ** 2)

    assert audit(scorer=weighted).outcomes["NEG202"] == "not applicable"
    given = {"estimator": model, "X": X, "y_true": X["a"]}
    assert audit(scorer=weighted, **given).outcomes["NEG202"] == "clear"
    check_scorer(weighted, model, X, X["a"])
    turned = audit(scorer=lambda *args: -weighted(*args), **given)
    assert turned.outcomes["NEG202"] == "found"


def test_the_oracle_works_on_every_kind_of_task():
    seen = {r.task for name in get_scorer_names() for r in probe_scorer(name).decided}
    assert seen == {"regression", "binary", "multiclass", "multilabel"}
