"""The study of the command line: what it prints, in which units, how it refuses."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_negloss._cli import _study, main
from sklearn_negloss._cli._table import bundled
from sklearn_negloss.regression import ProbabilisticRegressor


def run(capsys, *argv):
    """Run the command line in this process; a table of one's own is cross-validated."""
    argv = [*argv, "--cross-validate"] if "audit" in argv else list(argv)
    status = main(argv)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture
def table(tmp_path):
    """Write a CSV file: a target that a feature predicts, and a column of text."""
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    frame = pd.DataFrame({"x": x, "noise": rng.normal(size=200), "colour": "red"})
    frame["y"] = 100 + 50 * x + 5 * rng.normal(size=200)

    def write(**columns):
        path = tmp_path / "table.csv"
        frame.assign(**columns).to_csv(path, index=False)
        return str(path)

    return write


def test_the_demonstration_shows_the_sign_flip_and_one_gain(capsys):
    status, out, err = run(capsys, "--json")
    assert (status, err) == (0, "")
    result = json.loads(out)
    given, divided, standardised = result["rows"]
    assert given["model_loss"] > 0 > divided["model_loss"]
    assert divided["model_loss"] == pytest.approx(given["model_loss"] - np.log(1000))
    for row in (divided, standardised):
        assert row["gain"] == pytest.approx(given["gain"], abs=1e-10)
        assert row["baseline_loss"] - row["model_loss"] == pytest.approx(row["gain"])
    assert result["gain"] == pytest.approx(given["gain"])
    assert given["gain"] > 0.2
    assert result["findings"] == []
    assert result["n_samples"] == 442
    terms = result["audit"]["decomposition"]
    assert terms["loss"] == pytest.approx(given["model_loss"])


def test_its_text_fits_a_terminal_and_holds_the_verdict(capsys):
    status, out, _ = run(capsys)
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    assert out.splitlines()[2].startswith("The sign follows the unit of the target")
    assert "beats the constant baseline" in " ".join(out.split())


def test_the_module_runs_and_prints_nothing_but_results_when_piped():
    result = subprocess.run(
        [sys.executable, "-m", "sklearn_negloss"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.startswith("Why is my loss negative?")
    assert result.stderr == ""


def test_a_table_of_ones_own(capsys, table):
    status, out, _ = run(capsys, "audit", table(), "--target", "y", "--json")
    assert status == 0
    result = json.loads(out)
    assert result["gain"] > 2
    assert result["notes"] == ["columns left out, not numeric: colour"]
    assert (result["n_samples"], result["n_features"]) == (200, 2)


@pytest.mark.parametrize("unit", [1e-100, 1e-6, 1e100])
def test_the_gain_is_the_same_in_whatever_unit_the_table_is(capsys, table, unit):
    rng = np.random.default_rng(4)
    x = rng.normal(size=200)
    y = x + 0.3 * rng.normal(size=200)
    gains = []
    for scale in (1.0, unit):
        path = table(x=x, y=scale * y)
        _, out, _ = run(capsys, "audit", path, "--target", "y", "--json")
        gains.append(json.loads(out)["gain"])
    assert gains[1] == pytest.approx(gains[0], abs=1e-8)


def test_small_units_are_reported(capsys, table):
    y = np.random.default_rng(1).normal(0, 0.1, 200)
    status, out, _ = run(capsys, "audit", table(y=y), "--target", "y")
    assert status == 0
    assert "NEG102 small-units" in out
    _, out, _ = run(capsys, "audit", table(y=10 * y), "--target", "y")
    assert "NEG102" not in out


def test_no_skill_is_called_no_skill(capsys, table):
    y = np.random.default_rng(2).normal(0, 10, 200)
    _, out, _ = run(capsys, "audit", table(y=y), "--target", "y")
    assert "not told apart from the constant baseline" in " ".join(out.split())


@pytest.mark.parametrize("loss", ["gaussian_nll", "gaussian_crps", "dawid_sebastiani"])
def test_every_loss_is_shown_with_the_same_gain(capsys, table, loss):
    status, out, _ = run(
        capsys, "audit", table(), "--target", "y", "--loss", loss, "--json"
    )
    assert status == 0
    result = json.loads(out)
    given, divided, _ = result["rows"]
    assert divided["gain"] == pytest.approx(given["gain"], abs=1e-10)
    expected = {
        "gaussian_nll": given["model_loss"] - np.log(1000),
        "dawid_sebastiani": given["model_loss"] - 2 * np.log(1000),
        "gaussian_crps": given["model_loss"] / 1000,
    }
    assert divided["model_loss"] == pytest.approx(expected[loss], rel=1e-9)


def threads():
    """Return how many threads the libraries of this process may use at most."""
    return max(library["num_threads"] for library in threadpool_info())


def test_models_are_fitted_in_one_thread_and_others_keep_theirs(monkeypatch):
    seen = []

    class Watched(ProbabilisticRegressor):
        def fit(self, X, y):
            super().fit(X, y)
            seen.append(threads())
            return self

    monkeypatch.setattr(_study, "_model", lambda: Watched(cv=2, random_state=0))
    with threadpool_limits(2):
        before = threads()
        _study.study(bundled())
        assert threads() == before
    assert set(seen) == {1}


@pytest.mark.parametrize("n", [60, 200])
def test_a_copy_of_the_target_among_the_features_is_said_before_any_gain(
    capsys, table, n
):
    rng = np.random.default_rng(5)
    y = np.r_[0.1 * rng.normal(size=n), np.full(200 - n, np.nan)]
    given = ("audit", table(y=y, copy=3 * y + 0.0001), "--target", "y")
    given += ("--drop-missing",)
    status, out, _ = run(capsys, *given, "--json")
    result = json.loads(out)
    assert (status, result["findings"][0]["code"]) == (0, "NEG407")
    assert result["audit"]["verdict"] == "data"
    assert result["verdict"].startswith("Column copy of X is a copy of the target")
    assert f"the gain of {result['gain']:.3f} nats" in result["verdict"]
    assert "says nothing about the model" in result["verdict"]
    assert "beats" not in result["verdict"]
    _, out, _ = run(capsys, *given)
    assert out.splitlines()[2].startswith("Column copy of X is a copy of the target")


def test_a_feature_that_predicts_well_is_no_copy(capsys, table):
    x = np.random.default_rng(6).normal(size=200)
    y = x + 0.05 * np.random.default_rng(7).normal(size=200)
    _, out, _ = run(capsys, "audit", table(x=x, y=y), "--target", "y", "--json")
    result = json.loads(out)
    assert result["audit"]["outcomes"]["NEG407"] == "clear"
    assert "beats the constant baseline" in result["verdict"]


def test_missing_values_are_counted(capsys, table, tmp_path):
    y, x = np.arange(200.0), np.random.default_rng(3).normal(size=200)
    y[:3], x[5] = np.nan, np.nan
    status, out, _ = run(capsys, "audit", table(y=y, x=x), "--target", "y")
    assert status == 0
    assert "3 of 200 rows left out: no value in y" in out
    assert "missing feature values: 1, which the trees of the model take" in out
    page = tmp_path / "page.html"
    run(capsys, "audit", table(y=y, x=x), "--target", "y", "--html", str(page))
    assert "3 of 200 rows left out: no value in y." in page.read_text("utf-8")


def test_more_rows_lost_than_kept_are_asked_about(capsys, table):
    y = np.arange(200.0)
    y[:101] = np.nan
    given = ("audit", table(y=y), "--target", "y")
    message = refusal(capsys, *given)
    assert "no value in y in 101 of 200 rows, more than half" in message
    assert "--drop-missing to go on with the other 99." in message
    status, out, _ = run(capsys, *given, "--drop-missing")
    assert status == 0
    assert "Note: 101 of 200 rows left out: no value in y." in out


def test_options_count_before_and_after_the_command(capsys, table):
    before = ("--json", "--loss", "gaussian_crps", "audit", table(), "--target", "y")
    after = ("audit", table(), "--target", "y", "--json", "--loss", "gaussian_crps")
    assert run(capsys, *before) == run(capsys, *after)
    assert json.loads(run(capsys, *before)[1])["loss"] == "gaussian_crps"


def test_a_name_that_the_terminal_cannot_write_is_escaped(tmp_path):
    pytest.importorskip("pandas")
    path = tmp_path / "n.csv"
    lines = [f"{i},{i % 7 + 0.1 * i}" for i in range(40)]
    path.write_text("x,größe\n" + "\n".join(lines), encoding="utf-8")
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "sklearn_negloss",
            "audit",
            str(path),
            "--target",
            "größe",
            "--cross-validate",
        ],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"},
    )
    assert rb"gr\xf6\xdfe" in result.stdout


def refusal(capsys, *argv):
    """Run a command that must refuse, and return its one line."""
    status, out, err = run(capsys, *argv)
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_unusable_input_is_one_line_and_status_2(capsys, table, tmp_path):
    assert "there is no file nowhere.csv" in refusal(
        capsys, "audit", "nowhere.csv", "--target", "y"
    )
    path = table()
    assert "has no column 'z'; its columns are x, noise, colour, y" in refusal(
        capsys, "audit", path, "--target", "z"
    )
    assert "target 'colour' must be numeric; it holds 'red' (200 of 200" in refusal(
        capsys, "audit", path, "--target", "colour"
    )
    assert "cannot be read as CSV" in refusal(
        capsys, "audit", str(tmp_path), "--target", "y"
    )
    assert "is constant (1)" in refusal(capsys, "audit", table(y=1.0), "--target", "y")
    infinite = np.r_[np.inf, np.arange(199.0)]
    assert "must be finite; 1 of 200" in refusal(
        capsys, "audit", table(y=infinite), "--target", "y"
    )
    assert "features must be finite; x hold" in refusal(
        capsys, "audit", table(x=infinite), "--target", "y"
    )


def test_tables_that_would_mislead_are_refused(capsys, table, tmp_path):
    y = np.zeros(200)
    y[7] = 1.0
    assert "is 0 in nearly all rows" in refusal(
        capsys, "audit", table(y=y), "--target", "y"
    )
    for scale in (1e200, 1e-200):
        big = scale * np.random.default_rng(0).normal(size=200)
        assert "unit of ordinary size" in refusal(
            capsys, "audit", table(y=big), "--target", "y"
        )
        assert "unit of ordinary size" in refusal(
            capsys, "audit", table(x=big), "--target", "y"
        )
    path = tmp_path / "twice.csv"
    path.write_text("x,y,y\n" + "1,2,3\n" * 30)
    assert "several columns named y" in refusal(
        capsys, "audit", str(path), "--target", "y"
    )
    path.write_text("x,y\n" + "1,2,3\n" * 30)
    assert "cannot be read as CSV" in refusal(
        capsys, "audit", str(path), "--target", "y"
    )
    path = tmp_path / "broken.zip"
    path.write_bytes(b"no zip")
    assert "cannot be read as CSV" in refusal(
        capsys, "audit", str(path), "--target", "y"
    )
    oops = ["1.5"] * 199 + ["oops"]
    assert "it holds 'oops' (1 of 200 values" in refusal(
        capsys, "audit", table(y=oops), "--target", "y"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("x,y\n", "holds no rows"),
        ("x,y\n1,2\n3,4\n", "2 rows with a value in 'y' are too few"),
        ("x,y\n" + "a,1\nb,2\n" * 20, "no numeric column is left to predict from"),
    ],
)
def test_tables_with_nothing_in_them(capsys, tmp_path, text, message):
    pytest.importorskip("pandas")
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert message in refusal(capsys, "audit", str(path), "--target", "y")


def test_an_unknown_loss_lists_the_known_ones(capsys):
    assert "gaussian_nll" in refusal(capsys, "--loss", "mse")
    assert "did you mean 'gaussian_crps'?" in refusal(capsys, "--loss", "gausian_crps")


def test_without_pandas_the_command_says_what_to_install(capsys, monkeypatch, table):
    path = table()
    monkeypatch.setitem(sys.modules, "pandas", None)
    message = refusal(capsys, "audit", path, "--target", "y")
    assert "pip install 'sklearn-negloss[cli]'" in message
