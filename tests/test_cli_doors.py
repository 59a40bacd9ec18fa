"""The doors of the command line: arguments, bytes, Ctrl-C, and the page that says all."""

import os
import re
import shlex
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from sklearn_negloss._cli import main

PAGE = Path(__file__).parents[1] / "docs" / "guide" / "command_line.rst"


def refusal(capsys, *argv):
    """Run a command that must refuse, and return its one line."""
    status = main(["audit", *map(str, argv)])
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    return err


def left(capsys, *argv):
    """Run a command that leaves through argparse; return status and output."""
    with pytest.raises(SystemExit) as raised:
        main(list(argv))
    return raised.value.code, *capsys.readouterr()


def test_the_version_is_that_of_the_package(capsys):
    said = f"sklearn-negloss {version('sklearn-negloss')}\n"
    assert left(capsys, "--version") == (0, said, "")


def test_an_unknown_option_shows_the_usage_of_its_command(capsys):
    given = ("audit", "t.csv", "--target", "y", "--colour", "red")
    status, _, err = left(capsys, *given)
    assert status == 2
    assert err.startswith("usage: sklearn-negloss audit [-h] --target COLUMN")
    assert "unrecognized arguments: --colour red" in err
    _, _, err = left(capsys, "--colour")
    assert err.startswith("usage: sklearn-negloss [-h]")


def test_the_help_names_the_losses_that_each_command_takes(capsys):
    assert "binary_cross_entropy," in left(capsys, "audit", "--help")[1]
    demonstration = left(capsys, "--help")[1]
    assert "gaussian_nll" in demonstration
    assert "binary" not in demonstration


@pytest.mark.parametrize(
    ("encoding", "byte"), [("latin-1", "0xfc"), ("cp1252", "0xfc"), ("utf-16", "0xff")]
)
def test_another_encoding_is_asked_to_be_utf_8(capsys, tmp_path, encoding, byte):
    pytest.importorskip("pandas")
    path = tmp_path / "t.csv"
    text = "für,y\n" + "1,2\n2,5\n3,9\n" * 10
    path.write_bytes(text.encode(encoding))
    message = refusal(capsys, path, "--target", "y")
    assert f"UTF-8; got the byte {byte}" in message
    assert "save the file as UTF-8." in message
    path.write_text(text, encoding="utf-8-sig")
    assert main(["audit", str(path), "--target", "für"]) == 0


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x02\x01\x01\x00,y\n1,2\n", b"PK\x03\x04\x14\x00\xff\xfe\n1\n2\n"]
)
def test_what_is_no_text_is_refused_without_its_bytes(capsys, tmp_path, data):
    pytest.importorskip("pandas")
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    message = refusal(capsys, path, "--target", "y")
    assert "it holds binary data" in message
    assert message[:-1].isprintable()


def test_a_pipe_is_refused_and_not_waited_for(capsys, tmp_path):
    pytest.importorskip("pandas")
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "must be a file on disk" in refusal(capsys, path, "--target", "y")


def test_a_name_cannot_move_the_cursor(capsys, tmp_path):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    name, path = "\x1b[2Jy", tmp_path / "t.parquet"
    values = np.random.default_rng(0).normal(size=50)
    pd.DataFrame({name: values}).to_parquet(path)
    assert r"its columns are \x1b[2Jy" in refusal(capsys, path, "--target", "y")
    assert main(["audit", str(path), "--target", name]) == 0
    out = capsys.readouterr().out
    assert r"50 samples of \x1b[2Jy" in out
    assert "\x1b" not in out


def interrupted(while_running):
    """Interrupt a process of its own while it does something; return how it ended."""
    code = (
        "import signal, sys, sklearn_negloss._cli as cli\n"
        "import sklearn_negloss._cli._main as inner\n"
        f"def run(argv):\n    {while_running}\n    print('went on')\n    return 0\n"
        "inner.run = run\n"
        "sys.exit(cli.main())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout, result.stderr


def test_ctrl_c_is_one_line_whatever_library_is_at_work():
    said = (130, "", "sklearn-negloss: interrupted.\n")
    assert interrupted("signal.raise_signal(signal.SIGINT)") == said
    swallowed = (
        "try: signal.raise_signal(signal.SIGINT)\n    except BaseException: pass"
    )
    assert interrupted(swallowed) == said


def test_called_from_python_it_leaves_signals_alone(capsys):
    before = signal.getsignal(signal.SIGINT)
    refusal(capsys, "nowhere.csv", "--target", "y")
    assert signal.getsignal(signal.SIGINT) is before


def test_the_page_lists_every_option_and_no_other(capsys):
    told = "".join(left(capsys, *argv, "--help")[1] for argv in [(), ("audit",)])
    options = set(re.findall(r"--[a-z][a-z-]+", told))
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE.read_text("utf-8"))) == options


def blocks(language):
    """Return the blocks of code of the page in a language."""
    pattern = rf"\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)"
    found = re.findall(pattern, PAGE.read_text("utf-8"))
    return [re.sub(r"(?m)^    ", "", block).strip() for block in found]


def test_what_the_page_shows_is_what_is_printed(capsys, tmp_path, monkeypatch):
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    (script,) = blocks("python")
    exec(script, {})
    shown = [block.partition("\n") for block in blocks("console")]
    runs = [(shlex.split(command), said) for command, _, said in shown if said]
    assert len(runs) > 1
    for command, said in runs:
        assert command[:2] == ["$", "sklearn-negloss"]
        main(command[2:])
        assert capsys.readouterr().out.strip() == said.strip()
