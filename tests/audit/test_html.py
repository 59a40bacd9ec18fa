"""A report as HTML: self-contained, well-formed, and deaf to hostile names."""

import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from sklearn_negloss import audit
from sklearn_negloss.audit import AuditReport
from sklearn_negloss.audit.report._style import DARK, LIGHT
from sklearn_negloss.audit.report._svg import units_picture, waterfall
from sklearn_negloss.metrics import NLLDecomposition

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)"> & \' {0}'
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Balanced(HTMLParser):
    """Collects tags, and fails on one that is not closed in its turn."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parse(html):
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture(params=["units", "error", "class", "clear", "columns"])
def report(request, rng):
    y = rng.normal(size=300)
    return {
        "units": lambda: audit(y_true=y / 100, mu=y / 200, sigma=0.005),
        "error": lambda: audit(y_true=1 + (y > 0), y_prob=np.full(300, 0.4)),
        "class": lambda: audit(y_true=y > 0, y_prob=np.full(300, 0.5)),
        "clear": lambda: audit(y_true=y),
        "columns": lambda: audit(y_true=np.column_stack([y, y / 1000])),
    }[request.param]()


@pytest.mark.parametrize("form", ["to_html", "to_page"])
def test_it_is_well_formed_and_needs_nothing_else(report, form):
    html = getattr(report, form)()
    tags = parse(html)
    assert not {"script", "link", "img", "iframe", "object"} & set(tags.seen)
    assert not re.search(r"url\(|@import|@font-face", html)
    for name, value in tags.attributes:
        assert not name.startswith("on")
        if name in ("href", "src"):
            assert value.startswith("https://sklearn-negloss.readthedocs.io/")


def test_the_answer_comes_first_and_every_rule_is_there(report):
    page = report.to_page()
    body = page[page.index("<body") :]
    assert body.index(report.verdict) < body.index("rules:")
    for code in report.outcomes:
        assert f"rules/{code}.html" in body
    for finding in report.findings:
        assert finding.name in body


@pytest.mark.parametrize("form", ["to_html", "to_page"])
def test_each_finding_stands_with_its_fact_and_its_advice(report, form):
    html = getattr(report, form)()
    for finding in report.findings:
        told = f"<p>{escape(finding.message)}</p><p class='advice'>"
        assert html.count(told + escape(finding.advice)) == 1


def test_rules_that_did_not_apply_are_folded_away(report):
    page = report.to_page()
    table, folded = page[page.index("rules:", page.index("<main")) :].split("<details>")
    silent = {k for k, v in report.outcomes.items() if v == "not applicable"}
    assert f"{len(silent)} not applicable, and why" in folded
    for code in report.outcomes:
        assert (f"rules/{code}.html" in folded) == (code in silent)
        assert (f"rules/{code}.html" in table) == (code not in silent)
    nothing = AuditReport("clear", "Nothing.", [], {"NEG102": "clear"}).to_page()
    assert "<details>" not in nothing


@pytest.mark.parametrize("form", ["to_html", "to_page"])
def test_classes_have_a_prevalence_and_no_unit(rng, form):
    html = getattr(
        audit(y_true=rng.random(300) < 0.4, y_prob=np.full(300, 0.3)), form
    )()
    assert "<span>best constant forecast: the prevalence</span>" in html
    assert "which the unit decides" not in html
    numbers = getattr(audit(y_true=rng.normal(size=300), mu=0.0, sigma=1.0), form)()
    assert "<span>best constant forecast</span>" in numbers
    assert "prevalence" not in numbers


def test_the_notebook_shows_the_piece(report):
    assert report._repr_html_() == report.to_html()
    assert report.to_html().startswith("<div class='negloss")


@pytest.mark.parametrize("form", ["to_html", "to_page"])
def test_nothing_from_outside_runs(rng, form):
    y = audit(y_true=rng.normal(size=300) / 100)
    finding = replace(
        y.findings[0],
        **dict.fromkeys(("message", "advice", "column", "name", "cause"), HOSTILE),
        severity=HOSTILE,
        code=HOSTILE,
        evidence={HOSTILE: HOSTILE},
    )
    report = AuditReport(
        HOSTILE,
        HOSTILE,
        [finding],
        {HOSTILE: "found", "NEG102": "clear"},
        {HOSTILE: HOSTILE},
        columns={HOSTILE: y},
    )
    html = report.to_page(HOSTILE) if form == "to_page" else report.to_html()
    tags = parse(html)
    assert not {"script", "img"} & set(tags.seen)
    assert not any(name.startswith("on") for name, _ in tags.attributes)
    assert "&lt;script&gt;" in html


def test_names_of_columns_are_escaped(rng):
    pd = pytest.importorskip("pandas")
    y = rng.normal(size=(300, 2)) / 100
    report = audit(y_true=pd.DataFrame(y, columns=[HOSTILE, "<b>"]))
    for html in (report.to_html(), report.to_page()):
        assert not {"script", "img", "b"} & set(parse(html).seen)


def test_pages_say_what_scheme_they_are_in():
    html = AuditReport("clear", "Nothing.", [], {}).to_html()
    assert "prefers-color-scheme: dark" in html
    for place in ("html[data-theme=dark]", "[data-jp-theme-light=false]"):
        assert f"{place} .negloss" in html
    assert LIGHT.keys() == DARK.keys()


def luminance(colour):
    """Relative luminance, as WCAG defines it."""
    parts = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(scheme):
    back = luminance(scheme["bg"])
    for name in ("fg", "muted", "link", "calm", "warning", "error"):
        low, high = sorted((back, luminance(scheme[name])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, name


# -- pictures ------------------------------------------------------------------------


def terms(loss, units, excess=0.1):
    gain = units - loss
    return NLLDecomposition(loss, units, gain, gain + excess, excess)


@pytest.mark.parametrize("loss", [-400.0, -5.0, -0.01, 0.0, 0.3, 5.0, 400.0, 1e9])
@pytest.mark.parametrize("gain", [-2.0, 0.0, 1e-9, 1.5])
def test_pictures_stay_in_their_frame(loss, gain):
    for picture in (waterfall, units_picture):
        svg = ElementTree.fromstring(picture(terms(loss, loss + gain)))
        _, _, width, height = map(float, svg.attrib["viewBox"].split())
        for element in svg.iter():
            for name in ("x", "x1", "x2", "cx"):
                assert -1 <= float(element.attrib.get(name, 0)) <= width + 1
            for name in ("y", "y1", "y2", "cy"):
                assert -1 <= float(element.attrib.get(name, 0)) <= height + 1


def hyphens(text):
    """Return a text without true minus signs."""
    return text.replace("\N{MINUS SIGN}", "-")


def test_pictures_hold_the_numbers():
    svg = hyphens(waterfall(terms(-3.72, -3.21)))
    for number in ("-3.21", "-0.61", "+0.10", "-3.72"):
        assert f">{number}<" in svg
    svg = hyphens(units_picture(terms(-3.72, -3.21)))
    assert "your unit: -3.72" in svg
    assert "loss 0 at k = 41.3" in svg


def test_infinite_terms_are_not_drawn():
    assert waterfall(terms(np.inf, 1.0)) == units_picture(terms(np.inf, 1.0)) == ""
    parse(AuditReport("clear", "x", [], {}, {}, terms(np.inf, 1.0)).to_page())
