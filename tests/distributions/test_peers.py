"""`predict_dist` and the scorers, against the real libraries.

Run by ``tox run -e peers``; a library that is not installed is skipped with its name.
"""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

import sklearn_negloss as sn
from sklearn_negloss.distributions import (
    Gamma,
    Laplace,
    LogNormal,
    NegativeBinomial,
    Normal,
    Poisson,
    QuantileGrid,
)

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore"),  # the libraries' own
]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))
Y = np.exp(0.4 * X[:, 0] + 0.2 * RNG.normal(size=300))
COUNTS = RNG.poisson(np.exp(1 + 0.5 * X[:, 0])).astype(float)


def ngboost(family, **kwargs):
    pytest.importorskip("ngboost")
    from ngboost import NGBRegressor, distns

    base = DecisionTreeRegressor(max_depth=3, random_state=0)
    options = {"n_estimators": 30, "verbose": False, "random_state": 0, "Base": base}
    return NGBRegressor(Dist=getattr(distns, family), **(options | kwargs))


@pytest.mark.parametrize(
    ("name", "family", "oracle"),
    [
        ("Normal", Normal, "norm"),
        ("LogNormal", LogNormal, "lognorm"),
        ("Laplace", Laplace, "laplace"),
        ("Poisson", Poisson, "poisson"),
    ],
)
def test_ngboost(name, family, oracle):
    y = COUNTS if name == "Poisson" else Y
    model = ngboost(name).fit(X, y)
    dist = sn.predict_dist(model, X)
    assert isinstance(dist, family)
    truth = getattr(stats, oracle)(**model.pred_dist(X).params)
    logs = truth.logpmf(y) if name == "Poisson" else truth.logpdf(y)
    np.testing.assert_allclose(sn.nll_loss(y, dist, reduction="none"), -logs, rtol=1e-9)
    assert sn.nll_loss(y, model.pred_dist(X)) == sn.nll_loss(y, dist)
    assert sn.crps_loss(y, dist) > 0


def test_ngboost_inside_a_pipeline():
    model = make_pipeline(StandardScaler(), ngboost("Normal"))
    scores = cross_val_score(model, X, Y, scoring=sn.get_scorer("neg_nll"))
    assert np.isfinite(scores).all()


def test_ngboosts_own_score_picks_the_worst_model_and_ours_the_best():
    grid = {"n_estimators": [1, 10, 100]}
    own = GridSearchCV(ngboost("Normal"), grid, cv=3).fit(X, Y)
    ours = GridSearchCV(
        ngboost("Normal"), grid, cv=3, scoring=sn.get_scorer("neg_nll")
    ).fit(X, Y)
    means = dict(
        zip(grid["n_estimators"], ours.cv_results_["mean_test_score"], strict=True)
    )
    assert ours.best_params_["n_estimators"] == max(means, key=means.get)
    assert own.best_params_["n_estimators"] == min(means, key=means.get)


def test_catboost_predicts_a_variance():
    catboost = pytest.importorskip("catboost")
    options = {"iterations": 30, "verbose": False, "thread_count": 1}
    model = catboost.CatBoostRegressor(
        loss_function="RMSEWithUncertainty", allow_writing_files=False, **options
    ).fit(X, Y)
    dist = sn.predict_dist(model, X)
    mu, variance = model.predict(X).T
    np.testing.assert_allclose(dist.mean(), mu)
    np.testing.assert_allclose(dist.std(), np.sqrt(variance))
    z = (Y - mu) / dist.std()
    assert 0.3 < np.mean(z**2) < 2.0  # a variance read as sigma would be far off
    point = catboost.CatBoostRegressor(allow_writing_files=False, **options).fit(X, Y)
    with pytest.raises(TypeError, match="RMSEWithUncertainty"):
        sn.predict_dist(point, X)


def test_quantile_forest():
    quantile_forest = pytest.importorskip("quantile_forest")
    model = quantile_forest.RandomForestQuantileRegressor(30, random_state=0).fit(X, Y)
    dist = sn.predict_dist(model, X)
    assert isinstance(dist, QuantileGrid)
    np.testing.assert_allclose(dist.ppf(0.5), model.predict(X, quantiles=[0.5]).ravel())
    scores = cross_val_score(model, X, Y, scoring=sn.get_scorer("neg_crps"), cv=3)
    assert np.all(scores < 0)
    with pytest.raises(TypeError, match="crps_loss"):
        sn.nll_loss(Y, dist)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("normal", Normal),
        ("laplace", Laplace),
        ("log-normal", LogNormal),
        ("exponential", Gamma),
        ("poisson", Poisson),
        ("negative-binomial", NegativeBinomial),
    ],
)
def test_xgboost_distribution(name, family):
    library = pytest.importorskip("xgboost_distribution")
    y = COUNTS if name in ("poisson", "negative-binomial") else Y
    model = library.XGBDistribution(distribution=name, n_estimators=10, n_jobs=1).fit(
        X, y
    )
    dist = sn.predict_dist(model, X)
    assert isinstance(dist, family)
    # The library predicts in float32, in which scipy would then compute.
    parameters = {k: v.astype(float) for k, v in model.predict(X)._asdict().items()}
    oracle = {
        "normal": stats.norm,
        "laplace": stats.laplace,
        "log-normal": stats.lognorm,
        "exponential": stats.expon,
        "poisson": stats.poisson,
        "negative-binomial": stats.nbinom,
    }[name](**parameters)
    logs = oracle.logpmf(y) if hasattr(oracle, "logpmf") else oracle.logpdf(y)
    np.testing.assert_allclose(sn.nll_loss(y, dist, reduction="none"), -logs, rtol=1e-9)


def test_skpro():
    pd = pytest.importorskip("pandas")
    residual = pytest.importorskip("skpro.regression.residual")
    frame, target = pd.DataFrame(X, columns=list("abc")), pd.DataFrame({"y": Y})
    model = residual.ResidualDouble(LinearRegression()).fit(frame, target)
    predicted = model.predict_proba(frame)
    dist = sn.predict_dist(model, frame)
    mu = predicted.mean().to_numpy().ravel()
    sigma = np.sqrt(predicted.var().to_numpy().ravel())
    assert sn.nll_loss(Y, dist) == pytest.approx(sn.gaussian_nll_loss(Y, mu, sigma))
    assert sn.crps_loss(Y, dist) == pytest.approx(
        sn.gaussian_crps_loss(Y, mu, sigma), rel=1e-7
    )
    assert sn.nll_loss(Y, predicted) == sn.nll_loss(Y, dist)
    scorer = sn.get_scorer("neg_gaussian_nll")
    assert scorer(model, frame, Y) == pytest.approx(-sn.gaussian_nll_loss(Y, mu, sigma))


def skpro_table(values, first):
    """Rows of numbers as skpro's samples, or quantiles, of each instance."""
    pd = pytest.importorskip("pandas")
    index = pd.MultiIndex.from_product([first, range(len(values))])
    return pd.DataFrame({"y": np.transpose(values).ravel()}, index=index)


MEMBERS = np.array([[0.2, 0.7], [1.4, 1.9], [3.3, 2.6]])


def test_skpros_ensemble_is_no_distribution_of_counts():
    distributions = pytest.importorskip("skpro.distributions")
    dist = distributions.Empirical(skpro_table(MEMBERS, [0, 1]))
    for y in (np.array([1.0, 2.0, 3.0]), np.array([0.3, 1.5, 2.9])):
        spread = np.abs(MEMBERS[:, 0] - MEMBERS[:, 1]) / 4
        truth = np.abs(MEMBERS - y[:, None]).mean(axis=1) - spread
        np.testing.assert_allclose(sn.crps_loss(y, dist, reduction="none"), truth)
    with pytest.raises(TypeError, match="crps_loss"):
        sn.nll_loss([1.0, 2.0, 3.0], dist)
    weights = dist.spl.iloc[:, 0].abs()
    weighted = distributions.Empirical(dist.spl, weights=weights)
    with pytest.raises(TypeError, match="must have no weights"):
        sn.crps_loss([1.0, 2.0, 3.0], weighted)


def test_skpros_quantiles_are_a_grid_and_its_point_an_ensemble_of_one():
    distributions = pytest.importorskip("skpro.distributions")
    y = np.array([0.3, 1.5, 2.9])
    values = np.sort(MEMBERS, axis=1)
    quantiles = distributions.QPD_Empirical(skpro_table(values, [0.2, 0.7]))
    grid = QuantileGrid([0.2, 0.7], values)
    assert sn.crps_loss(y, quantiles) == sn.crps_loss(y, grid)
    np.testing.assert_allclose(grid.mean(), quantiles.mean().to_numpy().ravel())
    point = distributions.Delta(c=[[1.0], [2.5], [3.0]])
    assert sn.crps_loss(y, point) == pytest.approx((0.7 + 1.0 + 0.1) / 3)
    for dist in (quantiles, point):
        with pytest.raises(TypeError, match="crps_loss"):
            sn.nll_loss(y, dist)


def test_skpros_transformed_target_keeps_the_slope_of_the_transform():
    pd = pytest.importorskip("pandas")
    residual = pytest.importorskip("skpro.regression.residual")
    compose = pytest.importorskip("skpro.regression.compose")
    frame, target = pd.DataFrame(X, columns=list("abc")), pd.DataFrame({"y": Y})
    model = residual.ResidualDouble(LinearRegression())
    scaled = compose.TransformedTargetRegressor(model, StandardScaler())
    # The model is equivariant, so that scaling its target changes nothing.
    expected = sn.nll_loss(Y, sn.predict_dist(model.clone().fit(frame, target), frame))
    scaled.fit(frame, target)
    assert sn.nll_loss(Y, sn.predict_dist(scaled, frame)) == pytest.approx(expected)
    own = scaled.predict_proba(frame)
    assert -np.asarray(own.log_pdf(target)).mean() > expected + 16.0


def test_skpros_transform_is_exact_or_its_density_is_refused():
    distributions = pytest.importorskip("skpro.distributions")
    base = distributions.Normal(mu=[[0.0], [1.0]], sigma=0.5)
    made = distributions.TransformedDistribution
    known = made(base, transform=np.exp, inverse_transform=np.log)
    truth = stats.lognorm(0.5, scale=np.exp([0.0, 1.0]))
    y = np.array([1.5, 2.0])
    assert sn.nll_loss(y, known) == pytest.approx(-truth.logpdf(y).mean(), rel=1e-12)
    with pytest.raises(TypeError, match="leaves out the slope"):
        sn.nll_loss(y, made(base, transform=np.exp))


def test_ngboosts_joint_distribution_is_refused_with_a_way_out():
    pytest.importorskip("ngboost")
    from ngboost import NGBRegressor, distns

    joint = distns.MultivariateNormal(2)
    model = NGBRegressor(Dist=joint, n_estimators=3, verbose=False)
    model.fit(X, np.c_[Y, X[:, 0]])
    with pytest.raises(TypeError, match="score each output on its own"):
        sn.predict_dist(model, X)


def test_ondil():
    ondil = pytest.importorskip("ondil")
    model = ondil.estimators.OnlineDistributionalRegression(
        distribution=ondil.distributions.Normal()
    ).fit(X, Y)
    theta = model.predict_distribution_parameters(X)
    dist = sn.predict_dist(model, X)
    assert sn.nll_loss(Y, dist) == pytest.approx(
        -model.distribution.logpdf(Y, theta).mean()
    )
    assert sn.predict_dist(
        make_pipeline(StandardScaler(), model).fit(X, Y), X
    ).shape == (300,)


def test_scipys_new_random_variables():
    if not hasattr(stats, "Normal"):
        pytest.skip("scipy 1.15 has them")
    mu, sigma = X[:, 0], np.full(300, 0.7)
    variable = stats.Normal(mu=mu, sigma=sigma)
    expected = sn.gaussian_nll_loss(Y, mu, sigma)
    assert sn.nll_loss(Y, variable) == pytest.approx(expected, rel=1e-12)
    log_normal = stats.exp(variable)
    truth = sn.nll_loss(Y, LogNormal(sigma, np.exp(mu)))
    assert sn.nll_loss(Y, log_normal) == pytest.approx(truth, rel=1e-10)
