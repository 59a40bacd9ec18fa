"""Math as MathML, which browsers draw by themselves: no script, no network, no LaTeX."""

from __future__ import annotations

import html
import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
# What TeX reads and the converter does not: one-digit fractions without braces (it
# takes \frac12 d for 12/d), and the prime as a superscript.
SPELLINGS = ((r"(\\t?frac)(\d)(\d)", r"\1{\2}{\3}"), ("'", r"^\\prime "))
# What browsers set too tight and too wide: "log x", and the bars of an absolute value.
SPACING = (
    (r"(&ApplyFunction;</mo>\s*)(<m[in])", r'\1<mspace width="0.17em"/>\2'),
    (r"<mo([^>]*)>\|</mo>", r'<mo\1 lspace="0" rspace="0">|</mo>'),
)


def replaced(pairs, text):
    """Return the text with each pattern replaced."""
    for pattern, replacement in pairs:
        text = re.sub(pattern, replacement, text)
    return text


def mathml(node, as_block):
    """Convert a formula; one that cannot be read stays TeX, and fails the build."""
    tex = replaced(SPELLINGS, node.astext())
    try:
        return replaced(SPACING, tex2mathml(tex, as_block=as_block))
    except MathError as error:
        LOGGER.warning("not converted to MathML: %s: %s", tex, error, location=node)
        return f"<code>{html.escape(node.astext())}</code>"


def inline(translator, node):
    """Write a formula inside a sentence."""
    translator.body.append(mathml(node, as_block=False))
    raise nodes.SkipNode


def block(translator, node):
    """Write a formula on a line of its own."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    translator.body.append(mathml(node, as_block=True))
    translator.body.append("</div>")
    raise nodes.SkipNode


def setup(app):
    """Register the renderer, chosen by ``html_math_renderer``."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True}
