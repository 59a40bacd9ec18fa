"""Results as text of 80 columns, the answer readable at a glance."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from sklearn_negloss._cli._audit import Audited
from sklearn_negloss._cli._study import Study

WIDTH = 80

# What moves a terminal's cursor or colours it; names of columns and files may hold it.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")

LOSS_TITLES = {
    "gaussian_nll": "Gaussian negative log-likelihood, nats per sample",
    "gaussian_crps": "Gaussian CRPS, in the unit of the target",
    "dawid_sebastiani": "Dawid-Sebastiani loss",
}


def render_study(study: Study) -> str:
    """Return a study as text, and its audit."""
    parts = ["Why is my loss negative?", _paragraph(study.verdict)]
    parts += [_method(study), _table(study), str(study.report)]
    return "\n\n".join([*parts, *_notes(study.notes)])


def render_audit(audited: Audited) -> str:
    """Return the audit of a file as text."""
    said = f"{audited.n_samples} samples of {audited.target} in {audited.source}."
    *others, last = audited.more or [""]
    more = [_paragraph(f"More rules run with {', '.join(others)} or {last}.")]
    return "\n\n".join([str(audited.report), _paragraph(said), *(more if last else [])])


def printable(text: str) -> str:
    """Return text whose control characters are written out, but for the end of a line."""
    return CONTROL.sub(lambda found: repr(found.group())[1:-1], text)


def _notes(notes: Sequence[str]) -> list[str]:
    """Return what had to be left out, a paragraph or none."""
    if not notes:
        return []
    return ["\n".join(_paragraph(f"Note: {note}.") for note in notes)]


def _method(study: Study) -> str:
    """Say what was done."""
    features = "1 feature" if study.n_features == 1 else f"{study.n_features} features"
    return _paragraph(
        f"{study.model} predicts {study.target} ({study.source}: {study.n_samples} "
        f"samples, {features}), {study.n_folds}-fold cross-validated; the baseline is the "
        "constant mean and standard deviation of the training folds. The same forecasts, "
        "measured in three units:"
    )


def _table(study: Study) -> str:
    """Return the losses and gains, a row for each unit."""
    head = f"{'unit of the target':<20}{'its std':>11}"
    head += f"{'baseline':>12}{'model':>12}{'gain':>12}"
    rows = [
        f"{row.unit:<20}{row.target_std:>11.4g}{row.baseline_loss:>12.4f}"
        f"{row.model_loss:>12.4f}{row.gain:>12.4f}"
        for row in study.rows
    ]
    title = f"{LOSS_TITLES[study.loss]} (lower is better), and gain in nats:"
    return "\n".join(
        [_paragraph(title), "", "  " + head, *("  " + row for row in rows)]
    )


def _paragraph(text: str) -> str:
    """Wrap text to the width."""
    return textwrap.fill(text, WIDTH)
