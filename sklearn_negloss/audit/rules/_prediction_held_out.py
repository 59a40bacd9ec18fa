"""4xx: losses that held-out data would not repeat."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from scipy import sparse

from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._forecast import Floats, Forecast
from sklearn_negloss.audit.case._inputs import is_text
from sklearn_negloss.audit.case._measured import agrees
from sklearn_negloss.audit.rules._prediction_sigma import excess, mean_square


class InSampleOptimism(Rule):
    """The loss of the training data is far below that of the held-out data.

    **Why the loss goes negative.** A model that interpolates its training data predicts
    them exactly, with sigmas to match: their loss falls without bound, and says nothing
    of new data.

    **What is measured.** The held-out loss less the training loss. Found if it exceeds
    {errors:g} standard errors and {least_gap:g} nat, and either the squared standardised
    errors of the training data average below {least_square:g}, or those of the held-out
    data lie more than {errors:g} standard errors above 1. Of a fitted estimator the first
    is no fault (its mean may interpolate with an honest sigma), unless the loss that was
    reported is the training loss.

    **What to do.** Report the loss of held-out data or of cross-validation, and learn
    sigma from out-of-fold residuals.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> y, y_train, zeros = rng.normal(size=200), rng.normal(size=200), np.zeros(200)
    >>> def outcome(mu_train, sigma):
    ...     report = audit(
    ...         y_true=y, mu=zeros, sigma=sigma,
    ...         y_train=y_train, mu_train=mu_train, sigma_train=sigma,
    ...     )
    ...     return report.outcomes["NEG405"]
    >>> outcome(0.99 * y_train, 0.05)
    'found'
    >>> outcome(zeros, 1.0)
    'clear'
    """

    code = "NEG405"
    cause = "degenerate"
    severity = "warning"
    message = (
        "The loss is {train_loss:.4g} on the training data and {test_loss:.4g} on "
        "held-out data, {gap:.4g} nats apart (standard error {error:.2g}); squared "
        "standardised errors average {train_square:.3g} and {test_square:.3g}."
    )
    advice = (
        "Report the held-out loss, {test_loss:.4g}; learn sigma from out-of-fold "
        "residuals, and regularise until the two agree."
    )
    yields_to = ("NEG401", "NEG406")
    errors = 3.0
    least_gap = 0.5
    least_square = 0.1
    fewest = 20

    @classmethod
    def measure(
        cls,
        forecast: Forecast,
        train_forecast: Forecast,
        derived: tuple[str, ...],
        loss_value: float | None = None,
    ) -> Evidence | NotApplicable | None:
        """Compare the losses of training and held-out data."""
        if min(forecast.n, train_forecast.n) < cls.fewest:
            return NotApplicable(f"needs {cls.fewest} samples or more of both")
        test, train = forecast.loss, train_forecast.loss
        gap, error = test.value - train.value, math.hypot(test.error, train.error)
        square, train_square = mean_square(forecast), mean_square(train_forecast)
        # Collapsed held-out sigmas make the standard error as large as the loss.
        overconfident = excess(square) > cls.errors
        reported = loss_value is not None and agrees(loss_value, train.value)
        interpolates = train_square.value < cls.least_square
        quoted = reported or not {"mu", "mu_train"} & set(derived)
        if not gap > max(cls.errors * error, cls.least_gap):
            return None
        if not (overconfident or (interpolates and quoted)):
            return None
        return {
            "train_loss": train.value,
            "test_loss": test.value,
            "gap": gap,
            "error": error,
            "train_square": train_square.value,
            "test_square": square.value,
        }


class TargetLeakage(Rule):
    """The features hold the target, or the held-out samples were trained on.

    **Why the loss goes negative.** A feature that is a copy of the target leaves errors
    as small as the noise of the copy, and the loss follows their logarithm downwards,
    calibrated all the way, on held-out data too.

    **What is measured.** The correlation of each column of `X` with the target, found
    above {most:g} in size. With `X_train` and `y_train`, the share of samples that stand
    in the training data with features and target, found above {share:.0%} if the training
    data do not repeat themselves about as often. A target that physics determines by one
    feature is found as well: it is the same to a loss.

    **What to do.** Drop the feature, or split by group before anything else; if the
    feature is known when predictions are made, there is nothing to model.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 3))
    >>> y = X[:, 0] + rng.normal(size=200)
    >>> audit(y_true=y, X=X).outcomes["NEG407"]
    'clear'
    >>> audit(y_true=y, X=np.column_stack([X, 2 * y + 1])).outcomes["NEG407"]
    'found'
    """

    code = "NEG407"
    cause = "data"
    severity = "warning"
    message = "{what}: the loss tells how exact the copy is, and not what is predicted."
    advice = (
        "Drop what is not known when predictions are made, and keep copies of a sample "
        "on one side of the split (GroupKFold)."
    )
    most = 0.9999
    share = 0.5
    # Features of few values repeat by themselves; leaked samples beyond that.
    beyond_chance = 0.25
    fewest = 20

    @classmethod
    def measure(
        cls, y_labels: Any, X: Any, X_train: Any = None, y_train: Any = None
    ) -> Evidence | NotApplicable | None:
        """Look for the target in the features, and for the samples in the training."""
        if np.ndim(y_labels) == 2 and y_labels.shape[1] > 1:
            return NotApplicable("the target has several columns")
        if len(y_labels) < cls.fewest:
            return NotApplicable(f"needs {cls.fewest} samples or more")
        columns = numeric_columns(X)
        if not columns:
            return NotApplicable("X has no columns of numbers")
        y, train = _codes(y_labels, y_train)
        # More than two classes by name have no order to correlate with.
        if not is_text(y_labels) or len(np.unique(y)) == 2:
            name, corr = _closest(columns, y)
            if abs(corr) > cls.most:
                what = f"Column {name} of X is a copy of the target (correlation "
                return {
                    "what": f"{what}{corr:.8g})",
                    "column": name,
                    "correlation": corr,
                }
        if X_train is None or train is None:
            return None
        return cls._repeated(columns, y, numeric_columns(X_train), train)

    @classmethod
    def _repeated(
        cls,
        columns: dict[str, Floats],
        y: Floats,
        train: dict[str, Floats],
        y_train: Any,
    ) -> Evidence | None:
        """Return how many samples stand in the training data, if that is no chance."""
        if len(train) != len(columns):
            return None
        rows, counts = _rows(columns, y), Counter(_rows(train, y_train))
        share = sum(row in counts for row in rows) / len(rows)
        # How often a sample of the training data has a twin there.
        chance = sum(c for c in counts.values() if c > 1) / len(y_train)
        if share <= max(cls.share, chance + cls.beyond_chance):
            return None
        what = f"{100 * share:.3g} % of the samples stand in the training data"
        return {"what": what, "share": share, "chance": chance}


def _codes(y: Any, y_train: Any) -> tuple[Floats, Floats | None]:
    """Return two targets as numbers; classes by name are counted through."""
    flat = [np.ravel(np.asarray(a)) for a in (y, y_train) if a is not None]
    if any(is_text(a) for a in flat):
        names = np.concatenate([a.astype(str) for a in flat])
        codes = np.unique(names, return_inverse=True)[1]
        flat = np.split(codes, [len(flat[0])])[: len(flat)]
    numbers = [np.asarray(a, dtype=np.float64) for a in flat]
    return numbers[0], numbers[1] if len(numbers) > 1 else None


def numeric_columns(X: Any) -> dict[str, Floats]:
    """Return the columns of a table that hold numbers, by name.

    Parameters
    ----------
    X : array-like, sparse matrix or dataframe of shape (n_samples, n_features)
        Features.

    Returns
    -------
    columns : dict of str to ndarray of shape (n_samples,)
        Those that can be read as numbers.
    """
    if sparse.issparse(X):
        table: Any = X.tocsc()  # type: ignore[attr-defined]
        return {str(k): table[:, [k]].toarray().ravel() for k in range(table.shape[1])}
    names = [str(name) for name in getattr(X, "columns", ())]
    table = np.asarray(X)
    table = table.reshape(len(table), -1)
    names = (
        names if len(names) == table.shape[1] else list(map(str, range(len(table.T))))
    )
    columns = {}
    for name, column in zip(names, table.T, strict=True):
        try:
            columns[name] = np.asarray(column, dtype=np.float64)
        except (TypeError, ValueError):
            continue  # text, or a date
    return columns


def _closest(columns: dict[str, Floats], y: Floats) -> tuple[str, float]:
    """Return the column that correlates most with the target."""
    found = {name: _correlation(column, y) for name, column in columns.items()}
    name = max(found, key=lambda name: abs(found[name]))
    return name, found[name]


def _correlation(a: Floats, b: Floats) -> float:
    """Return the correlation over the samples in which both are finite."""
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    if len(a) < TargetLeakage.fewest or a.min() == a.max() or b.min() == b.max():
        return 0.0
    # Scaled first, so that no square overflows or vanishes.
    a, b = (v / np.abs(v).max() for v in (a - a.mean(), b - b.mean()))
    return float(a @ b / math.sqrt(a @ a) / math.sqrt(b @ b))


def _rows(columns: dict[str, Floats], y: Floats) -> list[bytes]:
    """Return each sample as bytes that can be counted; 0.0 stands for -0.0 too."""
    table = np.column_stack([*columns.values(), y]) + 0.0
    return [row.tobytes() for row in np.ascontiguousarray(table)]


class LatentSigma(Rule):
    """A Gaussian process reports the sigma of its latent function, without the noise.

    **Why the loss goes negative.** A `GaussianProcessRegressor` that keeps its noise in
    `alpha` predicts the standard deviation of the function under the noise. Near the
    training data that goes to zero, and the loss with it, as if the next observation
    were known.

    **What is measured.** Whether the sigma that was taken from a fitted estimator is of
    this kind: a Gaussian process with `alpha` above 1e-8 and no `WhiteKernel`.

    **What to do.** Add a `WhiteKernel` to the kernel, or take the distribution with its
    noise: ``predict_dist(estimator, X, add_noise=True)``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.gaussian_process import GaussianProcessRegressor
    >>> from sklearn.gaussian_process.kernels import RBF, WhiteKernel
    >>> from sklearn_negloss import audit
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(size=(60, 1))
    >>> y = np.sin(6 * X[:, 0]) + 0.1 * rng.normal(size=60)
    >>> latent = GaussianProcessRegressor(RBF(0.3, "fixed"), alpha=0.01).fit(X, y)
    >>> audit(estimator=latent, X=X, y_true=y).outcomes["NEG408"]
    'found'
    >>> kernel = RBF(0.3, "fixed") + WhiteKernel(0.01, "fixed")
    >>> noisy = GaussianProcessRegressor(kernel).fit(X, y)
    >>> audit(estimator=noisy, X=X, y_true=y).outcomes["NEG408"]
    'clear'
    """

    code = "NEG408"
    cause = "code"
    severity = "warning"
    message = "{warned}"
    advice = (
        "Add a WhiteKernel to the kernel and fit again, or take "
        "predict_dist(estimator, X, add_noise=True)."
    )

    @classmethod
    def measure(
        cls, estimator: Any, sigma: Any, latent: str | None = None
    ) -> Evidence | None:
        """Pass on what was warned when the prediction was taken."""
        return None if latent is None else {"warned": latent}
