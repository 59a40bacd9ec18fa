"""What every display does: ways to make one, weights, axes, and what it refuses."""

import io
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.stats
from sklearn.datasets import load_diabetes
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import BayesianRidge, Ridge
from sklearn.model_selection import GridSearchCV, RepeatedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_negloss import predict_dist
from sklearn_negloss.inspection import (
    CoverageDisplay,
    LossDecompositionDisplay,
    LossUnitsDisplay,
    PITDisplay,
)

DISPLAYS = (PITDisplay, CoverageDisplay, LossDecompositionDisplay, LossUnitsDisplay)
X, Y = load_diabetes(return_X_y=True)

every_display = pytest.mark.parametrize("display", DISPLAYS, ids=lambda d: d.__name__)


def numbers(display):
    """Return all that a display measured, in one array."""
    if isinstance(display, PITDisplay):
        return display.heights_
    if isinstance(display, CoverageDisplay):
        return np.r_[display.empirical, display.width]
    if isinstance(display, LossDecompositionDisplay):
        return np.array(display.decomposition)
    return np.array([display.loss, display.baseline_loss])


@pytest.fixture(scope="module")
def model():
    return BayesianRidge().fit(X, Y)


@pytest.fixture(scope="module")
def folds():
    return cross_validate(
        BayesianRidge(), X, Y, return_estimator=True, return_indices=True
    )


@every_display
def test_ways_to_make_one_agree(display, model):
    of_model = display.from_estimator(model, X, Y)
    of_dist = display.from_predictions(Y, predict_dist(model, X))
    mu, sigma = model.predict(X, return_std=True)
    of_moments = display.from_predictions(Y, mu=mu, sigma=sigma)
    of_scipy = display.from_predictions(Y, scipy.stats.norm(mu, sigma))
    for other in (of_dist, of_moments, of_scipy):
        np.testing.assert_allclose(numbers(other), numbers(of_model), rtol=1e-12)


@every_display
def test_folds_are_pooled_out_of_fold(display, folds):
    pooled = display.from_cv_results(folds, X, Y)
    mu, sigma = np.empty_like(Y), np.empty_like(Y)
    for fold, test in zip(folds["estimator"], folds["indices"]["test"], strict=True):
        mu[test], sigma[test] = fold.predict(X[test], return_std=True)
    given = display.from_predictions(Y, mu=mu, sigma=sigma)
    np.testing.assert_allclose(numbers(pooled), numbers(given), rtol=1e-12)
    assert pooled.name == "BayesianRidge, out of fold"


@every_display
def test_weights_equal_repetition(display, rng):
    y, mu, weight = rng.normal(size=60), rng.normal(size=60), rng.integers(0, 4, 60)
    weighted = display.from_predictions(y, mu=mu, sigma=0.8, sample_weight=weight)
    repeated = display.from_predictions(
        np.repeat(y, weight), mu=np.repeat(mu, weight), sigma=0.8
    )
    np.testing.assert_allclose(numbers(weighted), numbers(repeated), rtol=1e-9)


@every_display
def test_weights_follow_their_rows_into_folds(display, folds, rng):
    weight = rng.uniform(0.1, 2.0, Y.size)
    pooled = display.from_cv_results(folds, X, Y, sample_weight=weight)
    mu, sigma = np.empty_like(Y), np.empty_like(Y)
    for fold, test in zip(folds["estimator"], folds["indices"]["test"], strict=True):
        mu[test], sigma[test] = fold.predict(X[test], return_std=True)
    given = display.from_predictions(Y, mu=mu, sigma=sigma, sample_weight=weight)
    np.testing.assert_allclose(numbers(pooled), numbers(given), rtol=1e-12)


@every_display
def test_plot_draws_on_given_axes_and_returns_itself(display, model):
    figure, ax = plt.subplots()
    made = display.from_estimator(model, X, Y, ax=ax)
    assert made.ax_ is ax
    assert made.figure_ is figure
    assert made.plot() is made
    assert made.ax_ is not ax  # new axes, in a new figure
    figure.savefig(io.BytesIO())


@every_display
def test_names_are_shown(display, model):
    search = GridSearchCV(
        make_pipeline(StandardScaler(), BayesianRidge()), {}, cv=2
    ).fit(X, Y)
    assert display.from_estimator(search, X, Y).name == "BayesianRidge"
    made = display.from_estimator(model, X, Y, name="mine")
    labels = made.ax_.get_legend_handles_labels()[1]
    assert "mine" in [*labels, made.ax_.get_title()]


@every_display
def test_columns_of_frames_and_integers_are_read(display):
    pd = pytest.importorskip("pandas")
    frame, target = pd.DataFrame(X), pd.Series(Y.astype(int), index=range(7, 449))
    folds = cross_validate(
        BayesianRidge(), frame, target, return_estimator=True, return_indices=True
    )
    made = display.from_cv_results(folds, frame, target)
    assert np.isfinite(numbers(made)).all()


def test_repeated_folds_do_not_narrow_the_band():
    cv = RepeatedKFold(n_splits=3, n_repeats=4, random_state=0)
    repeated = cross_validate(
        BayesianRidge(), X, Y, cv=cv, return_estimator=True, return_indices=True
    )
    assert PITDisplay.from_cv_results(repeated, X, Y).n_effective == pytest.approx(442)


def test_scaling_the_weights_changes_no_band(rng):
    y, weight = rng.normal(size=50), rng.uniform(1, 2, 50)
    bands = [
        PITDisplay.from_predictions(y, mu=0.0, sigma=1.0, sample_weight=w).band_
        for w in (weight, 1e-200 * weight, 1e200 * weight)
    ]
    assert bands[0] == bands[1] == bands[2]


# -- what is refused -----------------------------------------------------------------


@every_display
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "got neither"),
        ({"mu": [0.0, 1.0]}, "got mu"),
        ({"dist": scipy.stats.norm(0, 1), "mu": 0.0, "sigma": 1.0}, "got dist and mu"),
        ({"dist": [0.0, 1.0]}, "dist must be a predictive distribution"),
    ],
)
def test_a_forecast_is_given_one_way(display, given, words):
    with pytest.raises(TypeError, match=words):
        display.from_predictions([0.0, 1.0], **given)


@every_display
@pytest.mark.parametrize(
    ("y", "weight", "words"),
    [
        ([0.0, np.nan], None, "y_true must be finite"),
        ([[0.0], [1.0]], None, "y_true must have shape"),
        ([0.0, 1.0, 2.0], None, "one distribution for each sample"),
        ([0.0, 1.0], [1.0, -1.0], "sample_weight must be non-negative"),
        ([0.0, 1.0], [0.0, 0.0], "sample_weight must have a positive sum"),
    ],
)
def test_bad_values_are_refused(display, y, weight, words):
    with pytest.raises(ValueError, match=words):
        display.from_predictions(y, mu=[0.0, 0.5], sigma=1.0, sample_weight=weight)


@pytest.mark.parametrize("display", [PITDisplay, CoverageDisplay])
def test_counts_are_whole(display):
    with pytest.raises(ValueError, match="y_true must be whole numbers"):
        display.from_predictions([0.5, 1.0], scipy.stats.poisson(2.0))


@every_display
def test_estimators_without_sigma_are_refused(display):
    with pytest.raises(TypeError, match="offers no predictive distribution"):
        display.from_estimator(Ridge().fit(X, Y), X, Y)


@every_display
def test_cross_validation_must_keep_what_is_needed(display, folds):
    with pytest.raises(ValueError, match="return_indices=True"):
        display.from_cv_results({"estimator": folds["estimator"]}, X, Y)
    with pytest.raises(ValueError, match="the target that was cross-validated"):
        display.from_cv_results(folds, X[:99], Y[:99])
    untested = {k: folds[k][:1] for k in ("estimator",)}
    untested["indices"] = {"test": folds["indices"]["test"][:1]}
    weight = np.ones(Y.size)
    weight[untested["indices"]["test"][0]] = 0.0
    with pytest.raises(ValueError, match="positive for a sample of a fold"):
        display.from_cv_results(untested, X, Y, sample_weight=weight)


@every_display
def test_X_is_as_long_as_y(display, folds):
    for wrong in (X[:20], np.r_[X, X], X[:20].tolist()):
        with pytest.raises(ValueError, match=r"one row for each .* for 442 samples"):
            display.from_cv_results(folds, wrong, Y)


class FailsIn(BayesianRidge):
    """Fails in one fold, before or after it learned something."""

    def __init__(self, *, row=None, half_way=False):
        super().__init__()
        self.row, self.half_way = row, half_way

    def fit(self, X, y):
        """Fit, unless the row is there."""
        if (self.row == X).all(axis=1).any():
            return super().fit(X, y)
        self.n_features_in_ = X.shape[1]
        if not self.half_way:
            del self.n_features_in_
        raise ValueError("this fold fails")


@every_display
@pytest.mark.parametrize("half_way", [False, True])
@pytest.mark.parametrize("wrap", [make_pipeline, lambda model: model])
def test_the_fold_that_failed_is_named(display, half_way, wrap):
    row = X[100]  # tested in the second of five folds, so all others learn from it
    model = wrap(FailsIn(row=row, half_way=half_way))
    with pytest.warns(FitFailedWarning):
        failed = cross_validate(model, X, Y, return_estimator=True, return_indices=True)
    with pytest.raises(ValueError, match=r"a FailsIn that cannot .* because fold 1 "):
        display.from_cv_results(failed, X, Y)


@every_display
def test_other_errors_of_an_estimator_pass_through(display, folds):
    with pytest.raises(ValueError, match="features"):
        display.from_cv_results(folds, X[:, :3], Y)


# -- axes and names ------------------------------------------------------------------


@pytest.fixture
def made(display, model):
    return display.from_estimator(model, X, Y)


@every_display
def test_axes_are_one(made):
    for wrong in (plt.subplots(1, 2)[1], list(plt.subplots(1, 2)[1]), plt.figure(), 5):
        with pytest.raises(TypeError, match="ax must be one matplotlib axes; got"):
            made.plot(ax=wrong)


@every_display
@pytest.mark.parametrize("projection", ["polar", "mollweide", "3d"])
def test_axes_are_straight(made, projection):
    ax = plt.figure().add_subplot(projection=projection)
    before = len(ax.get_children())
    with pytest.raises(
        ValueError, match=f"straight x and y axes; got {projection} axes"
    ):
        made.plot(ax=ax)
    assert len(ax.get_children()) == before


@every_display
@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("price in $ and _x_ $^", r"price in \$ and _x_ \$^"),
        ("price in $", r"price in \$"),
        (r"5 \$ and $_^ $", r"5 \$ and \$_^ \$"),
        (r"$\sigma = 1$", r"$\sigma = 1$"),  # a formula stays one
    ],
)
def test_names_may_hold_dollars(made, name, label):
    made.name = name
    made.plot().figure_.draw_without_rendering()
    labels = made.ax_.get_legend_handles_labels()[1]
    assert label in [*labels, made.ax_.get_title()]
    assert made.name == name


@every_display
def test_without_matplotlib_the_extra_is_named(display, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"sklearn-negloss\[plot\]"):
        display.from_estimator(model, X, Y)
