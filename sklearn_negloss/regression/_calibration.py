"""The convex steps of the fit: blend and shrink means, calibrate variances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar, nnls

Floats = NDArray[np.float64]

# In units of the target's standard deviation. Below the least floor a sigma claims to
# know the target to a thousandth of its spread, which out-of-fold residuals of a few
# hundred rows cannot support; above the greatest, the step of a count or a label (the
# unit itself) would forbid the small sigmas that a rare count has.
LEAST_FLOOR = 1e-3
GREATEST_FLOOR = 0.1
HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


class Calibration(NamedTuple):
    """What turns raw predictions into mu and sigma.

    ``mu = baseline mean + shrinkage * (m - baseline mean)`` and
    ``log sigma^2 = offset + slope * log v``, with m and v the predictions of
    ``mean_regressor_`` and ``variance_regressor_``.
    """

    shrinkage: float
    offset: float
    slope: float


def sigma_floor(t: Floats) -> float:
    """Return the least sigma of a standardised target, from its own resolution.

    Values rounded to steps of d carry a rounding error of standard deviation
    d / sqrt(12): a smaller sigma would predict digits that were never recorded.
    """
    values = np.unique(np.round(t, 9))
    step = np.diff(values).min() if values.size > 1 else 0.0
    return float(np.clip(step / np.sqrt(12), LEAST_FLOOR, GREATEST_FLOOR))


def gaussian_nll(r2: Floats, log_s2: Floats, weight: Floats) -> float:
    """Return the weighted mean Gaussian NLL of squared residuals."""
    loss = HALF_LOG_2PI + 0.5 * (log_s2 + r2 * np.exp(-log_s2))
    return float(np.average(loss, weights=weight))


def blend(M: Floats, t: Floats, weight: Floats) -> Floats:
    """Return coefficients c >= 0, sum(c) <= 1, of the best combination M c of t.

    Columns and target are centred at the baseline mean, so that a sum below one
    shrinks towards the constant baseline. Without it, pure noise costs 0.1 nat.
    """
    root = np.sqrt(weight / weight.sum())
    A, b = M * root[:, None], t * root
    # The gram form keeps the problem at the number of members, whatever the rows.
    gram, target = A.T @ A, A.T @ b
    jitter = 1e-10 * max(np.trace(gram), np.finfo(float).tiny)
    L = np.linalg.cholesky(gram + jitter * np.eye(len(gram)))
    b = np.linalg.solve(L, target)
    c, _ = nnls(L.T, b)
    if c.sum() <= 1:
        return c
    # On the simplex: the constraint as one heavy row.
    heavy = 1e4 * np.sqrt(np.trace(gram))
    c, _ = nnls(np.vstack([L.T, np.full(len(c), heavy)]), np.append(b, heavy))
    return c / c.sum()


def calibrate_variance(
    r2: Floats, log_v: Floats, weight: Floats
) -> tuple[float, float]:
    """Return (offset, slope) of log s2 = offset + slope log v of least Gaussian NLL.

    The slope lies in [0, 1]: at 0 sigma is constant, at 1 the variance regressor is
    trusted as it is. Convex, because the best offset is had in closed form.
    """
    centre = float(np.average(log_v, weights=weight))
    d = log_v - centre

    def log_scale(slope: float) -> float:
        return float(np.log(np.average(r2 * np.exp(-slope * d), weights=weight)))

    # The mean of d is zero, so the profile loss is half the log scale alone.
    slope = float(minimize_scalar(log_scale, bounds=(0, 1), method="bounded").x)
    slope = min((0.0, 1.0, slope), key=log_scale)
    return log_scale(slope) - slope * centre, slope
