"""The door of the audit: what it refuses says why, in one sentence; the rest it reads."""

import re
import warnings

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import (
    FunctionTransformer,
    LabelEncoder,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from sklearn_negloss.audit import AuditedTargetTransformer, TargetAuditor, audit
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._supplied import Supplied

N = 1_000
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 2))
MU = 3.0 + 2.0 * X[:, 0]
Y = MU + 0.5 * RNG.normal(size=N)
COLUMN, TWO = Y[:, None], np.column_stack([Y, Y**2])
C = RNG.integers(0, 3, size=N)
P = RNG.dirichlet([1, 1, 1], size=N)
FORECAST = {"y_true": Y, "mu": MU, "sigma": 0.5}
CLASSES = {"y_true": C, "y_prob": P}
BINARY = {"y_true": C > 0, "y_prob": P[:, 0]}
TRAIN = {**FORECAST, "y_train": Y, "mu_train": MU}
TEXT, MIXED = np.array(["a", "b"] * 50), np.array(["a", 1] * 50, dtype=object)
MOMENTS = {"mu": np.zeros(100), "sigma": 1.0}
RAGGED = [[1], [1, 2]]


def step(transformer):
    return {"y_true": Y, "transformer": transformer}


def model(estimator):
    return {"y_true": Y, "X": X, "estimator": estimator}


def labels(value):
    return CLASSES | {"labels": value}


PER_COLUMN = "labels must be distinct and as many as the columns, 3; got"
TRANSFORM = "transformer must have a method transform; got"
ONE_EACH = "transformer must return one value for each sample; got shape"
PREDICT = "estimator must be one fitted object with predict; got"
CODES = "ignore must be an iterable of codes of rules; got"
SHAPE = "must have one column for each of the target; got shape (1000, 2)"
EACH = "must have one value for each sample; got"

# -- refused: arguments of audit, exception, words -----------------------------------

REFUSED = {
    "NaN loss": (
        {"y_true": Y, "loss_value": np.nan},
        ValueError,
        "loss_value must be one number, and not NaN; got nan",
    ),
    # labels
    "labels, few": (labels([0, 1]), ValueError, f"{PER_COLUMN} [0, 1]"),
    "labels, twice": (labels([0, 0, 1]), ValueError, f"{PER_COLUMN} [0, 0, 1]"),
    "labels, many": (labels([0, 1, 2, 3]), ValueError, f"{PER_COLUMN} [0, 1, 2, 3]"),
    "labels, text": (labels("abc"), ValueError, f"{PER_COLUMN} 'abc'"),
    "labels, NaN": (labels([0, 1, np.nan]), ValueError, f"{PER_COLUMN} [0, 1, nan]"),
    "labels, None": (labels([0, 1, None]), ValueError, f"{PER_COLUMN} [0, 1, None]"),
    "labels, number": (labels(3), ValueError, f"{PER_COLUMN} 3"),
    "labels, table": (labels([[0], [1], [2]]), ValueError, PER_COLUMN),
    "labels, no order": (labels({0, 1, 2}), ValueError, PER_COLUMN),
    "labels, no hash": (labels([{}, [], ()]), ValueError, PER_COLUMN),
    "labels of one column": (
        BINARY | {"labels": [0, 1, 2]},
        ValueError,
        "labels must be distinct and two, for one column; got [0, 1, 2]",
    ),
    "labels alone": ({"y_true": C, "labels": [0, 0]}, ValueError, "must be distinct;"),
    # transformers
    "two columns": (
        step(StandardScaler().fit(TWO)),
        ValueError,
        "transformer must have been fitted on one column; got 2",
    ),
    "one of several": (
        step([None, StandardScaler().fit(TWO)]),
        ValueError,
        "must have been fitted on one column; got 2",
    ),
    "three columns for two": (
        {"y_true": TWO, "transformer": StandardScaler().fit(P)},
        ValueError,
        "must have been fitted on 1 or 2 columns; got 3",
    ),
    "one-hot": (step(OneHotEncoder().fit(COLUMN)), ValueError, ONE_EACH),
    "powers": (step(PolynomialFeatures().fit(COLUMN)), ValueError, ONE_EACH),
    "shorter": (step(FunctionTransformer(lambda v: v[:5])), ValueError, ONE_EACH),
    "no transformer": (step([]), ValueError, "got an empty list"),
    "a word": (step("log"), TypeError, f"{TRANSFORM} 'log'"),
    "a regressor": (step(Ridge().fit(X, Y)), TypeError, f"{TRANSFORM} Ridge()"),
    "a number": (step(3), TypeError, f"{TRANSFORM} 3"),
    "a function": (step(np.log), TypeError, f"{TRANSFORM} <ufunc 'log'>"),
    "a class": (step(StandardScaler), TypeError, "got the class StandardScaler"),
    # estimators and their samples
    "name of a model": (model("lr"), TypeError, f"{PREDICT} 'lr'"),
    "number for a model": (model(3), TypeError, f"{PREDICT} 3"),
    "dict for a model": (model({}), TypeError, f"{PREDICT} {{}}"),
    "list of models": (model([Ridge().fit(X, Y)]), TypeError, f"{PREDICT} [Ridge()]"),
    "class of models": (
        model(LinearRegression),
        TypeError,
        "estimator must be a fitted object; got the class LinearRegression",
    ),
    "X is a number": ({"y_true": Y, "X": 3}, TypeError, "X must have one row"),
    "X is a scalar": (
        {"y_true": Y, "X": np.array(3)},
        TypeError,
        "X must have one row",
    ),
    "X is text": ({"y_true": Y, "X": "abc"}, TypeError, "X must have one row"),
    "X_train": ({"y_true": Y, "X_train": 3}, TypeError, "X_train must have one row"),
    # shapes
    "mu, two": (FORECAST | {"mu": TWO}, ValueError, f"mu {SHAPE}"),
    "sigma, two": (FORECAST | {"sigma": 1 + TWO**2}, ValueError, f"sigma {SHAPE}"),
    "mu_train, two": (
        TRAIN | {"mu_train": TWO, "sigma_train": 1.0},
        ValueError,
        f"mu_train {SHAPE}",
    ),
    "y_train, two": (
        TRAIN | {"y_train": TWO, "sigma_train": 1.0},
        ValueError,
        f"y_train {SHAPE}",
    ),
    "mu, two for three": (
        {"y_true": P, "mu": TWO, "sigma": 1.0},
        ValueError,
        f"mu {SHAPE}",
    ),
    "weights, two": (
        FORECAST | {"sample_weight": np.ones((N, 2))},
        ValueError,
        f"sample_weight {SHAPE}",
    ),
    "one weight": (
        FORECAST | {"sample_weight": 2.0},
        ValueError,
        f"sample_weight {EACH} 2.0",
    ),
    "one probability": (BINARY | {"y_prob": 0.5}, ValueError, f"y_prob {EACH} 0.5"),
    "one logit": ({"y_true": C > 0, "logits": 0.5}, ValueError, f"logits {EACH} 0.5"),
    "one target": ({"y_true": 3.0}, ValueError, f"y_true {EACH} 3.0"),
    "one of training": (FORECAST | {"y_train": 3.0}, ValueError, f"y_train {EACH} 3.0"),
    "ragged": ({"y_true": RAGGED}, ValueError, "y_true must be a rectangular array"),
    "ragged mu": (
        {"y_true": TWO, "mu": RAGGED, "sigma": 1.0},
        ValueError,
        "mu must be a rectangular array",
    ),
    # values
    "no weight": (
        FORECAST | {"sample_weight": np.zeros(N)},
        ValueError,
        "sample_weight must not be zero in every sample; got 1000 zeros",
    ),
    "negative sigma_train": (
        TRAIN | {"sigma_train": -0.5},
        ValueError,
        "sigma_train must be strictly positive; got -0.5 (1 of 1 values)",
    ),
    "sigma_train with a zero": (
        TRAIN | {"sigma_train": np.r_[0.0, np.ones(N - 1)]},
        ValueError,
        "sigma_train must be strictly positive; got 0 at index 0 (1 of 1000 values)",
    ),
    "infinite sigma": (
        FORECAST | {"sigma": np.inf},
        ValueError,
        "sigma must not be infinite; got inf; check how it was computed",
    ),
    "text and mu": (
        {"y_true": TEXT, **MOMENTS},
        TypeError,
        "y_true must hold numbers next to mu and sigma; got text such as 'a'",
    ),
    "text, numbers and mu": (
        {"y_true": MIXED, **MOMENTS},
        TypeError,
        "not both; got 50 of 100 values as text",
    ),
    "text and numbers": (
        {"y_true": MIXED, "y_prob": np.full(100, 0.5)},
        TypeError,
        "y_true must hold numbers, or text for classes, not both",
    ),
    "objects": (
        {"y_true": np.array([{}] * N)},
        TypeError,
        "y_true must hold numbers, or text for classes; got 1000 values such as {}",
    ),
    "records": (
        {"y_true": np.zeros(5, dtype=[("a", float)])},
        TypeError,
        "y_true must hold numbers",
    ),
    # codes
    "no codes": ({"y_true": Y, "ignore": None}, TypeError, f"{CODES} None"),
    "a number of codes": ({"y_true": Y, "ignore": 5}, TypeError, f"{CODES} 5"),
    "small letters": (
        {"y_true": Y, "ignore": ["neg102"]},
        ValueError,
        "got 'neg102'; did you mean 'NEG102'?",
    ),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_has_no_reading_is_refused_in_one_sentence(case):
    given, error, words = REFUSED[case]
    with pytest.raises(error, match=re.escape(words)) as caught:
        audit(**given)
    said = str(caught.value)
    assert type(caught.value) is error
    assert len(said) < 250, said
    assert "\n" not in said


# -- read ----------------------------------------------------------------------------

ACCEPTED = {
    "labels as an array": labels(np.arange(3)),
    "labels as a tuple": labels((2, 1, 0)),
    "labels of one column": BINARY | {"labels": [False, True]},
    "quantiles": step(QuantileTransformer(n_quantiles=50).fit(COLUMN)),
    "ordinal": step(OrdinalEncoder().fit(COLUMN)),
    "no change": step("passthrough"),
    "function": step(FunctionTransformer(np.arcsinh)),
    "list": step([StandardScaler().fit(COLUMN), None, "passthrough"]),
    "column by column": {
        "y_true": TWO,
        "mu": TWO + 1.0,
        "sigma": 1.0 + TWO**2,
        "transformer": PowerTransformer().fit(TWO),
    },
    "one transformer for all": {
        "y_true": TWO,
        "transformer": StandardScaler().fit(COLUMN),
    },
    "multi-output estimator": {
        "y_true": TWO,
        "X": X,
        "estimator": TransformedTargetRegressor(
            LinearRegression(), transformer=StandardScaler()
        ).fit(X, TWO),
    },
    "weights in a column": FORECAST | {"sample_weight": np.ones((N, 1))},
    "some weights zero": FORECAST | {"sample_weight": np.arange(N) % 2},
    "label encoder": {"y_true": C, "transformer": LabelEncoder().fit(C)},
    "label encoder of others": {"y_true": Y, "transformer": LabelEncoder().fit(C)},
    "text": {"y_true": TEXT, "y_prob": np.full(100, 0.5)},
    "text in objects": {"y_true": TEXT.astype(object), "y_prob": np.full(100, 0.5)},
}


@pytest.mark.parametrize("case", list(ACCEPTED))
def test_what_has_a_reading_is_read_without_a_warning(case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = audit(**ACCEPTED[case])
    assert report.outcomes


@pytest.mark.parametrize("name", ["y_true", "mu"])
def test_numbers_in_objects_are_numbers(name):
    boxed = FORECAST | {name: FORECAST[name].astype(object)}
    assert audit(**boxed).outcomes == audit(**FORECAST).outcomes
    assert audit(**boxed).decomposition == audit(**FORECAST).decomposition


def test_an_estimator_without_tags_predicts():
    class Duck:
        def predict(self, X):
            return X[:, 0]

    assert audit(y_true=Y, X=X, estimator=Duck()).outcomes


def divides(v):
    return v.size / 0


def looks_up(v):
    return {}[0]


@pytest.mark.parametrize("fails", [divides, looks_up])
@pytest.mark.parametrize("given", [{"y_true": Y}, FORECAST])
def test_a_transformer_that_fails_is_a_reason(fails, given):
    report = audit(**given, transformer=FunctionTransformer(fails))
    assert not report.findings
    for code in ("NEG103", "NEG306"):
        assert report.outcomes[code] == "not applicable"
        assert re.search("ZeroDivisionError|KeyError", report.reasons[code])


def test_an_error_inside_an_attribute_is_shown_as_it_is():
    class Broken(Case):
        @property
        def target(self):
            return np.array(1.0).no_such_name

    with pytest.raises(AttributeError, match=r"ndarray.*no_such_name"):
        _ = Broken(Supplied()).target
    with pytest.raises(AttributeError, match="no_such_attribute"):
        _ = Case(Supplied()).no_such_attribute


# -- the two transformers ------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "y", "error", "words"),
    [
        ({"ignore": 3}, Y, TypeError, f"{CODES} 3"),
        ({"ignore": None}, Y, TypeError, f"{CODES} None"),
        ({}, np.array([{}] * N), ValueError, "Unknown label type: y must hold numbers"),
        ({}, RAGGED * (N // 2), ValueError, "y must be a rectangular array"),
        ({}, 3.0, ValueError, "y must have one value for each sample; got 3.0"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_the_auditor_refuses_in_one_sentence(params, y, error, words, method):
    with pytest.raises(error, match=re.escape(words)) as caught:
        getattr(TargetAuditor(**params), method)(X, y)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("dtype", [str, object])
def test_an_audited_transformer_of_text_says_that_it_needs_numbers(dtype):
    text = np.array([["a"], ["b"]] * 5, dtype=dtype)
    with pytest.raises(
        TypeError, match=r"must hold numbers for its audit; got 10 .* 'a'"
    ):
        AuditedTargetTransformer(OrdinalEncoder()).fit(text)


def test_arithmetic_of_what_is_about_to_be_found_is_silent():
    log = FunctionTransformer(np.log, np.exp, check_inverse=False)
    checked = FunctionTransformer(np.log, np.exp)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nothing = np.full((5, 1), np.nan)
        nothing = AuditedTargetTransformer(StandardScaler()).fit(nothing)
        wrong = AuditedTargetTransformer(log, on_error="ignore").fit(X[:, :1])
        warnings.simplefilter(
            "ignore", UserWarning
        )  # they are no inverse of each other
        AuditedTargetTransformer(checked, on_error="ignore").fit(X[:, :1])
    assert not nothing.report_.findings
    assert wrong.report_.outcomes["NEG306"] == "found"


# -- few samples ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "y", "loss"),
    [
        ("NEG303", [-1.0, 1.0], "binary_cross_entropy"),
        ("NEG303", [-1.0, 1.0], None),
        ("NEG304", [0, 0], None),
    ],
)
def test_a_few_samples_prove_nothing(code, y, loss):
    few = audit(y_true=y * 4, loss=loss)
    assert few.outcomes[code] == "not applicable"
    assert audit(y_true=y * 5, loss=loss).outcomes[code] == "found"
