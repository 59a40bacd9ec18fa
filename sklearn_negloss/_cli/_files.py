"""Files in and out: tables of which only the needed columns are read, and the report."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

MAGIC = b"PAR1"

# What stands between the columns of files that are called CSV as well.
SEPARATORS = (";", "\t", "|")

# What no text holds: control characters but for spaces and ends of lines.
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# Rows of a CSV file that are held at once with all of their columns.
CHUNK = 20_000


class UnusableInputError(Exception):
    """The user's input cannot be used; the message is one line that says why."""


def read_frame(
    path: str, columns: Sequence[str] | None = None, *, holds: Sequence[str] = ()
) -> Any:
    """Return a CSV or parquet file as a frame.

    Parameters
    ----------
    path : str
        File; what begins as parquet files do is one, all else is CSV with a header.
    columns : sequence of str, default=None
        Columns to hold; None reads all.
    holds : sequence of str, default=()
        Columns that have to be there, where all are read.

    Returns
    -------
    frame : pandas.DataFrame
        The table.
    """
    try:
        import pandas as pd
    except ImportError:
        raise _missing("pandas") from None
    _check_not_stream(path)
    kind = "CSV"
    try:
        kind = "parquet" if _is_parquet(path) else "CSV"
        reader = _read_parquet if kind == "parquet" else _read_csv
        return reader(path, columns, holds)
    except FileNotFoundError:
        raise UnusableInputError(f"there is no file {path}.") from None
    except pd.errors.EmptyDataError:
        raise UnusableInputError(f"{path} is empty.") from None
    except UnicodeDecodeError as error:
        raise _undecodable(path, error) from None
    except UnusableInputError:
        raise
    except Exception as error:
        # pandas opens many formats with many libraries, each with errors of its own.
        reason = " ".join(str(error).split()).rstrip(".")
        raise UnusableInputError(
            f"{path} cannot be read as {kind}: {reason}."
        ) from None


def _missing(library: str) -> UnusableInputError:
    """Say what to install."""
    return UnusableInputError(
        f"reading a table needs {library}; install it with "
        "pip install 'sklearn-negloss[cli]'."
    )


def _undecodable(path: str, error: UnicodeDecodeError) -> UnusableInputError:
    """Say what to do about bytes that are no UTF-8."""
    if BINARY.search(error.object) and not error.object.startswith(UTF_16):
        return _binary(path)
    return UnusableInputError(
        f"{path} must be encoded as UTF-8; got the byte 0x{error.object[error.start]:02x}, "
        "which cannot be read; save the file as UTF-8."
    )


def _binary(path: str) -> UnusableInputError:
    """Refuse what is no text."""
    return UnusableInputError(
        f"{path} must be a table, CSV with a header line or parquet; it holds binary "
        "data; export it as one of them."
    )


def _check_not_stream(path: str) -> None:
    """Refuse what can be read only once: kind, header and rows are read one by one."""
    file = Path(path)
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise UnusableInputError(
            f"{path} must be a file on disk; got a pipe or a device; save it to a file."
        )


def _is_parquet(path: str) -> bool:
    """Whether a file begins as parquet files do, or is called so."""
    with Path(path).open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC or path.endswith((".parquet", ".pq"))


def _read_csv(path: str, columns: Sequence[str] | None, holds: Sequence[str]) -> Any:
    """Read a CSV file; columns that nobody asked for are never held."""
    import pandas as pd

    header = (
        pd.read_csv(path, header=None, nrows=1, dtype=str).iloc[0].dropna().tolist()
    )
    names = [str(name) for name in header]
    if BINARY.search("".join(names).encode()):
        raise _binary(path)
    check_columns(path, columns or holds, names, _separated(names))
    repeated = {name for name in columns or names if names.count(name) > 1}
    if repeated:
        raise UnusableInputError(
            f"{path} has several columns named {', '.join(sorted(repeated))}; rename all "
            "but one."
        )
    with warnings.catch_warnings():
        # A row longer than the header is cut with a warning: values would be lost.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        if columns is None:
            return pd.read_csv(path, index_col=False)
        # `usecols` would be faster, and then pandas overlooks rows that are too long: a
        # comma in a text before the target would shift another column into its place.
        wanted = list(dict.fromkeys(columns))
        with pd.read_csv(path, index_col=False, chunksize=CHUNK) as chunks:
            return pd.concat([chunk[wanted] for chunk in chunks], ignore_index=True)


def _read_parquet(
    path: str, columns: Sequence[str] | None, holds: Sequence[str]
) -> Any:
    """Read a parquet file, which stores each column apart."""
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        raise _missing("pyarrow") from None
    check_columns(path, columns or holds, parquet.read_schema(path).names)
    wanted = None if columns is None else list(dict.fromkeys(columns))
    return parquet.read_table(path, columns=wanted).to_pandas()


def _separated(names: Sequence[str]) -> str:
    """Ask about another separator, where a header with one is a single column."""
    found = [s for s in SEPARATORS if len(names) == 1 and s in names[0]]
    return f" Is it separated by {found[0]!r}? Commas are needed." if found else ""


def check_columns(
    path: str, wanted: Sequence[str], names: Sequence[Any], hint: str = ""
) -> None:
    """Refuse columns that a table does not have."""
    for column in wanted:
        if column not in names:
            listed = ", ".join(map(str, names[:10])) + (", ..." if names[10:] else "")
            raise UnusableInputError(
                f"{path} has no column {column!r}; its columns are {listed}.{hint}"
            )


def is_numeric(column: Any) -> bool:
    """Whether a column holds real numbers (or True and False)."""
    import pandas as pd

    types = pd.api.types
    return bool(types.is_numeric_dtype(column) and not types.is_complex_dtype(column))


def check_numeric(column: Any, name: str) -> None:
    """Refuse a column that holds anything but numbers."""
    if is_numeric(column):
        return
    import pandas as pd

    text = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
    shown = text.iloc[0] if len(text) else column.iloc[0]
    raise UnusableInputError(
        f"{name} must be numeric; it holds {shown!r} ({len(text)} of {len(column)} values "
        "are no numbers); choose another column, or encode this one."
    )


def write_text(path: str, text: str) -> None:
    """Write a file as a whole or not at all.

    Parameters
    ----------
    path : str
        Where to.
    text : str
        What; characters that UTF-8 cannot write become question marks.
    """
    target = Path(path)
    data = text.encode("utf-8", "replace")
    # A path without a name, such as ".", is a directory, and refused as one below.
    part = target.parent / f".{target.name}.{os.getpid()}.part"
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # a device, or a directory, which refuses
            return
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        raise UnusableInputError(
            f"{path} cannot be written: {error.strerror}; choose another path."
        ) from None
    finally:
        with contextlib.suppress(OSError):  # there is one left only if writing failed
            part.unlink()
