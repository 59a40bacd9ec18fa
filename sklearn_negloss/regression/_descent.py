"""Block-coordinate descent on the Gaussian negative log likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sklearn_negloss.regression._calibration import (
    Calibration,
    Floats,
    blend,
    calibrate_variance,
    gaussian_nll,
)
from sklearn_negloss.regression._cross_fit import (
    Target,
    average,
    check_positive,
    cross_fit,
    fit_on,
    over_repeats,
)
from sklearn_negloss.regression._folds import (
    Design,
    honest_squares,
    share_gained_by_all,
)


@dataclass(frozen=True)
class Part:
    """One of the two regressors, and how to fit it."""

    members: Sequence[Any]  # several only for the built-in mean
    units: Target  # its own units: a given regressor sees y as it is
    params: dict[str, Any]  # what fit receives beside X, y and weights
    weight: Floats | None  # the user's weights, if any came
    keyword: str | None  # under which fit takes weights, None if it takes none
    built_in: bool

    def fit_params(self, factor: Floats | None) -> dict[str, Any]:
        """Return fit's keywords: weights only if there are any."""
        if factor is None and self.weight is None:
            return self.params
        weight = 1.0 if self.weight is None else self.weight
        weight = weight * (1.0 if factor is None else factor)
        return {**self.params, str(self.keyword): weight}


@dataclass(frozen=True)
class Problem:
    """The data, standardised: t = (y - mean) / sd."""

    X: Any
    t: Floats
    weight: Floats
    floor: float
    design: Design
    mean: Part
    variance: Part
    n_jobs: int | None
    verbose: int


@dataclass(frozen=True)
class Step:
    """The state after one round of both blocks."""

    loss: float
    factor: Floats | None  # what the mean's weights were multiplied by
    coefficients: Floats
    r2: Floats
    log_s2: Floats
    offset: float
    slope: float
    mean_models: list[list[Any]]
    variance_models: list[list[Any]]


def descend(
    problem: Problem,
    *,
    max_iter: int,
    tol: float,
    beta: float,
    log_scale: float,
) -> tuple[Step, list[float]]:
    """Alternate the blocks while the out-of-fold loss falls.

    Return the best step, and the loss of each round in the units of y.
    """
    best = step = _one_round(problem, None)
    curve = [step.loss + log_scale]
    _report(problem.verbose, curve, max_iter, step)
    # A mean that takes no weights cannot change: another round would be the same.
    fixed = problem.mean.keyword is None or beta == 1
    for _ in range(1, 1 if fixed else max_iter):
        problem = _without_idle_members(problem, step.coefficients)
        factor = np.exp((beta - 1) * step.log_s2)
        factor /= np.average(factor, weights=problem.weight)
        step = _one_round(problem, factor)
        curve.append(step.loss + log_scale)
        _report(problem.verbose, curve, max_iter, step)
        gained = best.loss - step.loss
        if gained > 0:
            best = step
        if gained < tol:
            break
    return best, curve


def _report(verbose: int, curve: list[float], max_iter: int, step: Step) -> None:
    if verbose:
        print(  # noqa: T201
            f"[ProbabilisticRegressor] round {len(curve)}/{max_iter}: out-of-fold "
            f"NLL {curve[-1]:.4f}, shrinkage {step.coefficients.sum():.3f}, slope "
            f"{step.slope:.3f}"
        )


def _without_idle_members(problem: Problem, coefficients: Floats) -> Problem:
    """Drop members that hardly count: later rounds need not fit them."""
    counts = coefficients >= 0.1 * coefficients.sum()
    if len(counts) != len(problem.mean.members) or counts.all():
        return problem
    members = [m for m, keep in zip(problem.mean.members, counts, strict=True) if keep]
    return replace(problem, mean=replace(problem.mean, members=members))


def _one_round(problem: Problem, factor: Floats | None) -> Step:
    p = problem
    models, predicted = _fit_mean(p, factor)
    M = np.column_stack(
        [over_repeats(q, p.design.mean, len(p.t))[0] for q in predicted]
    )
    w = p.weight if factor is None else p.weight * factor
    c = blend(M, p.t, w)
    step = _given_mean(p, factor, models, predicted, c)
    if len(c) > 1 and np.count_nonzero(c) > 1:
        # Least squares sees the noisiest rows most. Where sigma varies by orders of
        # magnitude the blend can be worse than its first member: let the loss decide.
        first = np.zeros(len(c))
        first[:1] = blend(M[:, :1], p.t, w)
        alone = _given_mean(p, factor, models, predicted, first)
        step = min(step, alone, key=lambda s: s.loss)
    return step


def _given_mean(
    problem: Problem,
    factor: Floats | None,
    mean_models: list[list[Any]],
    predicted: list[list[Floats]],
    c: Floats,
) -> Step:
    """Fit the variance block for one combination of the mean's members."""
    p = problem
    blended = [np.column_stack(fold) @ c for fold in zip(*predicted, strict=True)]
    m, _ = over_repeats(blended, p.design.mean, len(p.t))
    e2 = (p.t - m) ** 2
    r2 = np.maximum(e2, p.floor**2)
    targets = honest_squares(blended, p.t, p.floor**2, r2, p.design)
    variance_models, log_v = _fit_variance(p, targets)
    offset, slope = calibrate_variance(r2, log_v, p.weight)
    log_s2 = np.maximum(offset + slope * log_v, 2 * np.log(p.floor))
    loss = gaussian_nll(e2, log_s2, p.weight)
    if p.mean.built_in:
        # A member that validates itself is kept as one model: it is not averaged.
        averaged = c * [len(group) > 1 for group in mean_models]
        parts = [
            np.column_stack(fold) @ averaged for fold in zip(*predicted, strict=True)
        ]
        _, spread = over_repeats(parts, p.design.mean, len(p.t))
        offset += _log_gain_of_averaging(p, spread, e2, log_s2)
    # The variance was learnt from these; where it is refitted, it is from their mean.
    r2 = np.mean(targets, axis=0)
    return Step(
        loss, factor, c, r2, log_s2, offset, slope, mean_models, variance_models
    )


def _log_gain_of_averaging(
    problem: Problem, spread: Floats, e2: Floats, log_s2: Floats
) -> float:
    """Return by how much averaging all fold models lowers the log variance.

    A row is predicted out of fold by the few models that left it out, later by the
    average of all. What the few add to the squared error, beside what all have in
    common, is a share of the variance among them.
    """
    w = problem.weight
    share = share_gained_by_all(problem.design)
    total = np.average(e2 * np.exp(-log_s2), weights=w)
    if share == 0 or total == 0:
        return 0.0
    gained = share * np.average(spread * np.exp(-log_s2), weights=w)
    # Half is a guard: the estimate is noisy where the errors have heavy tails.
    return float(np.log(max(0.5, 1 - gained / total)))


def _fit_mean(
    problem: Problem, factor: Floats | None
) -> tuple[list[list[Any]], list[list[Floats]]]:
    part, folds = problem.mean, problem.design.mean
    y = part.units.to_regressor(problem.t)
    if part.built_in:
        # Eleven decimals of a standard deviation are kept, so that the rounding of a
        # change of units cannot turn a tie of the trees: y * 1e12 has the same fit.
        y = np.round(y, 11)
    models, predicted = cross_fit(
        part.members,
        problem.X,
        [y] * len(folds),
        part.fit_params(factor),
        folds,
        n_jobs=problem.n_jobs,
        progress="mean" if problem.verbose else None,
    )
    return models, [[part.units.from_regressor(p) for p in ps] for ps in predicted]


def _fit_variance(
    problem: Problem, targets: list[Floats]
) -> tuple[list[list[Any]], Floats]:
    """Return the models, and the logarithm of the out-of-fold variances."""
    part, folds = problem.variance, problem.design.variance
    models, predicted = cross_fit(
        part.members,
        problem.X,
        [part.units.to_regressor(t) for t in targets],
        part.fit_params(None),
        folds,
        n_jobs=problem.n_jobs,
        progress="variance" if problem.verbose else None,
    )
    logs = [np.log(check_positive(v, part.members[0])) for v in predicted[0]]
    log_v, _ = over_repeats(logs, folds, len(problem.t))
    return models, log_v - np.log(part.units.scale)


def finish(problem: Problem, step: Step, outer: Target) -> tuple[Any, Any, Calibration]:
    """Return both fitted regressors and the calibration, in the units of y."""
    shrinkage = float(step.coefficients.sum())
    # With a mean shrunk to nothing the members' shares are arbitrary: the first.
    shares = np.eye(len(step.coefficients))[0]
    if shrinkage > 0:
        shares = step.coefficients / shrinkage
    mean = _keep(problem, problem.mean, step, step.mean_models, shares, outer)
    squared = Target(0.0, outer.scale**2)
    variance = _keep(
        problem, problem.variance, step, step.variance_models, np.ones(1), squared
    )
    seen = squared if problem.variance.built_in else problem.variance.units
    offset = step.offset + 2 * np.log(outer.scale) - step.slope * np.log(seen.scale)
    return mean, variance, Calibration(shrinkage, float(offset), float(step.slope))


def _keep(
    problem: Problem,
    part: Part,
    step: Step,
    models: list[list[Any]],
    shares: Floats,
    outer: Target,
) -> Any:
    """Average a built-in regressor's fold models; refit a given one on all rows."""
    is_mean = part is problem.mean
    if part.built_in:
        return average(models, shares, outer, log=not is_mean)
    t, factor = (problem.t, step.factor) if is_mean else (step.r2, None)
    y = part.units.to_regressor(t)
    return fit_on(part.members[0], problem.X, y, part.fit_params(factor), None)
