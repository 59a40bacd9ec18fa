"""The options of the command line, and what `--help` says of them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sklearn_negloss._cli._audit import TRANSFORMS
from sklearn_negloss._cli._study import LOSSES
from sklearn_negloss.metrics import LOSS_FACTS

NAME = "sklearn-negloss"

EXIT = (
    "Exit status: 0 if nothing is wrong or the sign is explained, 1 if a finding is of "
    "severity error, 2 if the input cannot be used, 130 if interrupted."
)

# Before the command and after it, `--loss` says what it takes there.
DEMO_LOSS = "loss to show: " + ", ".join(sorted(LOSSES))
AUDIT_LOSS = (
    "loss that the numbers are for: "
    + ", ".join(sorted(LOSS_FACTS))
    + ", or a scorer of scikit-learn, such as log_loss; with --cross-validate one of "
    + ", ".join(sorted(LOSSES))
)


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments, or leave with the usage of the command that was meant.

    Parameters
    ----------
    argv : sequence of str
        Arguments of the process.

    Returns
    -------
    arguments : argparse.Namespace
        All options, given or not.
    """
    parser, audit = _parsers()
    arguments, unknown = parser.parse_known_args(_with_signs(argv))
    if unknown:
        meant = audit if arguments.command == "audit" else parser
        meant.error(f"unrecognized arguments: {' '.join(unknown)}")
    return arguments


def _with_signs(argv: Sequence[str]) -> list[str]:
    """Join ``--loss-value`` to its number: argparse takes -2.9e+03 for an option."""
    joined: list[str] = []
    for argument in argv:
        if joined and joined[-1] == "--loss-value" and _is_number(argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _is_number(text: str) -> bool:
    """Whether a text reads as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> float:
    """Return an option as a finite number."""
    if not _is_number(text) or not math.isfinite(float(text)):
        raise argparse.ArgumentTypeError(f"must be one finite number; got {text!r}")
    return float(text)


def _version() -> str:
    """Return the version of the installed package."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "of a folder, not installed"


def _parsers() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """Return the parser of the program, and that of its command ``audit``."""
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="Why is my loss negative? Without a command: a demonstration on "
        "the diabetes data that scikit-learn bundles.",
        epilog=EXIT,
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {_version()}")
    _add_common(parser, DEMO_LOSS)
    parser.set_defaults(loss=None, json=False, html=None, ignore=None)
    commands = parser.add_subparsers(dest="command", metavar="{audit}")
    audit = commands.add_parser(
        "audit",
        help="audit columns of a table of your own",
        description="Audit a target, its transform, and forecasts of it. Only the columns "
        "that are named are held.",
        epilog=EXIT,
    )
    _add_columns(audit)
    _add_ways(audit)
    _add_common(audit, AUDIT_LOSS)
    return parser, audit


def _add_columns(parser: argparse.ArgumentParser) -> None:
    """Add what a file can hold."""
    parser.add_argument(
        "file", metavar="FILE", help="CSV with a header line, or parquet"
    )
    parser.add_argument(
        "--target", required=True, metavar="COLUMN", help="what is predicted"
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


def _add_ways(parser: argparse.ArgumentParser) -> None:
    """Add what is not in the file, and what to do with it."""
    parser.add_argument(
        "--transform",
        metavar="NAME",
        help="transform of the target whose loss is meant, several with commas between: "
        + ", ".join(sorted(TRANSFORMS)),
    )
    parser.add_argument(
        "--loss-value",
        metavar="NUMBER",
        type=_number,
        help="the number that you want explained, such as -5.3",
    )
    parser.add_argument(
        "--cross-validate",
        action="store_true",
        help="predict the target from the other columns in five folds, and audit that",
    )
    parser.add_argument(
        "--drop-missing",
        action="store_true",
        help="go on where more than half of the rows lack a value",
    )


def _add_common(parser: argparse.ArgumentParser, loss: str) -> None:
    """Add the options that count alike before the command and after it."""
    options: list[tuple[str, dict[str, Any], str]] = [
        ("--loss", {"metavar": "NAME"}, loss),
        ("--html", {"metavar": "PATH"}, "write the report as a page"),
        (
            "--ignore",
            {"metavar": "CODE", "action": "append"},
            "leave out a rule, such as NEG102; several with commas between",
        ),
        ("--json", {"action": "store_true"}, "print JSON"),
    ]
    for name, kwargs, said in options:
        parser.add_argument(name, default=argparse.SUPPRESS, help=said, **kwargs)
