"""TargetAuditor: a pipeline step that audits the target as it goes by."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_negloss._links import DOC_LINK
from sklearn_negloss._validation import check_option
from sklearn_negloss.audit._columns import merged
from sklearn_negloss.audit._run import check_codes, run
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._declared import DeclaredLoss, declared_loss
from sklearn_negloss.audit.case._inputs import (
    is_text,
    read_array,
    read_numbers,
    unboxed,
)
from sklearn_negloss.audit.case._supplied import Supplied
from sklearn_negloss.audit.case._target import TargetSummary
from sklearn_negloss.audit.case._target_sketch import TargetSketch
from sklearn_negloss.audit.report._report import AuditReport

Summaries = dict[str | None, TargetSummary | None]

ON_ERROR = ("warn", "raise", "ignore")


class AuditWarning(UserWarning):
    """The audit of a target found an error: a loss of this target will be wrong."""


class TargetAuditor(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Audit the target in a pipeline, and pass the features through untouched.

    A diagnostic step: it looks at y in `fit` for what makes losses negative (labels out
    of range, a small unit, a point mass, infinities after a logarithm, integers that
    wrap around), keeps the report, and leaves X as it is: the same object, whatever it
    is.

    Parameters
    ----------
    loss : str, default=None
        What the target is for: a name of `get_scorer_names`, without ``neg_``. None
        looks at y: a density loss for what `type_of_target` calls continuous and for
        integers that take many values; nothing that only concerns a loss for class
        labels, which classifiers encode themselves.
    ignore : iterable of str, default=()
        Codes of rules that shall not run, such as ``"NEG102"``.
    on_error : {"warn", "raise", "ignore"}, default="warn"
        What to do if a finding is of severity error: warn with `AuditWarning`, raise
        `AuditError`, or only keep the report.

    Attributes
    ----------
    report_ : AuditReport
        What was found in the target of the last `fit`, or of all batches of
        `partial_fit`.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where `X` has such.

    See Also
    --------
    AuditedTargetTransformer : Audits a target transformer, before and after.
    audit : Looks at predictions, too.

    Notes
    -----
    Pipelines pass y to `fit` and never to `transform`, so the report is about the
    training target. After a search it is that of all data,
    ``search.best_estimator_[0].report_``; for each fold, ask `cross_validate` for
    ``return_estimator=True``.

    `partial_fit` gathers a target larger than memory, and its report is that of one
    `fit`. Up to 65,536 distinct values each is counted. Beyond, the number of distinct
    values is an estimate (standard error 1.6 %), the share of the most frequent one may
    be 0.006 % of the samples too low, quartiles come from a sample of 65,536 rows, and
    the least gap is that of values which came in one batch or were kept: never too
    small. After `fit`, `partial_fit` begins anew.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_negloss.audit import TargetAuditor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = make_pipeline(TargetAuditor(), Ridge()).fit(X, y / 1000)
    >>> report = model[0].report_
    >>> report.verdict, [finding.code for finding in report.findings]
    ('units', ['NEG102'])
    """

    _doc_link_module = "sklearn_negloss"
    _doc_link_template = DOC_LINK

    def __init__(
        self,
        loss: str | None = None,
        *,
        ignore: Iterable[str] = (),
        on_error: str = "warn",
    ) -> None:
        self.loss = loss
        self.ignore = ignore
        self.on_error = on_error

    def fit(self, X: Any, y: Any = None) -> Self:
        """Audit y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features, of any kind; only their number and names are looked at.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target.

        Returns
        -------
        self : object
            Fitted step, with its report.

        Raises
        ------
        ValueError
            If y is missing, empty, or holds NaN.
        AuditError
            If an error is found and `on_error` is "raise".
        """
        self._sketches: dict[str | None, TargetSketch] = {}
        columns = self._columns(X, y, reset=True)
        summaries: Summaries = {
            k: None if c is None else TargetSummary.of(c) for k, c in columns
        }
        return self._publish(summaries)

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Take in a batch of y, and audit all that came so far.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features) or None
            Features of the batch; None if only the target is read.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target of the batch, in numbers.

        Returns
        -------
        self : object
            The step, with a report of all batches.
        """
        first = not getattr(self, "_sketches", None)
        columns = self._columns(X, y, reset=first)
        self._sketches = {} if first else self._sketches
        for name, column in columns:
            if column is None:
                raise ValueError(
                    "y must hold numbers for partial_fit; got text; call fit once with "
                    "all labels."
                )
            if first:
                self._sketches[name] = TargetSketch()
            elif name not in self._sketches:
                raise ValueError(
                    f"y must have the columns of the first batch; got {name!r}; these "
                    f"were {list(self._sketches)}."
                )
            self._sketches[name].update(column)
        summaries: Summaries = {
            k: sketch.summary() for k, sketch in self._sketches.items()
        }
        return self._publish(summaries)

    def transform(self, X: Any) -> Any:
        """Return X, the object itself.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        X : {array, sparse matrix, dataframe} of shape (n_samples, n_features)
            The same; an array of what was a list.
        """
        check_is_fitted(self, "report_")
        return self._checked(X, reset=False)

    def __sklearn_tags__(self) -> Any:
        """Say that any X will do, and that y is needed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.allow_nan = True
        tags.input_tags.string = tags.input_tags.categorical = True
        tags.target_tags.required = tags.target_tags.multi_output = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    # -- inside ----------------------------------------------------------------------

    def _checked(self, X: Any, *, reset: bool) -> Any:
        """Look at the shape and the names of X, and return it as it is."""
        # Converting a frame to an array would cost more than all the rest.
        checked = validate_data(
            self,
            X,
            reset=reset,
            skip_check_array=hasattr(X, "columns"),
            **({} if hasattr(X, "columns") else ANY_ARRAY),
        )
        return X if hasattr(X, "shape") else checked

    def _columns(
        self, X: Any, y: Any, *, reset: bool
    ) -> list[tuple[str | None, NDArray[Any] | None]]:
        """Return the columns of y by name; text as None."""
        check_option("on_error", self.on_error, ON_ERROR)
        if X is not None:
            X = self._checked(X, reset=reset)
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None; a Pipeline hands the y of its own fit to every step: call "
                "pipeline.fit(X, y). In place of a target transformer, which gets no y, "
                "use AuditedTargetTransformer."
            )
        array = as_numbers_or_text(y)
        if X is not None and len(array) != X.shape[0]:
            raise ValueError(
                f"y must have as many samples as X; got {len(array)} and {X.shape[0]}; "
                "give one row for each sample."
            )
        return named_columns(array, getattr(y, "columns", None))

    def _publish(self, summaries: Summaries) -> Self:
        """Audit the columns, keep the report, and speak up if it holds an error."""
        loss = None if self.loss is None else declared_loss(self.loss)
        ignored = check_codes(self.ignore)
        before = errors_of(getattr(self, "report_", None)) if self._sketches else set()
        self.report_ = report_of(summaries, loss, ignored)
        if errors_of(self.report_) - before:  # once, not for every batch
            speak(self.report_, self.on_error)
        return self


ANY_ARRAY: dict[str, Any] = {
    "accept_sparse": True,
    "ensure_all_finite": False,
    "dtype": None,
}


def as_numbers_or_text(y: Any) -> NDArray[Any]:
    """Return a target as an array of numbers, or of text if it holds any.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Target.

    Returns
    -------
    array : ndarray
        Its values; numbers that came as objects are floats.
    """
    array = read_array("y", y)
    if array is None or array.ndim == 0:
        raise ValueError(
            f"y must have one value for each sample; got {y!r}; give an array."
        )
    try:
        array = unboxed("y", array)
    except TypeError as error:  # a ValueError in the words of scikit-learn's own checks
        raise ValueError(f"Unknown label type: {error}") from None
    if is_text(array):
        return array
    return np.asarray(read_numbers("y", array, infinite=True))


def named_columns(
    array: NDArray[Any], names: Iterable[Any] | None = None
) -> list[tuple[str | None, NDArray[Any] | None]]:
    """Return the columns of a target, by name if there are several; text as None."""
    if is_text(array):
        return [(None, None)]
    if array.ndim < 2 or array.shape[1] == 1:
        return [(None, array.reshape(-1))]
    names = [f"column {k}" for k in range(array.shape[1])] if names is None else names
    return [(str(name), array[:, k]) for k, name in enumerate(names)]


def report_of(
    summaries: Summaries,
    loss: DeclaredLoss | None,
    ignored: frozenset[str],
) -> AuditReport:
    """Return the report of a target of which only summaries are known."""
    reports = {
        name: run(Case(Supplied(target=summary, loss=loss)), ignored, name)
        for name, summary in summaries.items()
    }
    if len(reports) == 1:
        return next(iter(reports.values()))
    return merged({str(name): report for name, report in reports.items()})


def errors_of(report: AuditReport | None) -> set[str]:
    """Return the codes of findings that say that a number is wrong."""
    findings = [] if report is None else report.findings
    return {finding.code for finding in findings if finding.severity == "error"}


def speak(report: AuditReport, on_error: str) -> None:
    """Warn or raise, if a finding is of severity error."""
    wrong = [f for f in report.findings if f.severity == "error"]
    if not wrong or on_error == "ignore":
        return
    if on_error == "raise":
        report.raise_for_errors()
    said = " ".join(f"{f.code} {f.name}: {f.message}" for f in wrong)
    warnings.warn(f"The audit of the target found {said}", AuditWarning, stacklevel=4)
