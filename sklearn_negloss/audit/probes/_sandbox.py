"""Where a callable of a user runs: counted, timed, and unable to leave traces."""

from __future__ import annotations

import copy
import io
import random
import sys
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

# A probe of one callable makes at most so many calls, and starts none after so long.
MAX_CALLS = 1_000
MAX_SECONDS = 1.5

# Calls as short as this are only late because the machine is busy: then the seconds
# that the processor spent count, so that a probe comes to the same end under load.
SHORT_CALL = 0.02

# Of the message of an error, so much is quoted, in whole words.
MOST_TEXT = 200

# Seed of the global generators while a callable runs, so that probes repeat.
SEED = 0


class RefusedCall(Exception):
    """The callable raised, or returned what is no number."""


class BudgetSpent(Exception):
    """The callable is too slow to be probed any further."""


class Sandbox:
    """Calls callables within a budget.

    Parameters
    ----------
    max_calls : int
        Greatest number of calls.
    max_seconds : float, default=None
        No call starts after the calls have taken so long together; None takes
        `MAX_SECONDS`.
    """

    def __init__(
        self, max_calls: int = MAX_CALLS, max_seconds: float | None = None
    ) -> None:
        self.max_calls = max_calls
        self.max_seconds = MAX_SECONDS if max_seconds is None else max_seconds
        self.calls, self.seconds, self.busy = 0, 0.0, 0.0

    @property
    def spent(self) -> bool:
        """Whether calls or seconds are used up."""
        short = self.seconds <= SHORT_CALL * self.calls
        used = self.busy if short else self.seconds
        return self.calls >= self.max_calls or used > self.max_seconds

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function on copies of its arguments.

        Parameters
        ----------
        function : callable
            What to call.
        *args, **kwargs : object
            Its arguments; arrays are copied, so that it may write to them.

        Returns
        -------
        value : object
            What it returned.

        Raises
        ------
        RefusedCall
            If it raised.
        BudgetSpent
            If calls or seconds are used up.
        """
        if self.spent:
            raise BudgetSpent(
                f"the probe stopped after {self.calls} calls that took "
                f"{self.seconds:.1f} s"
            )
        args = tuple(_copied(value) for value in args)
        kwargs = {name: _copied(value) for name, value in kwargs.items()}
        self.calls += 1
        start, busy = time.perf_counter(), time.process_time()
        try:
            with traceless():
                return function(*args, **kwargs)
        except (Exception, SystemExit) as error:
            first = (str(error).strip().splitlines() or [""])[0]
            short = textwrap.shorten(first, MOST_TEXT, placeholder=" ...")
            raise RefusedCall(f"{type(error).__name__}: {short}") from None
        finally:
            self.seconds += time.perf_counter() - start
            self.busy += time.process_time() - busy


def _copied(value: Any) -> Any:
    """Return a copy of an array, or of a list of them."""
    if isinstance(value, np.ndarray):
        return value.copy()
    return copy.deepcopy(value) if isinstance(value, list) else value


@contextmanager
def traceless() -> Iterator[None]:
    """Leave random states, warnings, floating-point errors and streams as they were."""
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    torch: Any = sys.modules.get("torch")
    torch_state = torch.get_rng_state() if hasattr(torch, "get_rng_state") else None
    try:
        random.seed(SEED)
        np.random.seed(SEED)  # noqa: NPY002
        if torch_state is not None:
            torch.manual_seed(SEED)
        with (
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        if torch_state is not None:
            torch.set_rng_state(torch_state)
