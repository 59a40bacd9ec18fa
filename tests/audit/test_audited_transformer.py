"""AuditedTargetTransformer: exactly what it wraps, and the nats that are its own."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import BayesianRidge, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.estimator_checks import estimator_checks_generator

from sklearn_negloss import (
    TransformedTargetProbabilisticRegressor,
    audit,
    gaussian_nll_loss,
)
from sklearn_negloss.audit import AuditedTargetTransformer, AuditError, AuditWarning
from sklearn_negloss.distributions import mean_log_jacobian


def function(func, inverse):
    return FunctionTransformer(func, inverse, check_inverse=False)


EXACT = {
    "standard": StandardScaler(),
    "min-max": MinMaxScaler(),
    "robust": RobustScaler(),
    "max-abs": MaxAbsScaler(),
    "log": function(np.log, np.exp),
    "log1p": function(np.log1p, np.expm1),
    "log10": function(np.log10, lambda z: 10**z),
    "sqrt": function(np.sqrt, np.square),
    "asinh": function(np.arcsinh, np.sinh),
    "box-cox": PowerTransformer("box-cox"),
    "yeo-johnson": PowerTransformer(),
    "pipeline": make_pipeline(function(np.log1p, np.expm1), StandardScaler()),
}
NONE = {
    "quantile": QuantileTransformer(n_quantiles=50),
    "bins": KBinsDiscretizer(5, encode="ordinal", quantile_method="linear")
    if "quantile_method" in KBinsDiscretizer().get_params()
    else KBinsDiscretizer(5, encode="ordinal"),
    "square": FunctionTransformer(lambda y: (y - 3) ** 2),
}


@pytest.fixture
def y(rng):
    return np.exp(rng.normal(1, 0.5, size=(400, 1)))


def slope(transformer, y):
    """Mean log slope by central differences."""
    step = 1e-6 * np.abs(y)
    rise = transformer.transform(y + step) - transformer.transform(y - step)
    return float(np.mean(np.log(np.abs(rise / (2 * step)))))


WRAPPED = (
    AuditedTargetTransformer(),
    AuditedTargetTransformer(StandardScaler()),
    AuditedTargetTransformer(PowerTransformer()),
    AuditedTargetTransformer(MinMaxScaler()),
    AuditedTargetTransformer(EXACT["asinh"]),
)


@pytest.mark.parametrize(
    ("estimator", "check"),
    [pair for e in WRAPPED for pair in estimator_checks_generator(e)],
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_checks_pass(estimator, check):
    check(estimator)


# -- the same as without it ----------------------------------------------------------


@pytest.mark.parametrize("name", EXACT | NONE)
def test_it_transforms_and_inverts_as_what_it_wraps(y, name):
    plain = (EXACT | NONE)[name]
    audited = AuditedTargetTransformer(plain).fit(y)
    plain = clone(plain).fit(y)
    z = plain.transform(y)
    np.testing.assert_array_equal(audited.transform(y), z)
    np.testing.assert_array_equal(
        audited.inverse_transform(z), plain.inverse_transform(z)
    )


@pytest.mark.parametrize("name", ["standard", "log", "yeo-johnson", "quantile"])
def test_regressors_predict_the_same_with_it(y, rng, name):
    X = np.log(y) + 0.1 * rng.normal(size=y.shape)
    transformer = (EXACT | NONE)[name]
    plain, audited = (
        TransformedTargetRegressor(Ridge(), transformer=t).fit(X, y[:, 0])
        for t in (transformer, AuditedTargetTransformer(transformer))
    )
    np.testing.assert_array_equal(plain.predict(X), audited.predict(X))


def test_densities_go_through_it(y, rng):
    X = np.log(y) + 0.1 * rng.normal(size=y.shape)
    plain, audited = (
        TransformedTargetProbabilisticRegressor(BayesianRidge(), transformer=t).fit(
            X, y[:, 0]
        )
        for t in (EXACT["log"], AuditedTargetTransformer(EXACT["log"]))
    )
    np.testing.assert_allclose(
        plain.predict_dist(X).logpdf(y[:, 0]), audited.predict_dist(X).logpdf(y[:, 0])
    )


def test_a_frozen_transformer_stays_as_it_is(y):
    frozen = FrozenEstimator(StandardScaler().fit(10 * y))
    audited = AuditedTargetTransformer(frozen).fit(y)
    assert audited.jacobian_ == pytest.approx(-np.log(10 * y.std()))


# -- what it says --------------------------------------------------------------------


@pytest.mark.parametrize("name", EXACT)
def test_the_nats_of_the_transform(y, name):
    audited = AuditedTargetTransformer(EXACT[name]).fit(y)
    assert audited.jacobian_ == pytest.approx(slope(audited, y), abs=1e-6)
    assert audited.target_map(y).exact
    assert audited.jacobian_ == mean_log_jacobian(audited, y[:, 0])


def test_negative_targets_under_yeo_johnson(rng):
    y = rng.standard_t(5, size=(500, 1))
    audited = AuditedTargetTransformer(PowerTransformer()).fit(y)
    assert audited.jacobian_ == pytest.approx(slope(audited, y), abs=1e-4)


def test_a_smooth_function_that_nobody_knows_is_measured(y):
    cube = FunctionTransformer(lambda y: y**3, np.cbrt)
    audited = AuditedTargetTransformer(cube).fit(y)
    assert audited.jacobian_ == pytest.approx(np.mean(np.log(3 * y**2)), abs=1e-8)
    assert not audited.target_map(y).exact


@pytest.mark.parametrize("name", NONE)
def test_what_leaves_no_density_says_why(y, name):
    audited = AuditedTargetTransformer(NONE[name]).fit(y)
    assert audited.jacobian_ is None
    assert audited.report_.outcomes["NEG103"] == "not applicable"
    assert "leaves no density loss of y" in audited.report_.summary
    with pytest.raises(ValueError, match="no own units here"):
        audited.loss_in_own_units(1.0)


def test_a_loss_in_the_units_of_the_target(y):
    audited = AuditedTargetTransformer(EXACT["standard"]).fit(y)
    z = audited.transform(y)[:, 0]
    own = gaussian_nll_loss(y[:, 0], y.mean(), y.std())
    transformed = gaussian_nll_loss(z, 0.0, 1.0)
    assert audited.loss_in_own_units(transformed) == pytest.approx(own)
    assert "in the target's own units" in audited.report_.summary


def test_a_transform_that_moves_nothing_says_so_in_its_summary(y):
    z = StandardScaler().fit_transform(y)
    audited = AuditedTargetTransformer(StandardScaler()).fit(z)
    assert audited.report_.outcomes["NEG103"] == "clear"
    assert "A loss of v of the transformed target is one of v" in (
        audited.report_.summary
    )


def test_before_and_after(rng):
    y = 1000 * np.exp(0.01 * rng.normal(size=(500, 1)))
    audited = AuditedTargetTransformer(EXACT["log"]).fit(y)
    assert audited.report_before_.verdict == "clear"
    assert audited.report_after_.findings[0].code == "NEG102"
    assert audited.report_.outcomes["NEG103"] == "found"


def test_it_is_what_audit_says_of_target_and_transformer(y):
    audited = AuditedTargetTransformer(EXACT["log1p"]).fit(y)
    report = audit(y_true=y[:, 0], transformer=EXACT["log1p"].fit(y))
    assert audited.report_.outcomes == report.outcomes


def test_a_target_that_the_transform_cannot_take(y):
    y = y.copy()
    y[:3] = 0.0
    with pytest.warns(AuditWarning, match="NEG306"):
        AuditedTargetTransformer(EXACT["log"]).fit(y)
    with pytest.raises(AuditError, match="NEG306"):
        AuditedTargetTransformer(EXACT["log"], on_error="raise").fit(y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AuditedTargetTransformer(EXACT["log"], on_error="ignore").fit(y)


def test_several_columns(rng):
    Y = rng.normal([1, 100], [0.01, 5], size=(300, 2))
    audited = AuditedTargetTransformer(StandardScaler()).fit(Y)
    assert audited.report_.columns["0"].verdict == "units"
    assert audited.jacobian_ is None
    assert "several columns" in audited.report_.summary


# -- in the tools --------------------------------------------------------------------


def test_a_search_over_transforms_keeps_the_report_of_the_best(y, rng):
    X = np.log(y) + 0.1 * rng.normal(size=y.shape)
    model = TransformedTargetRegressor(
        Ridge(), transformer=AuditedTargetTransformer(StandardScaler())
    )
    grid = {"transformer__transformer": [StandardScaler(), EXACT["log"]]}
    search = GridSearchCV(model, grid, n_jobs=2).fit(X, y[:, 0])
    found = search.best_estimator_.transformer_
    assert found.report_.outcomes["NEG103"] == "found"
    assert pickle.loads(pickle.dumps(found)).report_ == found.report_
    assert not hasattr(clone(found), "report_")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output_names_the_columns(y, library):
    module = pytest.importorskip(library)
    frame = module.DataFrame({"price": y[:, 0]})
    plain, audited = (
        t.set_output(transform=library)
        for t in (StandardScaler(), AuditedTargetTransformer(StandardScaler()))
    )
    out, right = audited.fit_transform(frame), plain.fit_transform(frame)
    assert type(out).__module__.startswith(library)
    assert list(out.columns) == list(right.columns)
    np.testing.assert_array_equal(out.to_numpy(), right.to_numpy())


# -- what it refuses -----------------------------------------------------------------


@pytest.mark.parametrize("wrong", [Ridge(), StandardScaler, 3, "cube", np.log])
def test_what_cannot_transform_is_refused(y, wrong):
    with pytest.raises(TypeError, match="must be an object with fit and transform"):
        AuditedTargetTransformer(wrong).fit(y)


def test_missing_methods_are_missing(y):
    class OneWay(FunctionTransformer):
        inverse_transform = property()

    audited = AuditedTargetTransformer(OneWay())
    assert not hasattr(audited, "inverse_transform")
    assert hasattr(AuditedTargetTransformer(), "inverse_transform")
