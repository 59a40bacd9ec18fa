"""Estimators that know the answer: nearly right, or no better than chance.

A scorer cannot tell them from fitted ones: they predict, they give probabilities, log
odds and distributions, whatever it asks for. Column 0 of X is the number of the sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from sklearn_negloss.distributions import Normal

Floats = NDArray[np.float64]

N = 60
CONFIDENCE = 0.9
SIGMA = 0.1


def _rows(X: Any) -> NDArray[np.intp]:
    """Return the numbers of the samples."""
    return np.asarray(X)[:, 0].astype(np.intp)


class StubRegressor(RegressorMixin, BaseEstimator):
    """Predicts what it was told, with a distribution of a fixed sigma.

    Parameters
    ----------
    answers : ndarray of shape (n_samples,)
        Prediction for each sample.
    """

    def __init__(self, answers: Any) -> None:
        self.answers = answers

    @property
    def score(self) -> Any:
        """Have none: it would be scikit-learn's, and not that of who is asked."""
        raise AttributeError("score")

    def fit(self, X: Any, y: Any) -> StubRegressor:
        """Do nothing: it is fitted."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        """Whether it is fitted: always."""
        return True

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Return the answers, and sigma if asked."""
        mu = np.asarray(self.answers)[_rows(X)]
        return (mu, np.full(mu.shape, SIGMA)) if return_std else mu

    def predict_dist(self, X: Any) -> Normal:
        """Return normal distributions around the answers."""
        mu = self.predict(X)
        return Normal(mu, np.full(mu.shape, SIGMA))


class StubClassifier(ClassifierMixin, BaseEstimator):
    """Predicts the classes it was told, with a fixed confidence.

    Parameters
    ----------
    answers : ndarray of shape (n_samples,)
        Predicted class of each sample.
    n_classes : int
        Number of classes.
    """

    def __init__(self, answers: Any, n_classes: int) -> None:
        self.answers = answers
        self.n_classes = n_classes

    @property
    def classes_(self) -> NDArray[np.intp]:
        """The classes."""
        return np.arange(self.n_classes)

    @property
    def score(self) -> Any:
        """Have none: it would be scikit-learn's, and not that of who is asked."""
        raise AttributeError("score")

    def fit(self, X: Any, y: Any) -> StubClassifier:
        """Do nothing: it is fitted."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        """Whether it is fitted: always."""
        return True

    def predict(self, X: Any) -> Any:
        """Return the answers."""
        return np.asarray(self.answers)[_rows(X)]

    def predict_proba(self, X: Any) -> Floats:
        """Return most of the probability for the answer."""
        rest = (1 - CONFIDENCE) / (self.n_classes - 1)
        classes = self.predict(X)
        prob = np.full((len(classes), self.n_classes), rest)
        # The class after the answer is the second choice, by a little.
        prob[np.arange(len(classes)), (classes + 1) % self.n_classes] *= 1.01
        prob[np.arange(len(classes)), classes] = CONFIDENCE
        return prob / prob.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> Floats:
        """Return the logarithm of the probabilities."""
        return np.log(self.predict_proba(X))

    def decision_function(self, X: Any) -> Floats:
        """Return log odds: of class 1 of two, or one column for each class."""
        log_prob = self.predict_log_proba(X)
        return log_prob[:, 1] - log_prob[:, 0] if self.n_classes == 2 else log_prob


@dataclass(frozen=True)
class Task:
    """A target, with estimators that know it perfectly, nearly, and not at all.

    Parameters
    ----------
    name : str
        What kind of task.
    X : ndarray of shape (n_samples, 2)
        Numbers of the samples.
    y : ndarray of shape (n_samples,)
        Target.
    perfect, good, bad : estimator
        Right always; nearly always; no more often than chance.
    """

    name: str
    X: Floats
    y: NDArray[Any]
    perfect: Any
    good: Any
    bad: Any


def tasks() -> list[Task]:
    """Return one task of each kind that a scorer may be for.

    Returns
    -------
    tasks : list of Task
        Regression, classification into two and three classes, and into several at once.
    """
    i = np.arange(N)
    X = np.column_stack([i, np.zeros(N)]).astype(float)
    # Positive, so that deviances and logarithms take it; distinct, not sorted.
    y = 1.0 + 9.0 * ((7 * i) % N) / (N - 1)
    near, far = y * (1 + 0.01 * (-1.0) ** i), 11.0 - y
    regression = Task("regression", X, y, *map(StubRegressor, (y, near, far)))
    return [regression, *(_classes(X, k) for k in (2, 3)), _labels(X)]


def _classes(X: Floats, k: int) -> Task:
    """Classes, of which the bad estimator's answers are independent."""
    i = np.arange(N)
    y, bad = i % k, (i // k) % k
    good = y.copy()
    good[:k] = (good[:k] + 1) % k  # one mistake in each class
    stubs = (StubClassifier(answers, k) for answers in (y, good, bad))
    return Task("binary" if k == 2 else "multiclass", X, y, *stubs)


def _labels(X: Floats) -> Task:
    """Three labels that a sample may have or not, at least one of them each."""
    i = np.arange(N)
    y = np.column_stack([np.ones(N), i % 2, (i // 2) % 2]).astype(int)
    bad = np.column_stack([i % 2, (i // 4) % 2, np.ones(N)]).astype(int)
    good = y.copy()
    good[:3, 1] = 1 - good[:3, 1]
    return Task("multilabel", X, y, *(StubClassifier(a, 3) for a in (y, good, bad)))
