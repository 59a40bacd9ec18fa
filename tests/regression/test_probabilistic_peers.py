"""ProbabilisticRegressor with the boosting libraries as its two regressors."""

import numpy as np
import pytest
from scipy.stats import norm

from sklearn_negloss.regression import ProbabilisticRegressor

pytestmark = pytest.mark.peers


def lightgbm(**parameters):
    module = pytest.importorskip("lightgbm")
    return module.LGBMRegressor(
        n_estimators=50, verbose=-1, n_jobs=1, random_state=0, **parameters
    )


def xgboost(**parameters):
    module = pytest.importorskip("xgboost")
    return module.XGBRegressor(
        n_estimators=50, max_depth=3, n_jobs=1, random_state=0, **parameters
    )


PAIRS = {
    "LightGBM": lambda: (lightgbm(), lightgbm(objective="gamma", num_leaves=8)),
    "XGBoost": lambda: (xgboost(), xgboost(objective="reg:gamma")),
}


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
# LightGBM names the columns of an array in fit and warns about it in predict.
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_boosting_libraries_beat_the_constant_forecast(pair, weighted):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 2))
    y = 3 * np.sin(X[:, 0]) + np.exp(0.5 * X[:, 1]) * rng.normal(size=1500)
    weight = rng.uniform(0.5, 2, size=1000) if weighted else None
    model = ProbabilisticRegressor(*pair(), cv=3, random_state=0, max_iter=2)
    model.fit(X[:1000], y[:1000], sample_weight=weight)
    mu, sigma = model.predict(X[1000:], return_std=True)
    constant = model.baseline_
    loss = -norm.logpdf(y[1000:], mu, sigma).mean()
    assert loss < -norm.logpdf(y[1000:], constant.mu, constant.sigma).mean() - 0.2
    assert np.corrcoef(np.log(sigma), X[1000:, 1])[0, 1] > 0.7
