"""Arguments in, exit status out."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from sklearn_negloss._cli._study import LOSSES, Study, study
from sklearn_negloss._cli._table import Table, UnusableInputError, bundled, from_file
from sklearn_negloss._cli._text import render

UNUSABLE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, default=None
        Arguments; None takes those of the process.

    Returns
    -------
    status : int
        0, or 2 if the input cannot be used.
    """
    arguments = _parser().parse_args(argv)
    try:
        table = _table(arguments)
        result = study(table, arguments.loss, show_progress=sys.stdout.isatty())
    except UnusableInputError as error:
        print(f"sklearn-negloss: {error}", file=sys.stderr)
        return UNUSABLE
    _print(_output(result, arguments.json))
    return 0


def _print(text: str) -> None:
    """Print to whatever reads, in whatever it can write."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except BrokenPipeError:
        # The reader has seen enough (`| head`); Python must not try to flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _table(arguments: argparse.Namespace) -> Table:
    """Return the data that the arguments ask for."""
    if arguments.command == "audit":
        return from_file(arguments.file, arguments.target)
    return bundled()


def _output(result: Study, as_json: bool) -> str:
    """Return the result for people, or for machines."""
    return json.dumps(result.to_dict(), indent=2) if as_json else render(result)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of both commands."""
    parser = argparse.ArgumentParser(
        prog="sklearn-negloss",
        description="Why is my loss negative? Without a command: a demonstration on "
        "the diabetes data that scikit-learn bundles.",
    )
    _add_common(parser)
    commands = parser.add_subparsers(dest="command", metavar="{audit}")
    audit = commands.add_parser("audit", help="do the same for a table of your own")
    audit.add_argument("file", metavar="FILE.csv", help="table with a header line")
    audit.add_argument(
        "--target", required=True, metavar="COLUMN", help="what to predict"
    )
    # Given after the command or before it, an option counts alike.
    _add_common(audit, argparse.SUPPRESS, argparse.SUPPRESS)
    return parser


def _add_common(
    parser: argparse.ArgumentParser, loss: str = "gaussian_nll", as_json: Any = False
) -> None:
    """Add the options that both commands take, with their defaults."""
    parser.add_argument(
        "--loss",
        choices=sorted(LOSSES),
        default=loss,
        help="loss of mean and standard deviation (default: gaussian_nll)",
    )
    parser.add_argument(
        "--json", action="store_true", default=as_json, help="print JSON"
    )
