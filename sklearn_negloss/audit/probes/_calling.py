"""Calling a loss of NumPy arrays or of tensors, and reading one number from it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_negloss.audit.probes._roles import Roles
from sklearn_negloss.audit.probes._sandbox import RefusedCall, Sandbox

Forecast = Mapping[str, Any]


def is_torch(loss: Any) -> bool:
    """Whether a loss is made by torch, whose tensors it needs then."""
    torch = sys.modules.get("torch")
    module = getattr(loss, "__module__", None) or ""
    if torch is None:
        return False
    return isinstance(loss, torch.nn.Module) or module.split(".")[0] == "torch"


def torch_imported() -> bool:
    """Whether tensors could be made."""
    return hasattr(sys.modules.get("torch"), "as_tensor")


class Caller:
    """Calls a loss by the roles of its parameters.

    Parameters
    ----------
    loss : callable
        Loss.
    roles : Roles
        How to call it.
    tensors : bool
        Whether to hand over tensors.
    """

    def __init__(
        self, loss: Callable[..., Any], roles: Roles, tensors: bool, sandbox: Sandbox
    ) -> None:
        self.loss, self.roles, self.tensors = loss, roles, tensors
        self.sandbox = sandbox

    def __call__(self, y: Any, forecast: Forecast) -> float:
        """Return the mean of whatever the loss returns, or raise RefusedCall."""
        given = {"y": y, "weight": np.ones(len(y)), **forecast}
        args, kwargs = [], dict(self.roles.constants)
        for name, role, by_name in self.roles.order:
            if role not in given:
                raise RefusedCall(f"needs its parameter {name}")
            value = self._handed(given[role])
            if by_name:
                kwargs[name] = value
            else:
                args.append(value)
        return _mean(self.sandbox.call(self.loss, *args, **kwargs))

    def _handed(self, value: Any) -> Any:
        """Return an array as what the loss takes."""
        if not self.tensors or not isinstance(value, np.ndarray):
            return value
        torch = sys.modules["torch"]
        return torch.as_tensor(value.copy())


def _mean(value: Any) -> float:
    """Return one number: the value, or the mean of one number a sample."""
    detach = getattr(value, "detach", None)
    value = detach().cpu().numpy() if callable(detach) else value
    if isinstance(value, tuple | dict | set | str) or value is None:
        raise RefusedCall(f"returned {type(value).__name__}, not a number")
    try:
        array: NDArray[Any] = np.asarray(value)
        numbers = array.astype(np.float64) if array.dtype.kind in "fiub" else None
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or not numbers.size:
        raise RefusedCall(f"returned {type(value).__name__}, not a number")
    return float(numbers.mean())
