"""What a scorer fetches, what it returns, and how it behaves as an object."""

import pickle
import re
from copy import deepcopy
from functools import partial

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.datasets import make_classification, make_regression
from sklearn.linear_model import BayesianRidge, LinearRegression, LogisticRegression
from sklearn.metrics import log_loss
from sklearn.metrics import make_scorer as sklearn_make_scorer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import sklearn_negloss as sn

X, Y = make_regression(120, 4, noise=20.0, random_state=0)
MODEL = BayesianRidge().fit(X, Y)
MU, SIGMA = MODEL.predict(X, return_std=True)


class CountingRidge(RegressorMixin, BaseEstimator):
    """Counts how often it predicts."""

    calls = 0

    def fit(self, X, y, sample_weight=None):
        self.inner_ = BayesianRidge().fit(X, y)
        return self

    def predict(self, X, return_std=False):
        type(self).calls += 1
        return self.inner_.predict(X, return_std=return_std)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("neg_gaussian_nll", -sn.gaussian_nll_loss(Y, MU, SIGMA)),
        ("neg_gaussian_crps", -sn.gaussian_crps_loss(Y, MU, SIGMA)),
        ("neg_dawid_sebastiani", -sn.dawid_sebastiani_loss(Y, MU, SIGMA)),
        ("neg_nll", -sn.gaussian_nll_loss(Y, MU, SIGMA)),
        ("neg_crps", -sn.gaussian_crps_loss(Y, MU, SIGMA)),
        ("information_gain", sn.decompose_nll(Y, MU, SIGMA).gain),
        ("neg_log1p_absolute", -sn.log1p_absolute_loss(Y, MU)),
    ],
)
def test_named_scorers_are_what_they_are_called(name, expected):
    scorer = sn.get_scorer(name)
    assert scorer.__name__ == name
    assert scorer(MODEL, X, Y) == pytest.approx(expected, rel=1e-12)
    assert isinstance(scorer(MODEL, X, Y), float)


def test_a_better_model_scores_higher():
    worse = BayesianRidge().fit(X[:, :1], Y)
    for name in sn.get_scorer_names():
        if name in (
            "information_gain",
            "neg_nll",
            "neg_gaussian_crps",
            "neg_log1p_absolute",
        ):
            scorer = sn.get_scorer(name)
            assert scorer(MODEL, X, Y) > scorer(worse, X[:, :1], Y)


def test_a_dict_of_losses_costs_one_prediction():
    model = CountingRidge().fit(X, Y)
    losses = {
        "nll": sn.gaussian_nll_loss,
        "crps": sn.gaussian_crps_loss,
        "general": sn.nll_loss,
        "dss": sn.dawid_sebastiani_loss,
    }
    scorer = sn.make_distribution_scorer(losses)
    CountingRidge.calls = 0
    scores = scorer(model, X, Y)
    assert CountingRidge.calls == 1
    assert list(scores) == list(losses)
    for name, loss in losses.items():
        assert scores[name] == sn.make_distribution_scorer(loss)(model, X, Y)


def test_an_interval_is_asked_for_at_its_coverage():
    from scipy.stats import norm

    scorer = sn.make_distribution_scorer(sn.interval_loss, coverage=0.8)
    low, high = norm.interval(0.8, MU, SIGMA)
    expected = -sn.interval_loss(Y, low, high, coverage=0.8)
    assert scorer(MODEL, X, Y) == pytest.approx(expected, rel=1e-10)
    with pytest.raises(TypeError, match=r"coverage=0\.9"):
        sn.make_distribution_scorer(sn.interval_loss)


def test_a_users_own_loss_gets_what_its_parameters_name():
    def widest(y_true, lower, upper, coverage=0.5):
        return float(np.max(upper - lower))

    def hidden_width(y_true, dist, *, level=0.9):
        low, high = dist.interval(level)
        return float(np.mean(high - low))

    assert sn.make_distribution_scorer(widest)(MODEL, X, Y) < 0
    scorer = sn.make_distribution_scorer(
        hidden_width, greater_is_better=True, level=0.5
    )
    assert scorer(MODEL, X, Y) == pytest.approx(2 * 0.6744897501960817 * SIGMA.mean())


def test_parameters_that_name_no_forecast_are_refused():
    def loss(y_true, forecast):
        return 0.0

    with pytest.raises(TypeError, match="must name its forecast by its parameters"):
        sn.make_distribution_scorer(loss)
    with pytest.raises(TypeError, match="loss must be callable; got 'nll'"):
        sn.make_distribution_scorer("nll")
    with pytest.raises(TypeError, match="samples is no parameter of gaussian_nll_loss"):
        sn.make_distribution_scorer(sn.gaussian_nll_loss, samples=3)
    with pytest.raises(TypeError, match="names of losses must be text; got 1"):
        sn.make_distribution_scorer({1: sn.nll_loss})
    with pytest.raises(TypeError, match="signature that Python can read"):
        sn.make_distribution_scorer(max)
    with pytest.raises(TypeError, match="must name its forecast"):
        sn.make_distribution_scorer(partial(sn.gaussian_nll_loss, sigma=1.0))
    with pytest.raises(TypeError, match="sigma comes from the estimator"):
        sn.make_distribution_scorer(sn.gaussian_nll_loss, sigma=1.0)
    for option in ({"reduction": "none"}, {"multioutput": "raw_values"}):
        with pytest.raises(ValueError, match="a scorer must return one number"):
            sn.make_distribution_scorer(sn.gaussian_nll_loss, **option)
    with pytest.raises(ValueError, match="at least one entry"):
        sn.make_distribution_scorer({})


def test_weights_reach_the_loss():
    weights = np.random.default_rng(0).random(len(Y))
    scorer = sn.get_scorer("neg_gaussian_nll")
    assert scorer(MODEL, X, Y, sample_weight=weights) == pytest.approx(
        -sn.gaussian_nll_loss(Y, MU, SIGMA, sample_weight=weights), rel=1e-13
    )


def test_weights_are_not_dropped_by_a_loss_that_takes_none():
    def plain(y_true, y_pred):
        return float(np.mean(np.abs(y_true - y_pred)))

    scorer = sn.make_distribution_scorer(plain)
    assert scorer(MODEL, X, Y) < 0
    assert not scorer._accept_sample_weight()
    with pytest.raises(TypeError, match="plain takes no sample_weight"):
        scorer(MODEL, X, Y, sample_weight=np.ones(len(Y)))


def test_it_is_copied_pickled_and_cloned():
    scorer = sn.make_distribution_scorer(sn.interval_loss, coverage=0.8)
    for copy in (pickle.loads(pickle.dumps(scorer)), deepcopy(scorer)):
        assert copy(MODEL, X, Y) == scorer(MODEL, X, Y)
        assert repr(copy) == repr(scorer)
    search = clone(GridSearchCV(BayesianRidge(), {"alpha_1": [1e-6]}, scoring=scorer))
    assert search.scoring(MODEL, X, Y) == scorer(MODEL, X, Y)


def test_its_repr_is_the_call_that_makes_it():
    scorer = sn.make_distribution_scorer(sn.interval_loss, coverage=0.8)
    assert repr(scorer) == "make_distribution_scorer(interval_loss, coverage=0.8)"
    scorer = sn.get_scorer("information_gain")
    assert repr(scorer) == "make_distribution_scorer(information_gain_score)"
    plain = sn.make_distribution_scorer(width, greater_is_better=True)
    assert repr(plain) == "make_distribution_scorer(width, greater_is_better=True)"
    both = sn.make_distribution_scorer({"a": sn.nll_loss, "b": sn.crps_loss})
    assert repr(both) == "make_distribution_scorer({'a': nll_loss, 'b': crps_loss})"


def width(y_true, lower, upper, coverage=0.5):
    """A user's own measure, whose name does not say which way it points."""
    return float(np.mean(upper - lower))


def test_the_name_of_a_function_decides_its_direction():
    gain = sn.make_distribution_scorer(sn.information_gain_score)
    assert gain(MODEL, X, Y) == sn.get_scorer("information_gain")(MODEL, X, Y) > 0
    mixed = {"nll": sn.gaussian_nll_loss, "gain": sn.information_gain_score}
    scores = sn.make_distribution_scorer(mixed)(MODEL, X, Y)
    assert scores["gain"] > 0 > scores["nll"]
    with pytest.raises(ValueError, match="gaussian_nll_loss is a loss by its name"):
        sn.make_distribution_scorer(sn.gaussian_nll_loss, greater_is_better=True)


def test_unknown_names_are_refused_and_scikit_learns_are_known():
    assert sn.get_scorer("r2")(MODEL, X, Y) == pytest.approx(MODEL.score(X, Y))
    assert "neg_mean_squared_error" in sn.get_scorer_names()
    with pytest.raises(ValueError, match="scoring must be a known name; got 'nll'"):
        sn.get_scorer("nll")
    with pytest.raises(ValueError, match="did you mean 'neg_gaussian_nll'"):
        sn.get_scorer("gaussian_nll")
    with pytest.raises(TypeError, match="must be a name or a callable"):
        sn.get_scorer(["neg_nll"])
    scorer = sn.get_scorer("neg_nll")
    assert sn.get_scorer(scorer) is scorer


# -- classification -------------------------------------------------------------------

XC, YC = make_classification(200, 5, flip_y=0.2, random_state=0)
NAMES = np.array(["no", "yes"])


@pytest.mark.parametrize("labels", [np.array([0, 1]), np.array([1, 2]), NAMES])
def test_labels_are_read_from_the_classifier(labels):
    y = labels[YC]
    model = LogisticRegression().fit(XC, y)
    expected = -log_loss(y, model.predict_proba(XC))
    for name in (
        "neg_binary_cross_entropy",
        "neg_binary_cross_entropy_with_logits",
        "neg_cross_entropy_with_logits",
    ):
        assert sn.get_scorer(name)(model, XC, y) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("present", [0, 1])
def test_a_fold_of_one_class_is_scored_on_the_right_one(present):
    y = NAMES[YC]
    model = LogisticRegression().fit(XC, y)
    fold = present == YC
    expected = -log_loss(y[fold], model.predict_proba(XC[fold]), labels=NAMES)
    for name in ("neg_binary_cross_entropy", "neg_binary_cross_entropy_with_logits"):
        score = sn.get_scorer(name)(model, XC[fold], y[fold])
        assert score == pytest.approx(expected, rel=1e-9)


def test_labels_that_the_classifier_never_saw_are_refused():
    model = LogisticRegression().fit(XC, NAMES[YC])
    for name in (
        "neg_binary_cross_entropy",
        "neg_binary_cross_entropy_with_logits",
        "neg_cross_entropy_with_logits",
    ):
        with pytest.raises(ValueError, match="classes of the estimator; got 'maybe'"):
            sn.get_scorer(name)(model, XC[:3], ["yes", "maybe", "no"])
    swapped = sn.make_distribution_scorer(
        sn.cross_entropy_with_logits_loss, labels=["yes", "no"]
    )
    with pytest.raises(ValueError, match="in their order"):
        swapped(model, XC, NAMES[YC])


def test_pos_label_picks_the_column_of_its_class():
    y = NAMES[YC]
    model = LogisticRegression().fit(XC, y)
    for loss in (
        sn.binary_cross_entropy_loss,
        sn.binary_cross_entropy_with_logits_loss,
    ):
        scores = [
            sn.make_distribution_scorer(loss, pos_label=label)(model, XC, y)
            for label in NAMES
        ]
        assert scores[0] == pytest.approx(scores[1], rel=1e-9)
    with pytest.raises(ValueError, match="pos_label must be a class of the estimator"):
        sn.make_distribution_scorer(sn.binary_cross_entropy_loss, pos_label="x")(
            model, XC, y
        )


def test_several_classes_need_the_loss_for_several_classes():
    X3, y3 = make_classification(200, 6, n_informative=4, n_classes=3, random_state=0)
    model = LogisticRegression().fit(X3, y3)
    expected = -log_loss(y3, model.predict_proba(X3))
    score = sn.get_scorer("neg_cross_entropy_with_logits")(model, X3, y3)
    assert score == pytest.approx(expected, rel=1e-9)
    with pytest.raises(ValueError, match="needs a classifier of 2 classes; got 3"):
        sn.get_scorer("neg_binary_cross_entropy")(model, X3, y3)


def test_what_an_estimator_cannot_give_is_named():
    svc = LinearSVC().fit(XC, YC)
    assert sn.get_scorer("neg_binary_cross_entropy_with_logits")(svc, XC, YC) < 0
    with pytest.raises(TypeError, match="LinearSVC has no predict_proba"):
        sn.get_scorer("neg_binary_cross_entropy")(svc, XC, YC)
    with pytest.raises(
        TypeError, match="LinearRegression offers no predictive distribution"
    ):
        sn.get_scorer("neg_nll")(LinearRegression().fit(X, Y), X, Y)


# -- scikit-learn's own make_scorer ---------------------------------------------------


def test_losses_of_one_response_work_with_make_scorer():
    model = LogisticRegression().fit(XC, YC)
    expected = -log_loss(YC, model.predict_proba(XC))
    for loss, method in [
        (sn.binary_cross_entropy_loss, "predict_proba"),
        (sn.binary_cross_entropy_with_logits_loss, "decision_function"),
    ]:
        scorer = sklearn_make_scorer(
            loss, response_method=method, greater_is_better=False
        )
        assert scorer(model, XC, YC) == pytest.approx(expected, rel=1e-9)
    scorer = sklearn_make_scorer(sn.log1p_absolute_loss, greater_is_better=False)
    scores = cross_val_score(BayesianRidge(), X, Y, scoring=scorer)
    assert np.all(scores < 0)


PROBABILISTIC = [
    sn.gaussian_nll_loss,
    sn.gaussian_crps_loss,
    sn.dawid_sebastiani_loss,
    sn.nll_loss,
    sn.crps_loss,
    sn.information_gain_score,
    sn.crps_skill_score,
    sn.decompose_nll,
]


def test_a_loss_of_several_numbers_is_no_score():
    model = BayesianRidge().fit(X, Y)
    for loss in (sn.decompose_nll, lambda y_true, y_pred: (y_true - y_pred) ** 2):
        with pytest.raises(TypeError, match="must return one number to be a score"):
            sn.make_distribution_scorer(loss)(model, X, Y)


@pytest.mark.parametrize("loss", PROBABILISTIC, ids=lambda f: f.__name__)
def test_no_search_turns_a_missing_sigma_into_nan(loss):
    scorer = sklearn_make_scorer(loss, greater_is_better=False)
    name = loss.__name__
    told = f"make_distribution_scorer({name})"
    if loss is sn.decompose_nll:  # several numbers: no scorer can hold them
        told = f"call {name}(y_true, mu, sigma) with what predict(X, return_std=True)"
    sentence = rf"{name} needs .* {re.escape(told)}"
    model = make_pipeline(StandardScaler(), BayesianRidge())
    with pytest.raises(TypeError, match=sentence):
        scorer(model.fit(X, Y), X, Y)
    with pytest.raises(TypeError, match=sentence):
        cross_val_score(model, X, Y, scoring=scorer)
    grid = {"bayesianridge__alpha_1": [1e-6, 1e-3]}
    with pytest.raises(TypeError, match=sentence):
        GridSearchCV(model, grid, scoring=scorer).fit(X, Y)
    with pytest.raises(TypeError, match=sentence):
        GridSearchCV(model, grid, scoring={"a": scorer, "b": "r2"}, refit="b").fit(X, Y)


@pytest.mark.parametrize("loss", PROBABILISTIC, ids=lambda f: f.__name__)
def test_a_direct_call_without_sigma_names_what_is_missing(loss):
    with pytest.raises(TypeError, match=f"{loss.__name__} needs"):
        loss(Y, MU)


def test_nor_does_a_parallel_search():
    scorer = sklearn_make_scorer(sn.gaussian_nll_loss, greater_is_better=False)
    with pytest.raises(TypeError, match="make_distribution_scorer"):
        cross_val_score(BayesianRidge(), X, Y, scoring=scorer, n_jobs=2)
