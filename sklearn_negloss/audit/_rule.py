"""What a rule is, and what it leaves behind when it fires.

A rule measures evidence: numbers. A finding is a rule that fired: plain data, whose
text is always ``message.format(**evidence)``, so that words and numbers cannot differ.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple

CAUSES = ("legitimate", "units", "convention", "data", "code", "degenerate")
SEVERITIES = ("info", "warning", "error")

Evidence = dict[str, Any]


class NotApplicable(NamedTuple):
    """Why a rule says nothing about a case whose inputs are all there.

    Parameters
    ----------
    reason : str
        One clause, without a full stop.
    """

    reason: str


@dataclass(frozen=True)
class Finding:
    """A rule that fired.

    Parameters
    ----------
    code : str
        Code of the rule, such as ``"NEG102"``; never reused.
    name : str
        Condition in kebab-case, such as ``"small-units"``.
    cause : {"legitimate", "units", "convention", "data", "code", "degenerate"}
        What kind of reason it is.
    severity : {"info", "warning", "error"}
        info: the sign is explained and harmless; warning: a comparison or a
        calibration is doubtful; error: the number is wrong.
    message : str
        One sentence with the numbers of `evidence`.
    advice : str
        What to do.
    evidence : dict of str to float, int or str
        What was measured.
    column : str or None
        Column of a target of several columns.
    """

    code: str
    name: str
    cause: str
    severity: str
    message: str
    advice: str
    evidence: Evidence
    column: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as a dict that JSON can hold.

        Returns
        -------
        finding : dict
            One key for each attribute.
        """
        return asdict(self)


class Rule:
    """A named check: a few declarations and one `measure`; never instantiated.

    The parameter names of `measure` are its inputs: attributes of a `Case`, each either
    given by the user or derived from what was. A rule runs where all are known; one
    with a default of None is optional, and None where it is not known. It
    returns evidence if it found its cause, None if it did not, and `NotApplicable` if
    the values make the question meaningless.
    """

    code: ClassVar[str]
    cause: ClassVar[str]
    severity: ClassVar[str]
    message: ClassVar[str]
    advice: ClassVar[str]
    # Codes of rules that, once found, explain what this one would say.
    yields_to: ClassVar[tuple[str, ...]] = ()

    name: ClassVar[str]
    reads: ClassVar[tuple[str, ...]]
    optional: ClassVar[frozenset[str]]

    def __init_subclass__(cls) -> None:
        if not re.fullmatch(r"NEG[1-5]\d\d", cls.code):
            raise TypeError(f"{cls.__name__} has a malformed code: {cls.code!r}")
        if cls.cause not in CAUSES or cls.severity not in SEVERITIES:
            raise TypeError(f"{cls.code} has an unknown cause or severity")
        words = re.findall(r"[A-Z][a-z]*", cls.__name__)
        cls.name = "-".join(word.lower() for word in words)
        inputs = inspect.signature(cls.measure).parameters
        cls.reads = tuple(inputs)
        cls.optional = frozenset(k for k, v in inputs.items() if v.default is None)

    def __new__(cls) -> Any:
        """Refuse: a rule is its class."""
        raise TypeError(f"{cls.__name__} is a rule and is never instantiated")

    # Declared as Any, so that each rule may name the inputs that it needs.
    measure: ClassVar[Any] = staticmethod(lambda: None)

    @classmethod
    def finding(cls, evidence: Evidence, column: str | None = None) -> Finding:
        """Return what this rule says of its evidence."""
        return Finding(
            cls.code,
            cls.name,
            cls.cause,
            cls.severity,
            cls.message.format(**evidence),
            cls.advice.format(**evidence),
            evidence,
            column,
        )
