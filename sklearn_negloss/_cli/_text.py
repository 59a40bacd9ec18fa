"""The result of a study as text of 80 columns, the answer readable at a glance."""

from __future__ import annotations

import textwrap

from sklearn_negloss._cli._study import Study

WIDTH = 80

LOSS_TITLES = {
    "gaussian_nll": "Gaussian negative log-likelihood, nats per sample",
    "gaussian_crps": "Gaussian CRPS, in the unit of the target",
    "dawid_sebastiani": "Dawid-Sebastiani loss",
}


def render(study: Study) -> str:
    """Return a study as text."""
    parts = ["Why is my loss negative?", _paragraph(study.verdict)]
    parts += [_finding(finding) for finding in study.findings]
    parts += [_method(study), _table(study)]
    if study.notes:
        parts.append("\n".join(_paragraph(f"Note: {note}.") for note in study.notes))
    return "\n\n".join(parts)


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


def _finding(finding: dict[str, str]) -> str:
    """Return a finding: code, evidence, advice."""
    lead = f"{finding['code']} {finding['name']}: {finding['message']}"
    return _paragraph(f"{lead} {finding['advice']}")


def _paragraph(text: str) -> str:
    """Wrap text to the width."""
    return textwrap.fill(text, WIDTH)
