"""Cases of the 2xx rules: signs by convention, and scorers that point the wrong way."""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LassoLarsIC, LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    make_scorer,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
)
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


class LossIsScore(Ridge):
    """An estimator whose score is a loss, as NGBoost's is."""

    def score(self, X, y, sample_weight=None):
        return mean_squared_error(y, self.predict(X))


class LossIsScoreClassifier(LogisticRegression):
    def score(self, X, y, sample_weight=None):
        return log_loss(y, self.predict_proba(X), labels=self.classes_)


class Recorded(Ridge):
    """A regressor that kept its objective, as LightGBM does."""

    def __init__(self, metric="poisson", values=(-40.0, -47.9)):
        super().__init__()
        self.metric = metric
        self.values = values

    @property
    def evals_result_(self):
        return {"valid_0": {self.metric: list(self.values)}}


def own_score(rng, n):
    X, y = regression(rng, n)
    return {"estimator": LossIsScore().fit(X, y), "X": X, "y_true": y}


def own_class_score(rng, n):
    X, y = regression(rng, n)
    return {"estimator": LossIsScoreClassifier().fit(X, y > 0), "X": X, "y_true": y > 0}


def searched_by_own_score(rng, n):
    X, y = regression(rng, n)
    search = GridSearchCV(LossIsScore(), {"alpha": [0.1, 1e4]}, cv=2).fit(X, y)
    return {"estimator": search, "X": X, "y_true": y}


def classifier(rng, n):
    X, y = regression(rng, n)
    return {"estimator": LogisticRegression().fit(X, y > 0), "X": X, "y_true": y > 0}


def worse_than_chance(rng, n):
    X, y = regression(rng, n)
    return {"estimator": Ridge().fit(X, y), "X": X, "y_true": -y}


def recorded(*args):
    def make(rng, n):
        X, y = regression(rng, n)
        return {"estimator": Recorded(*args).fit(X, y)}

    return make


def minus_mse(y_true, y_pred):
    return -mean_squared_error(y_true, y_pred)


def log_likelihood_loss(y_true, mu, sigma):
    return -gaussian_nll_loss(y_true, mu, sigma)


NEG_MAE = get_scorer("neg_mean_absolute_error")


def mse_scorer(estimator, X, y):
    return mean_squared_error(y, estimator.predict(X))


def neg_mse_scorer(estimator, X, y):
    return mean_squared_error(y, estimator.predict(X))


def hard_log_loss(estimator, X, y):
    return -log_loss(y, estimator.predict(X))


def own_hard_log_loss(estimator, X, y):
    p = np.clip(estimator.predict(X).astype(float), 1e-15, 1 - 1e-15)
    return np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def hard_number(rng, n):
    p = rng.uniform(0.05, 0.95, size=n)
    y = (rng.uniform(size=n) < p).astype(int)
    hard = (p > 0.5).astype(int)
    value = log_loss(y, hard)
    return {"y_true": y, "y_pred": hard, "loss": "log_loss", "loss_value": value}


def hard_probabilities(rng, n):
    case = hard_number(rng, n)
    return case | {"y_prob": case.pop("y_pred")}


def soft_number(rng, n):
    p = rng.uniform(0.05, 0.95, size=n)
    y = (rng.uniform(size=n) < p).astype(int)
    return {"y_true": y, "y_prob": p, "loss": "log_loss", "loss_value": log_loss(y, p)}


def minus_dice(y_true, y_prob):
    return -2 * np.sum(y_true * y_prob) / np.sum(y_true + y_prob)


def minus_cosine(y_true, y_pred):
    return -(y_true @ y_pred) / np.linalg.norm(y_true) / np.linalg.norm(y_pred)


def loss(given):
    return lambda rng, n: {"loss": given}


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
    "NEG202": {
        "a loss as a score": scorer(make_scorer(mean_squared_error)),
        "a log loss as a score": scorer(
            make_scorer(log_loss, response_method="predict_proba")
        ),
        "a score as a loss": scorer(make_scorer(r2_score, greater_is_better=False)),
        "an accuracy as a loss": scorer(
            make_scorer(accuracy_score, greater_is_better=False)
        ),
        "a function": scorer(mse_scorer),
        "a lambda": scorer(lambda est, X, y: mean_absolute_error(y, est.predict(X))),
        "of distributions": scorer(
            make_distribution_scorer(
                lambda y_true, mu, sigma: 2 * gaussian_nll_loss(y_true, mu, sigma),
                greater_is_better=True,
            )
        ),
        "own score is a loss": own_score,
        "own score of classes": own_class_score,
        "search by own score": searched_by_own_score,
    },
    "NEG203": {
        "minus a loss as a loss": scorer(
            make_scorer(minus_mse, greater_is_better=False)
        ),
        "log-likelihood as a loss": scorer(
            make_distribution_scorer(log_likelihood_loss)
        ),
        "a lambda": scorer(
            make_scorer(lambda y, p: -np.abs(y - p).mean(), greater_is_better=False)
        ),
        "by its name": scorer(neg_mse_scorer),
        "minus a named scorer": scorer(
            lambda est, X, y: -get_scorer("neg_mean_squared_error")(est, X, y)
        ),
        "minus a scorer": scorer(lambda est, X, y: -NEG_MAE(est, X, y)),
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
    "NEG205": {
        "right direction": scorer(make_scorer(log_loss, greater_is_better=False)),
        "reversed, too": scorer(make_scorer(log_loss)),
        "a function": scorer(hard_log_loss),
        "home-made": scorer(own_hard_log_loss),
        "a number": hard_number,
        "labels as probabilities": hard_probabilities,
    },
    "NEG206": {
        "poisson": recorded(),
        "survival": recorded("aft-nloglik", [-5.1, -5.45]),
        "dice": loss(minus_dice),
        "cosine": loss(minus_cosine),
        "minus r2": loss(lambda y, p: -r2_score(y, p)),
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
    "NEG202": {
        "a named loss": scorer("neg_root_mean_squared_error"),
        "a named score": scorer("roc_auc"),
        "several labels": scorer("jaccard_samples"),
        "clusters": scorer("adjusted_rand_score"),
        "a constant": scorer(lambda est, X, y: 1.0),
        "refuses": scorer(lambda est, X, y: 1 / 0),
        "own score": fitted_ridge,
        "own score of classes": classifier,
        "a bad regressor": worse_than_chance,
    },
    "NEG203": {
        "a named loss": scorer("neg_mean_squared_error"),
        "minus a loss as a score": scorer(make_scorer(minus_mse)),
        "negative predictive value": scorer("neg_negative_likelihood_ratio"),
        "a score as a loss": scorer(make_scorer(r2_score, greater_is_better=False)),
    },
    "NEG204": {
        "negative density loss": negative_density_loss,
        "regressor": fitted_ridge,
        "clusters": kmeans,
    },
    "NEG205": {
        "probabilities": scorer("neg_log_loss"),
        "made of probabilities": scorer(
            make_scorer(
                log_loss, greater_is_better=False, response_method="predict_proba"
            )
        ),
        "share of errors": scorer("accuracy"),
        "a number of probabilities": soft_number,
    },
    "NEG206": {
        "squared error": recorded("l2", [4.0, 1.0]),
        "one minus dice": loss(lambda y_true, y_prob: 1 + minus_dice(y_true, y_prob)),
        "absolute error": loss(mean_absolute_error),
    },
}
