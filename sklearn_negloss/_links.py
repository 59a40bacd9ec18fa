"""Where the documentation of a rule or an estimator stands."""

from __future__ import annotations

DOCS = "https://sklearn-negloss.readthedocs.io/en/stable"

# What scikit-learn's own HTML of an estimator links to.
DOC_LINK = DOCS + "/generated/sklearn_negloss.{estimator_name}.html"


def rule_link(code: str) -> str:
    """Return the address of the page of a rule."""
    return f"{DOCS}/rules/{code}.html"
