"""Two pictures of a loss as SVG, by hand: a report needs no plotting library.

Shapes carry classes and no colours, so that the page they stand in decides on light or
dark. Numbers stand where they can be read in a column, and meaning never rests on colour
alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from sklearn_negloss.audit.case._forecast import ClassGain
from sklearn_negloss.metrics import NLLDecomposition

Decomposition = NLLDecomposition | ClassGain

WIDTH = 420

# A loss of more nats than this is zero in no unit that anybody uses.
FAR = 100.0

# The step of an axis with at most so many ticks.
TICKS = 7


class Scale(NamedTuple):
    """Where a number stands between two ends of an axis."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return its place in pixels."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def number(value: float, sign: str = "") -> str:
    """Return a number of two digits or so, with a true minus sign."""
    size = abs(value)
    digits = ".2g" if size >= 1e4 else ".2f" if size >= 0.095 or not value else ".3f"
    return f"{value:{sign}{digits}}".replace("-", "\N{MINUS SIGN}")


def waterfall(terms: Decomposition) -> str:
    """Draw the way from the loss of a constant forecast to the loss, bar by bar.

    Parameters
    ----------
    terms : NLLDecomposition or ClassGain
        Terms of the loss.

    Returns
    -------
    svg : str
        One element; empty if a term is infinite.
    """
    if not all(map(math.isfinite, terms)):
        return ""
    rows = _rows(terms)
    ends = [0.0, *(end for row in rows for end in row[1:3])]
    x = _padded(min(ends), max(ends), 122.0, 352.0)
    height = 38 * len(rows) + 34
    parts = (
        [_negative(x(x.low), 8, x(0.0) - x(x.low), height - 34)] if x.low < 0 else []
    )
    for k, (label, start, end, kind) in enumerate(rows):
        parts += _bar(x, 16 + 38 * k, (label, start, end, kind), k + 1 < len(rows))
    parts.append(_line(x(0.0), 8, x(0.0), height - 26, "axis"))
    parts.append(_text(x(0.0), height - 10, "0", "tick middle"))
    if x.low < 0:
        parts.append(_text(x(0.0) - 10, height - 10, "negative", "tick end"))
    said = "; ".join(f"{r[0]} {number(r[2] - r[1], _sign(r))}" for r in rows)
    return _svg(height, f"Terms of the loss in nats per sample: {said}.", parts)


Row = tuple[str, float, float, str]


def _rows(terms: Decomposition) -> list[Row]:
    """Return label, start, end and kind of each bar."""
    gain = terms.attainable_gain if isinstance(terms, NLLDecomposition) else terms.gain
    after = terms.units - gain
    split = isinstance(terms, NLLDecomposition)
    name, kind = "attainable gain" if split else "gain", "down" if gain >= 0 else "up"
    rows = [("best constant", 0.0, terms.units, "base")]
    rows.append((name, terms.units, after, kind))
    if isinstance(terms, NLLDecomposition):
        rows.append(("miscalibration", after, terms.loss, "up"))
    return [*rows, ("loss", 0.0, terms.loss, "total")]


def _sign(row: Row) -> str:
    """Steps have a sign, levels only a minus."""
    return "" if row[3] in ("base", "total") else "+"


def _bar(x: Scale, top: float, row: Row, linked: bool) -> list[str]:
    """Draw one bar with its name, its number, and the link to the next."""
    label, start, end, kind = row
    left, right = sorted((x(start), x(end)))
    width = max(right - left, 1.5)
    parts = [
        _text(114, top + 15, label, "end" + (" strong" if kind == "total" else "")),
        f'<rect class="bar {kind}" x="{left:.1f}" y="{top}" width="{width:.1f}" '
        'height="22" rx="2"/>',
        _text(412, top + 15, number(end - start, _sign(row)), "end number"),
    ]
    if linked:
        parts.append(_line(x(end), top + 22, x(end), top + 38, "link"))
    return parts


def units_picture(terms: NLLDecomposition) -> str:
    """Draw the loss over the unit of the target, and the best constant one.

    Parameters
    ----------
    terms : NLLDecomposition
        Terms of the loss.

    Returns
    -------
    svg : str
        One element; empty if a term is infinite.
    """
    if not (math.isfinite(terms.loss) and math.isfinite(terms.units)):
        return ""
    zero = -terms.loss / math.log(10)  # log10 of the factor at which the loss is 0
    near = [0.0] if abs(terms.loss) >= FAR else [0.0, zero]
    x = Scale(min(near) - 1.2, max(near) + 1.8, 46.0, WIDTH - 10.0)
    low = min(terms.loss, terms.units) + x.low * math.log(10)
    high = max(terms.loss, terms.units) + x.high * math.log(10)
    y = Scale(low, high, 238.0, 12.0)
    parts = _below_zero(x, y) + _frame(x, y)
    for level, kind in ((terms.units, "constant"), (terms.loss, "loss")):
        ends = [(x(k), y(level + k * math.log(10))) for k in (x.low, x.high)]
        parts.append(_line(*ends[0], *ends[1], f"curve {kind}"))
    parts += _gain_mark(x, y, terms)
    if len(near) == 2:
        parts += _crossing(x, y, zero)
    parts += _own_unit(x, y, terms)
    said = (
        f"Loss over the unit: {number(terms.loss)} in your unit, "
        f"{number(terms.units)} for the best constant forecast, both one step of log k "
        "higher for the target times k."
    )
    return _svg(282, said, parts)


def _below_zero(x: Scale, y: Scale) -> list[str]:
    """Shade where a loss is negative."""
    if not y.low < 0 < y.high:
        return []
    left, right = x(x.low), x(x.high)
    return [
        _negative(left, y(0.0), right - left, y(y.low) - y(0.0)),
        _line(left, y(0.0), right, y(0.0), "axis"),
        _text(right - 4, y(0.0) + 13, "negative", "tick end"),
    ]


def _frame(x: Scale, y: Scale) -> list[str]:
    """Draw both axes with their ticks."""
    left, bottom = x(x.low), y(y.low)
    parts = [_line(left, bottom, x(x.high), bottom, "axis thin")]
    for k in _ticks(x.low, x.high, whole=True):
        parts.append(_line(x(k), bottom, x(k), bottom + 4, "axis thin"))
        power = "1" if k == 0 else f"1e{k:.0f}".replace("-", "\N{MINUS SIGN}")
        parts.append(_text(x(k), bottom + 17, power, "tick middle"))
    for level in _ticks(y.low, y.high):
        parts.append(_text(left - 6, y(level) + 4, _tick(level), "tick end"))
    parts.append(
        _text(x(x.high), bottom + 36, "k: the target measured as k · y", "end")
    )
    parts.append(_text(left + 6, y(y.high) + 10, "loss, nats per sample"))
    return parts


def _gain_mark(x: Scale, y: Scale, terms: NLLDecomposition) -> list[str]:
    """Draw the distance of the two lines."""
    at = x.high - 0.35
    ends = [y(level + at * math.log(10)) for level in (terms.loss, terms.units)]
    return [_line(x(at), ends[0], x(at), ends[1], "gain")]


def _crossing(x: Scale, y: Scale, zero: float) -> list[str]:
    """Mark the unit in which the loss is zero."""
    at, left = x(zero), zero < x.low + 0.5 * (x.high - x.low)
    said = f"loss 0 at k = {10.0**zero:.3g}".replace("e-", "e\N{MINUS SIGN}")
    place = _text(at + 6, y(y.low) - 7, said, "tick")
    if not left:
        place = _text(at - 6, y(y.low) - 7, said, "tick end")
    return [
        _line(at, y(0.0), at, y(y.low), "dotted"),
        place,
        f'<circle class="open" cx="{at:.1f}" cy="{y(0.0):.1f}" r="4.5"/>',
    ]


def _own_unit(x: Scale, y: Scale, terms: NLLDecomposition) -> list[str]:
    """Mark the loss in the user's unit, on the side where the other line is not."""
    at, level = x(0.0), y(terms.loss)
    said = f"your unit: {number(terms.loss)}"
    beside = _text(at + 9, level + 15, said, "strong halo")
    if terms.gain < 0:
        beside = _text(at - 9, level - 8, said, "strong halo end")
    if terms.gain < 0 and at < 150:  # no room on the left
        beside = _text(at + 9, level + 26, said, "strong halo")
    return [f'<circle class="dot" cx="{at:.1f}" cy="{level:.1f}" r="5"/>', beside]


# -- pieces --------------------------------------------------------------------------


def _padded(low: float, high: float, start: float, end: float) -> Scale:
    """Return a scale whose ends are not touched."""
    span = high - low or 1.0
    low = low - 0.04 * span if low < 0 else low
    high = high + 0.04 * span if high > 0 else high
    return Scale(low, high or 0.04 * span, start, end)


def _ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Return round numbers between two ends."""
    raw = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw)
    step = max(math.ceil(step), 1) if whole else step
    first = math.ceil(low / step)
    return [k * step for k in range(first, math.floor(high / step) + 1)]


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _svg(height: int, said: str, parts: Sequence[str]) -> str:
    """Return a picture, with its words for those who do not see it."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(said)}">'
        + "".join(parts)
        + "</svg>"
    )


def _negative(x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="negative" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
