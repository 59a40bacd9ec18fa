"""TargetAuditor: y is audited, X goes by untouched, in every tool."""

import pickle
import warnings

import joblib
import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from sklearn_negloss import audit
from sklearn_negloss.audit import AuditError, AuditWarning, TargetAuditor


@pytest.fixture
def data():
    X, y = load_diabetes(return_X_y=True)
    return X, y / 1000  # a unit so large that every density loss is negative


@pytest.fixture
def broken(data):
    """A target after a logarithm of zero."""
    X, y = data
    y = y.copy()
    y[3] = -np.inf
    return X, y


def codes(report):
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    ("estimator", "check"), list(estimator_checks_generator(TargetAuditor()))
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_checks_pass(estimator, check):
    check(estimator)


# -- what goes by --------------------------------------------------------------------


def frames(X):
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    table = {"a": X[:, 0], "b": ["text"] * len(X)}
    return [pd.DataFrame(table), pl.DataFrame(table)]


def test_features_go_by_as_the_object_that_they_are(data):
    X, y = data
    holes = X.copy()
    holes[0, 0], holes[1, 1] = np.nan, np.inf
    for features in (
        *(X, X.astype(np.float32), holes, scipy.sparse.csr_array(X)),
        *(np.array([["a", "b"]] * len(X)), np.array([["a", None]] * len(X))),
        *frames(X),
    ):
        auditor = TargetAuditor()
        assert auditor.fit_transform(features, y) is features
        assert auditor.transform(features) is features
        assert auditor.n_features_in_ == features.shape[1]


def test_the_number_and_the_names_of_features_are_held_to(data):
    pd = pytest.importorskip("pandas")
    X, y = data
    with pytest.raises(ValueError, match="is expecting 10 features"):
        TargetAuditor().fit(X, y).transform(X[:, :3])
    frame = pd.DataFrame(X[:, :2], columns=["a", "b"])
    auditor = TargetAuditor().fit(frame, y)
    assert list(auditor.get_feature_names_out()) == ["a", "b"]
    with pytest.raises(ValueError, match="feature names should match"):
        auditor.transform(frame.rename(columns={"a": "z"}))


# -- what is found -------------------------------------------------------------------


def test_its_report_is_that_of_audit(data):
    X, y = data
    auditor = TargetAuditor().fit(X, y)
    assert codes(auditor.report_) == ["NEG102"]
    found = audit(y_true=y)
    assert auditor.report_.findings == found.findings
    assert auditor.report_.summary == found.summary


def test_class_labels_are_nothing_to_worry_about():
    X, y = load_iris(return_X_y=True)
    for labels in (y, y + 1, np.array(["a", "b", "c"])[y], y.astype(float), y > 0):
        report = TargetAuditor(on_error="raise").fit(X, labels).report_
        assert report.verdict == "clear"


def test_the_loss_can_be_told():
    X, y = load_iris(return_X_y=True)
    auditor = TargetAuditor("binary_cross_entropy", on_error="ignore").fit(X, y)
    assert codes(auditor.report_)[0] == "NEG301"
    assert TargetAuditor("binary_cross_entropy").fit(X, y > 0).report_.findings == []


def test_several_columns_are_audited_one_by_one(data):
    pd = pytest.importorskip("pandas")
    X, y = data
    Y = pd.DataFrame({"small": y, "fine": 1000 * y})
    report = TargetAuditor().fit(X, Y).report_
    assert {k: r.verdict for k, r in report.columns.items()} == {
        "small": "units",
        "fine": "clear",
    }
    assert report.findings[0].column == "small"


def test_an_error_warns_raises_or_stays_silent(broken):
    X, y = broken
    with pytest.warns(AuditWarning, match="NEG306"):
        TargetAuditor().fit(X, y)
    with pytest.raises(AuditError, match="NEG306"):
        TargetAuditor(on_error="raise").fit(X, y)
    report = TargetAuditor(on_error="ignore").fit(X, y).report_
    assert codes(report)[0] == "NEG306"
    report = TargetAuditor(ignore=["NEG306"]).fit(X, y).report_
    assert report.outcomes["NEG306"] == "ignored"


# -- in the tools --------------------------------------------------------------------


def test_a_search_keeps_the_report_of_all_data(data):
    X, y = data
    pipeline = make_pipeline(StandardScaler(), TargetAuditor(), Ridge())
    search = GridSearchCV(pipeline, {"ridge__alpha": [0.1, 1]}, n_jobs=2).fit(X, y)
    assert codes(search.best_estimator_[1].report_) == ["NEG102"]
    folds = cross_validate(pipeline, X, y, return_estimator=True)["estimator"]
    stds = {fold[1].report_.findings[0].evidence["std"] for fold in folds}
    assert len(stds) == 5


def test_it_stands_beside_other_transformers(data):
    pd = pytest.importorskip("pandas")
    X, y = data
    frame = pd.DataFrame(X[:, :3], columns=["a", "b", "c"])
    columns = ColumnTransformer(
        [("d", TargetAuditor(), ["a", "b"]), ("s", StandardScaler(), ["c"])]
    ).set_output(transform="pandas")
    out = columns.fit_transform(frame, y)
    assert list(out.columns) == ["d__a", "d__b", "s__c"]
    assert codes(columns.named_transformers_["d"].report_) == ["NEG102"]
    union = FeatureUnion([("d", TargetAuditor()), ("s", StandardScaler())])
    assert union.fit_transform(frame, y).shape == (len(y), 6)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output_gives_the_frame_that_was_asked_for(data, library):
    pytest.importorskip(library)
    X, y = data
    out = TargetAuditor().set_output(transform=library).fit_transform(X, y)
    assert type(out).__module__.startswith(library)
    np.testing.assert_array_equal(out.to_numpy(), X)


def test_clone_pickle_and_memory_keep_what_they_should(data, tmp_path):
    X, y = data
    auditor = TargetAuditor("gaussian_nll", ignore=["NEG101"], on_error="raise")
    fitted = auditor.fit(X, y)
    assert clone(fitted).get_params() == auditor.get_params()
    assert not hasattr(clone(fitted), "report_")
    assert pickle.loads(pickle.dumps(fitted)).report_ == fitted.report_
    memory = joblib.Memory(tmp_path, verbose=0)
    pipeline = make_pipeline(TargetAuditor(), Ridge(), memory=memory)
    for _ in range(2):  # the second time it comes from the cache
        assert codes(clone(pipeline).fit(X, y)[0].report_) == ["NEG102"]


def test_a_classifier_may_follow():
    X, y = load_iris(return_X_y=True)
    model = make_pipeline(TargetAuditor(), LogisticRegression(max_iter=500))
    assert model.fit(X, np.array(["a", "b", "c"])[y]).score(X, np.array([*"abc"])[y])


# -- what it refuses -----------------------------------------------------------------


def test_a_missing_target_says_how_pipelines_hand_it_on(data):
    with pytest.raises(ValueError, match=r"call pipeline\.fit\(X, y\)"):
        make_pipeline(TargetAuditor(), StandardScaler()).fit(data[0])


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"on_error": "shout"}, "on_error must be one of"),
        ({"ignore": ["NEG999"]}, "ignore must hold codes of rules"),
        ({"loss": "nonsense"}, "loss must be a known name"),
    ],
)
def test_bad_parameters_are_refused_in_fit(data, kwargs, message):
    with pytest.raises(ValueError, match=message):
        TargetAuditor(**kwargs).fit(*data)


def test_targets_without_a_reading_are_refused(data):
    X, y = data
    with pytest.raises(ValueError, match="y must not be NaN"):
        TargetAuditor().fit(X, np.where(y > 0.1, np.nan, y))
    with pytest.raises(ValueError, match="as many samples as X; got 441 and 442"):
        TargetAuditor().fit(X, y[1:])
    with pytest.raises(ValueError, match=r"one value for each sample; got 3\.0"):
        TargetAuditor().fit(X, 3.0)
    with pytest.raises(ValueError, match="Unknown label type"):
        TargetAuditor().fit(X[:2], np.array([{}, {}]))
    with pytest.raises(NotFittedError):
        TargetAuditor().transform(X)


def test_nothing_is_warned_about_a_clean_target(data):
    X, y = data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TargetAuditor().fit(X, y)
