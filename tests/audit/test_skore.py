"""The recipe of the guide that makes the audit a check of skore, run as written."""

import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import BayesianRidge

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "audit.rst"
pytestmark = [
    pytest.mark.peers,
    # What skore's own dependencies warn of is not ours to mend.
    pytest.mark.filterwarnings("default"),
]


def recipe():
    """Return the class that the guide shows."""
    block = re.search(
        r":name: skore-check\n\n(.*?)\n\n``report", GUIDE.read_text(), re.DOTALL
    )
    scope = {}
    exec(textwrap.dedent(block.group(1)), scope)
    return scope["NegativeLoss"]


class Overconfident(BayesianRidge):
    """Predicts a fifth of its sigma."""

    def predict(self, X, return_std=False):
        if not return_std:
            return super().predict(X)
        mu, sigma = super().predict(X, return_std=True)
        return mu, sigma / 5


@pytest.mark.parametrize(
    ("model", "section"), [(BayesianRidge, "passed"), (Overconfident, "issue")]
)
def test_the_recipe_of_the_guide_is_a_check_of_skore(model, section):
    skore = pytest.importorskip("skore")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = X[:, 0] + rng.normal(size=400)
    report = skore.evaluate(model(), X, y, splitter=0.5)
    report.checks.add([recipe()()])
    found = report.checks.summarize(fast_mode=True).frame().set_index("code")
    assert found.loc["NEG", "section"] == section
