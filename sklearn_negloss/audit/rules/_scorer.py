"""2xx: scorers that point the wrong way, and objectives that are no errors."""

from __future__ import annotations

import math

import numpy as np

from sklearn_negloss._sklearn import scorer_parts
from sklearn_negloss.audit._rule import Evidence, NotApplicable, Rule
from sklearn_negloss.audit.case._clues import Clues
from sklearn_negloss.audit.case._measured import agrees
from sklearn_negloss.audit.case._objective import Objective
from sklearn_negloss.audit.probes._oracle import Oracle, Reading
from sklearn_negloss.audit.probes._stubs import CONFIDENCE

# Metrics that read probabilities, as functions of scikit-learn are called.
OF_PROBABILITIES = ("log_loss", "brier_score_loss", "d2_log_loss_score")

# Where losses cut probabilities off, so that log 0 is finite.
CUTOFFS = (
    *(float(np.finfo(dtype).eps) for dtype in (np.float64, np.float32)),
    *(10.0**-k for k in range(6, 17)),
)


class ReversedScorer(Rule):
    """The scorer is higher for worse estimators.

    **Why the loss goes negative.** Whoever maximises minus a score, or takes a loss for
    a score, finds the worst model best. `make_scorer(mean_squared_error)` without
    `greater_is_better=False` does so, and so does every search without `scoring` over an
    estimator whose `score` is a loss.

    **What is measured.** The scores of two estimators that were made for the purpose:
    one nearly right, one no better than chance, on regression, binary, multiclass and
    multilabel tasks. With an estimator and X: its score on what it predicts itself, and
    on a target far from that. Found if the better one is strictly lower on every task
    that tells them apart.

    **What to do.** Turn the sign: `greater_is_better=False`, or an explicit `scoring`.

    References
    ----------
    .. [1] `stanfordmlgroup/ngboost#218
       <https://github.com/stanfordmlgroup/ngboost/issues/218>`_.

    Examples
    --------
    >>> from sklearn.metrics import make_scorer, mean_squared_error
    >>> from sklearn_negloss import audit
    >>> audit(scorer=make_scorer(mean_squared_error)).outcomes["NEG202"]
    'found'
    >>> right = make_scorer(mean_squared_error, greater_is_better=False)
    >>> audit(scorer=right).outcomes["NEG202"]
    'clear'
    """

    code = "NEG202"
    cause = "code"
    severity = "error"
    message = (
        "{scorer} points the wrong way: an estimator that is nearly right scores "
        "{good:.4g}, and one that is wrong scores {bad:.4g} ({task})."
    )
    advice = (
        "Turn the sign, with make_scorer(..., greater_is_better=False) or "
        "make_distribution_scorer(loss); choose nothing by this score before."
    )
    yields_to = ("NEG203",)

    @classmethod
    def measure(cls, oracle: Oracle) -> Evidence | NotApplicable | None:
        """Compare the scores of right and wrong estimators."""
        reading = oracle.reversed_reading
        if reading is not None:
            return _evidence(oracle, reading)
        reason = oracle.undecided_reason
        return None if reason is None else NotApplicable(reason)


class DoubleNegation(Rule):
    """A loss whose sign was turned already is turned once more.

    **Why the loss goes negative.** Minus a loss is a score. Wrapped with
    `greater_is_better=False`, or minimised, it is a loss again that is taken for a
    score: the search picks the worst model.

    **What is measured.** The direction of the scorer, as for the reversed scorer; its
    sign; and whether the metric underneath is highest at a perfect prediction, without
    being 1 there as a score like R2 is; or whether it is called `neg_...`, or uses a
    scorer that is.

    **What to do.** Negate once: give the loss itself and `greater_is_better=False`.

    References
    ----------
    .. [1] `pycaret/pycaret#1444 <https://github.com/pycaret/pycaret/issues/1444>`_.

    Examples
    --------
    >>> from sklearn.metrics import make_scorer, mean_squared_error
    >>> from sklearn_negloss import audit
    >>> def minus_mse(y_true, y_pred):
    ...     return -mean_squared_error(y_true, y_pred)
    >>> twice = make_scorer(minus_mse, greater_is_better=False)
    >>> audit(scorer=twice).outcomes["NEG203"]
    'found'
    >>> audit(scorer=make_scorer(minus_mse)).outcomes["NEG203"]
    'clear'
    """

    code = "NEG203"
    cause = "code"
    severity = "error"
    message = (
        "{scorer} is negated twice: an estimator that is nearly right scores {good:.4g}, "
        "and one that is wrong scores {bad:.4g} ({task})."
    )
    advice = (
        "Negate once: hand the loss itself to make_scorer(..., greater_is_better=False) "
        "or make_distribution_scorer."
    )

    @classmethod
    def measure(cls, oracle: Oracle) -> Evidence | NotApplicable | None:
        """Look for a second sign in a scorer that points down."""
        reading = oracle.reversed_reading
        if reading is None:
            reason = oracle.undecided_reason
            return None if reason is None else NotApplicable(reason)
        # Scores such as R2 or accuracy are 1 at best; turned once, they are reversed.
        is_score = math.isclose(abs(reading.perfect), 1.0, abs_tol=1e-9)
        twice = oracle.sign < 0 and not is_score
        return _evidence(oracle, reading) if twice or oracle.negated else None


def _evidence(oracle: Oracle, reading: Reading) -> Evidence:
    """Return the scores that prove a direction."""
    name = oracle.name if not reading.metric else f"{oracle.name}, {reading.metric},"
    return {
        "scorer": name[0].upper() + name[1:],
        "task": reading.task,
        "good": reading.good,
        "bad": reading.bad,
    }


class HardLabelsInLogLoss(Rule):
    """A loss of probabilities is computed from predicted labels.

    **Why the loss goes negative.** It goes far from zero rather: a label counts as a
    probability of exactly 0 or 1, and each error costs minus the logarithm of wherever
    the loss cuts off, {cut:.2f} nats in double precision. As a scorer, the number is
    minus that. The direction is right, the value says only how many labels were wrong.

    **What is measured.** Which method of the estimator a scorer of log loss or Brier
    score reads; whether its scores are a share of errors times the logarithm of a
    cut-off; and whether `loss_value` is that for the labels in `y_pred`, or in a
    `y_prob` that holds integers.

    **What to do.** Score probabilities: `response_method="predict_proba"`.

    Examples
    --------
    >>> from sklearn.metrics import log_loss, make_scorer
    >>> from sklearn_negloss import audit
    >>> hard = make_scorer(log_loss, greater_is_better=False)
    >>> audit(scorer=hard).outcomes["NEG205"]
    'found'
    >>> audit(scorer="neg_log_loss").outcomes["NEG205"]
    'clear'
    """

    code = "NEG205"
    cause = "code"
    severity = "error"
    message = (
        "{subject} is a loss of probabilities computed from predicted labels: "
        "{hard:.4g}, where probabilities give {soft}."
    )
    advice = (
        'Score probabilities: make_scorer(..., response_method="predict_proba"), or '
        "pass predict_proba(X) to the loss."
    )
    cut = -math.log(CUTOFFS[0])
    # Costs of an error agree with the logarithm of a cut-off to this share.
    agreement = 1e-3

    @classmethod
    def measure(cls, clues: Clues) -> Evidence | NotApplicable | None:
        """Look at the number, then at the scorer."""
        evidence = cls._number(clues)
        if evidence is not None or clues.scorer is None:
            return evidence or (
                NotApplicable("needs a scorer, or y_pred and loss_value")
                if clues.value is None
                else None
            )
        oracle = clues.oracle
        if not isinstance(oracle, Oracle):
            return oracle
        return cls._scorer(clues, oracle)

    @classmethod
    def _scorer(cls, clues: Clues, oracle: Oracle) -> Evidence | None:
        """A scorer that asks for labels, by its parts or by its values."""
        binary = [each for each in oracle.readings if each.task == "binary"]
        parts = scorer_parts(clues.scorer)
        asks = parts is not None and parts.methods == ("predict",)
        named = asks and getattr(parts.function, "__name__", "") in OF_PROBABILITIES  # type: ignore[union-attr]
        for reading in binary:
            if named or cls._cost(reading) is not None:
                soft = -math.log(CONFIDENCE)
                return {
                    "subject": oracle.name[0].upper() + oracle.name[1:],
                    "hard": reading.bad,
                    "soft": f"{soft:.4g} for each right answer",
                }
        return None

    @classmethod
    def _cost(cls, reading: Reading) -> float | None:
        """Return what an error costs, if that is the logarithm of a cut-off."""
        # One label in thirty of the good estimator is wrong, and half of the bad one's.
        costs = abs(30.0 * reading.good), abs(2.0 * reading.bad)
        if not math.isclose(*costs, rel_tol=cls.agreement):
            return None
        return next((c for c in costs if cls._is_cutoff(c)), None)

    @classmethod
    def _is_cutoff(cls, cost: float) -> bool:
        return any(
            math.isclose(cost, -math.log(eps), rel_tol=cls.agreement) for eps in CUTOFFS
        )

    @classmethod
    def _number(cls, clues: Clues) -> Evidence | None:
        """A number that is the share of wrong labels times a cut-off."""
        loss, value = clues.loss, clues.value
        if loss is None or value is None or loss.kind != "cross-entropy":
            return None
        hard = clues.y_pred if clues.y_pred is not None else clues.hard_prob
        if hard is None or np.shape(hard) != np.shape(clues.y_true):
            return None
        wrong = float(np.average(hard != clues.y_true, weights=clues.weights))
        costs = [wrong * -math.log(eps) for eps in CUTOFFS]
        if wrong == 0 or not any(agrees(abs(value), cost) for cost in costs):
            return None
        return {
            "subject": f"The number {value:.6g}",
            "hard": value,
            "soft": f"what they are worth; here {wrong:.4g} of the labels are wrong",
        }


class ObjectiveNotAnError(Rule):
    """What is minimised is an objective whose least value is not zero.

    **Why the loss goes negative.** Minus an overlap (Dice) or a cosine is -1 at best;
    minus a likelihood without its constants has no bound. Native metrics of LightGBM
    and XGBoost (`poisson`, `gamma-nloglik`, `aft-nloglik`) are such objectives. Lower is
    better, and zero means nothing.

    **What is measured.** The last value of each metric that the estimator recorded,
    found if one is negative; or the value of a callable loss for perfect predictions,
    found if that is its minimum and below zero.

    **What to do.** Compare values with each other and not with zero.

    References
    ----------
    .. [1] `MIC-DKFZ/nnUNet#666 <https://github.com/MIC-DKFZ/nnUNet/issues/666>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_negloss import audit
    >>> def minus_cosine(y, p):
    ...     return -(y @ p) / np.linalg.norm(y) / np.linalg.norm(p)
    >>> audit(loss=minus_cosine).outcomes["NEG206"]
    'found'
    >>> audit(loss=lambda y, p: 1 + minus_cosine(y, p)).outcomes["NEG206"]
    'clear'
    """

    code = "NEG206"
    cause = "convention"
    severity = "info"
    message = (
        "{objective} is an objective and no error: it came to {value:.4g}; "
        "it is {reading}."
    )
    advice = (
        "Lower is better, also below zero: compare it with the same objective of other "
        "models, never with 0; report a loss that has a meaning of its own."
    )

    @classmethod
    def measure(cls, objective: Objective) -> Evidence | None:
        """Look for a value below zero."""
        if objective.value >= 0:
            return None
        return {
            "objective": objective.name,
            "value": objective.value,
            "reading": objective.reading,
        }
