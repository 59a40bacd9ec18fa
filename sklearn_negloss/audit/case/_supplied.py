"""What was handed to the audit, read once at the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_negloss.audit.case._declared import DeclaredLoss, declared_loss
from sklearn_negloss.audit.case._inputs import (
    check_lengths,
    is_text,
    read_array,
    read_numbers,
)
from sklearn_negloss.audit.case._target import TargetSummary

# One value a sample: a column of shape (n, 1) means the same as a flat one.
COLUMNS = ("mu", "sigma", "sample_weight", "mu_train", "sigma_train")

GIVE = "give a target (y_true=), predictions, an estimator with X=, a scorer or a loss"


@dataclass
class Supplied:
    """What is known before any statistic is taken.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Target as numbers of the dtype given; None for labels that are text.
    y_labels : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Target as given.
    shapes : dict of str to tuple
        Shapes in which arrays arrived.
    dtypes : dict of str to str
        Their dtypes.
    losses : ndarray of shape (n_samples,)
        Minus log density of each sample, where a family other than the Gaussian was
        predicted.
    scores, scores_train : ndarray of shape (n_samples,)
        Normal quantile of the predicted cdf at the target, where a family other than the
        Gaussian was predicted: its standardised error.
    latent : str
        What a Gaussian process warned of its sigma.
    derived : tuple of str
        Names that were not given and come from the estimator.
    target : TargetSummary
        In place of `y_true`, where that is larger than memory.
    compared : list
        Transformers of models whose losses are compared.
    loss : DeclaredLoss
        What is known of the loss that was named.
    loss_function : callable
        Loss to probe.
    """

    y_true: Any = None
    y_labels: Any = None
    mu: Any = None
    sigma: Any = None
    y_pred: Any = None
    y_prob: Any = None
    logits: Any = None
    labels: Sequence[Any] | None = None
    X: Any = None
    sample_weight: Any = None
    y_train: Any = None
    mu_train: Any = None
    sigma_train: Any = None
    X_train: Any = None
    transformer: Any = None
    compared: Sequence[Any] | None = None
    estimator: Any = None
    scorer: Any = None
    loss: DeclaredLoss | None = None
    loss_function: Callable[..., Any] | None = None
    loss_value: float | None = None
    losses: Any = None
    scores: Any = None
    scores_train: Any = None
    latent: str | None = None
    target: TargetSummary | None = None
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    dtypes: dict[str, str] = field(default_factory=dict)
    derived: tuple[str, ...] = ()


def read_supplied(**given: Any) -> Supplied:
    """Read what was given, refusing what has no reading.

    Parameters
    ----------
    **given : dict
        Arguments of `audit`, None for what was left out.

    Returns
    -------
    supplied : Supplied
        The same, as arrays.
    """
    if all(value is None for name, value in given.items() if name != "labels"):
        raise ValueError(f"there is nothing to audit; got no argument; {GIVE}.")
    given |= _read_loss(given.pop("loss", None), given.get("loss_value"))
    given |= _read_transformer(given.get("transformer"))
    arrays = _read_arrays(given)
    shapes = {k: np.shape(v) for k, v in arrays.items() if v is not None}
    dtypes = {k: str(v.dtype) for k, v in arrays.items() if v is not None}
    train = {k: v for k, v in arrays.items() if k.endswith("_train")}
    test = {k: v for k, v in arrays.items() if k not in train}
    check_lengths(test | {"X": _rows(given.get("X"))}, _reference(test))
    check_lengths(train | {"X_train": _rows(given.get("X_train"))}, "y_train")
    return Supplied(
        **given | {name: _flat(name, array) for name, array in arrays.items()},
        shapes=shapes,
        dtypes=dtypes,
    )


def _read_arrays(given: dict[str, Any]) -> dict[str, Any]:
    """Return every array that was given."""
    arrays = {name: read_numbers(name, given.get(name)) for name in COLUMNS}
    arrays["y_pred"] = _labels_or_numbers("y_pred", given.get("y_pred"))
    for name in ("y_prob", "logits"):
        arrays[name] = read_numbers(name, given.get(name), infinite=True)
    labels = _labels_or_numbers("y_true", given.get("y_true"), infinite=True)
    arrays["y_labels"] = labels
    text = labels is not None and is_text(labels)
    arrays["y_true"] = None if text else labels
    read_train = _labels_or_numbers if text else read_numbers
    arrays["y_train"] = read_train("y_train", given.get("y_train"))
    return arrays


def _labels_or_numbers(name: str, value: Any, *, infinite: bool = False) -> Any:
    """Return text as it is, and everything else as numbers."""
    array = read_array(name, value)
    if array is None or is_text(array):
        return array
    return read_numbers(name, value, infinite=infinite)


def _flat(name: str, array: Any) -> Any:
    """Flatten a column of shape (n, 1); tables of several columns stay."""
    if array is None or name in ("y_prob", "logits"):
        return array
    return array.reshape(-1) if array.ndim == 2 and array.shape[1] == 1 else array


def _reference(arrays: dict[str, Any]) -> str:
    """Return the array that tells the number of samples."""
    order = ("y_labels", "mu", "y_pred", "y_prob", "logits", "sigma")
    known = [n for n in order if arrays.get(n) is not None and arrays[n].ndim]
    return known[0] if known else "y_labels"


def _rows(X: Any) -> Any:
    """Return something as long as X has rows."""
    if X is None:
        return None
    return np.empty(X.shape[0] if hasattr(X, "shape") else len(X))


def _read_transformer(transformer: Any) -> dict[str, Any]:
    """Tell one transformer from a list of those of models that are compared."""
    compared = transformer if isinstance(transformer, list | tuple) else None
    for each in [transformer] if compared is None else compared:
        if each is None or each == "passthrough" or not hasattr(each, "fit"):
            continue
        if isinstance(each, type):
            raise TypeError(
                f"transformer must be a fitted object; got the class {each.__name__}; "
                f"make and fit one: {each.__name__}().fit(y)."
            )
        check_is_fitted(each)
    return {
        "transformer": transformer if compared is None else None,
        "compared": compared,
    }


def _read_loss(loss: Any, value: Any) -> dict[str, Any]:
    """Tell a loss by name from one to probe, and read the number to explain."""
    if value is not None:
        number = np.asarray(value)
        if number.ndim or number.dtype.kind not in "fiu" or np.isnan(number):
            raise ValueError(
                f"loss_value must be one number; got {value!r}; give the value that you "
                "want explained."
            )
        value = float(number)
    read = {"loss": None, "loss_function": None, "loss_value": value}
    if callable(loss):
        return read | {"loss_function": loss}
    return read if loss is None else read | {"loss": declared_loss(loss)}
