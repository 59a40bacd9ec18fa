"""The three examples of the article that started this project, with their true reading.

The article is right that a Gaussian NLL can be negative. Its examples say otherwise
than its text does; each test states what is true.
"""

import math

import numpy as np
import pytest

import sklearn_negloss as sn

Y = np.array([1.0, 2.0, 3.0, 4.0])
PREDICTED = np.array([1.1, 1.9, 3.2, 3.8])


def test_with_sigma_one_the_gaussian_nll_is_never_negative():
    assert sn.gaussian_nll_loss(Y, PREDICTED, 1.0) > 0
    perfect = sn.gaussian_nll_loss(Y, Y, 1.0)
    assert perfect == pytest.approx(0.5 * math.log(2 * math.pi), rel=1e-15)
    assert perfect == pytest.approx(0.9189, abs=5e-5)


def test_it_is_negative_where_the_density_exceeds_one_which_is_no_praise():
    assert sn.gaussian_nll_loss(Y, PREDICTED, 0.1) < 0
    # The same forecasts in another unit: no better, and far more negative.
    milli = sn.gaussian_nll_loss(Y / 1000, PREDICTED / 1000, 0.1 / 1000)
    assert milli == pytest.approx(
        sn.gaussian_nll_loss(Y, PREDICTED, 0.1) - math.log(1000), rel=1e-12
    )
    # And a forecast that is worse than the constant baseline can be negative, too.
    terms = sn.decompose_nll(Y / 1000, (Y[::-1]) / 1000, 0.003)
    assert terms.loss < 0
    assert terms.gain < 0


def test_binary_cross_entropy_of_true_labels_is_never_negative():
    grid = np.linspace(0, 1, 101)
    for label in (0.0, 0.3, 1.0):
        losses = sn.binary_cross_entropy_loss(
            np.full(101, label), grid, reduction="none"
        )
        assert losses.min() >= 0


def test_a_negative_one_proves_a_label_outside_0_and_1():
    def bare_formula(y, p):
        return -(y * math.log(p) + (1 - y) * math.log(1 - p))

    assert bare_formula(2, 0.99) == pytest.approx(-4.585, abs=5e-4)
    with pytest.raises(ValueError, match=r"y_true must be in \[0, 1\]; got 2"):
        sn.binary_cross_entropy_loss([2], [0.99])


def test_the_articles_logits_function_takes_probabilities():
    p = np.array([0.9, 0.2])
    from_probabilities = sn.binary_cross_entropy_loss([1, 0], p)
    from_logits = sn.binary_cross_entropy_with_logits_loss([1, 0], np.log(p / (1 - p)))
    assert from_probabilities == pytest.approx(from_logits, rel=1e-14)
    misread = sn.binary_cross_entropy_with_logits_loss([1, 0], p)
    assert abs(misread - from_logits) > 0.3


def test_minus_log_one_plus_error_is_a_sign_error():
    def article(y_true, y_pred):
        return -np.sum(np.log1p(np.abs(y_true - y_pred)))

    assert article(Y, Y) == 0.0  # its greatest value is the perfect prediction
    assert article(Y, Y + 1) > article(Y, Y + 100)  # minimising it grows the errors
    assert sn.log1p_absolute_loss(Y, Y) == 0.0
    assert sn.log1p_absolute_loss(Y, Y + 1) < sn.log1p_absolute_loss(Y, Y + 100)
    assert sn.log1p_absolute_loss(Y, PREDICTED, reduction="sum") == pytest.approx(
        -article(Y, PREDICTED), rel=1e-15
    )
