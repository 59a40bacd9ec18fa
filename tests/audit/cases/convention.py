"""Cases of the 2xx rules: signs by convention, and scorers that point the wrong way."""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LassoLarsIC, Ridge
from sklearn.metrics import log_loss, make_scorer, mean_squared_error, r2_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import (
    gaussian_nll_loss,
    get_scorer,
    information_gain_score,
    make_distribution_scorer,
)


def regression(rng, n):
    X = rng.normal(size=(n, 2))
    return X, 3 * X[:, 0] + 5 * rng.normal(size=n)


def point(rng, n):
    mu = 10 * rng.normal(size=n)
    return mu + 3 * rng.normal(size=n), mu


def gaussian(rng, n, sigma=0.05):
    mu = rng.normal(size=n)
    return {"y_true": mu + sigma * rng.normal(size=n), "mu": mu, "sigma": sigma}


def minus_named_loss(rng, n):
    y, pred = point(rng, n)
    value = -mean_squared_error(y, pred)
    return {
        "y_true": y,
        "y_pred": pred,
        "loss": "mean_squared_error",
        "loss_value": value,
    }


def minus_unnamed_loss(rng, n):
    y, pred = point(rng, n)
    value = float(-np.sqrt(mean_squared_error(y, pred)))
    return {"y_true": y, "y_pred": pred, "loss_value": value}


def minus_log_loss(rng, n):
    p = rng.uniform(0.05, 0.95, size=n)
    y = (rng.uniform(size=n) < p).astype(int)
    return {"y_true": y, "y_prob": p, "loss_value": -log_loss(y, p)}


def searched(rng, n):
    X, y = regression(rng, n)
    search = GridSearchCV(Ridge(), {"alpha": [0.1]}, scoring="neg_mean_squared_error")
    return {"estimator": search.fit(X, y), "X": X, "y_true": y}


def kmeans(rng, n):
    X = rng.normal(size=(n, 2))
    return {"estimator": KMeans(2, n_init=1, random_state=0).fit(X), "X": X}


def histogram_boosting(rng, n):
    X, y = regression(rng, n)
    model = HistGradientBoostingRegressor(max_iter=5, early_stopping=True).fit(X, y)
    return {"estimator": model, "loss_value": float(model.train_score_[-1])}


def right_number(rng, n):
    y, pred = point(rng, n)
    value = mean_squared_error(y, pred)
    return {
        "y_true": y,
        "y_pred": pred,
        "loss": "mean_squared_error",
        "loss_value": value,
    }


def log_likelihood(rng, n):
    case = gaussian(rng, n)
    return case | {"loss_value": -gaussian_nll_loss(**case)}


def summed_log_likelihood(rng, n):
    case = gaussian(rng, n, sigma=3.0)
    return case | {"loss_value": -n * gaussian_nll_loss(**case)}


def fitted_to_columns(estimator):
    def make(rng, n):
        X = 0.01 * rng.normal(size=(n, 3))
        return {"estimator": estimator.fit(X), "X": X}

    return make


def akaike(rng, n):
    X = 0.01 * rng.normal(size=(n, 2))
    model = GaussianMixture(2, random_state=0).fit(X)
    return {"estimator": model, "X": X, "loss_value": model.aic(X)}


def lars_criterion(rng, n):
    X, y = regression(rng, n)
    model = LassoLarsIC("bic").fit(X, 0.001 * y)
    return {"estimator": model, "loss_value": float(model.criterion_.min())}


def negative_density_loss(rng, n):
    case = gaussian(rng, n)
    return case | {"loss_value": gaussian_nll_loss(**case)}


def fitted_ridge(rng, n):
    X, y = regression(rng, n)
    return {"estimator": Ridge().fit(X, y), "X": X, "y_true": y}


def scorer(given):
    return lambda rng, n: {"scorer": given}


GUILTY = {
    "NEG201": {
        "name": scorer("neg_mean_squared_error"),
        "named loss": scorer(get_scorer("neg_log_loss")),
        "ours": scorer("neg_gaussian_nll"),
        "made": scorer(make_scorer(mean_squared_error, greater_is_better=False)),
        "number of a named loss": minus_named_loss,
        "number of an unnamed loss": minus_unnamed_loss,
        "number of a log loss": minus_log_loss,
        "number without data": lambda rng, n: {
            "loss": "neg_mean_absolute_error",
            "loss_value": -2871.4,
        },
        "search": searched,
        "inertia": kmeans,
        "training curve": histogram_boosting,
    },
    "NEG204": {
        "number is a log-likelihood": log_likelihood,
        "number is a summed log-likelihood": summed_log_likelihood,
        "mixture": fitted_to_columns(GaussianMixture(2, random_state=0)),
        "mixture in a pipeline": fitted_to_columns(
            make_pipeline(StandardScaler(), GaussianMixture(random_state=0))
        ),
        "kernel density": fitted_to_columns(KernelDensity(bandwidth=0.1)),
        "principal components": fitted_to_columns(PCA(1)),
        "covariance": fitted_to_columns(EmpiricalCovariance()),
        "akaike": akaike,
        "bayesian criterion": lars_criterion,
    },
}

INNOCENT = {
    "NEG201": {
        "a score": scorer("r2"),
        "a made score": scorer(make_scorer(r2_score)),
        "our score": scorer(make_distribution_scorer(information_gain_score)),
        "a loss with its own sign": right_number,
        "negative density loss": negative_density_loss,
    },
    "NEG204": {
        "negative density loss": negative_density_loss,
        "regressor": fitted_ridge,
        "clusters": kmeans,
    },
}
