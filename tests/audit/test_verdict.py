"""What is said where no single rule has the answer."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.preprocessing import MinMaxScaler

from sklearn_negloss import audit, gaussian_nll_loss


@pytest.fixture
def classes():
    """Labels 1 and 2, a classifier that encodes them, and what it predicts."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = 1 + (X[:, 0] + 0.05 * rng.normal(size=300) > -0.5).astype(int)
    model = LogisticRegression().fit(X, y)
    return X, y, model, model.predict_proba(X)[:, 1]


def unguarded(y, prob):
    """Cross-entropy as computed by a formula that never looks at the labels."""
    return float(np.mean(-(y * np.log(prob) + (1 - y) * np.log(1 - prob))))


def test_labels_that_were_encoded_here_and_read_literally_elsewhere_are_found(classes):
    X, y, model, prob = classes
    value = unguarded(y, prob)
    assert value < 0
    for loss in (None, "log_loss", "binary_cross_entropy"):
        report = audit(estimator=model, X=X, y_true=y, loss=loss, loss_value=value)
        assert report.findings[0].code == "NEG301"


def test_a_negative_cross_entropy_is_never_legitimate(classes):
    _, y, _, prob = classes
    report = audit(y_true=y - 1, y_prob=prob, loss_value=-4.0)
    assert report.verdict == "code"
    assert "never is" in report.summary
    assert audit(y_true=y - 1, y_prob=prob).verdict == "clear"


def test_minus_another_number_is_no_convention(classes):
    _, y, _, prob = classes
    report = audit(y_true=y - 1, y_prob=prob, loss="log_loss", loss_value=-4.0)
    assert report.outcomes["NEG201"] == "clear"


def test_a_loss_of_the_transformed_target_is_told_with_both_numbers():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = 100 + 30 * X[:, 0] + rng.normal(size=300)
    model = TransformedTargetRegressor(BayesianRidge(), transformer=MinMaxScaler())
    model.fit(X, y)
    z = model.transformer_.transform(y.reshape(-1, 1))[:, 0]
    inside = gaussian_nll_loss(z, *model.regressor_.predict(X, return_std=True))
    report = audit(estimator=model, X=X, y_true=y, loss_value=inside)
    assert f"{inside:.6g}" in report.summary
    assert f"{report.decomposition.loss:.6g}" in report.summary


def test_a_root_that_is_calibrated_is_said_where_it_cannot_be_proved():
    rng = np.random.default_rng(0)
    mu = 100 * rng.normal(size=500)
    y = mu + 50 * rng.normal(size=500)
    finding = audit(y_true=y, mu=mu, sigma=2_500.0).findings[0]
    assert finding.code == "NEG404"
    assert "was a variance passed?" in finding.advice
    assert "variance" not in audit(y_true=y, mu=mu, sigma=500.0).findings[0].advice


def test_silence_says_how_little_was_looked_at():
    assert "rules had what they need" in audit(loss_value=-3.2).summary
    y = np.random.default_rng(0).normal(size=100)
    assert "rules had" not in audit(y_true=y).summary


def test_samples_that_were_memorised_are_no_honest_forecast():
    rng = np.random.default_rng(0)
    mu = rng.normal(size=1_000)
    y, sigma = mu + 0.5 * rng.normal(size=1_000), np.full(1_000, 0.5)
    y[:50], sigma[:50] = mu[:50], 1e-8
    assert audit(y_true=y, mu=mu, sigma=sigma).outcomes["NEG401"] == "found"
    y[:50] += 1e-8 * rng.normal(size=50)
    assert audit(y_true=y, mu=mu, sigma=sigma).outcomes["NEG401"] == "clear"


def test_a_sigma_learnt_from_few_samples_is_not_accused():
    accused = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(1_200, 10))
        y = X[:, 0] + rng.normal(size=1_200)
        model = BayesianRidge().fit(X[:200], y[:200])
        report = audit(estimator=model, X=X[200:], y_true=y[200:])
        accused += report.outcomes["NEG404"] == "found"
    assert accused <= 1
