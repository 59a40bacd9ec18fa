"""Rules 3xx: what they claim of labels, weights and dtypes is true."""

import numpy as np
import pytest
from scipy.special import rel_entr
from sklearn import metrics
from sklearn.metrics import log_loss
from sklearn.preprocessing import FunctionTransformer, PowerTransformer, StandardScaler

from sklearn_negloss import audit
from sklearn_negloss.audit import TargetAuditor
from tests.audit.cases.units import column

BCE = "binary_cross_entropy"


@pytest.fixture
def rng():
    """Return a generator of random numbers."""
    return np.random.default_rng(0)


def evidence(code, **given):
    """Return the evidence of a rule that has to be found."""
    report = audit(**given)
    return next(f.evidence for f in report.findings if f.code == code)


def cross_entropy(y, p):
    """Return the formula, whatever the label."""
    return -y * np.log(p) - (1 - y) * np.log(1 - p)


class TestLabels:
    @pytest.mark.parametrize(
        ("values", "pattern"),
        [
            ([1, 2], "numbered from 1"),
            ([-1, 1], "signs"),
            ([-1, 0, 1], "signs"),
            ([0, 255], "mask of 0 to 255"),
            ([0, 2], "two other values"),
            ([-0.5, 1.5], "two other values"),
            ([0, 1, 2, 3], "class numbers"),
            (range(1, 31), "class numbers"),
            ([0.0, 0.4, 0.7, 1.0000001], "overshoot"),
            ([0.0, -1e-6, 0.5, 1.0], "overshoot"),
            ([0.0, 1.0000000597], "overshoot"),
            ([-1e-9, 1.0], "overshoot"),
        ],
    )
    def test_names_the_pattern(self, values, pattern):
        given = {"y_true": np.tile(list(values), 50), "loss": BCE}
        assert evidence("NEG301", **given)["pattern"] == pattern

    def test_a_label_of_two_costs_less_than_nothing_beyond_the_golden_ratio(self):
        golden = (np.sqrt(5) - 1) / 2
        assert cross_entropy(2.0, golden - 1e-6) > 0 > cross_entropy(2.0, golden + 1e-6)

    def test_labels_within_the_unit_interval_never_make_it_negative(self, rng):
        y, p = rng.uniform(size=(2, 10_000))
        assert cross_entropy(y, p).min() >= 0
        assert audit(y_true=y, y_prob=p).outcomes["NEG301"] == "clear"

    def test_labels_that_are_encoded_do_no_harm(self, rng):
        y, p = rng.integers(1, 3, size=200), rng.uniform(0.1, 0.9, size=200)
        assert log_loss(y, p) == pytest.approx(log_loss(y - 1, p))
        assert audit(y_true=y, loss="log_loss").outcomes["NEG301"] == "not applicable"

    def test_a_class_that_is_text_has_no_range(self):
        report = audit(y_true=["a", "b"] * 50, loss=BCE)
        assert report.outcomes["NEG301"] == "not applicable"

    @pytest.mark.parametrize("n", [3, 10, 1_000])
    def test_labels_explain_measurements(self, rng, n):
        prices = rng.uniform(1e3, 2e5, size=n)
        report = audit(y_true=prices, loss=BCE)
        assert [f.code for f in report.findings] == ["NEG302"]
        report = audit(y_true=rng.choice([1, 2], size=n, p=[0.4, 0.6]), loss=BCE)
        assert [f.code for f in report.findings if f.severity == "error"] == ["NEG301"]

    @pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
    def test_the_middle_gives_scaled_labels_back(self, share):
        y = (np.arange(200) < 200 * share).astype(int)
        z = StandardScaler().fit_transform(column(y)).ravel()
        found = evidence("NEG303", y_true=z)
        assert found["low"] * found["high"] == pytest.approx(-1.0)
        np.testing.assert_array_equal(z > found["middle"], y == 1)

    def test_two_values_of_a_regression_may_be_scaled(self, rng):
        dose = rng.choice([5.0, 10.0], size=100)
        scaler = StandardScaler().fit(column(dose))
        given = {"y_true": dose, "transformer": scaler, "mu": 7.5, "sigma": 2.5}
        assert audit(**given).outcomes["NEG303"] == "not applicable"


class TestConstantAndMass:
    def test_one_sample_is_no_constant(self):
        assert audit(y_true=[3.7]).outcomes["NEG304"] == "not applicable"

    @pytest.mark.parametrize("scale", [1e-200, 1e-6, 1.0, 1e6, 1e200])
    def test_no_unit_makes_a_constant(self, rng, scale):
        y = scale * rng.normal(size=100)
        assert audit(y_true=y, loss="crps").outcomes["NEG304"] == "clear"
        constant = np.full(100, scale * 0.1)
        assert audit(y_true=constant, loss="crps").outcomes["NEG304"] == "found"

    @pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.95])
    @pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
    @pytest.mark.parametrize("decimals", [1, 15])
    def test_a_mass_is_found_in_any_unit_and_share(self, rng, share, scale, decimals):
        y = np.round(rng.gamma(2.0, 5.0, size=2_000), decimals)
        y[: int(2_000 * share)] = 0.0
        found = evidence("NEG305", y_true=scale * y)
        assert found["value"] == 0.0
        assert found["share"] == pytest.approx(share, abs=0.01)

    @pytest.mark.parametrize("decimals", [0, 1, 2])
    def test_rounding_of_a_skewed_target_is_no_mass(self, decimals):
        for seed in range(50):
            y = np.random.default_rng(seed).lognormal(0.0, 2.0, size=300)
            assert audit(y_true=np.round(y, decimals)).outcomes["NEG305"] != "found"

    def test_overdispersed_counts_are_no_mass(self):
        for seed in range(50):
            y = np.random.default_rng(seed).negative_binomial(0.3, 0.015, size=50)
            assert audit(y_true=y).outcomes["NEG305"] != "found"

    def test_a_spike_makes_the_loss_fall_by_the_share_for_each_e_fold(self, rng):
        y = np.where(rng.uniform(size=1_000) < 0.3, 0.0, rng.normal(size=1_000))
        share = evidence("NEG305", y_true=y)["share"]

        def loss(sigma):  # of a mixture of a spike and a normal density
            spike = np.exp(-0.5 * (y / sigma) ** 2) / sigma
            return -np.log(share * spike + (1 - share) * np.exp(-0.5 * y**2)).mean()

        fall = loss(1e-8) - loss(1e-8 / np.e)
        assert fall == pytest.approx(share, rel=1e-3)


class TestDomains:
    @pytest.mark.parametrize(
        "function", [np.log, np.log1p, np.sqrt, np.log10, np.arccosh]
    )
    def test_counts_what_numpy_cannot_take(self, rng, function):
        y = rng.normal(size=300)
        with np.errstate(all="ignore"):
            expected = int(np.sum(~np.isfinite(function(y))))
        given = {"y_true": y, "transformer": FunctionTransformer(function)}
        assert evidence("NEG306", **given)["count"] == expected

    def test_counts_what_box_cox_cannot_take(self, rng):
        y = rng.normal(size=300)
        fitted = PowerTransformer("box-cox").fit(column(np.exp(y)))
        found = evidence("NEG306", y_true=y, transformer=fitted)
        assert found["count"] == int(np.sum(y <= 0))
        assert "box-cox" in found["problem"]

    @pytest.mark.parametrize(
        ("loss", "least"),
        [
            ("mean_poisson_deviance", 0.0),
            ("mean_gamma_deviance", 1e-9),
            ("mean_squared_log_error", -1 + 1e-9),
            ("root_mean_squared_log_error", -1 + 1e-9),
        ],
    )
    def test_the_domain_of_a_loss_is_that_of_scikit_learn(self, rng, loss, least):
        y = np.r_[least, rng.uniform(1, 2, size=99)]
        metric = getattr(metrics, loss)
        assert np.isfinite(metric(y, np.ones(100)))
        assert audit(y_true=y, loss=loss).outcomes["NEG306"] == "clear"
        y[:2] = least - 2e-9
        with pytest.raises(ValueError, match="can"):
            metric(y, np.ones(100))
        assert evidence("NEG306", y_true=y, loss=loss)["count"] == 2

    def test_the_domain_of_a_loss_is_known_where_the_target_is_not_kept(self, rng):
        y = rng.normal(size=100)
        auditor = TargetAuditor(loss="mean_poisson_deviance", on_error="ignore")
        for report in (
            auditor.fit(column(y), y).report_,
            auditor.partial_fit(None, y).report_,
        ):
            assert "At least 1 of" in report.findings[0].message

    def test_counts_infinities_of_either_sign(self, rng):
        y = rng.normal(size=100)
        y[:3], y[3:5] = np.inf, -np.inf
        assert evidence("NEG306", y_true=y)["count"] == 5
        assert evidence("NEG306", y_true=np.full(9, np.inf))["count"] == 9


class TestWeights:
    def test_a_negative_weight_makes_a_positive_loss_negative(self):
        weight = [1, 1, -1]
        given = {"y_true": [0, 1, 1], "y_prob": [0.1, 0.9, 0.01]}
        value = log_loss(given["y_true"], given["y_prob"], sample_weight=weight)
        assert value < -4
        report = audit(**given, sample_weight=weight, loss="log_loss", loss_value=value)
        assert report.findings[0].code == "NEG307"

    def test_says_how_many_and_how_much(self, rng):
        weight = rng.normal(1.0, 1.0, size=500)
        found = evidence("NEG307", y_true=rng.normal(size=500), sample_weight=weight)
        assert found["count"] == int(np.sum(weight < 0))
        assert found["total"] == pytest.approx(weight.sum())


class TestProbabilities:
    @pytest.mark.parametrize(
        ("change", "pattern"),
        [
            (lambda p: 1.8 * p, "unnormalised scores"),
            (lambda p: 100 * p, "percentages"),
            (lambda p: p - 0.01, "values outside [0, 1]"),
            (lambda p: np.log(p) + 3, "logits"),
        ],
    )
    def test_names_what_was_given(self, rng, change, pattern):
        prob = change(rng.dirichlet(np.ones(3), size=200))
        # Without a target, no other rule can know better.
        assert evidence("NEG308", y_prob=prob)["pattern"] == pattern

    @pytest.mark.parametrize("decimals", [2, 3, 4])
    @pytest.mark.parametrize("k", [2, 3, 10, 100])
    def test_rounding_to_decimals_is_no_fault(self, rng, decimals, k):
        for concentration in (0.1, 1.0, 5.0):
            prob = rng.dirichlet(np.full(k, concentration), size=500)
            given = {"y_prob": prob.round(decimals)}
            assert audit(**given).outcomes["NEG308"] == "clear"
            given = {"y_prob": (0.4 * prob).round(decimals)}
            assert audit(**given).outcomes["NEG308"] == "found"

    def test_one_decimal_is_no_precision(self, rng):
        prob = rng.dirichlet(np.ones(3), size=500).round(1)
        assert audit(y_prob=prob).outcomes["NEG308"] == "found"

    def test_rounded_probabilities_have_a_loss(self, rng):
        prob = (0.01 + 0.97 * rng.dirichlet(np.ones(3), size=300)).round(3)
        y = rng.integers(0, 3, size=300)
        loss = audit(y_true=y, y_prob=prob).decomposition.loss
        assert loss == pytest.approx(-np.log(prob[np.arange(300), y]).mean())

    @pytest.mark.parametrize("total", [0.2, 1 / np.e, 0.7])
    def test_labels_that_sum_to_s_have_a_divergence_of_s_log_s(self, total):
        prob = np.array([0.2, 0.3, 0.5])
        least = rel_entr(total * prob, prob).sum()
        assert least == pytest.approx(total * np.log(total))
        assert least >= -1 / np.e - 1e-12

    def test_several_labels_a_sample_are_no_soft_labels(self, rng):
        y, p = rng.integers(0, 2, size=(100, 3)), rng.uniform(size=(100, 3))
        assert audit(y_true=y, y_prob=p).outcomes["NEG308"] == "clear"
        assert audit(y_true=y, y_prob=3 * p).outcomes["NEG308"] == "found"


class TestDtypes:
    @pytest.mark.parametrize(
        "dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32"]
    )
    def test_the_wrapped_square_is_that_of_numpy(self, dtype):
        info = np.iinfo(dtype)
        y = np.linspace(info.min // 2, info.max // 2, 100).astype(dtype)
        span = int(y.max()) - int(y.min())
        found = evidence("NEG309", y_true=y)
        expected = np.array([span**2]).astype(np.int64).astype(dtype)
        assert found["wrapped"] == expected[0]
        assert found["example"] == float(span) ** 2

    def test_an_error_that_wraps_makes_a_negative_squared_error(self):
        y, predicted = np.array([0], np.int32), np.array([46342], np.int32)
        assert np.mean((y - predicted) ** 2) == -2147386332
        found = evidence("NEG309", y_true=y, y_pred=predicted)
        assert found["wrapped"] == -2147386332

    def test_predictions_that_are_floats_settle_it(self, rng):
        y = rng.integers(0, 256, size=200).astype(np.uint8)
        assert audit(y_true=y, mu=127.5, sigma=74.0).outcomes["NEG309"] == "clear"
        assert audit(y_true=y, y_pred=y + 0.5).outcomes["NEG309"] == "clear"
