"""AuditReport: text of 80 columns, plain data, frames, and errors on request."""

import json
import pickle

import numpy as np
import pytest

from sklearn_negloss import audit
from sklearn_negloss.audit import AuditError, AuditReport


@pytest.fixture
def forecast(rng):
    y = rng.normal(size=500) / 100
    return audit(y_true=y, mu=0.5 * y, sigma=0.005)


@pytest.fixture
def wrong(rng):
    return audit(y_true=rng.integers(1, 3, 300), y_prob=np.full(300, 0.5))


def test_text_answers_first_and_fits_80_columns(forecast):
    lines = str(forecast).splitlines()
    assert lines[0] == f"Audit of a loss: {forecast.verdict}"
    assert " ".join(str(forecast).split()).find(forecast.summary) == (len(lines[0]) + 1)
    assert max(map(len, lines)) <= 80


def test_text_says_everything_once(forecast):
    text = " ".join(str(forecast).split())
    for finding in forecast.findings:
        assert text.count(finding.message) == 1
        assert text.count(finding.advice) == 1
        assert f"{finding.code} {finding.name}" in text


def test_the_terms_add_up_as_they_are_printed(forecast):
    rows = [line.split() for line in str(forecast).splitlines()]
    numbers = {" ".join(w for w in row if w.isalpha())[:12]: row for row in rows if row}
    assert any("units" in key for key in numbers)
    terms = forecast.decomposition
    assert terms.loss == pytest.approx(
        terms.units - terms.attainable_gain + terms.miscalibration
    )


def test_the_first_term_of_classes_is_no_unit(forecast, rng):
    y = rng.random(500) < 0.3
    text = str(audit(y_true=y, y_prob=np.where(y, 0.6, 0.2)))
    lines = [line for line in text.splitlines() if "prevalence" in line]
    assert [line.split()[0] for line in lines] == ["baseline"]
    assert lines[0].endswith("best constant forecast: the prevalence")
    assert " units " not in text
    assert "what the best constant forecast pays" in str(forecast)
    assert (
        audit(y_true=y, y_prob=np.full(500, 0.4)).to_dict()["decomposition"]["units"]
        > 0
    )


def test_a_dict_holds_the_whole_report(forecast):
    plain = forecast.to_dict()
    assert list(plain) == [
        "verdict",
        "summary",
        "findings",
        "outcomes",
        "reasons",
        "decomposition",
        "columns",
    ]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["findings"][0]["evidence"] == forecast.findings[0].evidence


def test_every_rule_has_one_outcome_and_a_reason_if_it_did_not_run(forecast):
    words = {"found", "clear", "not applicable", "ignored"}
    assert set(forecast.outcomes.values()) <= words
    silent = {k for k, v in forecast.outcomes.items() if v == "not applicable"}
    assert set(forecast.reasons) == silent
    assert sum(forecast.counts.values()) == len(forecast.outcomes)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_have_a_row_for_each_finding(forecast, library):
    pytest.importorskip(library)
    frame = forecast.to_frame(library)
    assert list(frame["code"]) == [f.code for f in forecast.findings]
    empty = AuditReport("clear", "Nothing.", [], {}).to_frame(library)
    assert list(empty.columns) == list(frame.columns)
    with pytest.raises(ValueError, match="library must be one of"):
        forecast.to_frame("excel")


def test_errors_are_raised_on_request(wrong, forecast):
    with pytest.raises(AuditError, match="NEG301") as caught:
        wrong.raise_for_errors()
    assert caught.value.report == wrong
    assert pickle.loads(pickle.dumps(caught.value)).report == wrong
    quiet = AuditReport(
        *(forecast.verdict, forecast.summary),
        [f for f in forecast.findings if f.severity != "error"],
        forecast.outcomes,
    )
    quiet.raise_for_errors()


def test_columns_have_reports_of_their_own(rng):
    pd = pytest.importorskip("pandas")
    y = rng.normal(size=(300, 2)) * [1.0, 0.001]
    report = audit(y_true=pd.DataFrame(y, columns=["a", "b"]))
    assert report.columns["b"].verdict == report.verdict == "units"
    assert "NEG102 small-units in b (info, units)" in str(report)
    assert report.summary.startswith("2 columns, 1 with findings. b: ")


def test_a_report_pickles(forecast):
    assert pickle.loads(pickle.dumps(forecast)) == forecast
