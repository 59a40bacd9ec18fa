"""Labels: literal, mapped, soft, of one class only; agreement with scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

import sklearn_negloss as sn


@pytest.fixture
def binary(rng):
    return rng.integers(0, 2, 200), rng.random(200)


def test_probabilities_agree_with_log_loss(binary, rng):
    y, p = binary
    weights = rng.random(200)
    assert sn.binary_cross_entropy_loss(y, p, sample_weight=weights) == pytest.approx(
        log_loss(y, p, sample_weight=weights), rel=1e-13
    )


def test_both_columns_are_taken_as_predict_proba_returns_them(binary):
    y, p = binary
    both = np.column_stack([1 - p, p])
    assert sn.binary_cross_entropy_loss(y, both) == sn.binary_cross_entropy_loss(y, p)


def test_logits_and_probabilities_give_one_loss(binary):
    y, p = binary
    assert sn.binary_cross_entropy_with_logits_loss(
        y, np.log(p) - np.log1p(-p)
    ) == pytest.approx(sn.binary_cross_entropy_loss(y, p), rel=1e-12)


def test_several_classes_agree_with_log_loss(rng):
    y, logits = rng.integers(0, 4, 300), rng.normal(size=(300, 4))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert sn.cross_entropy_with_logits_loss(y, logits) == pytest.approx(
        log_loss(y, shares, labels=range(4)), rel=1e-12
    )


def test_two_classes_are_the_binary_loss(rng):
    y, x = rng.integers(0, 2, 100), rng.normal(size=100)
    two = np.column_stack([np.zeros(100), x])
    assert sn.cross_entropy_with_logits_loss(y, two) == pytest.approx(
        sn.binary_cross_entropy_with_logits_loss(y, x), rel=1e-13
    )


@pytest.mark.parametrize(
    ("labels", "pos_label"),
    [
        (np.array(["no", "yes"]), "yes"),
        (np.array(["no", "yes"], dtype=object), "yes"),
        (np.array([1, 2]), 2),
        (np.array([-1, 1]), 1),
        (np.array([False, True]), True),
        (np.array([0.0, 1.0]), 1),
    ],
)
def test_pos_label_maps_any_two_labels(binary, labels, pos_label):
    y, p = binary
    expected = sn.binary_cross_entropy_loss(y, p)
    assert sn.binary_cross_entropy_loss(labels[y], p, pos_label=pos_label) == expected
    flipped = sn.binary_cross_entropy_loss(labels[y], 1 - p, pos_label=labels[0])
    assert flipped == pytest.approx(expected, rel=1e-12)


def test_columns_of_frames_hold_labels_too(binary):
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    y, p = binary
    text = np.array(["no", "yes"])[y]
    expected = sn.binary_cross_entropy_loss(y, p)
    for column in (
        pd.Series(text),
        pd.Series(text, dtype="category"),
        pl.Series(text.tolist()),
    ):
        assert sn.binary_cross_entropy_loss(column, p, pos_label="yes") == expected


@pytest.mark.parametrize("present", ["no", "yes"])
def test_a_fold_of_one_class_is_scored_on_the_right_one(present):
    y, p = np.array([present] * 3), np.array([0.8, 0.9, 0.7])
    right = -np.log(p if present == "yes" else 1 - p).mean()
    loss = sn.binary_cross_entropy_loss(y, p, pos_label="yes")
    assert loss == pytest.approx(right, rel=1e-14)


def test_numbers_mean_themselves_even_alone():
    assert sn.binary_cross_entropy_loss([0, 0], [0.1, 0.1]) == pytest.approx(
        -np.log(0.9)
    )
    assert sn.binary_cross_entropy_loss([1, 1], [0.1, 0.1]) == pytest.approx(
        -np.log(0.1)
    )


def test_a_soft_label_is_a_mixture_of_hard_ones(rng):
    p, share = rng.random(50), rng.random(50)
    hard = [
        sn.binary_cross_entropy_loss(np.full(50, k), p, reduction="none")
        for k in (0, 1)
    ]
    soft = sn.binary_cross_entropy_loss(share, p, reduction="none")
    np.testing.assert_allclose(
        soft, (1 - share) * hard[0] + share * hard[1], rtol=1e-13
    )


def test_the_soft_label_itself_is_the_best_forecast():
    for label in (0.0, 0.1, 0.5, 0.93, 1.0):
        best = sn.binary_cross_entropy_loss([label], [label])
        assert best >= 0
        for other in (0.05, 0.45, 0.55, 0.99):
            assert sn.binary_cross_entropy_loss([label], [other]) >= best


def test_labels_name_the_columns_in_any_order(rng):
    y, logits = rng.integers(0, 3, 50), rng.normal(size=(50, 3))
    expected = sn.cross_entropy_with_logits_loss(y, logits)
    names, order = np.array(["a", "b", "c"]), [2, 0, 1]
    assert expected == sn.cross_entropy_with_logits_loss(
        names[y], logits[:, order], labels=names[order]
    )
    assert expected == sn.cross_entropy_with_logits_loss(
        10 + y, logits, labels=[10, 11, 12]
    )


def test_one_hot_rows_are_hard_labels(rng):
    y, logits = rng.integers(0, 3, 50), rng.normal(size=(50, 3))
    assert sn.cross_entropy_with_logits_loss(np.eye(3)[y], logits) == pytest.approx(
        sn.cross_entropy_with_logits_loss(y, logits), rel=1e-13
    )
