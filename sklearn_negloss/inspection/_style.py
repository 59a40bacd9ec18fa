"""How pictures look, and the one place that imports matplotlib.

Colours are those of Okabe and Ito, which readers with any colour vision tell apart.
No meaning rests on colour alone: hatches, line styles and labels carry it too, so a
copy in grey says the same. Lines and text that belong to the frame take their colour
from the user's style, so that they show on a dark page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, GREY = "#CC79A7", "#8C8C8C"

# Colour, dashes and marker of the first, second, ... forecast of one picture.
CURVES = (
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": VERMILLION, "linestyle": "--", "marker": "s"},
    {"color": GREEN, "linestyle": "-.", "marker": "^"},
    {"color": PURPLE, "linestyle": ":", "marker": "D"},
)


def pyplot(caller: str) -> Any:
    """Import matplotlib's pyplot, or say how to get it."""
    try:
        return import_module("matplotlib.pyplot")
    except ImportError as error:
        raise ImportError(
            f"{caller} needs matplotlib; install it with "
            "pip install 'sklearn-negloss[plot]'."
        ) from error


def axes(ax: Any, caller: str, figsize: tuple[float, float]) -> Any:
    """Return the axes to draw on, new ones if none are given."""
    plt = pyplot(caller)
    if ax is None:
        return plt.subplots(figsize=figsize, layout="constrained")[1]
    if not isinstance(ax, import_module("matplotlib.axes").Axes):
        got = f"{np.size(ax)} of them in one" if isinstance(ax, np.ndarray) else "a"
        raise TypeError(
            f"ax must be one matplotlib axes; got {got} {type(ax).__name__}; pass one, "
            "such as figure.axes[0], or None for a new figure."
        )
    # Maps, polar and three-dimensional axes lack a side, or have one more.
    if not {"top", "right"} <= {*ax.spines} or hasattr(ax, "zaxis"):
        raise ValueError(
            f"ax must have straight x and y axes; got {ax.name} axes; make it without "
            "a projection."
        )
    return ax


def plain(text: Any) -> str:
    """Return text that can be drawn: a dollar sign that starts no formula is escaped."""
    return "\n".join(map(_plain_line, str(text).split("\n")))


def _plain_line(line: str) -> str:
    """Leave a formula that matplotlib can read, and escape the dollars of any other."""
    if "$" not in line:
        return line
    try:
        import_module("matplotlib.mathtext").MathTextParser("path").parse(line)
    except ValueError:
        return re.sub(r"(?<!\\)\$", r"\\$", line)
    return line


def merged(kwargs: Mapping[str, Any] | None, artist: str, **defaults: Any) -> Any:
    """Return defaults with what the user wants instead, under any of its names."""
    module, kind = artist.split(".")
    artist_class = getattr(import_module(f"matplotlib.{module}"), kind)
    normalize = import_module("matplotlib.cbook").normalize_kwargs
    return {**defaults, **normalize(dict(kwargs or {}), artist_class)}


def ink() -> Any:
    """Return the colour of text in the user's style."""
    return import_module("matplotlib").rcParams["text.color"]


def outline(ax: Any) -> list[Any]:
    """Return an outline that keeps text readable on top of lines."""
    stroke = import_module("matplotlib.patheffects").withStroke
    return [stroke(linewidth=2.5, foreground=ax.get_facecolor())]


def number(value: float, sign: str = "") -> str:
    """Return two digits, with a true minus sign."""
    return f"{value:{sign}.2f}".replace("-", "\N{MINUS SIGN}")


def tidy(ax: Any) -> None:
    """Take away the frame on the sides that hold no scale."""
    ax.spines[["top", "right"]].set_visible(False)


def first(ax: Any, mark: str) -> bool:
    """Whether nothing of this mark is on the axes yet, so that it is drawn once."""
    return all(artist.get_gid() != mark for artist in ax.get_children())


def count(ax: Any, mark: str) -> int:
    """How many artists of this mark are on the axes."""
    return sum(artist.get_gid() == mark for artist in ax.get_children())
