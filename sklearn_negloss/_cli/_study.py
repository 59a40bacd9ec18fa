"""The main job: one set of forecasts, its loss in several units, and its gain."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import KFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from sklearn_negloss._cli._files import UnusableInputError
from sklearn_negloss._cli._missing import noted
from sklearn_negloss._cli._table import Floats, Table
from sklearn_negloss._validation import did_you_mean
from sklearn_negloss.audit import AuditReport, audit
from sklearn_negloss.distributions import Normal
from sklearn_negloss.distributions._adapters import predict_dist
from sklearn_negloss.metrics import (
    dawid_sebastiani_loss,
    gaussian_crps_loss,
    gaussian_nll_loss,
)
from sklearn_negloss.regression import ProbabilisticRegressor

LOSSES: dict[str, Callable[..., Any]] = {
    "dawid_sebastiani": dawid_sebastiani_loss,
    "gaussian_crps": gaussian_crps_loss,
    "gaussian_nll": gaussian_nll_loss,
}
N_FOLDS = 5
DIVISOR = 1000.0

# The rule that finds the target among the features.
LEAK = "NEG407"

# A gain within so many standard errors of zero is not told apart from none.
SIGNIFICANT = 3.0


@dataclass(frozen=True)
class Row:
    """The loss of the same forecasts in one unit of the target."""

    unit: str
    target_std: float
    baseline_loss: float
    model_loss: float
    gain: float


@dataclass(frozen=True)
class Study:
    """What the command prints."""

    source: str
    target: str
    n_samples: int
    n_features: int
    model: str
    n_folds: int
    loss: str
    rows: list[Row]
    gain: float
    gain_standard_error: float
    notes: list[str]
    verdict: str
    report: AuditReport

    def to_page(self) -> str:
        """Return the audit as an HTML page."""
        title = f"Audit of {self.model} on {self.target} ({self.source})"
        return noted(self.report, self.notes).to_page(title)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that JSON can hold."""
        plain = {k: v for k, v in vars(self).items() if k != "report"}
        audited = self.report.to_dict()
        rows = [asdict(row) for row in self.rows]
        return plain | {"rows": rows, "findings": audited["findings"], "audit": audited}


@dataclass(frozen=True)
class Forecasts:
    """Out-of-fold forecasts of a model and of the constant baseline."""

    y: Floats
    mu: Floats
    sigma: Floats
    baseline_mu: Floats
    baseline_sigma: Floats

    def in_unit(self, factor: float, offset: float = 0.0) -> Forecasts:
        """Return the same forecasts of ``factor * (y - offset)``."""
        return Forecasts(
            factor * (self.y - offset),
            factor * (self.mu - offset),
            factor * self.sigma,
            factor * (self.baseline_mu - offset),
            factor * self.baseline_sigma,
        )


def study(
    table: Table,
    loss: str = "gaussian_nll",
    *,
    ignore: Sequence[str] = (),
    show_progress: bool = False,
) -> Study:
    """Cross-validate a model, and say what the sign of its loss means."""
    if loss not in LOSSES:
        raise UnusableInputError(
            f"--loss must be one of {', '.join(LOSSES)} here; got {loss!r}; "
            f"{did_you_mean(loss.removeprefix('neg_'), LOSSES)}forecasts of other losses "
            "are audited as columns of a table."
        )
    # On a busy machine, the threads of the trees wait for each other: seconds turn into
    # minutes. Tables of this command are small enough for one.
    with threadpool_limits(1):
        forecasts = _cross_validate(_model(), table, show_progress)
    rows = [
        _row(unit, forecasts.in_unit(*scale), loss) for unit, scale in _units(table.y)
    ]
    gains = _gains(forecasts)
    gain, error = float(gains.mean()), float(gains.std(ddof=1) / math.sqrt(gains.size))
    report = _report(forecasts, table, loss, ignore)
    return Study(
        source=table.source,
        target=table.target,
        n_samples=table.y.size,
        n_features=table.X.shape[1],
        model=ProbabilisticRegressor.__name__,
        n_folds=N_FOLDS,
        loss=loss,
        rows=rows,
        gain=gain,
        gain_standard_error=error,
        notes=table.notes,
        verdict=_doubt(report, gain) or _verdict(rows, loss, gain, error),
        report=report,
    )


def _model() -> Any:
    """Return the model: five folds, whatever the size, keep the demonstration short."""
    return ProbabilisticRegressor(cv=5, random_state=0)


def _cross_validate(model: Any, table: Table, show_progress: bool) -> Forecasts:
    """Forecast every sample from the folds that do not hold it."""
    X, y = table.X, table.y
    mu, sigma, baseline_mu, baseline_sigma = (np.empty(y.size) for _ in range(4))
    folds = list(KFold(N_FOLDS, shuffle=True, random_state=0).split(X))
    for train, test in _progress(folds, show_progress):
        if np.ptp(y[train]) == 0:
            raise UnusableInputError(
                f"target {table.target!r} is {y[train][0]:.6g} in nearly all rows, so that "
                "a training fold holds nothing else; there is too little to predict."
            )
        dist = predict_dist(clone(model).fit(X[train], y[train]), X[test])
        mu[test], sigma[test] = dist.mean(), dist.std()
        baseline_mu[test], baseline_sigma[test] = y[train].mean(), y[train].std()
    return Forecasts(y, mu, sigma, baseline_mu, baseline_sigma)


def _progress(folds: list[Any], show: bool) -> Iterable[Any]:
    """Show progress on a terminal, where rich is installed."""
    if not show:
        return folds
    try:
        from rich.progress import track
    except ImportError:
        return folds
    shown: Iterator[Any] = iter(track(folds, "Cross-validating", transient=True))
    return shown


def _units(y: Floats) -> list[tuple[str, tuple[float, float]]]:
    """Units of the target, as factor and offset."""
    return [
        ("as given", (1.0, 0.0)),
        (f"divided by {DIVISOR:.0f}", (1.0 / DIVISOR, 0.0)),
        ("standardised", (1.0 / float(y.std()), float(y.mean()))),
    ]


def _row(unit: str, forecasts: Forecasts, loss: str) -> Row:
    """Score model and baseline in one unit."""
    f, score = forecasts, LOSSES[loss]
    return Row(
        unit=unit,
        target_std=float(f.y.std()),
        baseline_loss=float(score(f.y, f.baseline_mu, f.baseline_sigma)),
        model_loss=float(score(f.y, f.mu, f.sigma)),
        gain=float(_gains(f).mean()),
    )


def _gains(f: Forecasts) -> Floats:
    """Nats by which the model beats the baseline, for each sample."""
    model, baseline = Normal(f.mu, f.sigma), Normal(f.baseline_mu, f.baseline_sigma)
    return model.logpdf(f.y) - baseline.logpdf(f.y)


def _report(
    f: Forecasts, table: Table, loss: str, ignore: Sequence[str]
) -> AuditReport:
    """Audit the forecasts of samples that the model had not seen, and its features."""
    X = _named(table)
    try:
        return audit(y_true=f.y, mu=f.mu, sigma=f.sigma, X=X, loss=loss, ignore=ignore)
    except ValueError as error:
        raise UnusableInputError(str(error)) from None


def _named(table: Table) -> Any:
    """Return the features with their names, where a file gave them some."""
    if not table.features:
        return table.X
    import pandas as pd

    return pd.DataFrame(table.X, columns=table.features)


def _doubt(report: AuditReport, gain: float) -> str:
    """Say what makes the gain worthless; nothing if it is worth what it says."""
    for finding in report.findings:
        if finding.severity == "error" or finding.code == LEAK:
            return (
                f"{finding.message} Until that is mended, the gain of {gain:.3f} nats per "
                "sample over a constant baseline says nothing about the model."
            )
    return ""


def _verdict(rows: list[Row], loss: str, gain: float, error: float) -> str:
    """Say what the numbers mean, in plain words."""
    signs = {row.model_loss < 0 for row in rows}
    if len(signs) == 2:
        sign = (
            "The sign follows the unit of the target and says nothing about the model."
        )
    elif loss == "gaussian_crps":
        sign = (
            "CRPS is never negative, and grows and shrinks with the unit of the target."
        )
    else:
        sign = "The loss moves with the unit; its sign says nothing about the model."
    return f"{sign} {_quality(gain, error)}"


def _quality(gain: float, error: float) -> str:
    """Say whether the model beats the baseline."""
    if gain > SIGNIFICANT * error:
        return f"The model beats the constant baseline by {gain:.3f} nats per sample."
    if gain < -SIGNIFICANT * error:
        return (
            f"The model is worse than the constant baseline by {-gain:.3f} nats per "
            "sample; do not use it."
        )
    return (
        f"The model is not told apart from the constant baseline: a gain of {gain:.3f} "
        f"nats per sample, with a standard error of {error:.3f}."
    )
