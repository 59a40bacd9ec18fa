"""What every rule promises, held against the one table of rules."""

import copy
import inspect
import json
import math
import re
import string

import numpy as np
import pytest

from sklearn_negloss import audit
from sklearn_negloss.audit import RULES
from sklearn_negloss.audit._verdict import ORDER
from sklearn_negloss.audit.rules import RETIRED
from tests.audit.cases import GUILTY, INNOCENT, NOT_AT

SIZES = (100, 1_000, 10_000)
BY_CODE = {rule.code: rule for rule in RULES}
LEADS = (
    "**Why the loss goes negative.**",
    "**What is measured.**",
    "**What to do.**",
    "Examples\n",
)


def named(table):
    """Flatten a table of cases into parameters with readable names."""
    return [
        pytest.param(code, make, id=f"{code}-{name}")
        for code, cases in table.items()
        for name, make in cases.items()
    ]


def sized(table):
    """Add sizes, but for probes of a callable, which draw data of their own."""
    return [
        pytest.param(*case.values, n, id=f"{case.id}-{n}")
        for case in named(table)
        for n in (SIZES[:1] if case.values[0].startswith("NEG5") else SIZES)
    ]


def fields(template):
    """Return the field names of a template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def arguments(make, n=1_000, seed=0):
    """Return the arguments of a case."""
    return make(np.random.default_rng(seed), n)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
class TestEveryRule:
    def test_has_a_name_that_says_its_condition(self, rule):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
        assert rule.code not in RETIRED

    def test_has_a_page(self, rule):
        doc = inspect.getdoc(rule)
        assert len(doc.splitlines()[0]) <= 100
        for lead in LEADS:
            assert lead in doc, lead
        assert "'found'" in doc
        assert rule.code in doc

    def test_quotes_its_thresholds_and_never_retypes_them(self, rule):
        for name in fields(inspect.getdoc(rule).split("Examples\n")[0]):
            assert isinstance(getattr(rule, name), int | float), name

    def test_cannot_be_instantiated(self, rule):
        with pytest.raises(TypeError, match="never instantiated"):
            rule()

    def test_yields_to_rules_that_exist(self, rule):
        assert set(rule.yields_to) <= set(BY_CODE)

    def test_is_ranked(self, rule):
        assert ORDER.count(rule.code) == 1

    def test_has_guilty_and_innocent_cases(self, rule):
        assert len(GUILTY[rule.code]) >= 2
        assert len(INNOCENT[rule.code]) >= 2


def test_codes_are_unique_and_sorted():
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))


def test_every_case_belongs_to_a_rule():
    assert set(GUILTY) == set(INNOCENT) == set(BY_CODE)
    assert set(ORDER) == set(BY_CODE)


@pytest.mark.parametrize(("code", "make", "n"), sized(GUILTY))
def test_the_guilty_are_found(code, make, n):
    for seed in range(1 if code.startswith("NEG5") else 3):
        report = audit(**arguments(make, n, seed))
        if n < NOT_AT.get(code, 0):
            assert report.outcomes[code] in ("found", "not applicable")
        else:
            assert report.outcomes[code] == "found", f"seed {seed}: {report}"


@pytest.mark.parametrize(("code", "make", "n"), sized(INNOCENT))
def test_the_innocent_are_not(code, make, n):
    for seed in range(1 if code.startswith("NEG5") else 3):
        report = audit(**arguments(make, n, seed))
        assert report.outcomes[code] in ("clear", "not applicable"), f"seed {seed}"


@pytest.mark.parametrize(("code", "make"), named(GUILTY))
def test_a_finding_is_plain_data(code, make):
    report = audit(**arguments(make, max(1_000, NOT_AT.get(code, 0))))
    finding = next(f for f in report.findings if f.code == code)
    rule = BY_CODE[code]
    for value in finding.evidence.values():
        assert type(value) in (float, int, str)
        assert not isinstance(value, float) or math.isfinite(value)
    assert fields(rule.message) | fields(rule.advice) <= set(finding.evidence)
    assert finding.message == rule.message.format(**finding.evidence)
    json.dumps(report.to_dict(), allow_nan=False)


@pytest.mark.parametrize(("code", "make"), named(GUILTY))
def test_inputs_are_left_as_they_are(code, make):
    given = arguments(make)
    arrays = {k: v for k, v in given.items() if isinstance(v, np.ndarray)}
    before = copy.deepcopy(arrays)
    audit(**given)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(("code", "make"), named(GUILTY))
def test_the_order_of_samples_is_irrelevant(code, make):
    given = arguments(make)
    if not isinstance(given.get("y_true"), np.ndarray):
        pytest.skip("no samples to reorder")
    n = len(given["y_true"])
    order = np.random.default_rng(1).permutation(n)
    shuffled = {
        k: v[order] if isinstance(v, np.ndarray) and len(np.atleast_1d(v)) == n else v
        for k, v in given.items()
    }
    assert audit(**shuffled).outcomes == audit(**given).outcomes


@pytest.mark.parametrize(("code", "make"), named(GUILTY))
def test_an_ignored_rule_says_nothing(code, make):
    report = audit(**arguments(make), ignore=[code])
    assert report.outcomes[code] == "ignored"
    assert code not in {f.code for f in report.findings}
