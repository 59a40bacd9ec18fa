"""The audit of columns of a file: a target, its transform, and forecasts of it."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from sklearn_negloss._cli._files import (
    UnusableInputError,
    check_numeric,
    is_numeric,
    read_frame,
)
from sklearn_negloss._cli._missing import complete_rows, noted
from sklearn_negloss._validation import did_you_mean
from sklearn_negloss.audit import AuditReport, audit
from sklearn_negloss.audit.case._declared import declared_loss
from sklearn_negloss.distributions.transforms._maps import KNOWN
from sklearn_negloss.metrics import LOSS_FACTS, get_scorer_names


@dataclass(frozen=True)
class Audited:
    """What was audited, and what came of it."""

    source: str
    target: str
    n_samples: int
    report: AuditReport
    notes: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)

    def to_page(self) -> str:
        """Return the report as an HTML page."""
        return self.report.to_page(f"Audit of {self.target} in {self.source}")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that JSON can hold."""
        about = {k: v for k, v in vars(self).items() if k not in ("report", "more")}
        return about | self.report.to_dict()


def _function(part: Any) -> Callable[[], Any]:
    """Return what makes a transformer of a function that is known."""
    return lambda: FunctionTransformer(part.forward, part.inverse, check_inverse=False)


TRANSFORMS: dict[str, Callable[[], Any]] = {
    **{part.name: _function(part) for part in KNOWN},
    "asinh": lambda: FunctionTransformer(np.arcsinh, np.sinh, check_inverse=False),
    "box-cox": lambda: PowerTransformer("box-cox"),
    "max-abs": MaxAbsScaler,
    "min-max": MinMaxScaler,
    "quantile": QuantileTransformer,
    "robust": RobustScaler,
    "standard": StandardScaler,
    "yeo-johnson": PowerTransformer,
}


def audit_file(arguments: argparse.Namespace, ignore: list[str]) -> Audited:
    """Audit the columns of a file that the arguments name.

    Parameters
    ----------
    arguments : argparse.Namespace
        Of the command ``audit``.
    ignore : list of str
        Codes of rules that shall not run.

    Returns
    -------
    audited : Audited
        The report, and what had to be left out.
    """
    columns = _columns(arguments)
    _check_loss(arguments.loss)
    frame = read_frame(arguments.file, [c for names in columns.values() for c in names])
    if frame.empty:
        raise UnusableInputError(f"{arguments.file} holds no rows below its header.")
    frame, notes = complete_rows(arguments.file, frame, arguments.drop_missing)
    given = {role: _values(frame, role, names) for role, names in columns.items()}
    try:
        if arguments.transform is not None:
            given["transformer"] = fitted(arguments.transform, given["y_true"])
        named = {"loss": arguments.loss, "loss_value": arguments.loss_value}
        report = audit(**given, **named, ignore=ignore)
    except (ValueError, TypeError) as error:
        raise UnusableInputError(f"{arguments.file}: {error}") from None
    name, report = Path(arguments.file).name, noted(_unhinted(report), notes)
    more = _more(arguments)
    return Audited(name, arguments.target, len(frame), report, notes, more)


def _columns(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """Return the names of the columns for each input of the audit."""
    named = {"y_true": [arguments.target], "y_prob": arguments.prob}
    named |= {k: v and [v] for k, v in vars(arguments).items() if k in ("mu", "sigma")}
    columns = {role: names for role, names in named.items() if names}
    if ("mu" in columns) != ("sigma" in columns):
        raise UnusableInputError("--mu and --sigma go together; give both columns.")
    return columns


def _check_loss(name: str | None) -> None:
    """Refuse the name of a loss that nobody knows, in the words of the command line."""
    if name is None:
        return
    try:
        declared_loss(name)
    except ValueError:
        known = sorted(LOSS_FACTS)
        theirs = {scorer.removeprefix("neg_") for scorer in get_scorer_names()}
        hint = did_you_mean(name.removeprefix("neg_"), theirs.union(known))
        raise UnusableInputError(
            f"--loss must be the name of a loss; got {name!r}; {hint}known are "
            f"{', '.join(known)}, and the scorers of scikit-learn, such as log_loss."
        ) from None


def _unhinted(report: AuditReport) -> AuditReport:
    """Return a report without the advice to give more, which names Python's arguments.

    `_more` says the same in options.
    """
    ran = sum(report.counts.get(outcome, 0) for outcome in ("clear", "found"))
    hint = f" Only {ran} of {len(report.outcomes)} rules had"
    return replace(report, summary=report.summary.partition(hint)[0])


def _more(arguments: argparse.Namespace) -> list[str]:
    """Return the options that would let more rules run, where there are no forecasts."""
    if arguments.mu is not None or arguments.prob is not None:
        return []
    value = ["--loss-value"] if arguments.loss_value is None else []
    return ["--mu and --sigma", "--prob", *value, "--cross-validate"]


def _values(frame: Any, role: str, names: list[str]) -> Any:
    """Return the columns for one input, in the dtype of the file."""
    labels = role == "y_true" and frame.shape[1] > 1 and not is_numeric(frame[names[0]])
    arrays = []
    for name in names:
        column = frame[name]
        if not labels:
            words = {"y_true": "target", "y_prob": "--prob"}.get(role, f"--{role}")
            check_numeric(column, f"{words} {name!r}")
        dtype = getattr(column.dtype, "numpy_dtype", None)  # of a nullable column
        arrays.append(column.to_numpy() if labels else column.to_numpy(dtype=dtype))
    return arrays[0] if len(arrays) == 1 else np.column_stack(arrays)


def fitted(chain: str, y: Any) -> Any:
    """Return a transformer of a target, fitted to the values that it can take.

    Parameters
    ----------
    chain : str
        Names of `TRANSFORMS`, separated by commas.
    y : ndarray of shape (n_samples,)
        Target. Values that a step cannot take are a finding of the audit, not a reason
        to refuse.

    Returns
    -------
    transformer : object
        One transformer, or a pipeline of several.
    """
    if np.asarray(y).dtype.kind not in "fiub":
        raise UnusableInputError("--transform needs a numeric target.")
    steps: list[tuple[str, Any]] = []
    values = np.asarray(y, dtype=np.float64)
    for name in chain.split(","):
        if name.strip() not in TRANSFORMS:
            raise UnusableInputError(
                f"--transform must be one of {', '.join(sorted(TRANSFORMS))}, or several "
                f"with commas between; got {name!r}."
            )
        step = TRANSFORMS[name.strip()]()
        values = values[np.isfinite(values)]
        values = values[values > 0] if name.strip() == "box-cox" else values
        if not values.size:
            raise UnusableInputError(f"--transform {chain} can take no value of y.")
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fewer samples than quantiles
            values = step.fit_transform(values.reshape(-1, 1)).reshape(-1)
        steps.append((f"{len(steps)} {name.strip()}", step))
    return steps[0][1] if len(steps) == 1 else Pipeline(steps)
