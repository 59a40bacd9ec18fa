"""Arguments in, exit status out."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from sklearn_negloss._cli._audit import TRANSFORMS, Audited, audit_file
from sklearn_negloss._cli._files import UnusableInputError, write_text
from sklearn_negloss._cli._study import LOSSES, Study, study
from sklearn_negloss._cli._table import bundled, from_file
from sklearn_negloss._cli._text import render_audit, render_study

CLEAN, WRONG, UNUSABLE = 0, 1, 2

EXIT = (
    "Exit status: 0 if nothing is wrong or the sign is explained, 1 if a finding is of "
    "severity error, 2 if the input cannot be used."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, default=None
        Arguments; None takes those of the process.

    Returns
    -------
    status : int
        0; 1 if a finding is of severity error; 2 if the input cannot be used.
    """
    arguments = _parser().parse_args(argv)
    try:
        result = _result(arguments)
        if arguments.html is not None:
            write_text(arguments.html, result.report.to_page(result.title))
    except UnusableInputError as error:
        print(f"sklearn-negloss: {' '.join(str(error).split())}", file=sys.stderr)
        return UNUSABLE
    _print(_output(result, arguments.json))
    if arguments.html is not None:  # not among the results, which a program may read
        print(f"Wrote {arguments.html}.", file=sys.stderr)
    wrong = any(finding.severity == "error" for finding in result.report.findings)
    return WRONG if wrong else CLEAN


def _result(arguments: argparse.Namespace) -> Study | Audited:
    """Do what the arguments ask for."""
    ignore = [code for codes in arguments.ignore or () for code in codes.split(",")]
    if arguments.command == "audit" and not arguments.cross_validate:
        return audit_file(arguments, ignore)
    if arguments.command == "audit":
        own = ("mu", "sigma", "prob", "transform")
        used = [f"--{name}" for name in own if getattr(arguments, name)]
        if used:
            raise UnusableInputError(
                f"--cross-validate makes forecasts of its own; got {', '.join(used)}; "
                "leave out one or the other."
            )
        table = from_file(arguments.file, arguments.target)
    else:
        table = bundled()
    loss = arguments.loss or "gaussian_nll"
    return study(table, loss, ignore=ignore, show_progress=sys.stdout.isatty())


def _print(text: str) -> None:
    """Print to whatever reads, in whatever it can write."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except BrokenPipeError:
        # The reader has seen enough (`| head`); Python must not try to flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _output(result: Study | Audited, as_json: bool) -> str:
    """Return the result for people, or for machines."""
    if as_json:
        return json.dumps(result.to_dict(), indent=2)
    return render_study(result) if isinstance(result, Study) else render_audit(result)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of both commands."""
    parser = argparse.ArgumentParser(
        prog="sklearn-negloss",
        description="Why is my loss negative? Without a command: a demonstration on "
        "the diabetes data that scikit-learn bundles.",
        epilog=EXIT,
    )
    _add_common(parser)
    parser.set_defaults(loss=None, json=False, html=None, ignore=None)
    commands = parser.add_subparsers(dest="command", metavar="{audit}")
    audit = commands.add_parser(
        "audit",
        help="audit columns of a table of your own",
        description="Audit a target, its transform, and forecasts of it. Only the columns "
        "that are named are held.",
        epilog=EXIT,
    )
    _add_audit(audit)
    _add_common(audit)
    return parser


def _add_audit(parser: argparse.ArgumentParser) -> None:
    """Add what a file can hold."""
    parser.add_argument(
        "file", metavar="FILE", help="CSV with a header line, or parquet"
    )
    parser.add_argument(
        "--target", required=True, metavar="COLUMN", help="what is predicted"
    )
    parser.add_argument(
        "--transform",
        metavar="NAME",
        help="transform of the target whose loss is meant, several with commas between: "
        + ", ".join(sorted(TRANSFORMS)),
    )
    parser.add_argument("--mu", metavar="COLUMN", help="predicted mean")
    parser.add_argument(
        "--sigma", metavar="COLUMN", help="predicted standard deviation"
    )
    parser.add_argument(
        "--prob",
        metavar="COLUMN",
        nargs="+",
        help="predicted probability of the positive class, or of each class",
    )
    parser.add_argument(
        "--cross-validate",
        action="store_true",
        help="predict the target from the other columns in five folds, and audit that",
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options that count alike before the command and after it."""
    known = ", ".join(sorted(LOSSES))
    options: list[tuple[str, dict[str, Any], str]] = [
        ("--loss", {"metavar": "NAME"}, f"what the numbers are for, such as {known}"),
        ("--html", {"metavar": "PATH"}, "write the report as a page"),
        ("--ignore", {"metavar": "CODE", "action": "append"}, "leave out a rule"),
        ("--json", {"action": "store_true"}, "print JSON"),
    ]
    for name, kwargs, said in options:
        parser.add_argument(name, default=argparse.SUPPRESS, help=said, **kwargs)
