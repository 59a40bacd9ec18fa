"""Rules 1xx: what their evidence says is true of the losses themselves."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit
from sklearn import metrics
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from sklearn_negloss import (
    audit,
    binary_cross_entropy_loss,
    dawid_sebastiani_loss,
    gaussian_crps_loss,
    gaussian_nll_loss,
    log1p_absolute_loss,
)
from sklearn_negloss.audit._rule import NotApplicable
from sklearn_negloss.audit.case._case import Case
from sklearn_negloss.audit.case._derive import complete
from sklearn_negloss.audit.case._measured import agrees
from sklearn_negloss.audit.case._supplied import read_supplied
from tests.audit.cases.units import column, honest, in_log_space, lognormal

ARGUMENTS = tuple(k for k in audit.__kwdefaults__ if k != "ignore")


@pytest.fixture
def rng():
    """Return a generator of random numbers."""
    return np.random.default_rng(0)


def evidence(code, **given):
    """Return the evidence of a rule that has to be found."""
    report = audit(**given)
    return next(f.evidence for f in report.findings if f.code == code)


def measured(**given):
    """Return the loss that the audit computes from what was given."""
    supplied = read_supplied(**dict.fromkeys(ARGUMENTS) | given)
    return Case(complete(supplied)).measured


class TestMeasured:
    @pytest.mark.parametrize(
        ("name", "loss"),
        [
            ("gaussian_nll", gaussian_nll_loss),
            ("nll", gaussian_nll_loss),
            ("gaussian_crps", gaussian_crps_loss),
            ("crps", gaussian_crps_loss),
            ("dawid_sebastiani", dawid_sebastiani_loss),
        ],
    )
    @pytest.mark.parametrize("weighted", [False, True])
    def test_is_our_loss_of_mu_and_sigma(self, rng, name, loss, weighted):
        case = honest(rng, 200, sigma=0.3)
        weight = rng.uniform(size=200) if weighted else None
        expected = loss(*case.values(), sample_weight=weight)
        value = measured(**case, loss=name, sample_weight=weight)
        assert value == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize(
        "name", ["mean_squared_error", "mean_absolute_error", "r2", "max_error"]
    )
    def test_is_the_metric_of_scikit_learn_of_that_name(self, rng, name):
        y, predicted = rng.normal(size=(2, 100))
        function = getattr(metrics, name, None) or getattr(metrics, f"{name}_score")
        value = measured(y_true=y, y_pred=predicted, loss=name)
        assert value == pytest.approx(function(y, predicted))

    def test_is_our_loss_of_predicted_values(self, rng):
        y, predicted = rng.normal(size=(2, 100))
        value = measured(y_true=y, y_pred=predicted, loss="log1p_absolute")
        assert value == pytest.approx(log1p_absolute_loss(y, predicted))

    def test_reads_labels_literally_however_far_out(self, rng):
        y, p = rng.choice([0, 255], size=100), rng.uniform(0.01, 0.99, size=100)
        expected = np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))
        assert measured(y_true=y, y_prob=p) == pytest.approx(expected)
        logits = np.log(p / (1 - p))
        assert measured(y_true=y, logits=logits) == pytest.approx(expected)

    def test_is_exact_at_probabilities_of_zero_and_one(self):
        assert measured(y_true=[0, 1], y_prob=[0.0, 1.0]) == 0.0

    def test_is_nothing_where_nothing_can_be_computed(self, rng):
        y = rng.normal(size=50)
        assert measured(y_true=y) is None
        assert measured(y_true=y, y_pred=y) is None  # no loss of them is known
        weight = np.where(y > 0, 1.0, -1.0)
        case = {"y_true": y, "mu": y, "sigma": 1.0}
        assert isinstance(measured(**case, sample_weight=weight), NotApplicable)
        assert isinstance(measured(**case | {"sigma": 0.0}), NotApplicable)
        wrong = {"y_true": y, "y_pred": y, "loss": "mean_gamma_deviance"}
        assert isinstance(measured(**wrong), NotApplicable)

    @pytest.mark.parametrize(
        ("value", "expected", "same"),
        [
            (-2871.0, -2871.4, True),
            (-0.89, -0.8942, True),
            (-0.89, -0.91, False),
            (-1.0, -0.6, False),
            (1e-9, 1.0004e-9, True),
            (2.0, -2.0, False),
            (math.inf, math.inf, False),
        ],
    )
    def test_numbers_agree_as_they_were_printed(self, value, expected, same):
        assert agrees(value, expected) is same


class TestDensityAboveOne:
    def test_sigma_is_the_geometric_mean_of_a_calibrated_forecast(self, rng):
        sigma = np.exp(rng.uniform(-4, -2, size=50_000))
        mu = rng.normal(size=50_000)
        y = mu + sigma * rng.normal(size=50_000)
        found = evidence("NEG101", y_true=y, mu=mu, sigma=sigma)
        assert found["sigma"] == pytest.approx(stats.gmean(sigma), rel=0.02)

    @pytest.mark.parametrize("loss", ["gaussian_nll", "dawid_sebastiani"])
    def test_least_sigma_is_where_the_expected_loss_is_zero(self, rng, loss):
        case = honest(rng, 1_000_000, sigma=0.1)
        least = evidence("NEG101", **case, loss=loss)["least_sigma"]
        function = {"gaussian_nll": gaussian_nll_loss}.get(loss, dawid_sebastiani_loss)
        z = rng.normal(size=1_000_000)
        assert function(least * z, 0.0, least) == pytest.approx(0.0, abs=0.005)

    def test_leaves_a_score_to_the_rules_of_scorers(self):
        report = audit(loss="gaussian_nll", scorer="neg_gaussian_nll", loss_value=-1.4)
        assert report.outcomes["NEG101"] == "not applicable"

    def test_does_not_explain_a_number_of_another_sign(self, rng):
        case = honest(rng, 500, sigma=1.0)
        report = audit(**case, loss_value=-gaussian_nll_loss(*case.values()))
        assert report.outcomes["NEG101"] == "not applicable"


class TestUnits:
    def test_baseline_is_the_loss_of_the_best_constant_forecast(self, rng):
        y = 0.01 * rng.gamma(2.0, size=300)
        expected = gaussian_nll_loss(y, y.mean(), y.std())
        assert evidence("NEG102", y_true=y)["baseline"] == pytest.approx(expected)

    def test_the_factor_takes_the_sign_away(self, rng):
        y = 0.01 * rng.normal(size=300)
        factor = evidence("NEG102", y_true=y)["factor"]
        assert audit(y_true=1.001 * factor * y).outcomes["NEG102"] == "clear"
        assert audit(y_true=0.999 * factor * y).outcomes["NEG102"] == "found"

    def test_min_max_scaling_explains_small_units(self, rng):
        y = MinMaxScaler().fit_transform(rng.normal(size=(1_000, 1))).ravel()
        report = audit(y_true=y)
        assert [f.code for f in report.findings] == ["NEG106"]
        assert report.outcomes["NEG102"] == "not applicable"

    @pytest.mark.parametrize("shape", [(0.5, 0.5), (2, 5), (1, 1), (30, 4)])
    def test_no_density_on_the_unit_interval_has_a_positive_entropy(self, shape):
        assert stats.beta(*shape).entropy() <= 1e-12

    def test_only_a_scaling_has_a_range_to_add(self, rng):
        y = rng.gamma(2.0, 10.0, size=500)

        def says(transformer):
            report = audit(y_true=y, transformer=transformer.fit(column(y)))
            found = [f for f in report.findings if f.code == "NEG106"]
            return found[0].message + found[0].advice if found else ""

        for scaler in (MinMaxScaler(), MinMaxScaler(clip=True)):
            assert "min-max" in says(scaler)
            assert "log(range)" in says(scaler)
        for squeezing in (
            QuantileTransformer(n_quantiles=100),
            FunctionTransformer(lambda y: expit((y - 20) / 10)),
        ):
            assert "squeezes any value" in says(squeezing)
            assert "min-max" not in says(squeezing)
            assert "log(range)" not in says(squeezing)
        growing = FunctionTransformer(lambda y: np.log1p(y) / 4)
        assert says(growing) == ""

    def test_an_estimator_that_answers_in_own_units_is_not_squeezed(self, rng):
        y = rng.normal(200, 50, size=500)
        scaler = MinMaxScaler().fit(column(y))
        given = {"y_true": y, "mu": y.mean(), "sigma": y.std(), "transformer": scaler}
        assert audit(**given).outcomes["NEG106"] == "clear"


class TestTransforms:
    def test_both_losses_of_the_evidence_are_real(self, rng):
        case = in_log_space(rng, 500)
        y, mu, sigma = case["y_true"], case["mu"], case["sigma"]
        found = evidence("NEG103", **case)
        in_log = gaussian_nll_loss(np.log(y), mu, sigma)
        own = -stats.lognorm.logpdf(y, sigma, scale=np.exp(mu)).mean()
        assert found["transformed"] == pytest.approx(in_log)
        assert found["own"] == pytest.approx(own)

    def test_a_loss_with_two_logarithms_moves_twice(self, rng):
        y = rng.normal(200, 50, size=500)
        given = {"y_true": y, "transformer": StandardScaler().fit(column(y))}
        once = evidence("NEG103", **given)["shift"]
        twice = evidence("NEG103", **given, loss="dawid_sebastiani")["shift"]
        assert twice == pytest.approx(2 * once)
        assert once == pytest.approx(np.log(y.std()))

    def test_the_difference_is_that_of_the_best_constant_forecasts(self, rng):
        y = rng.normal(200, 50, size=500)
        scalers = [StandardScaler().fit(column(y)), MinMaxScaler().fit(column(y))]
        z = [s.transform(column(y)).ravel() for s in scalers]
        losses = [gaussian_nll_loss(v, v.mean(), v.std()) for v in z]
        found = evidence("NEG104", y_true=y, transformer=scalers)
        assert found["difference"] == pytest.approx(abs(losses[0] - losses[1]))

    def test_names_both_spaces(self, rng):
        y = lognormal(rng, 200)
        log = FunctionTransformer(np.log)
        power = PowerTransformer("box-cox", standardize=False).fit(column(y))
        found = evidence("NEG104", y_true=y, transformer=[None, log, power])
        named = [
            s
            for s in ("y itself", "log", "PowerTransformer")
            if s in found["statement"]
        ]
        assert len(named) == 2

    def test_an_infinite_slope_compares_nothing(self):
        y = np.arange(100.0)
        given = {"y_true": y, "transformer": FunctionTransformer(np.sqrt)}
        assert audit(**given).outcomes["NEG103"] == "not applicable"
        pair = [None, FunctionTransformer(np.sqrt)]
        assert audit(y_true=y, transformer=pair).outcomes["NEG104"] == "not applicable"


class TestReportedNumbers:
    @pytest.mark.parametrize("n", [2, 50, 3_000])
    def test_size_times_mean_is_the_sum(self, rng, n):
        case = honest(rng, n, sigma=0.1)
        total = gaussian_nll_loss(*case.values(), reduction="sum")
        found = evidence("NEG105", **case, loss_value=total)
        assert found["size"] == n
        assert found["size"] * found["mean"] == pytest.approx(total)

    @pytest.mark.parametrize("axis", [None, 1])
    def test_a_sum_over_columns_is_one(self, rng, axis):
        cases = [honest(rng, 300, sigma=0.1, scale=s) for s in (1.0, 5.0, 9.0)]
        given = {k: np.column_stack([c[k] for c in cases]) for k in cases[0]}
        losses = [gaussian_nll_loss(*case.values(), reduction="none") for case in cases]
        value = np.sum(np.mean(losses, axis=axis) if axis else losses)
        report = audit(**given, loss_value=value)
        sizes = {f.evidence["size"] for f in report.findings if f.code == "NEG105"}
        assert sizes == {3.0 if axis else 900.0}
        assert audit(**given, loss_value=np.mean(losses)).outcomes["NEG105"] == "clear"

    def test_the_sum_of_weights_is_the_size(self, rng):
        case, weight = honest(rng, 100, sigma=0.1), rng.uniform(size=100)
        total = gaussian_nll_loss(*case.values(), sample_weight=weight, reduction="sum")
        found = evidence("NEG105", **case, sample_weight=weight, loss_value=total)
        assert found["size"] == pytest.approx(weight.sum())

    @pytest.mark.parametrize(
        ("value", "dtype", "outcome"),
        [
            (-1e-13, np.float64, "clear"),
            (-1e-15, np.float64, "found"),
            (-1e-13, np.float32, "found"),
            (-1e-4, np.float32, "clear"),
        ],
    )
    def test_rounding_is_that_of_the_inputs(self, value, dtype, outcome):
        y = np.linspace(0, 1, 100).astype(dtype)
        report = audit(y_true=y, y_pred=y, loss="mean_absolute_error", loss_value=value)
        assert report.outcomes["NEG108"] == outcome

    def test_rounding_grows_with_the_square_for_a_squared_error(self):
        y = np.linspace(0, 1e4, 100)
        given = {"y_true": y, "y_pred": y, "loss_value": -1e-7}
        squared = audit(**given, loss="mean_squared_error")
        root = audit(**given, loss="root_mean_squared_error")
        assert squared.outcomes["NEG108"] == "found"
        assert root.outcomes["NEG108"] == "clear"


class TestWorseThanBaseline:
    def test_the_deficit_is_the_difference_to_the_best_constant(self, rng):
        y, mu = rng.normal(size=500), 2.0 * rng.normal(size=500)
        deficit = evidence("NEG107", y_true=y, mu=mu, sigma=2.2)["deficit"]
        best = gaussian_nll_loss(y, y.mean(), y.std())
        assert deficit == pytest.approx(gaussian_nll_loss(y, mu, 2.2) - best)

    def test_the_deficit_of_classes_is_that_to_the_prevalence(self, rng):
        y, p = rng.integers(0, 2, size=500), rng.uniform(0.01, 0.99, size=500)
        deficit = evidence("NEG107", y_true=y, y_prob=p)["deficit"]
        best = binary_cross_entropy_loss(y, np.full(500, y.mean()))
        assert deficit == pytest.approx(binary_cross_entropy_loss(y, p) - best)

    def test_weights_are_repetitions(self, rng):
        y, mu = rng.normal(size=200), 2.0 * rng.normal(size=200)
        times = rng.integers(0, 3, size=200)
        weighted = evidence("NEG107", y_true=y, mu=mu, sigma=2.2, sample_weight=times)
        y, mu = np.repeat(y, times), np.repeat(mu, times)
        repeated = evidence("NEG107", y_true=y, mu=mu, sigma=2.2)
        assert weighted["deficit"] == pytest.approx(repeated["deficit"])

    def test_few_samples_prove_nothing(self, rng):
        given = {"y_true": rng.normal(size=9), "mu": np.full(9, 50.0), "sigma": 1.0}
        assert audit(**given).outcomes["NEG107"] == "not applicable"

    def test_labels_that_were_called_impossible_are_no_proof(self, rng):
        y = rng.integers(0, 2, size=500)
        prob = np.where(rng.uniform(size=500) < 0.8, y, 1 - y)  # as grown trees predict
        assert audit(y_true=y, y_prob=prob).outcomes["NEG107"] == "clear"

    def test_labels_that_were_called_impossible_are_told_where_left_out(self, rng):
        y = rng.integers(0, 2, size=500)
        prob = np.where(y == 1, 0.2, 0.8)
        prob[:7] = 1 - y[:7]
        found = evidence("NEG107", y_true=y, y_prob=prob, ignore=["NEG412"])
        assert found["count"] == 7
        assert "7 of an infinite loss left out" in found["effect"]

    @pytest.mark.parametrize("law", ["normal", "laplace", "standard_cauchy"])
    def test_honest_forecasts_without_skill_are_left_alone(self, law):
        for seed in range(100):
            y = getattr(np.random.default_rng(seed), law)(size=60)
            given = {"y_true": y, "mu": np.median(y), "sigma": y.std()}
            assert audit(**given).outcomes["NEG107"] == "clear"
