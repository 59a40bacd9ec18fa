"""A transformed target whose sigma and density survive."""

import pickle
import warnings

import numpy as np
import pytest
import scipy.stats
import sklearn
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import BayesianRidge, LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from sklearn_negloss import get_scorer, predict_dist
from sklearn_negloss.distributions import (
    LogNormal,
    LostMassWarning,
    NoDensityError,
    Normal,
)
from sklearn_negloss.regression import TransformedTargetProbabilisticRegressor

Probabilistic = TransformedTargetProbabilisticRegressor


def data(n=120, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (n, 2))
    return X, 3.0 + X[:, 0] - 0.5 * X[:, 1] + 0.2 * rng.normal(size=n)


X, Z = data()
Y = np.exp(Z)


# -- the same point prediction as scikit-learn's own class ---------------------------

WAYS = {
    "identity": {},
    "log": {"func": np.log, "inverse_func": np.exp},
    "sqrt": {"func": np.sqrt, "inverse_func": np.square},
    "scaler": {"transformer": StandardScaler()},
    "power": {"transformer": PowerTransformer()},
    "falling": {"func": lambda y: -np.log(y), "inverse_func": lambda z: np.exp(-z)},
    "steps": {
        "transformer": make_pipeline(
            FunctionTransformer(np.log, np.exp), MinMaxScaler((1, 2)), StandardScaler()
        )
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_the_median_is_what_scikit_learns_own_class_predicts(way):
    ours = Probabilistic(BayesianRidge(), **WAYS[way]).fit(X, Y)
    theirs = TransformedTargetRegressor(BayesianRidge(), **WAYS[way]).fit(X, Y)
    # Where a little mass is lost, the median moves a little.
    lost = getattr(ours.predict_dist(X), "lost_mass", np.zeros(1)).max()
    assert lost < 0.01
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-8 + 3 * lost)
    assert ours.score(X, Y) == pytest.approx(theirs.score(X, Y), rel=1e-2)


@pytest.mark.parametrize("point", ["median", "mean"])
@pytest.mark.parametrize("way", WAYS)
def test_all_predictions_are_of_one_distribution(way, point):
    model = Probabilistic(point=point, **WAYS[way]).fit(X, Y)
    dist = model.predict_dist(X)
    centre, sigma = model.predict(X, return_std=True)
    np.testing.assert_array_equal(centre, model.predict(X))
    np.testing.assert_array_equal(sigma, dist.std())
    wanted = dist.mean() if point == "mean" else dist.ppf(0.5)
    np.testing.assert_array_equal(centre, wanted)
    lower, upper = model.predict_interval(X, coverage=0.8)
    np.testing.assert_allclose(dist.cdf(upper) - dist.cdf(lower), 0.8, rtol=1e-9)
    table = model.predict_quantiles(X, [0.1, 0.5, 0.9])
    np.testing.assert_allclose(table, np.column_stack([lower, dist.ppf(0.5), upper]))
    assert model.predict_quantiles(X, 0.1).shape == (len(X),)
    np.testing.assert_array_equal(predict_dist(model, X).logpdf(Y), dist.logpdf(Y))


def test_the_density_is_the_regressors_times_the_slope():
    model = Probabilistic(**WAYS["log"]).fit(X, Y)
    mu, sigma = BayesianRidge().fit(X, Z).predict(X, return_std=True)
    dist = model.predict_dist(X)
    assert isinstance(dist, LogNormal)
    truth = scipy.stats.lognorm(s=sigma, scale=np.exp(mu))
    np.testing.assert_allclose(dist.logpdf(Y), truth.logpdf(Y), rtol=1e-9)
    np.testing.assert_allclose(dist.mean(), truth.mean(), rtol=1e-9)
    np.testing.assert_allclose(dist.std(), truth.std(), rtol=1e-9)
    measured = Probabilistic(func=lambda y: np.log(y) + 0.0, inverse_func=np.exp).fit(
        X, Y
    )
    assert not measured.target_map_.exact
    np.testing.assert_allclose(
        measured.predict_dist(X).logpdf(Y), truth.logpdf(Y), atol=1e-8
    )


def test_an_affine_transform_of_a_normal_is_normal():
    dist = Probabilistic(transformer=StandardScaler()).fit(X, Y).predict_dist(X)
    mu, sigma = (
        BayesianRidge().fit(X, (Y - Y.mean()) / Y.std()).predict(X, return_std=True)
    )
    assert isinstance(dist, Normal)
    np.testing.assert_allclose(dist.mean(), mu * Y.std() + Y.mean())
    np.testing.assert_allclose(dist.std(), sigma * Y.std())


def test_scikit_learns_own_class_cannot_do_it():
    theirs = TransformedTargetRegressor(
        BayesianRidge(), func=np.log, inverse_func=np.exp
    )
    with pytest.raises(AttributeError, match="no attribute 'ndim'"):
        theirs.fit(X, Y).predict(X, return_std=True)


# -- one search over transforms ------------------------------------------------------

TRANSFORMERS = {
    "raw": None,
    "log": FunctionTransformer(np.log, np.exp),
    "sqrt": FunctionTransformer(np.sqrt, np.square),
    "yeo-johnson": PowerTransformer(),
}


def simulated(kind, n=400):
    """Return data that is linear and normal after one transform, and positive."""
    rng = np.random.default_rng(5)
    X = rng.uniform(-1, 1, (n, 1))
    noise = rng.normal(size=n)
    if kind == "raw":
        return X, 20 + 3 * X[:, 0] + 1.5 * noise
    if kind == "log":
        return X, np.exp(2 + X[:, 0] + 0.5 * noise)
    if kind == "sqrt":
        return X, (10 + 2 * X[:, 0] + 2.0 * noise) ** 2
    # Heavier than log-normal on top: 1 + y is a power of a normal.
    power = PowerTransformer(standardize=False)
    power.lambdas_ = np.array([-0.35])
    power.n_features_in_ = 1
    z = 1.0 + 0.3 * X[:, 0] + 0.2 * noise
    return X, power.inverse_transform(z[:, None]).ravel()


@pytest.mark.parametrize("kind", TRANSFORMERS)
@pytest.mark.filterwarnings(
    "ignore::sklearn_negloss.distributions.transforms._transformed.LostMassWarning"
)
def test_a_search_over_transforms_and_models_finds_the_truth(kind):
    X, y = simulated(kind)
    assert y.min() > 0
    search = GridSearchCV(
        Probabilistic(),
        {
            "transformer": list(TRANSFORMERS.values()),
            "regressor": [
                BayesianRidge(),
                make_pipeline(StandardScaler(), BayesianRidge()),
            ],
        },
        scoring=get_scorer("neg_nll"),
        cv=4,
    ).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    best = {
        name: max(
            score
            for score, params in zip(scores, search.cv_results_["params"], strict=True)
            if str(params["transformer"]) == str(transformer)
        )
        for name, transformer in TRANSFORMERS.items()
    }
    if kind == "yeo-johnson":
        assert max(best, key=best.get) == kind
    else:
        # Yeo-Johnson contains raw, and nearly log and sqrt: it may tie, not win by more.
        rivals = {name: s for name, s in best.items() if name != "yeo-johnson"}
        assert max(rivals, key=rivals.get) == kind
        assert best["yeo-johnson"] < best[kind] + 0.01


def test_without_the_jacobian_the_choice_would_be_wrong():
    X, y = simulated("raw")
    scores = {}
    for name in ("raw", "log"):
        model = Probabilistic(transformer=TRANSFORMERS[name]).fit(X, y)
        dist = model.predict_dist(X)
        inside = predict_dist(model.regressor_, X)
        z = model.target_map_.forward(y)
        scores[name] = dist.logpdf(y).mean(), inside.logpdf(z).mean()
    assert scores["raw"][0] > scores["log"][0]
    assert scores["raw"][1] < scores["log"][1]


# -- inside other tools --------------------------------------------------------------


def test_pipelines_gaussian_processes_and_searches_can_be_inside():
    steps = make_pipeline(StandardScaler(), PolynomialFeatures(2), BayesianRidge())
    process = GaussianProcessRegressor(RBF() + WhiteKernel(0.1), normalize_y=True)
    search = GridSearchCV(BayesianRidge(), {"alpha_1": [1e-6, 1e-3]}, cv=3)
    for regressor in (steps, process, search):
        model = Probabilistic(regressor, **WAYS["log"]).fit(X, Y)
        assert model.predict_dist(X).logpdf(Y).mean() > -3.5
        assert np.all(model.predict(X, return_std=True)[1] > 0)


def test_it_can_be_inside_a_pipeline_cloned_and_pickled():
    model = make_pipeline(StandardScaler(), Probabilistic(**WAYS["log"])).fit(X, Y)
    median, sigma = model.predict(X, return_std=True)
    again = pickle.loads(pickle.dumps(clone(model).fit(X, Y)))
    np.testing.assert_array_equal(again.predict(X, return_std=True)[1], sigma)
    np.testing.assert_array_equal(again.predict(X), median)
    np.testing.assert_array_equal(predict_dist(model, X).std(), sigma)
    scores = cross_val_score(model, X, Y, scoring=get_scorer("neg_nll"), cv=3)
    assert np.isfinite(scores).all()


@pytest.mark.skipif(
    sklearn.__version__ < "1.7", reason="scikit-learn's own class warns there"
)
def test_the_output_container_that_is_configured_does_not_matter():
    ways = (WAYS["log"], WAYS["power"])
    plain = [Probabilistic(**way).fit(X, Y).predict(X) for way in ways]
    with sklearn.config_context(transform_output="pandas"):
        for way, wanted in zip(ways, plain, strict=True):
            found = Probabilistic(**way).fit(X, Y).predict(X)
            np.testing.assert_array_equal(found, wanted)


def test_weights_reach_the_regressor():
    weights = np.r_[np.ones(60), np.zeros(60)]
    weighted = Probabilistic(Ridge(), **WAYS["log"]).fit(X, Y, sample_weight=weights)
    part = Probabilistic(Ridge(), **WAYS["log"]).fit(X[:60], Y[:60])
    np.testing.assert_allclose(weighted.predict(X), part.predict(X))
    default = Probabilistic(**WAYS["log"]).fit(X, Y, sample_weight=np.full(120, 1.0))
    np.testing.assert_allclose(
        default.predict(X), Probabilistic(**WAYS["log"]).fit(X, Y).predict(X), rtol=1e-6
    )


def test_routing_carries_weights_and_return_std():
    weights = np.linspace(0.1, 1, 120)
    plain = Probabilistic(BayesianRidge(), **WAYS["log"]).fit(
        X, Y, sample_weight=weights
    )
    with sklearn.config_context(enable_metadata_routing=True):
        inner = BayesianRidge().set_fit_request(sample_weight=True)
        model = Probabilistic(inner, **WAYS["log"]).set_predict_request(return_std=True)
        steps = make_pipeline(FunctionTransformer(), model)
        steps.fit(X, Y, sample_weight=weights)
        median, sigma = steps.predict(X, return_std=True)
        default = Probabilistic(**WAYS["log"]).fit(X, Y, sample_weight=weights)
        np.testing.assert_allclose(default.predict(X), median)
        np.testing.assert_allclose(predict_dist(steps, X).std(), sigma)
    np.testing.assert_allclose(median, plain.predict(X))
    np.testing.assert_allclose(sigma, plain.predict(X, return_std=True)[1])


def test_parameters_for_the_regressors_predict_are_passed_on():
    class Shifted(LinearRegression):
        def predict(self, X, shift=0.0):
            return super().predict(X) + shift

    model = Probabilistic(Shifted(), **WAYS["log"]).fit(X, Y)
    np.testing.assert_allclose(
        model.predict(X, shift=1.0), np.e * model.predict(X), rtol=1e-9
    )


def test_the_default_regressor_knows_its_sigma():
    model = Probabilistic().fit(X, Y)
    assert isinstance(model.regressor_, BayesianRidge)
    assert model.n_features_in_ == 2
    assert repr(clone(model)) == "TransformedTargetProbabilisticRegressor()"


def test_a_column_of_targets_gives_columns_of_points():
    theirs = TransformedTargetRegressor(LinearRegression(), **WAYS["log"])
    process = GaussianProcessRegressor(RBF() + WhiteKernel(0.1))
    model = Probabilistic(process, **WAYS["log"]).fit(X, Y[:, None])
    assert (
        model.predict(X).shape == theirs.fit(X, Y[:, None]).predict(X).shape == (120, 1)
    )
    assert model.predict_dist(X).shape == (120,)


def test_several_targets_are_predicted_but_have_no_density():
    targets = np.column_stack([Y, 2 * Y])
    model = Probabilistic(LinearRegression(), **WAYS["log"]).fit(X, targets)
    theirs = TransformedTargetRegressor(LinearRegression(), **WAYS["log"])
    np.testing.assert_allclose(model.predict(X), theirs.fit(X, targets).predict(X))
    with pytest.raises(NoDensityError, match="one column for a density; got 2"):
        model.predict_dist(X)


# -- lost mass -----------------------------------------------------------------------


def test_predictions_outside_the_range_warn_once_and_stay_in_the_domain():
    far = np.array([[-9.0, 0.0], [0.0, 0.0]])
    model = Probabilistic(**WAYS["sqrt"]).fit(X, Y)
    with pytest.warns(
        LostMassWarning, match=r"sqrt cannot reach .* in 1 of 2"
    ) as caught:
        dist = model.predict_dist(far)
    assert len(caught) == 1
    assert dist.lost_mass[0] > 0.01 > dist.lost_mass[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LostMassWarning)
        points, sigma = model.predict(far, return_std=True)
    assert np.all(points > 0)
    assert np.all(np.isfinite(sigma))


# -- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "message"),
    [
        (
            WAYS["log"],
            r"^y for log must be strictly positive; got -1 at index 3 \(2 of 120 values\); "
            r"use log1p if zeros are true values, yeo-johnson if negative ones are\.$",
        ),
        (
            WAYS["sqrt"],
            r"y for sqrt must be non-negative; got -1 at index 3 \(1 of 120",
        ),
        (
            {"transformer": PowerTransformer(method="box-cox")},
            r"y for box-cox must be strictly positive; got -1 .* use PowerTransformer\(",
        ),
        (
            {"transformer": make_pipeline("passthrough", TRANSFORMERS["log"])},
            r"y for log must be strictly positive; got -1 at index 3",
        ),
        (
            {"func": lambda y: np.log(y) + 0.0, "inverse_func": np.exp},
            r"y must be inside the domain of <lambda>; got -1 at index 3 \(2 of 120 val",
        ),
    ],
    ids=["log", "sqrt", "box-cox", "pipeline", "lambda"],
)
def test_targets_outside_the_domain_are_named_with_a_remedy(way, message):
    y = Y.copy()
    y[[3, 7]] = -1.0, 0.0
    with pytest.raises(ValueError, match=message):
        Probabilistic(**way).fit(X, y)


NO_INVERSE = FunctionTransformer(np.arcsinh, np.tanh, check_inverse=False)


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        (
            {
                "transformer": QuantileTransformer(
                    n_quantiles=50, output_distribution="normal"
                )
            },
            "QuantileTransformer leaves no density of y: its slope jumps",
        ),
        (
            {"transformer": MinMaxScaler(clip=True)},
            r"MinMaxScaler\(clip=True\) leaves no density",
        ),
        (
            {"func": lambda y: np.abs(y - 20), "inverse_func": lambda z: z + 20},
            "<lambda> must be strictly monotone for y to have a density",
        ),
        (
            {"func": lambda y: y + np.log(y), "inverse_func": np.exp},
            "inverse of <lambda> must lead back to y",
        ),
        (
            {"func": np.log, "inverse_func": np.square},
            "inverse of log must lead back to y",
        ),
        (
            {"transformer": make_pipeline(StandardScaler(), NO_INVERSE)},
            "inverse of arcsinh must lead back to y",
        ),
    ],
    ids=["quantiles", "clipped", "not monotone", "not inverse", "known", "in a step"],
)
def test_transforms_without_a_density_still_predict(way, reason):
    model = Probabilistic(BayesianRidge(), check_inverse=False, **way).fit(X, Y)
    theirs = TransformedTargetRegressor(BayesianRidge(), check_inverse=False, **way)
    np.testing.assert_allclose(model.predict(X), theirs.fit(X, Y).predict(X))
    for call in (
        lambda: model.predict_dist(X),
        lambda: model.predict(X, return_std=True),
        lambda: model.predict_interval(X),
        lambda: model.set_params(point="mean").predict(X),
    ):
        with pytest.raises(NoDensityError, match=reason):
            call()


def test_regressors_without_a_sigma_predict_points_only():
    forest = RandomForestRegressor(n_estimators=5, random_state=0)
    model = Probabilistic(forest, **WAYS["log"]).fit(X, Y)
    theirs = TransformedTargetRegressor(forest, **WAYS["log"]).fit(X, Y)
    np.testing.assert_array_equal(model.predict(X), theirs.predict(X))
    with pytest.raises(TypeError, match="offers no predictive distribution"):
        model.predict(X, return_std=True)


def test_contradictions_and_options_are_refused():
    with pytest.raises(
        ValueError, match=r"point must be one of 'median', 'mean'; got 'm"
    ):
        Probabilistic(point="mode").fit(X, Y)
    with pytest.raises(ValueError, match="cannot both be set"):
        Probabilistic(transformer=StandardScaler(), func=np.log).fit(X, Y)
    with pytest.raises(ValueError, match="'inverse_func' must also be provided"):
        Probabilistic(func=np.log).fit(X, Y)
    with pytest.raises(NotFittedError):
        Probabilistic().predict_dist(X)
    model = Probabilistic().fit(X, Y)
    with pytest.raises(ValueError, match=r"quantiles must be in \(0, 1\); got 1"):
        model.predict_quantiles(X, [0.5, 1.0])
    with pytest.raises(ValueError, match=r"confidence must be in \(0, 1\)|coverage"):
        model.predict_interval(X, coverage=1.5)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        Probabilistic(**WAYS["log"]).fit(X, np.where(Y.min() < Y, Y, np.nan))
