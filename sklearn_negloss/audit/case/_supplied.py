"""What was handed to the audit, read once at the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sklearn_negloss._sklearn import rows_of
from sklearn_negloss._validation import POSITIVE, Argument, value_error
from sklearn_negloss.audit.case._declared import DeclaredLoss, declared_loss
from sklearn_negloss.audit.case._inputs import (
    check_lengths,
    check_one_column,
    check_per_sample,
    is_text,
    read_array,
    read_numbers,
    unboxed,
)
from sklearn_negloss.audit.case._objects import (
    check_estimator_object,
    check_labels,
    check_transformers,
    n_rows,
    read_transformers,
)
from sklearn_negloss.audit.case._target import TargetSummary

# One value a sample: a column of shape (n, 1) means the same as a flat one.
COLUMNS = ("mu", "sigma", "sample_weight", "mu_train", "sigma_train")

# Arrays of one value, or row, for each sample that a weight belongs to.
SAMPLES = (
    *("y_true", "y_labels", "mu", "sigma", "y_pred", "y_prob", "logits"),
    "sample_weight",
)

# Arrays of which one number for all samples says nothing.
PER_SAMPLE = ("y_true", "y_train", "y_prob", "logits", "sample_weight")

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
    n_columns : int
        How many columns the target had, of which this is one.
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
    n_columns: int = 1


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
    check_estimator_object(given.get("estimator"))
    transformers = read_transformers(given.get("transformer"))
    arrays = _read_arrays(given)
    _check_arrays(arrays)
    tables = [arrays[k] for k in ("y_prob", "logits") if arrays[k] is not None]
    check_labels(given.get("labels"), tables)
    shapes = {k: np.shape(v) for k, v in arrays.items() if v is not None}
    dtypes = {k: str(v.dtype) for k, v in arrays.items() if v is not None}
    train = {k: v for k, v in arrays.items() if k.endswith("_train")}
    test = {k: v for k, v in arrays.items() if k not in train}
    check_lengths(test | {"X": _rows("X", given)}, _reference(test))
    check_lengths(train | {"X_train": _rows("X_train", given)}, "y_train")
    flat = {name: _flat(name, array) for name, array in arrays.items()}
    check_transformers(transformers, flat["y_true"], given.get("n_columns", 1))
    return Supplied(
        **_counting(given | transformers | flat),
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
    array = None if array is None else unboxed(name, array)
    if array is None or is_text(array):
        return array
    return read_numbers(name, array, infinite=infinite)


def _flat(name: str, array: Any) -> Any:
    """Flatten a column of shape (n, 1); tables of several columns stay."""
    if array is None or name in ("y_prob", "logits"):
        return array
    return array.reshape(-1) if array.ndim == 2 and array.shape[1] == 1 else array


def _counting(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out samples of weight 0, which count nowhere; without them, copy nothing.

    Negative weights stay: they are a finding.
    """
    weight = values["sample_weight"]
    if weight is None or weight.all():
        return values
    kept = np.flatnonzero(weight)
    counting = {
        name: array[kept]
        for name, array in values.items()
        if name in SAMPLES and np.ndim(array) and len(array) == weight.size
    }
    if n_rows("X", values.get("X")) == weight.size:
        counting["X"] = rows_of(values["X"], kept)
    classes = _vanishing(values, counting)
    return values | counting | ({} if classes is None else {"labels": classes})


def _vanishing(values: dict[str, Any], counting: dict[str, Any]) -> list[Any] | None:
    """Return all classes, if columns stand for some that only had weight 0."""
    y = values["y_labels"]
    widths = {np.shape(values[k])[1:] for k in ("y_prob", "logits")}
    if values.get("labels") is not None or np.ndim(y) != 1:
        return None
    classes = np.unique(y)
    if (classes.size,) not in widths or np.unique(counting["y_labels"]).size == len(
        classes
    ):
        return None
    return list(classes.tolist())


def _reference(arrays: dict[str, Any]) -> str:
    """Return the array that tells the number of samples."""
    order = ("y_labels", "mu", "y_pred", "y_prob", "logits", "sigma")
    known = [n for n in order if arrays.get(n) is not None and arrays[n].ndim]
    return known[0] if known else "y_labels"


def _rows(name: str, given: dict[str, Any]) -> Any:
    """Return something as long as X has rows."""
    n = n_rows(name, given.get(name))
    return None if n is None else np.empty(n)


def _check_arrays(arrays: dict[str, Any]) -> None:
    """Refuse shapes that are not those of one target, and values without a meaning."""
    for name in PER_SAMPLE:
        check_per_sample(name, arrays["y_labels" if name == "y_true" else name])
    trained = ("y_train",) if arrays["mu_train"] is not None else ()
    for name in (*COLUMNS, *trained):
        check_one_column(name, arrays[name])
    labels = arrays["y_labels"]
    moments = [name for name in ("mu", "sigma") if arrays[name] is not None]
    if moments and labels is not None and is_text(labels):
        raise TypeError(
            f"y_true must hold numbers next to {' and '.join(moments)}; got text such as "
            f"{str(labels.flat[0])!r}; give the target of the regression, or y_prob "
            "for classes."
        )
    weight, sigma = arrays["sample_weight"], arrays["sigma_train"]
    if weight is not None and not weight.any():
        raise ValueError(
            f"sample_weight must not be zero in every sample; got {weight.size} zeros; "
            "leave it out for equal weights."
        )
    positive = Argument("sigma_train", POSITIVE, "give a standard deviation")
    error = None if sigma is None else value_error(positive, sigma)
    if error is not None:
        raise error


def _read_loss(loss: Any, value: Any) -> dict[str, Any]:
    """Tell a loss by name from one to probe, and read the number to explain."""
    if value is not None:
        number = np.asarray(value)
        if number.ndim or number.dtype.kind not in "fiu" or np.isnan(number):
            raise ValueError(
                f"loss_value must be one number, and not NaN; got {value!r}; give the "
                "value that you want explained."
            )
        value = float(number)
    read = {"loss": None, "loss_function": None, "loss_value": value}
    if callable(loss):
        return read | {"loss_function": loss}
    return read if loss is None else read | {"loss": declared_loss(loss)}
