"""AuditedTargetTransformer: any target transformer, with its audit."""

from __future__ import annotations

import math
import reprlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sklearn_negloss._links import DOC_LINK
from sklearn_negloss._validation import check_option
from sklearn_negloss.audit._audit import audit
from sklearn_negloss.audit._auditor import ON_ERROR, speak
from sklearn_negloss.audit._columns import merged
from sklearn_negloss.audit._run import check_codes
from sklearn_negloss.audit.case._declared import DeclaredLoss, declared_loss
from sklearn_negloss.audit.report._report import AuditReport
from sklearn_negloss.audit.rules._units_transform import nats_of_transform
from sklearn_negloss.distributions.transforms._jacobians import (
    mean_log_jacobian,
    target_map,
)
from sklearn_negloss.distributions.transforms._maps import NoDensityError, TargetMap

Floats = NDArray[np.float64]


def _wrapped_has(method: str) -> Callable[[Any], bool]:
    """Return whether a wrapper offers a method: if what it wraps does."""

    def check(wrapper: Any) -> bool:
        return hasattr(getattr(wrapper, "transformer_", wrapper._wrapped()), method)

    return check


class AuditedTargetTransformer(TransformerMixin, BaseEstimator):
    """Transform a target, and say what the transform does to a density loss.

    Goes where a target transformer goes, ``TransformedTargetRegressor(transformer=...)``,
    and transforms and inverts exactly as the one that it wraps. In `fit` it audits y
    before and after, and takes the mean log slope of the transform: the nats of a
    density loss that are the transform's, and no model's.

    Parameters
    ----------
    transformer : object, default=None
        Target transformer, such as ``PowerTransformer()``; None is the identity.
    loss : str, default=None
        What the target is for: a name of `get_scorer_names`, without ``neg_``. None is
        a density loss for what looks like measurements.
    ignore : iterable of str, default=()
        Codes of rules that shall not run, such as ``"NEG103"``.
    on_error : {"warn", "raise", "ignore"}, default="warn"
        What to do if a finding is of severity error: warn with `AuditWarning`, raise
        `AuditError`, or only keep the report.

    Attributes
    ----------
    transformer_ : object
        Fitted transformer.
    report_ : AuditReport
        What was found in the target and its transform; its summary says in one sentence
        what a loss of the transformed target is in the target's own units.
    report_before_, report_after_ : AuditReport
        The same of the target alone, and of the transformed target alone.
    jacobian_ : float or None
        Mean of log abs(dz/dy) over the target, in nats; None if the transform leaves no
        density.
    no_density_ : str or None
        Why it does not.
    n_features_in_ : int
        Number of columns of the target.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, where they have such.

    See Also
    --------
    TargetAuditor : Audits the target in a pipeline of features.
    sklearn_negloss.TransformedTargetProbabilisticRegressor : Predicts in the target's
        own units whatever the transform.

    Notes
    -----
    The log slope is exact for the scalers, PowerTransformer, the common functions
    (log, log1p, log10, sqrt, arcsinh, ...) and pipelines of them, and measured for other
    smooth monotone functions. Quantiles, bins and functions that are not monotone leave
    no density. After a search the report is
    ``search.best_estimator_.transformer_.report_``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import BayesianRidge
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_negloss.audit import AuditedTargetTransformer
    >>> X, y = load_diabetes(return_X_y=True)
    >>> audited = AuditedTargetTransformer(StandardScaler())
    >>> model = TransformedTargetRegressor(BayesianRidge(), transformer=audited)
    >>> transformer = model.fit(X, y).transformer_
    >>> round(transformer.jacobian_, 3), round(-float(np.log(y.std())), 3)
    (-4.344, -4.344)
    >>> round(transformer.loss_in_own_units(1.1), 3)
    5.444
    """

    _doc_link_module = "sklearn_negloss"
    _doc_link_template = DOC_LINK

    def __init__(
        self,
        transformer: Any = None,
        *,
        loss: str | None = None,
        ignore: Iterable[str] = (),
        on_error: str = "warn",
    ) -> None:
        self.transformer = transformer
        self.loss = loss
        self.ignore = ignore
        self.on_error = on_error

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the transformer to a target, and audit it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_outputs)
            Target: a transformer of the target gets it as its X.
        y : None
            Handed on to the wrapped transformer if given.

        Returns
        -------
        self : object
            Fitted transformer, with its report.

        Raises
        ------
        TypeError
            If `transformer` cannot transform.
        AuditError
            If an error is found and `on_error` is "raise".
        """
        check_option("on_error", self.on_error, ON_ERROR)
        check_codes(self.ignore)
        if self.loss is not None:
            declared_loss(self.loss)
        if issparse(X):
            raise TypeError(
                "a target must be dense for its audit; got sparse data; use toarray()."
            )
        transformer = clone(self._wrapped(), safe=False)
        if not isinstance(transformer, FrozenEstimator):  # whose fit insists on a y
            with _quiet():
                transformer = transformer.fit(X) if y is None else transformer.fit(X, y)
        self.transformer_ = transformer
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self, name):
                delattr(self, name)
            if hasattr(self.transformer_, name):
                setattr(self, name, getattr(self.transformer_, name))
        self._audit(X)
        speak(self.report_, self.on_error)
        return self

    def transform(self, X: Any) -> Any:
        """Transform a target.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_outputs)
            Target.

        Returns
        -------
        Z : array of shape (n_samples, n_outputs)
            What the wrapped transformer returns.
        """
        check_is_fitted(self, "transformer_")
        shape: tuple[int, ...] = getattr(X, "shape", ())
        known = getattr(self, "n_features_in_", None)
        # FunctionTransformer remembers the number of columns, and does not look at it.
        if len(shape) == 2 and known is not None and shape[1] != known:
            raise ValueError(
                f"X has {shape[1]} features, but {type(self).__name__} is expecting "
                f"{known} features as input."
            )
        return self.transformer_.transform(X)

    @available_if(_wrapped_has("inverse_transform"))  # type: ignore[untyped-decorator]
    def inverse_transform(self, X: Any) -> Any:
        """Bring a transformed target back.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_outputs)
            Transformed target.

        Returns
        -------
        Y : array of shape (n_samples, n_outputs)
            What the wrapped transformer returns.
        """
        check_is_fitted(self, "transformer_")
        return self.transformer_.inverse_transform(X)

    @available_if(_wrapped_has("get_feature_names_out"))  # type: ignore[untyped-decorator]
    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Return the names of the columns after the transform.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names before it.

        Returns
        -------
        names : ndarray of str
            What the wrapped transformer returns.
        """
        check_is_fitted(self, "transformer_")
        return self.transformer_.get_feature_names_out(input_features)

    def target_map(self, y: ArrayLike | None = None) -> TargetMap:
        """Return what the transform does, with its Jacobian.

        Parameters
        ----------
        y : array-like of shape (n_samples,), default=None
            Values of the target at which a transformer without a closed form is explored.

        Returns
        -------
        map : TargetMap
            That of the wrapped transformer.
        """
        check_is_fitted(self, "transformer_")
        return target_map(self.transformer_, y)

    def loss_in_own_units(self, loss: float) -> float:
        """Return what a loss of the transformed target is in the target's own units.

        Parameters
        ----------
        loss : float
            Mean density loss of the transformed target.

        Returns
        -------
        loss : float
            That of the target itself, over the samples of `fit`.

        Raises
        ------
        ValueError
            If the transform leaves no density.
        """
        check_is_fitted(self, "transformer_")
        if self.jacobian_ is None:
            raise NoDensityError(f"a loss has no own units here: {self.no_density_}")
        return loss - nats_of_transform(self._declared(), self.jacobian_)

    def __sklearn_tags__(self) -> Any:
        """Take the tags of the wrapped transformer."""
        tags, inner = super().__sklearn_tags__(), get_tags(self._wrapped())
        tags.input_tags = inner.input_tags
        tags.input_tags.sparse = False
        tags.target_tags = inner.target_tags
        tags.no_validation = inner.no_validation
        if inner.transformer_tags is not None:
            tags.transformer_tags = inner.transformer_tags
        return tags

    # -- inside ----------------------------------------------------------------------

    def _wrapped(self) -> Any:
        """Return the transformer to clone, refusing what is none."""
        wrapped = self.transformer
        if wrapped is None or (isinstance(wrapped, str) and wrapped == "passthrough"):
            return FunctionTransformer(validate=True, feature_names_out="one-to-one")
        usable = hasattr(wrapped, "fit") and hasattr(wrapped, "transform")
        if isinstance(wrapped, type) or not usable:
            raise TypeError(
                f"transformer must be an object with fit and transform; got {wrapped!r}; "
                "give one such as PowerTransformer()."
            )
        return wrapped

    def _declared(self) -> DeclaredLoss:
        """Return the loss that was named, or the Gaussian one."""
        return declared_loss("gaussian_nll" if self.loss is None else self.loss)

    def _audit(self, X: Any) -> None:
        """Audit the target before, after, and with its transform."""
        with _quiet():
            before, after = _table(X), _table(self.transformer_.transform(X))
        names = [str(name) for name in getattr(X, "columns", range(before.shape[1]))]
        self.report_before_ = self._report(before, names)
        self.report_after_ = self._report(after, names)
        self.jacobian_: float | None = None
        self.no_density_: str | None = None
        if before.shape[1] > 1:
            self.no_density_ = "it has several columns; fit one regressor for each."
            self.report_ = self.report_before_
        else:
            self._take_jacobian(before)
            self.report_ = self._report(before, names, self.transformer_)
        self.report_ = self._explained(self.report_)

    def _report(
        self, table: Floats, names: list[str], transformer: Any = None
    ) -> AuditReport:
        """Audit each column of a target."""
        known = [column[~np.isnan(column)] for column in table.T]
        names = (
            names if len(names) == len(known) else [str(k) for k in range(len(known))]
        )
        given = {"transformer": transformer, "loss": self.loss}
        ignored = check_codes(self.ignore)
        # A column without a value is one of an infinity, of which nothing is said.
        reports = {
            name: audit(
                y_true=column if column.size else [np.inf],
                ignore=ignored if column.size else ignored | {"NEG306"},
                **given,
            )
            for name, column in zip(names, known, strict=True)
        }
        return next(iter(reports.values())) if len(reports) == 1 else merged(reports)

    def _take_jacobian(self, table: Floats) -> None:
        """Take the mean log slope, or why there is none."""
        y = table[np.isfinite(table)]
        try:
            jacobian = mean_log_jacobian(self.transformer_, y)
        except (ValueError, TypeError) as error:
            self.no_density_ = str(error)
            return
        if math.isfinite(jacobian):
            self.jacobian_ = jacobian
        else:
            self.no_density_ = "the transform has an infinite slope at a value of y."

    def _explained(self, report: AuditReport) -> AuditReport:
        """Add the sentence about the transform, unless a finding says it already."""
        loss = self._declared()
        if loss.kind != "density" or report.outcomes.get("NEG103") == "found":
            return report
        if self.jacobian_ is None:
            said = f"The transform leaves no density loss of y: {self.no_density_}"
        else:
            shift = 0.0 - nats_of_transform(loss, self.jacobian_)
            said = (
                f"A loss of v of the transformed target is one of v {shift:+.4g} in the "
                "target's own units: these nats are the transform's, and no model's."
            )
        return replace(report, summary=f"{report.summary} {said}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the arithmetic: a logarithm of zero, or NaN, is about to be found."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _table(X: Any) -> Floats:
    """Return a target as a table of floats, a column each."""
    dense = X.toarray() if hasattr(X, "toarray") else X
    try:
        table = np.asarray(dense, dtype=np.float64)
    except (TypeError, ValueError):
        first = reprlib.repr(np.asarray(dense, object).flat[0])
        raise TypeError(
            f"a target must hold numbers for its audit; got {np.size(dense)} values "
            f"such as {first}; encode the target first."
        ) from None
    return table.reshape(len(table), -1)
