"""A progress bar, where rich is installed and somebody is watching."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def show_progress(items: Iterable[Any], total: int, label: str | None) -> Iterable[Any]:
    """Pass the items on; with a label, show on a terminal how many have come."""
    if label is None:
        return items
    try:
        from rich.console import Console
        from rich.progress import track
    except ImportError:
        return items
    # On stderr and gone when done: what fit prints stays one line per round.
    console = Console(stderr=True)
    return track(
        items,
        label,
        total,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
