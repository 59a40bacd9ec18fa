"""Jacobians of target transformers, against multi-precision differences."""

import pickle

import mpmath
import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)

from sklearn_negloss.distributions.transforms._jacobians import (
    check_domain,
    mean_log_jacobian,
    target_map,
)
from sklearn_negloss.distributions.transforms._maps import (
    KNOWN,
    NoDensityError,
    TargetMap,
)
from sklearn_negloss.distributions.transforms._transformed import check_inverse

POSITIVE = np.exp(np.random.default_rng(0).normal(0.3, 0.8, 60))
REAL = np.random.default_rng(1).normal(0.5, 2.0, 60)
UNIT = np.random.default_rng(2).uniform(0.05, 0.95, 60)


# A function like that of QuantileTransformer: straight between a thousand knots.
KNOTS = np.sort(np.random.default_rng(3).normal(0.5, 2.0, 1000))
KNOTS[[0, -1]] = -100, 100
KNOTS_UP = np.linspace(0, 1, 1000)


def fitted(transformer, y):
    return transformer.fit(np.reshape(y, (-1, 1)))


def function(func, inverse):
    return FunctionTransformer(func, inverse, check_inverse=False)


def image(transformer, y):
    return transformer.transform(np.reshape(y, (-1, 1))).ravel()


def yeo_johnson(y, lmbda):
    if y >= 0:
        return (mpmath.power(1 + y, lmbda) - 1) / lmbda
    return -(mpmath.power(1 - y, 2 - lmbda) - 1) / (2 - lmbda)


MP_FUNCTIONS = {
    "log": mpmath.log,
    "log1p": lambda y: mpmath.log(1 + y),
    "log10": mpmath.log10,
    "log2": lambda y: mpmath.log(y, 2),
    "sqrt": mpmath.sqrt,
    "arcsinh": mpmath.asinh,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "logit": lambda y: mpmath.log(y / (1 - y)),
    "expit": lambda y: 1 / (1 + mpmath.exp(-y)),
    "square": lambda y: y**2,
    "cbrt": lambda y: mpmath.sign(y) * mpmath.cbrt(abs(y)),
    "reciprocal": lambda y: 1 / y,
}


@pytest.mark.parametrize("part", KNOWN, ids=lambda part: part.name)
def test_log_slopes_of_functions_equal_multi_precision_derivatives(part):
    transformer = function(part.forward, part.inverse)
    y = UNIT if part.name == "logit" else POSITIVE if part.values.bounded else REAL
    found = target_map(transformer).log_abs_derivative(y)
    with mpmath.workdps(40):
        wanted = [
            float(mpmath.log(abs(mpmath.diff(MP_FUNCTIONS[part.name], mpmath.mpf(v)))))
            for v in y
        ]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize(
    ("method", "y"),
    [("box-cox", POSITIVE), ("yeo-johnson", REAL), ("yeo-johnson", POSITIVE)],
    ids=["box-cox", "yeo-johnson, both sides", "yeo-johnson, positive"],
)
def test_power_transforms_equal_multi_precision_derivatives(method, y, standardize):
    transformer = fitted(PowerTransformer(method=method, standardize=standardize), y)
    found = target_map(transformer)
    lmbda = transformer.lambdas_[0]
    with mpmath.workdps(40):
        power = mpmath.mpf(lmbda)
        inner = (
            (lambda v: (v**power - 1) / power)
            if method == "box-cox"
            else (lambda v: yeo_johnson(v, power))
        )
        slopes = [mpmath.diff(inner, mpmath.mpf(v)) for v in y]
        scale = float(np.std([float(inner(mpmath.mpf(v))) for v in y]))
    wanted = [
        float(mpmath.log(s)) - (np.log(scale) if standardize else 0) for s in slopes
    ]
    np.testing.assert_allclose(found.log_abs_derivative(y), wanted, atol=1e-10)
    np.testing.assert_allclose(found.forward(y), image(transformer, y), atol=1e-10)
    np.testing.assert_allclose(found.inverse(found.forward(y)), y, rtol=1e-9)
    assert found.exact


TRANSFORMERS = {
    "standard": StandardScaler(),
    "standard, no mean": StandardScaler(with_mean=False),
    "standard, no std": StandardScaler(with_std=False),
    "min-max": MinMaxScaler((-1, 3)),
    "robust": RobustScaler(quantile_range=(10, 80)),
    "robust, no centre": RobustScaler(with_centering=False),
    "robust, no scale": RobustScaler(with_scaling=False),
    "max-abs": MaxAbsScaler(),
    "identity": FunctionTransformer(),
    "negative": FunctionTransformer(np.negative, np.negative),
    "pipeline": make_pipeline(
        "passthrough",
        function(np.log1p, np.expm1),
        StandardScaler(),
        make_pipeline(PowerTransformer(), MinMaxScaler()),
    ),
    "falling pipeline": make_pipeline(
        function(np.log, np.exp), FunctionTransformer(np.negative, np.negative)
    ),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_maps_agree_with_the_transformers_they_read(name):
    transformer = fitted(TRANSFORMERS[name], POSITIVE)
    found = target_map(transformer)
    wanted = image(transformer, POSITIVE)
    np.testing.assert_allclose(found.forward(POSITIVE), wanted, atol=1e-14)
    np.testing.assert_allclose(found.inverse(found.forward(POSITIVE)), POSITIVE)
    step = 1e-5 * POSITIVE
    rise = found.forward(POSITIVE + step) - found.forward(POSITIVE - step)
    slope = np.abs(rise / (2 * step))
    np.testing.assert_allclose(
        found.log_abs_derivative(POSITIVE), np.log(slope), atol=1e-6
    )
    assert found.increasing == bool(np.all(rise > 0))
    assert found.exact


@pytest.mark.parametrize(
    ("func", "inverse", "y", "slope"),
    [
        (
            lambda y: np.log(y + 5),
            lambda z: np.exp(z) - 5,
            POSITIVE,
            lambda y: -np.log(y + 5),
        ),
        (lambda y: 1 / y, lambda z: 1 / z, POSITIVE, lambda y: -2 * np.log(y)),
        (lambda y: y**2, np.sqrt, POSITIVE, lambda y: np.log(2 * y)),
        (
            lambda y: np.arcsinh(y / 1e-3),
            lambda z: 1e-3 * np.sinh(z),
            REAL,
            lambda y: -0.5 * np.log(y**2 + 1e-6),
        ),
        (
            lambda y: logit(y / 2),
            lambda z: 2 * expit(z),
            UNIT,
            lambda y: -np.log(y) - np.log1p(-y / 2),
        ),
        (lambda y: y + np.exp(y), lambda z: z, REAL, lambda y: np.log1p(np.exp(y))),
        (np.arctan, np.tan, REAL, lambda y: -np.log1p(y**2)),
        (
            lambda y: 3e6 + y / 7,
            lambda z: 7 * (z - 3e6),
            REAL,
            lambda y: -np.log(7) + 0 * y,
        ),
    ],
    ids=[
        "log(y+5)",
        "1/y",
        "y^2",
        "asinh(1000 y)",
        "logit",
        "y+exp(y)",
        "arctan",
        "line",
    ],
)
def test_unknown_functions_are_differentiated_to_1e_8(func, inverse, y, slope):
    found = target_map(function(func, inverse), y)
    error = np.abs(found.log_abs_derivative(y) - slope(y))
    # 3e6 + y / 7 has itself only 10 digits of a step.
    assert error.max() < (1e-8 if abs(func(1.0)) < 1e6 else 1e-7)
    assert not found.exact


@pytest.mark.parametrize(
    ("func", "inverse", "domain", "reach"),
    [
        (lambda y: np.log(y + 5), lambda z: np.exp(z) - 5, (-5, np.inf), None),
        (lambda y: 1 / y, lambda z: 1 / z, (0, np.inf), (0, None)),
        (lambda y: y**2, np.sqrt, (0, None), (0, None)),
        (np.arctan, np.tan, (None, None), (-np.pi / 2, np.pi / 2)),
    ],
    ids=["log(y+5)", "1/y", "y^2", "arctan"],
)
def test_the_domain_of_an_unknown_function_is_found(func, inverse, domain, reach):
    found = target_map(function(func, inverse), POSITIVE)
    for end, wanted in zip(found.domain, domain, strict=True):
        assert wanted is None or end == pytest.approx(wanted, abs=1e-12)
    for end, wanted in zip(found.range, reach or (None, None), strict=True):
        assert wanted is None or end == pytest.approx(wanted, abs=1e-10)


@pytest.mark.parametrize(
    ("parts", "domain", "reach"),
    [
        (function(np.log, np.exp), (0, np.inf), (-np.inf, np.inf)),
        (function(np.sqrt, np.square), (0, np.inf), (0, np.inf)),
        (function(np.exp, np.log), (-np.inf, np.inf), (0, np.inf)),
        (
            make_pipeline(
                FunctionTransformer(np.negative, np.negative), function(np.exp, np.log)
            ),
            (-np.inf, np.inf),
            (0, np.inf),
        ),
        (
            make_pipeline(
                FunctionTransformer(np.negative, np.negative),
                function(np.log1p, np.expm1),
            ),
            (-np.inf, 1),
            (-np.inf, np.inf),
        ),
    ],
    ids=["log", "sqrt", "exp", "exp(-y)", "log1p(-y)"],
)
def test_chains_know_their_domain_and_range(parts, domain, reach):
    found = target_map(fitted(parts, UNIT))
    assert found.domain == domain
    assert found.range == reach


def test_power_transforms_know_their_range():
    y = POSITIVE**-1.5  # a negative exponent straightens it
    transformer = fitted(PowerTransformer(method="yeo-johnson", standardize=False), y)
    lmbda = transformer.lambdas_[0]
    assert lmbda < 0
    assert target_map(transformer).range == pytest.approx((-np.inf, -1 / lmbda))
    box_cox = fitted(PowerTransformer(method="box-cox", standardize=False), POSITIVE**2)
    ends = target_map(box_cox).range
    assert sum(np.isinf(ends)) == 1


def test_the_mean_log_jacobian_is_the_difference_of_two_losses():
    y = POSITIVE
    scaler = fitted(StandardScaler(), y)
    assert mean_log_jacobian(scaler, y) == pytest.approx(-np.log(y.std()))
    log = function(np.log, np.exp)
    assert mean_log_jacobian(log, y) == pytest.approx(-np.log(y).mean())
    weights = np.arange(y.size)
    weighted = mean_log_jacobian(log, y, sample_weight=weights)
    assert weighted == pytest.approx(-np.average(np.log(y), weights=weights))


def test_slopes_are_found_at_every_scale_of_the_target():
    y = np.logspace(-3, 8, 40)
    found = target_map(function(np.arcsinh, np.sinh), y)
    unknown = target_map(function(lambda v: np.arcsinh(v) + 0.0, np.sinh), y)
    np.testing.assert_allclose(
        unknown.log_abs_derivative(y), found.log_abs_derivative(y), atol=1e-7
    )


def test_wrappers_are_peeled():
    log = function(np.log, np.exp)
    inner = target_map(log)
    assert target_map(FrozenEstimator(log.fit(POSITIVE[:, None]))) == inner
    assert target_map(inner) is not None
    assert target_map(None) == target_map("passthrough") == TargetMap()

    class Wrapper:
        def target_map(self, y):
            return inner

    assert target_map(Wrapper()) == inner


def test_subclasses_are_measured_because_they_may_do_something_else():
    class Doubled(StandardScaler):
        def transform(self, X):
            return 2 * super().transform(X)

        def inverse_transform(self, X):
            return super().inverse_transform(X / 2)

    found = target_map(fitted(Doubled(), REAL), REAL)
    np.testing.assert_allclose(
        found.log_abs_derivative(REAL), np.log(2 / REAL.std()), atol=1e-8
    )


def test_maps_can_be_pickled():
    for transformer in (TRANSFORMERS["pipeline"], function(np.log10, lambda z: 10**z)):
        found = target_map(fitted(transformer, POSITIVE))
        again = pickle.loads(pickle.dumps(found))
        assert again == found
        assert repr(again) == repr(found)


REFUSED = {
    "quantiles": (QuantileTransformer(n_quantiles=20), "QuantileTransformer leaves no"),
    "bins": (
        KBinsDiscretizer(n_bins=4, encode="ordinal", strategy="uniform"),
        "KBinsDiscretizer leaves no density",
    ),
    "splines": (SplineTransformer(), "it makes several columns"),
    "clipped": (MinMaxScaler(clip=True), "use clip=False"),
    "not monotone": (function(np.abs, np.abs), "absolute must be strictly monotone"),
    "flat": (function(np.round, np.round), "round must be strictly monotone"),
    "stairs": (
        function(lambda y: y + 0.9 * np.floor(50 * y) / 50, None),
        "must have a smooth slope",
    ),
    "nearly flat stairs": (
        function(lambda y: np.round(y, 2) + 1e-6 * y, None),
        "must have a smooth slope",
    ),
    "corners": (
        function(lambda y: np.interp(y, KNOTS, KNOTS_UP), None),
        "must have a smooth slope",
    ),
    "columns": (
        function(lambda y: np.hstack([y, y]), None),
        "must return one column",
    ),
    "zero slope": (function(lambda y: 0 * y, None), "strictly monotone"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_transforms_without_a_density_are_refused_with_the_reason(name):
    transformer, reason = REFUSED[name]
    transformer = fitted(transformer, REAL)
    with pytest.raises(NoDensityError, match=reason):
        target_map(transformer, REAL)
    with pytest.raises(NoDensityError):
        mean_log_jacobian(transformer, REAL)


def test_a_function_that_is_not_known_needs_values_to_explore():
    with pytest.raises(NoDensityError, match="pass y"):
        target_map(function(lambda y: y**3, np.cbrt))
    with pytest.raises(NoDensityError, match="at least one finite value"):
        target_map(function(lambda y: y**3, np.cbrt), [np.nan])


def test_steps_that_do_not_fit_together_are_refused():
    never = Pipeline(
        [
            ("exp", function(np.exp, np.log)),
            ("minus", FunctionTransformer(np.negative, np.negative)),
            ("log", function(np.log, np.exp)),
        ]
    )
    with pytest.raises(NoDensityError, match="do not fit together"):
        _ = target_map(never).domain


def test_several_columns_are_refused():
    with pytest.raises(NoDensityError, match="one regressor for each column"):
        target_map(StandardScaler().fit(np.ones((4, 2)) * np.arange(4)[:, None]))


def test_an_inverse_that_does_not_lead_back_is_refused():
    found = target_map(function(lambda y: y + np.exp(y), lambda z: z), REAL)
    with pytest.raises(NoDensityError, match="must lead back to y; got"):
        check_inverse(found, REAL)


@pytest.mark.parametrize(
    ("transformer", "message"),
    [
        (
            function(np.log, np.exp),
            r"^y for log must be strictly positive; got 0 at index 1 \(2 of 4 values\); "
            r"use log1p if zeros are true values, yeo-johnson if negative ones are\.$",
        ),
        (
            function(np.log1p, np.expm1),
            r"y for log1p must be greater than -1; got -2 at",
        ),
        (
            function(np.sqrt, np.square),
            r"y for sqrt must be non-negative; got -2 at index",
        ),
        (
            PowerTransformer(method="box-cox"),
            r"y for box-cox must be strictly positive",
        ),
        (
            function(lambda y: np.log(y + 1), None),
            r"y must be inside the domain of <lambda>; got -2 at index 3 \(1 of 4 values\)",
        ),
        (
            make_pipeline(StandardScaler(), function(np.log, np.exp)),
            r"y, as the steps before it leave it, for log must be strictly positive; got",
        ),
    ],
    ids=["log", "log1p", "sqrt", "box-cox", "lambda", "pipeline"],
)
def test_values_outside_the_domain_are_named_with_a_remedy(transformer, message):
    with pytest.raises(ValueError, match=message):
        check_domain(transformer, [1.0, 0.0, 5.0, -2.0])


def test_values_outside_the_domain_have_no_jacobian():
    log = function(np.log, np.exp)
    assert np.isnan(target_map(log).log_abs_derivative(-1.0))
    with pytest.raises(ValueError, match="strictly positive"):
        mean_log_jacobian(log, [1.0, 0.0])
