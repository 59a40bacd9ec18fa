"""Cases of the family 4xx about classes: logits, logarithms and orders of columns."""

import numpy as np
from sklearn.linear_model import LinearRegression

from tests.audit.cases.clean import honest_probabilities


def binary_logits(rng, n, spread=1.5, centre=0.0):
    logits = rng.normal(centre, spread, size=n)
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-logits))).astype(int)
    return y, logits


def logits_as_prob(rng, n):
    y, logits = binary_logits(rng, n)
    return {"y_true": y, "y_prob": logits}


def rare_logits_as_prob(rng, n):
    y, logits = binary_logits(rng, n, 1.0, -2.0)
    return {"y_true": y, "y_prob": logits}


def class_logits_as_prob(rng, n):
    case = honest_probabilities(rng, n)
    logits = np.log(case["y_prob"])
    return {"y_true": case["y_true"], "y_prob": logits - logits.mean(1, keepdims=True)}


def named_logits_as_prob(rng, n):
    y, logits = binary_logits(rng, n)
    names = np.array(["no", "yes"])
    return {"y_true": names[y], "y_prob": logits, "labels": ["no", "yes"]}


def linear_probabilities(rng, n):
    """A linear model of 0 and 1 that overshoots both."""
    X = rng.normal(size=(n, 1))
    y = (X[:, 0] + 0.3 * rng.normal(size=n) > 0).astype(int)
    return {"y_true": y, "y_prob": LinearRegression().fit(X, y).predict(X)}


def logits_as_logits(rng, n):
    y, logits = binary_logits(rng, n)
    return {"y_true": y, "logits": logits}


def prob_as_logits(make):
    def passed(rng, n):
        case = make(rng, n)
        return {"y_true": case["y_true"], "logits": case["y_prob"]}

    return passed


def log_prob(make):
    def passed(rng, n):
        case = make(rng, n)
        return {"y_true": case["y_true"], "y_prob": np.log(case["y_prob"])}

    return passed


def fed_probabilities(rng, n):
    case = honest_probabilities(rng, n)
    chosen = case["y_prob"][np.arange(n), case["y_true"]]
    return case | {"loss_value": float(-chosen.mean())}


def narrow_logits(rng, n):
    """Logits of a weak model of a frequent class: all within [0, 1]."""
    logits = rng.uniform(0.1, 0.9, size=n)
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-logits))).astype(int)
    return {"y_true": y, "logits": logits}


def right_value(rng, n):
    case = honest_probabilities(rng, n)
    chosen = case["y_prob"][np.arange(n), case["y_true"]]
    return case | {"loss_value": float(-np.log(chosen).mean())}


def shuffled_columns(alpha, order):
    def make(rng, n):
        prob = rng.dirichlet(np.full(len(order), alpha), size=n)
        total = np.cumsum(prob, axis=1)[:, :-1]
        y = (rng.uniform(size=(n, 1)) > total).sum(axis=1)
        return {"y_true": y, "y_prob": prob[:, order]}

    return make


def reversed_binary(rng, n):
    y, logits = binary_logits(rng, n, 4.0)
    return {"y_true": y, "y_prob": 1 / (1 + np.exp(logits))}


def names_in_another_order(rng, n):
    case = shuffled_columns(0.2, [0, 1, 2])(rng, n)
    names = np.array(["cat", "dog", "eel"])
    return case | {"y_true": names[case["y_true"]], "labels": ["dog", "eel", "cat"]}


def names_in_the_right_order(rng, n):
    case = shuffled_columns(0.2, [0, 1, 2])(rng, n)
    names = np.array(["dog", "eel", "cat"])
    return case | {"y_true": names[case["y_true"]], "labels": names.tolist()}


def uninformative_classes(rng, n):
    """Overconfident noise: no order of the columns helps."""
    prob = rng.dirichlet(np.full(5, 2.0), size=n)
    return {"y_true": rng.integers(0, 5, size=n), "y_prob": prob}


def certain(chosen, order=(0, 1, 2)):
    """Probabilities of 0 and 1, as fully grown trees predict them."""
    return np.eye(3)[chosen][:, list(order)]


def certain_tree(rng, n):
    """Right in nine of ten, and infinitely wrong in the tenth."""
    y = rng.integers(0, 3, size=n)
    chosen = np.where(rng.uniform(size=n) < 0.85, y, rng.integers(0, 3, size=n))
    return {"y_true": y, "y_prob": certain(chosen, (2, 1, 0))}


def certain_noise(rng, n):
    """Certain, and no better than chance: the best order is as good by luck."""
    y = rng.integers(0, 3, size=n)
    return {"y_true": y, "y_prob": certain(rng.integers(0, 3, size=n))}


def always_the_same(rng, n):
    """One class for all samples, and a rare one: another order would cost less."""
    y = rng.choice(3, size=n, p=[0.1, 0.2, 0.7])
    return {"y_true": y, "y_prob": certain(np.zeros(n, dtype=int))}
