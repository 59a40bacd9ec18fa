"""Arguments in, exit status out."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from sklearn_negloss._cli._audit import Audited, audit_file
from sklearn_negloss._cli._files import UnusableInputError, write_text
from sklearn_negloss._cli._parser import NAME, parsed
from sklearn_negloss._cli._study import Study, study
from sklearn_negloss._cli._table import bundled, from_file
from sklearn_negloss._cli._text import printable, render_audit, render_study

CLEAN, WRONG, UNUSABLE = 0, 1, 2


def run(argv: Sequence[str] | None) -> int:
    """Do what the arguments ask for, print it, and return the exit status.

    Parameters
    ----------
    argv : sequence of str or None
        Arguments; None takes those of the process.

    Returns
    -------
    status : int
        0; 1 if a finding is of severity error; 2 if the input cannot be used.
    """
    arguments = parsed(sys.argv[1:] if argv is None else argv)
    try:
        result = _result(arguments)
        if arguments.html is not None:
            write_text(arguments.html, result.to_page())
    except UnusableInputError as error:
        said = printable(" ".join(str(error).split()))
        print(f"{NAME}: {said}", file=sys.stderr)
        return UNUSABLE
    _print(_output(result, arguments.json))
    if arguments.html is not None:  # not among the results, which a program may read
        print(printable(f"Wrote {arguments.html}."), file=sys.stderr)
    wrong = any(finding.severity == "error" for finding in result.report.findings)
    return WRONG if wrong else CLEAN


def _result(arguments: argparse.Namespace) -> Study | Audited:
    """Study or audit what the arguments name."""
    ignore = [code for codes in arguments.ignore or () for code in codes.split(",")]
    if arguments.command == "audit" and not arguments.cross_validate:
        return audit_file(arguments, ignore)
    if arguments.command == "audit":
        own = ("mu", "sigma", "prob", "transform", "loss_value")
        given = [name for name in own if getattr(arguments, name) is not None]
        if given:
            used = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            raise UnusableInputError(
                f"--cross-validate makes forecasts of its own; got {used}; leave out one "
                "or the other."
            )
        table = from_file(
            arguments.file, arguments.target, drop_missing=arguments.drop_missing
        )
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
    text = render_study(result) if isinstance(result, Study) else render_audit(result)
    return printable(text)
