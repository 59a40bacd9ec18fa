"""Every refusal: the constraint, the offending value, how many, and the remedy."""

import re

import numpy as np
import pytest

import sklearn_negloss as sn
from tests.loss_cases import CASES, IDS

every_loss = pytest.mark.parametrize("case", CASES, ids=IDS)


def spoil(arrays, position, value, rows=2):
    """Return a copy with `value` in the first rows of one array."""
    spoiled = [np.array(a, dtype=np.float64) for a in arrays]
    spoiled[position][:rows] = value
    return spoiled


@every_loss
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_non_finite_values_are_refused_wherever_they_stand(case, rng, value, reduction):
    arrays = case.inputs(rng, 30)
    for position in range(len(arrays)):
        with pytest.raises(ValueError, match="must"):
            case(*spoil(arrays, position, value), reduction=reduction)


@pytest.mark.parametrize("case", CASES[:3], ids=IDS[:3])
def test_the_message_tells_value_place_count_and_remedy(case, rng):
    y, mu, sigma = case.inputs(rng, 30)
    y[7] = y[9] = np.nan
    message = (
        "y_true must be finite; got nan at index 7 (2 of 30 values); drop or impute"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        case(y, mu, sigma)


@pytest.mark.parametrize("case", CASES[:3], ids=IDS[:3])
@pytest.mark.parametrize("value", [0.0, -0.3])
def test_sigma_must_be_strictly_positive(case, rng, value):
    y, mu, sigma = case.inputs(rng, 500)
    sigma[12] = sigma[40] = value
    message = (
        f"sigma must be strictly positive; got {value:g} at index 12 (2 of 500 values)"
    )
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        case(y, mu, sigma)
    assert "square root of a variance" in str(caught.value)
    with pytest.raises(ValueError, match="sigma must be strictly positive"):
        case(y, mu, value)


@every_loss
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            -1.0,
            "sample_weight must be non-negative; got -1 at index 0 (1 of 30 values)",
        ),
        (np.nan, "sample_weight must be finite; got nan at index 0 (1 of 30 values)"),
    ],
)
def test_weights_must_be_non_negative(case, rng, weights, message):
    bad = np.ones(30)
    bad[0] = weights
    with pytest.raises(ValueError, match=re.escape(message)):
        case(*case.inputs(rng, 30), sample_weight=bad)


@every_loss
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_weights_must_not_all_be_zero(case, rng, reduction):
    with pytest.raises(ValueError, match="positive sum; got 0 for all 30 samples"):
        case(*case.inputs(rng, 30), sample_weight=np.zeros(30), reduction=reduction)


@pytest.mark.parametrize("weight", [1e308, 5e-324])
def test_weights_must_be_summable(weight):
    with pytest.raises(ValueError, match="a sum that can be divided by"):
        sn.log1p_absolute_loss(
            [1.0, 2.0, 3.0], [1.0, 2.0, 4.0], sample_weight=[weight] * 3
        )


def test_frames_of_nullable_columns_are_numbers():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1.5, 2.0], "b": [3.0, 4.0]}, dtype="Float64")
    expected = sn.gaussian_nll_loss(frame.to_numpy(float), 0.0, 1.0)
    assert sn.gaussian_nll_loss(frame, 0.0, 1.0) == expected
    frame.loc[0, "b"] = pd.NA
    with pytest.raises(ValueError, match="got nan at index 0"):
        sn.gaussian_nll_loss(frame, 0.0, 1.0)


def test_an_infinite_logit_of_another_class_is_refused():
    with pytest.raises(ValueError, match=r"logits must be finite; got -inf"):
        sn.cross_entropy_with_logits_loss([0], [[0.0, -np.inf]])


@every_loss
def test_one_weight_for_each_sample(case, rng):
    with pytest.raises(ValueError, match="sample_weight must have the shape"):
        case(*case.inputs(rng, 30), sample_weight=np.ones(29))


@every_loss
def test_a_column_is_not_broadcast_against_a_row(case, rng):
    arrays = list(case.inputs(rng, 30))
    if arrays[1].ndim == 2:
        pytest.skip("the forecast has columns by nature")
    with pytest.raises(ValueError, match="shape") as caught:
        case(arrays[0], arrays[1][:, np.newaxis], *arrays[2:])
    assert "(30, 1)" in str(caught.value)
    assert "reshape(-1)" in str(caught.value)
    with pytest.raises(ValueError, match="shape"):
        case(arrays[0][:, np.newaxis], *arrays[1:])


@every_loss
def test_lengths_must_agree(case, rng):
    arrays = list(case.inputs(rng, 30))
    with pytest.raises(ValueError, match=r"29"):
        case(arrays[0][1:], *arrays[1:])


@every_loss
def test_no_sample_is_refused(case, rng):
    with pytest.raises(ValueError, match="at least one sample"):
        case(*(a[:0] for a in case.inputs(rng, 5)))


@every_loss
@pytest.mark.parametrize(
    "make",
    [
        lambda a: a.astype(complex),
        lambda a: a.astype(object),
        lambda a: a.astype("datetime64[s]"),
        lambda a: a.astype(str),
    ],
    ids=["complex", "object", "datetime", "text"],
)
def test_only_real_numbers_are_taken(case, rng, make):
    arrays = case.inputs(rng, 30)
    for position in range(len(arrays)):
        wrong = [make(a) if i == position else a for i, a in enumerate(arrays)]
        with pytest.raises(TypeError, match="must hold real numbers; got"):
            case(*wrong)


@pytest.mark.parametrize("missing", [None, np.nan], ids=["None", "NaN"])
def test_missing_values_among_objects_are_counted(missing):
    y_true = np.array([1.0, missing, missing, 2.0], dtype=object)
    with pytest.raises(TypeError, match="of which 2 missing; drop or impute") as caught:
        sn.gaussian_nll_loss(y_true, 0.0, 1.0)
    assert "pos_label" not in str(caught.value)


def test_numbers_among_objects_are_not_called_text():
    with pytest.raises(TypeError, match="dtype object; convert it to float first"):
        sn.gaussian_nll_loss(np.array([1, 2.0], dtype=object), 0.0, 1.0)


@every_loss
def test_masked_values_are_not_unmasked(case, rng):
    arrays = list(case.inputs(rng, 30))
    arrays[1] = np.ma.masked_greater(arrays[1], np.median(arrays[1]))
    with pytest.raises(ValueError, match="must not have masked values"):
        case(*arrays)


@every_loss
def test_missing_values_of_nullable_columns_are_refused(case, rng):
    pd = pytest.importorskip("pandas")
    arrays = list(case.inputs(rng, 30))
    if arrays[0].ndim == 2:
        pytest.skip("a column is needed")
    column = pd.Series(arrays[0].astype(float), dtype="Float64")
    assert case(column, *arrays[1:]) == case(*arrays)
    column[3] = pd.NA
    with pytest.raises(ValueError, match="y_true must be finite; got nan at index 3"):
        case(column, *arrays[1:])


@every_loss
def test_reduction_must_be_known(case, rng):
    message = "reduction must be one of 'mean', 'sum', 'none'; got 'median'"
    with pytest.raises(ValueError, match=message):
        case(*case.inputs(rng, 5), reduction="median")


def test_ragged_rows_are_refused():
    with pytest.raises(ValueError, match="mu must be a rectangular array"):
        sn.gaussian_nll_loss([1.0, 2.0], [[1.0], [2.0, 3.0]], 1.0)


def test_a_bare_number_is_no_target():
    with pytest.raises(ValueError, match="pass a list of one value"):
        sn.gaussian_nll_loss(1.0, 1.0, 1.0)


@pytest.mark.parametrize("coverage", [0.0, 1.0, 1.5, -0.1, np.nan])
def test_coverage_is_a_probability(coverage):
    with pytest.raises(ValueError, match=r"coverage must be in \(0, 1\); got"):
        sn.interval_loss([1.0], [0.0], [2.0], coverage=coverage)


def test_coverage_is_one_number():
    for wrong in ([0.9], "0.9x", True):
        with pytest.raises(TypeError, match="coverage must be a number"):
            sn.interval_loss([1.0], [0.0], [2.0], coverage=wrong)


def test_an_end_that_is_infinite_is_not_called_exchanged():
    with pytest.raises(ValueError, match="lower must be finite; got inf at index 0"):
        sn.interval_loss([1.0, 2.0], [np.inf, 0.0], [3.0, 3.0], coverage=0.9)


def test_ends_of_an_interval_must_not_cross():
    message = r"lower must not exceed upper; got 3 > 2 at index 1 \(1 of 2 intervals\)"
    with pytest.raises(ValueError, match=message):
        sn.interval_loss([1.0, 1.0], [0.0, 3.0], [2.0, 2.0], coverage=0.9)


@pytest.mark.parametrize(
    ("labels", "count"), [([1, 2, 1], 1), ([-1, 1, -1], 2), ([0, 255, 255], 2)]
)
def test_labels_outside_0_and_1_need_pos_label(labels, count):
    for loss in (
        sn.binary_cross_entropy_loss,
        sn.binary_cross_entropy_with_logits_loss,
    ):
        with pytest.raises(ValueError, match="pass pos_label") as caught:
            loss(labels, [0.1, 0.5, 0.9])
        assert f"({count} of 3 values)" in str(caught.value)
        assert "y_true must be in [0, 1]" in str(caught.value)


def test_text_labels_need_pos_label():
    with pytest.raises(TypeError, match="pos_label"):
        sn.binary_cross_entropy_loss(["a", "b"], [0.1, 0.2])


def test_a_third_label_is_refused():
    with pytest.raises(
        ValueError, match="at most one other label; got 'b', 'c' besides"
    ):
        sn.binary_cross_entropy_loss(["a", "b", "c"], [0.1, 0.2, 0.3], pos_label="a")


def test_a_missing_label_is_refused():
    for missing in (np.nan, None, np.inf):
        with pytest.raises(
            ValueError, match=r"no missing labels; got .* \(1 of 3 values"
        ):
            sn.binary_cross_entropy_loss(
                [1.0, 2.0, missing], [0.1, 0.2, 0.3], pos_label=1
            )
        with pytest.raises(ValueError, match="no missing labels"):
            sn.binary_cross_entropy_loss(["a", "b", missing], [0.1] * 3, pos_label="a")
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    for column in (
        pd.Series(["a", pd.NA, "b"], dtype="string"),
        pl.Series(["a", None, "b"]),
    ):
        with pytest.raises(ValueError, match="no missing labels"):
            sn.binary_cross_entropy_loss(column, [0.1] * 3, pos_label="a")


def test_pos_label_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="of the kind of the labels"):
        sn.binary_cross_entropy_loss([0, 0], [0.1, 0.2], pos_label="yes")
    with pytest.raises(TypeError, match="of the kind of the labels"):
        sn.binary_cross_entropy_loss(["no", "no"], [0.1, 0.2], pos_label=1)


def test_logits_are_not_taken_for_probabilities():
    with pytest.raises(
        ValueError, match="binary_cross_entropy_with_logits_loss"
    ) as caught:
        sn.binary_cross_entropy_loss([0, 1], [-2.0, 3.0])
    assert "y_prob must be in [0, 1]; got -2 at index 0 (2 of 2 values)" in str(
        caught.value
    )


def test_rows_of_probabilities_must_sum_to_one():
    with pytest.raises(ValueError, match=r"must sum to 1; got a sum of 1.1 at row 1"):
        sn.binary_cross_entropy_loss([0, 1], [[0.5, 0.5], [0.5, 0.6]])
    logits = np.zeros((2, 3))
    with pytest.raises(ValueError, match=r"must sum to 1; got a sum of 0.9 at row 0"):
        sn.cross_entropy_with_logits_loss([[0.5, 0.4, 0], [1, 0, 0]], logits)


def test_two_columns_leave_no_doubt_about_pos_label():
    with pytest.raises(ValueError, match="must be the column of pos_label"):
        sn.binary_cross_entropy_loss([1, 2], [[0.5, 0.5], [0.5, 0.5]], pos_label=1)


@pytest.mark.parametrize("labels", [[0, 3], [0, -1], [1, 7]])
def test_column_indices_must_exist(labels):
    with pytest.raises(ValueError, match="a whole number from 0 to 2; got"):
        sn.cross_entropy_with_logits_loss(labels, np.zeros((2, 3)))


def test_column_indices_must_be_whole():
    with pytest.raises(ValueError, match=r"got 0.5 at index 1 \(1 of 2 values\)"):
        sn.cross_entropy_with_logits_loss([0, 0.5], np.zeros((2, 3)))


def test_labels_must_be_known_and_complete():
    logits = np.zeros((2, 3))
    with pytest.raises(ValueError, match="must hold only labels from labels; got 'd'"):
        sn.cross_entropy_with_logits_loss(["a", "d"], logits, labels=["a", "b", "c"])
    with pytest.raises(ValueError, match="must name each of the 3 columns"):
        sn.cross_entropy_with_logits_loss(["a", "b"], logits, labels=["a", "b"])
    with pytest.raises(ValueError, match="must name each of the 3 columns"):
        sn.cross_entropy_with_logits_loss(["a", "b"], logits, labels=["a", "b", "b"])


def test_one_logit_a_sample_points_to_the_binary_loss():
    with pytest.raises(ValueError, match="binary_cross_entropy_with_logits_loss"):
        sn.cross_entropy_with_logits_loss([0, 1], [0.3, 0.2])


@pytest.mark.parametrize("weights", [[1.0], [0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0]])
def test_output_weights_must_fit(weights):
    y = np.zeros((3, 2))
    with pytest.raises(ValueError, match="multioutput must"):
        sn.gaussian_nll_loss(y, y, y + 1, multioutput=weights)


def test_sparse_matrices_are_refused():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="must hold real numbers"):
        sn.gaussian_nll_loss([1.0, 2.0], sparse.csr_array([[1.0, 2.0]]), 1.0)


def test_a_constant_target_has_no_decomposition():
    with pytest.raises(
        ValueError, match="must not be constant; got 2 for all 3 samples"
    ):
        sn.decompose_nll([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], 1.0)
    with pytest.raises(ValueError, match="with positive sample_weight all equal 2"):
        sn.decompose_nll([2.0, 2.0, 9.0], [1.0, 2.0, 3.0], 1.0, sample_weight=[1, 1, 0])
