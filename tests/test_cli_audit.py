"""The audit of the command line: columns in, a report and an exit status out."""

import json

import numpy as np
import pytest

from sklearn_negloss._cli import main
from sklearn_negloss._cli._audit import TRANSFORMS
from sklearn_negloss._cli._files import read_frame

pd = pytest.importorskip("pandas")


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    return pd.DataFrame(
        {
            "x": x,
            "y": np.exp(x + 0.5 * rng.normal(size=300)),
            "m": x,
            "s": np.full(300, 0.5),
            "label": rng.integers(1, 3, size=300),
            "p": rng.uniform(0.2, 0.8, size=300),
            "word": rng.choice(["no", "yes"], size=300),
        }
    )


@pytest.fixture(params=["csv", "parquet"])
def path(request, frame, tmp_path):
    """A table in both formats."""
    if request.param == "parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(tmp_path / "t.parquet")
    else:
        frame.to_csv(tmp_path / "t.csv", index=False)
    return str(tmp_path / f"t.{request.param}")


def run(capsys, *argv):
    """Run the command in this process."""
    status = main(["audit", *map(str, argv)])
    out, err = capsys.readouterr()
    return status, out, err


def report(capsys, *argv):
    """Return the exit status and the report."""
    status, out, err = run(capsys, *argv, "--json")
    assert err == ""
    return status, json.loads(out)


def refusal(capsys, *argv):
    """Run a command that must refuse, and return its one line."""
    status, out, err = run(capsys, *argv)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    return err


def test_a_clean_target_ends_with_0(capsys, path):
    status, found = report(capsys, path, "--target", "y")
    assert (status, found["verdict"], found["findings"]) == (0, "clear", [])
    assert (found["target"], found["n_samples"], found["notes"]) == ("y", 300, [])


def test_forecasts_of_a_transformed_target(capsys, path):
    forecasts = ("--mu", "m", "--sigma", "s", "--transform", "log")
    status, found = report(capsys, path, "--target", "y", *forecasts)
    assert status == 0
    assert found["decomposition"]["gain"] > 0.5
    assert abs(found["decomposition"]["miscalibration"]) < 0.05


def test_labels_that_no_cross_entropy_can_read_end_with_1(capsys, path):
    status, found = report(capsys, path, "--target", "label", "--prob", "p")
    assert status == 1
    assert (found["verdict"], found["findings"][0]["code"]) == ("data", "NEG301")
    status, text, _ = run(capsys, path, "--target", "label", "--prob", "p")
    assert text.startswith("Audit of a loss: data")
    assert max(map(len, text.splitlines())) <= 80


def test_a_rule_can_be_left_out(capsys, path):
    given = (path, "--target", "label", "--prob", "p", "--ignore", "NEG102,NEG301")
    status, found = report(capsys, *given)
    assert found["outcomes"]["NEG301"] == found["outcomes"]["NEG102"] == "ignored"
    assert status == 0
    assert "codes of rules" in refusal(
        capsys, path, "--target", "y", "--ignore", "NEG9999"
    )


def test_text_labels_with_their_probability(capsys, path):
    status, found = report(capsys, path, "--target", "word", "--prob", "p")
    assert status == 0
    assert found["decomposition"]["units"] == pytest.approx(np.log(2), abs=0.02)


def test_the_loss_can_be_named(capsys, path):
    _, found = report(capsys, path, "--target", "label", "--loss", "log_loss")
    assert found["outcomes"]["NEG102"] != "found"
    message = refusal(capsys, path, "--target", "y", "--loss", "gausian_nll")
    assert "--loss must be the name of a loss; got 'gausian_nll'" in message
    assert "did you mean 'gaussian_nll'? known are binary_cross_entropy," in message
    assert "()" not in message


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_every_transform_reads_positive_numbers(capsys, frame, tmp_path, name):
    path = tmp_path / "t.csv"
    frame.assign(y=frame["p"]).to_csv(path, index=False)
    status, found = report(capsys, path, "--target", "y", "--transform", name)
    assert (status, found["n_samples"]) == (0, 300)


def test_transforms_can_be_chained(capsys, path):
    given = (path, "--target", "y", "--transform")
    _, chained = report(capsys, *given, "log,standard")
    assert chained["outcomes"]["NEG103"] in ("found", "clear")


@pytest.mark.parametrize("name", ["log", "box-cox", "log,standard"])
def test_a_transform_that_cannot_take_the_target_is_a_finding(
    capsys, frame, tmp_path, name
):
    frame.loc[3, "y"] = 0.0
    frame.to_csv(tmp_path / "t.csv", index=False)
    given = (tmp_path / "t.csv", "--target", "y", "--transform", name)
    status, found = report(capsys, *given)
    assert (status, found["findings"][0]["code"]) == (1, "NEG306")


def test_missing_values_are_left_out_and_counted(capsys, frame, tmp_path):
    frame.loc[:2, "y"], frame.loc[5, "m"] = np.nan, np.nan
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    _, found = report(capsys, path, "--target", "y", "--mu", "m", "--sigma", "s")
    assert found["n_samples"] == 296
    assert found["notes"] == ["4 of 300 rows left out: no value in y (3), m (1)"]
    page = tmp_path / "r.html"
    given = (path, "--target", "y", "--mu", "m", "--sigma", "s", "--html", page)
    said = "4 of 300 rows left out: no value in y (3), m (1)."
    assert said in " ".join(run(capsys, *given)[1].split())
    assert said in found["summary"]
    assert said in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("left", "rows"), [(0, "no row"), (1, "1 row")])
def test_too_few_complete_rows_are_no_audit(capsys, frame, tmp_path, left, rows):
    frame.loc[left:, "y"] = np.nan
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    message = refusal(capsys, path, "--target", "y", "--drop-missing")
    assert f"has {rows} with a value in y; at least 2 are needed" in message


def test_more_rows_lost_than_kept_are_asked_about(capsys, frame, tmp_path):
    frame.loc[150:, "y"] = np.nan
    path = tmp_path / "t.csv"
    given = (path, "--target", "y", "--mu", "m", "--sigma", "s")
    frame.to_csv(path, index=False)
    assert report(capsys, *given)[1]["n_samples"] == 150  # half is not more than half
    frame.loc[0, "m"] = np.nan
    frame.to_csv(path, index=False)
    message = refusal(capsys, *given)
    assert "has no value in y (150), m (1) in 151 of 300 rows" in message
    assert "add --drop-missing to go on with the other 149." in message
    status, found = report(capsys, *given, "--drop-missing")
    assert (status, found["n_samples"]) == (0, 149)
    assert "151 of 300 rows left out" in found["summary"]


def test_without_forecasts_it_ends_with_what_would_let_more_rules_run(capsys, path):
    more = "More rules run with --mu and --sigma, --prob, --loss-value or --cross-validate."
    _, text, _ = run(capsys, path, "--target", "y")
    assert text.splitlines()[-1] == more
    _, text, _ = run(capsys, path, "--target", "y", "--loss-value", "2")
    assert text.splitlines()[-1] == more.replace(", --loss-value", "")
    _, text, _ = run(capsys, path, "--target", "y", "--mu", "m", "--sigma", "s")
    assert "More rules" not in text
    _, text, _ = run(capsys, path, "--target", "label", "--prob", "p")
    assert "More rules" not in text


def test_few_rules_are_no_reason_to_speak_python(capsys, path):
    _, found = report(capsys, path, "--target", "label", "--loss", "log_loss")
    ran = sum(outcome == "clear" for outcome in found["outcomes"].values())
    assert ran < 5
    assert found["summary"] == "Nothing was found that would make a loss negative."


@pytest.mark.parametrize("number", ["-1.5", "-1.5e+00", "-15.e-1"])
def test_the_number_of_the_user_is_explained(capsys, path, number):
    given = ("--target", "y", "--loss", "neg_mean_squared_error", "--loss-value")
    status, found = report(capsys, path, *given, number)
    assert (status, found["findings"][0]["code"]) == (0, "NEG201")
    assert "The number -1.5 is minus a loss" in found["summary"]


@pytest.mark.parametrize("number", ["nan", "inf", "five"])
def test_a_number_is_a_finite_number(capsys, path, number):
    with pytest.raises(SystemExit, match="2"):
        main(["audit", path, "--target", "y", "--loss-value", number])
    assert "--loss-value: must be one finite number" in capsys.readouterr().err


def test_only_the_columns_that_are_named_are_held(path):
    assert list(read_frame(path, ["y"]).columns) == ["y"]
    assert sorted(read_frame(path, ["y", "y", "m"]).columns) == ["m", "y"]


def test_a_column_that_changes_its_kind_below_the_first_rows_is_read_whole(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr("sklearn_negloss._cli._files.CHUNK", 10)
    y = np.random.default_rng(0).normal(10, 3, size=35)
    lines = [*np.rint(y[:20]).astype(int), *y[20:]]
    path = tmp_path / "t.csv"
    path.write_text("y\n" + "\n".join(map(str, lines)))
    assert report(capsys, path, "--target", "y")[1]["n_samples"] == 35
    path.write_text("y\n" + "\n".join([*map(str, lines), "oops"]))
    assert "holds 'oops' (1 of 36 values" in refusal(capsys, path, "--target", "y")


def test_integers_of_a_parquet_file_keep_their_dtype(capsys, tmp_path):
    pytest.importorskip("pyarrow")
    for dtype in ("uint8", "UInt8"):
        y = pd.Series(np.arange(256) % 256, dtype=dtype)
        pd.DataFrame({"y": y}).to_parquet(tmp_path / "t.parquet")
        _, found = report(capsys, tmp_path / "t.parquet", "--target", "y")
        assert found["outcomes"]["NEG309"] == "found"


def test_the_page_is_written_whole_or_not_at_all(capsys, path, tmp_path):
    page = tmp_path / "report.html"
    status, out, err = run(capsys, path, "--target", "y", "--html", page)
    assert (status, err) == (0, f"Wrote {page}.\n")
    assert out.startswith("Audit of a loss: clear")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    nowhere = tmp_path / "nowhere" / "report.html"
    assert "cannot be written: No such file" in refusal(
        capsys, path, "--target", "y", "--html", nowhere
    )
    assert "cannot be written: Is a directory" in refusal(
        capsys, path, "--target", "y", "--html", "."
    )
    assert "cannot be written" in refusal(
        capsys, path, "--target", "y", "--html", tmp_path
    )
    assert {p.name.split(".")[-1] for p in tmp_path.iterdir()} <= {
        "html",
        "csv",
        "parquet",
    }


def test_json_stays_json_where_a_page_is_written(capsys, path, tmp_path):
    page = tmp_path / "report.html"
    _, out, err = run(capsys, path, "--target", "y", "--html", page, "--json")
    assert json.loads(out)["verdict"] == "clear"
    assert err == f"Wrote {page}.\n"


def test_the_demonstration_writes_its_page_too(capsys, tmp_path):
    page = tmp_path / "demo.html"
    assert main(["--html", str(page)]) == 0
    assert "Audit of a loss: clear" in capsys.readouterr().out
    assert "<svg" in page.read_text(encoding="utf-8")


def test_what_cannot_be_used_is_one_line_and_status_2(capsys, path, tmp_path):
    assert "there is no file nowhere.csv" in refusal(
        capsys, "nowhere.csv", "--target", "y"
    )
    assert "has no column 'z'; its columns are x, y, m" in refusal(
        capsys, path, "--target", "z"
    )
    assert "target 'word' must be numeric; it holds" in refusal(
        capsys, path, "--target", "word"
    )
    assert "--mu 'word' must be numeric" in refusal(
        capsys, path, "--target", "y", "--mu", "word", "--sigma", "s"
    )
    assert "--mu and --sigma go together" in refusal(
        capsys, path, "--target", "y", "--mu", "m"
    )
    assert "--transform must be one of arcsinh" in refusal(
        capsys, path, "--target", "y", "--transform", "cube"
    )
    assert "--cross-validate makes forecasts of its own" in refusal(
        capsys, path, "--target", "y", "--cross-validate", "--mu", "m"
    )
    assert "got --mu, --loss-value; leave out" in refusal(
        capsys, path, "--target", "y", "--cross-validate", "--loss-value=0", "--mu=m"
    )
    assert "cannot be written: Not a directory" in refusal(
        capsys, path, "--target", "y", "--html", f"{path}/page.html"
    )
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and nothing")
    assert "cannot be read as parquet" in refusal(capsys, broken, "--target", "y")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("x,y\n", "holds no rows"),
        ("x,y\n1,\n2,\n", "has no row with a value in y"),
        ("y,y\n1,2\n", "several columns named y"),
        ("x,y\n1,2,3\n4,5,6\n", "cannot be read as CSV"),
        ("x,y\n1,2\n4,5,6\n", "cannot be read as CSV"),
    ],
)
def test_tables_with_nothing_to_read(capsys, tmp_path, text, message):
    path = tmp_path / "t.csv"
    path.write_text(text)
    assert message in refusal(capsys, path, "--target", "y")


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("study", [[], ["--cross-validate"]])
@pytest.mark.parametrize("number", ["1", "1,5"])
def test_another_separator_than_a_comma_is_asked_about(
    capsys, tmp_path, separator, study, number
):
    path = tmp_path / "t.csv"
    rows = [["x", "y"], *[[number, number]] * 30]
    path.write_text("\n".join(separator.join(row) for row in rows))
    message = refusal(capsys, path, "--target", "y", *study)
    assert "has no column 'y'; its columns are x" in message
    assert f"Is it separated by {separator!r}? Commas are needed." in message


def test_a_name_with_a_semicolon_is_a_name_among_others(capsys, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a;b,c\n" + "1,2\n" * 30)
    assert "separated" not in refusal(capsys, path, "--target", "y")


def test_a_hostile_name_does_not_run(capsys, tmp_path):
    name = "<script>alert(1)</script>"
    path, page = tmp_path / "t.csv", tmp_path / "r.html"
    pd.DataFrame({name: np.random.default_rng(0).normal(size=50)}).to_csv(
        path, index=False
    )
    assert run(capsys, path, "--target", name, "--html", page)[0] == 0
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
