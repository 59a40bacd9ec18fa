"""The command line: a demonstration on bundled data, and an audit of your table."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any

__all__ = ["main"]

# 128 and the number of the signal, as shells report a program that Ctrl-C has ended.
INTERRUPTED = 130

# Clears the line of a progress bar, and shows the cursor that it hid.
CLEARED = b"\r\x1b[2K\x1b[?25h"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, default=None
        Arguments; None takes those of the process, and then Ctrl-C ends it with one
        line and status 130.

    Returns
    -------
    status : int
        0; 1 if a finding is of severity error; 2 if the input cannot be used.
    """
    # Whoever has SIGINT ignored (nohup) or calls from Python has a say of their own.
    if argv is None and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    # Only now, so that Ctrl-C is answered while these libraries load, too.
    from sklearn_negloss._cli._main import run

    return run(argv)


def _leave(*_: Any) -> None:
    """Leave at once: compiled libraries swallow or disguise a KeyboardInterrupt."""
    # `print` may be in the middle of something when the signal comes.
    if os.isatty(1):
        os.write(1, CLEARED)
    os.write(2, b"sklearn-negloss: interrupted.\n")
    os._exit(INTERRUPTED)
