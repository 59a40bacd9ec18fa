"""The objects of the audit: transformers, estimators, features, labels of classes.

Each is held to what the rules will ask of it, so that what cannot belong to the target is
refused at the door and nothing is called clear that was never looked at.
"""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.validation import check_is_fitted

from sklearn_negloss.audit.case._inputs import as_column
from sklearn_negloss.distributions.transforms._numeric_map import column_function

# Samples that tell how many values a transformer returns for each.
HEAD = 256


class FlatLabelEncoder(LabelEncoder):
    """A LabelEncoder, which wants a flat array, as a transformer of one column."""

    @classmethod
    def of(cls, encoder: LabelEncoder) -> FlatLabelEncoder:
        """Return a fitted encoder that also takes a column."""
        flat = cls()
        flat.classes_ = encoder.classes_
        return flat

    def transform(self, y: Any) -> Any:
        """Return the number of each label."""
        return super().transform(np.ravel(y))

    def inverse_transform(self, y: Any) -> Any:
        """Return the label of each number."""
        return super().inverse_transform(np.ravel(y))


def read_transformers(transformer: Any) -> dict[str, Any]:
    """Tell one transformer from a list of those of models that are compared.

    Parameters
    ----------
    transformer : object or list of object
        As given: fitted, or None or "passthrough" for none.

    Returns
    -------
    read : dict
        The fields of a case that hold them.
    """
    if not isinstance(transformer, list | tuple):
        return {"transformer": _transformer(transformer), "compared": None}
    if not transformer:
        raise ValueError(
            "transformer must be a fitted object, or a list of those of the models "
            "compared; got an empty list; give one for each model, None for the raw "
            "target."
        )
    compared = [_transformer(each) for each in transformer]
    return {"transformer": None, "compared": compared}


def _transformer(given: Any) -> Any:
    """Return a fitted transformer, or None where there is none to look at."""
    if given is None or (isinstance(given, str) and given == "passthrough"):
        return None
    if isinstance(given, type):
        raise TypeError(
            f"transformer must be a fitted object; got the class {given.__name__}; "
            f"make and fit one: {given.__name__}().fit(y)."
        )
    if not hasattr(given, "transform"):
        raise TypeError(
            f"transformer must have a method transform; got {reprlib.repr(given)}; give "
            "a fitted one such as PowerTransformer, or FunctionTransformer(np.log) for "
            "a function."
        )
    if hasattr(given, "fit"):
        check_is_fitted(given)
    return FlatLabelEncoder.of(given) if type(given) is LabelEncoder else given


def check_transformers(read: dict[str, Any], y: Any, n_columns: int) -> None:
    """Refuse transformers that cannot have been those of the target.

    Parameters
    ----------
    read : dict
        What `read_transformers` returned.
    y : ndarray of shape (n_samples,) or None
        Target.
    n_columns : int
        How many columns the target had that y is one of.
    """
    for each in [read["transformer"], *(read["compared"] or ())]:
        known = getattr(each, "n_features_in_", 1)
        if known not in (1, n_columns):
            columns = "one column" if n_columns == 1 else f"1 or {n_columns} columns"
            raise ValueError(
                f"transformer must have been fitted on {columns}; got {known}; fit it to "
                "the target alone."
            )
        if each is not None and known == 1 and y is not None and y.ndim == 1:
            _check_width(each, as_column(y[:HEAD]))


def _check_width(transformer: Any, y: Any) -> None:
    """Refuse what returns more or fewer values than one a sample."""
    shapes: list[tuple[int, ...]] = []

    class Seen:
        """The transformer, of which only the shape of what it returns is kept."""

        @staticmethod
        def transform(values: Any) -> Any:
            out = transformer.transform(values)
            shapes.append(np.shape(out) if not hasattr(out, "shape") else out.shape)
            return np.zeros(len(values))

    try:
        column_function(Seen, "transform")(y)
    except Exception:  # anybody's function; why it refuses, the rules report
        return
    if int(np.prod(shapes[0])) != y.size:
        raise ValueError(
            f"transformer must return one value for each sample; got shape {shapes[0]} "
            f"for {y.size} samples; give a transform of one column into one."
        )


def check_estimator_object(estimator: Any) -> None:
    """Refuse what cannot be a fitted estimator.

    Parameters
    ----------
    estimator : object
        As given.
    """
    if isinstance(estimator, type):
        raise TypeError(
            f"estimator must be a fitted object; got the class {estimator.__name__}; "
            f"make and fit one: {estimator.__name__}().fit(X, y)."
        )
    methods = ("fit", "predict", "predict_proba", "predict_dist")
    if estimator is not None and not any(hasattr(estimator, m) for m in methods):
        raise TypeError(
            f"estimator must be one fitted object with predict; got "
            f"{reprlib.repr(estimator)}; give model.fit(X, y), each of several models in "
            "an audit of its own."
        )


def n_rows(name: str, X: Any) -> int | None:
    """Return how many samples features have.

    Parameters
    ----------
    name : str
        What to call them.
    X : array-like
        Features.

    Returns
    -------
    n : int or None
        None where there are none.
    """
    if X is None:
        return None
    shape = getattr(X, "shape", None)
    if isinstance(shape, tuple) and shape:
        return int(shape[0])
    rows = hasattr(X, "__len__") and not isinstance(X, str | bytes | dict | set)
    if shape is not None or not rows:
        raise TypeError(
            f"{name} must have one row for each sample; got {reprlib.repr(X)}; give the "
            "array or frame that the estimator predicts for."
        )
    return len(X)


def check_labels(labels: Any, tables: Sequence[Any]) -> None:
    """Refuse labels that do not name each column of the predictions once.

    Parameters
    ----------
    labels : sequence or None
        Classes in the order of the columns.
    tables : sequence of ndarray
        Probabilities or logits; one column stands for two classes.
    """
    if labels is None:
        return
    widths = {t.shape[1] if t.ndim == 2 and t.shape[1] > 1 else 2 for t in tables}
    if not _are_distinct(labels) or any(len(labels) != width for width in widths):
        many = f" and as many as the columns, {max(widths)}" if widths else ""
        single = any(t.ndim < 2 or t.shape[1] == 1 for t in tables)
        many = " and two, for one column" if single else many
        raise ValueError(
            f"labels must be distinct{many}; got {reprlib.repr(labels)}; give a list of "
            "the classes in the order of the columns."
        )


def _are_distinct(labels: Any) -> bool:
    """Whether labels are a sequence of different labels, none missing."""
    unordered = isinstance(labels, str | bytes | dict | set | frozenset)
    if unordered or not (hasattr(labels, "__len__") and hasattr(labels, "__iter__")):
        return False
    values = list(labels)
    if any(np.ndim(value) for value in values) or isinstance(labels, np.matrix):
        return False
    try:
        missing = any(value is None or bool(value != value) for value in values)
        return not missing and len(set(values)) == len(values) > 0
    except TypeError:  # a missing value of pandas is neither; a dict has no hash
        return False
