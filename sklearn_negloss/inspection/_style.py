"""How pictures look, and the one place that imports matplotlib.

Colours are those of Okabe and Ito, which readers with any colour vision tell apart.
No meaning rests on colour alone: hatches, line styles and labels carry it too, so a
copy in grey says the same. Lines and text that belong to the frame take their colour
from the user's style, so that they show on a dark page.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

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
    if ax is not None:
        return ax
    return pyplot(caller).subplots(figsize=figsize, layout="constrained")[1]


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
