"""Scorers of scikit-learn's own metrics, of callable objects and of partial functions."""

import functools

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.svm import SVC

import sklearn_negloss as sn

X2, Y2 = load_breast_cancer(return_X_y=True)
X2 = scale(X2)
X3, Y3 = make_classification(150, 6, n_informative=4, n_classes=3, random_state=0)
NAMES = np.array(["no", "yes"])[Y2]


# -- metrics of probabilities ---------------------------------------------------------


@pytest.mark.parametrize("name", ["log_loss", "d2_log_loss_score"])
@pytest.mark.parametrize(
    ("X", "y"), [(X2, Y2), (X2, NAMES), (X3, Y3)], ids=["two", "text", "three"]
)
def test_a_metric_of_probabilities_gets_them_whatever_it_calls_them(name, X, y):
    metric = getattr(metrics, name)
    model = LogisticRegression(max_iter=1000).fit(X, y)
    sign = 1 if name.endswith("_score") else -1
    expected = sign * metric(y, model.predict_proba(X))
    assert sn.make_distribution_scorer(metric)(model, X, y) == expected
    partial = functools.partial(metric, sample_weight=None)
    assert sn.make_distribution_scorer(partial)(model, X, y) == expected


def test_log_loss_of_a_fold_of_one_class_knows_the_other():
    model = LogisticRegression().fit(X2, NAMES)
    fold = NAMES == "yes"
    score = sn.make_distribution_scorer(metrics.log_loss)(model, X2[fold], NAMES[fold])
    assert score == pytest.approx(np.log(proba_of_yes(model)[fold]).mean())


def proba_of_yes(model):
    return model.predict_proba(X2)[:, 1]


def test_the_brier_score_is_of_the_positive_class():
    model = LogisticRegression().fit(X2, NAMES)
    expected = -np.mean((proba_of_yes(model) - (NAMES == "yes")) ** 2)
    for options in ({}, {"pos_label": "yes"}, {"pos_label": "no"}):
        scorer = sn.make_distribution_scorer(metrics.brier_score_loss, **options)
        assert scorer(model, X2, NAMES) == pytest.approx(expected, rel=1e-12)


def test_y_proba_is_another_name_of_y_prob():
    def first(y_true, y_prob):
        return float(y_prob[0])

    def same(y_true, y_proba):
        return float(y_proba[0])

    model = LogisticRegression().fit(X2, Y2)
    scores = [sn.make_distribution_scorer(f)(model, X2, Y2) for f in (first, same)]
    assert scores[0] == scores[1] == -proba_of_yes(model)[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("roc_auc_score", r'roc_auc_score, response_method="predict_proba"\), or "dec'),
        ("average_precision_score", 'response_method="predict_proba"'),
        ("top_k_accuracy_score", 'response_method="predict_proba"'),
        ("hinge_loss", r'greater_is_better=False, response_method="decision_function"'),
    ],
)
def test_a_metric_of_an_unknown_response_is_left_to_make_scorer(name, told):
    with pytest.raises(TypeError, match=told):
        sn.make_distribution_scorer(getattr(metrics, name))


def model_of_votes():
    return SVC(decision_function_shape="ovo")


@pytest.mark.parametrize(
    "model",
    [
        model_of_votes(),
        make_pipeline(StandardScaler(), model_of_votes()),
        GridSearchCV(model_of_votes(), {"C": [1.0]}, cv=2),
        FrozenEstimator(model_of_votes().fit(X3, Y3)),
    ],
    ids=["plain", "pipeline", "search", "frozen"],
)
def test_votes_of_pairs_are_no_logits(model):
    scorer = sn.get_scorer("neg_cross_entropy_with_logits")
    with pytest.raises(ValueError, match="one for each pair of 3 classes from SVC"):
        scorer(model.fit(X3, Y3), X3, Y3)


def test_of_two_classes_there_is_one_pair():
    scorer = sn.get_scorer("neg_binary_cross_entropy_with_logits")
    pairs = scorer(model_of_votes().fit(X2, Y2), X2, Y2)
    assert pairs == scorer(SVC().fit(X2, Y2), X2, Y2)


# -- how a scorer shows itself --------------------------------------------------------


class Squared:
    """A loss that is an object."""

    def __call__(self, y_true, mu, sigma):
        return float(np.mean((y_true - mu) ** 2))


class Shown(Squared):
    """One that says how it is made."""

    def __repr__(self):
        return "Shown()"


def rise(y_true, mu, sigma):
    """A measure whose name tells no direction."""
    return float(np.mean(mu))


EVALUABLE = [
    sn.make_distribution_scorer(
        {"nll": sn.gaussian_nll_loss, "gain": sn.information_gain_score}
    ),
    sn.make_distribution_scorer({"rise": rise, "gain": sn.information_gain_score}),
    sn.make_distribution_scorer(
        {"rise": rise, "gain": sn.information_gain_score}, greater_is_better=True
    ),
    sn.make_distribution_scorer(rise, greater_is_better=True),
    sn.make_distribution_scorer(functools.partial(sn.interval_loss, coverage=0.8)),
    sn.make_distribution_scorer(Shown()),
]


@pytest.mark.parametrize("scorer", EVALUABLE, ids=repr)
def test_a_repr_that_is_evaluated_has_the_same_signs(scorer):
    known = {**vars(sn), "functools": functools, "rise": rise, "Shown": Shown}
    again = eval(repr(scorer), known)
    assert again._signs == scorer._signs
    assert repr(again) == repr(scorer)


def test_an_object_is_called_by_its_class():
    scorer = sn.make_distribution_scorer(Squared())
    assert scorer.__name__ == "neg_Squared"
    assert repr(scorer) == "make_distribution_scorer(Squared(...))"
    model = BayesianRidge().fit(X2, Y2)
    assert scorer(model, X2, Y2) == pytest.approx(
        -np.mean((model.predict(X2) - Y2) ** 2)
    )


def test_weights_are_taken_by_position_too():
    model = BayesianRidge().fit(X2, Y2)
    weight = np.linspace(0.1, 2.0, len(Y2))
    scorer = sn.get_scorer("neg_nll")
    named = scorer(model, X2, Y2, sample_weight=weight)
    assert scorer(model, X2, Y2, weight) == named != scorer(model, X2, Y2)
