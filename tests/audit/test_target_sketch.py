"""partial_fit: the report of one fit, in memory that does not grow."""

import pickle

import numpy as np
import pytest

from sklearn_negloss.audit import AuditWarning, TargetAuditor
from sklearn_negloss.audit.case._target import TargetSummary
from sklearn_negloss.audit.case._target_sketch import EXACT, HEAVY, TargetSketch

N = 300_000


def sketch(y, size=7_001):
    """Return the summary of a target that came in batches."""
    gathered = TargetSketch()
    for start in range(0, len(y), size):
        gathered.update(y[start : start + size])
    return gathered.summary()


def draw(name, rng, n=N):
    """Return a target of each kind."""
    y = rng.normal(10, 3, size=n)
    return {
        "continuous": y,
        "atom": np.where(rng.random(n) < 0.1, 0.0, y),
        "two atoms": np.where(rng.random(n) < 0.2, rng.integers(0, 2, n), y),
        "grid": np.round(1000 * y, 2),
        "float32": y.astype(np.float32),
    }[name]


FEW = {
    "labels": lambda rng: rng.integers(0, 3, 50_000),
    "bytes": lambda rng: rng.integers(0, 256, 50_000).astype(np.uint8),
    "rounded": lambda rng: np.round(rng.normal(size=50_000), 2),
    "counts": lambda rng: rng.poisson(4.0, 50_000),
    "small": lambda rng: rng.normal(size=5_000),
    "infinite": lambda rng: np.r_[np.inf, rng.normal(size=500), -np.inf],
    "constant": lambda rng: np.full(500, 0.1),
}
MOMENTS = ("mean", "std")


@pytest.mark.parametrize("name", FEW)
def test_few_values_are_counted_exactly(rng, name):
    y = FEW[name](rng)
    gathered, whole = sketch(y, 997), TargetSummary.of(y)
    for field in TargetSummary.__dataclass_fields__:
        got, right = getattr(gathered, field), getattr(whole, field)
        if field in MOMENTS:  # sums in another order
            assert got == pytest.approx(right, rel=1e-12, abs=1e-15)
        else:
            assert got == right or (got != got and right != right), field


@pytest.mark.parametrize("name", ["continuous", "atom", "two atoms", "grid", "float32"])
def test_many_values_are_estimated_within_the_stated_error(rng, name):
    y = draw(name, rng)
    gathered, whole = sketch(y), TargetSummary.of(y)
    for field in ("n", "n_infinite", "dtype", "minimum", "maximum", "values"):
        assert getattr(gathered, field) == getattr(whole, field)
    for field in ("mean", "std", "integer_share", "unit_share"):
        assert getattr(gathered, field) == pytest.approx(getattr(whole, field))
    assert gathered.n_distinct == pytest.approx(whole.n_distinct, rel=5 * 0.016)
    assert whole.top_share - 1 / HEAVY <= gathered.top_share <= whole.top_share
    assert gathered.beside_share == pytest.approx(whole.beside_share, abs=2e-3)
    assert gathered.rest_iqr == pytest.approx(whole.rest_iqr, rel=0.02)
    assert gathered.gap >= whole.gap
    assert gathered.on_grid == whole.on_grid


def test_a_grid_of_many_steps_keeps_its_step(rng):
    y = draw("grid", rng)
    assert len(np.unique(y)) > EXACT
    assert sketch(y).gap == pytest.approx(0.01)


@pytest.mark.parametrize("name", ["continuous", "atom", "grid"])
def test_the_rules_come_to_the_same(rng, name):
    y = draw(name, rng) / 1000
    whole = TargetAuditor(on_error="ignore").fit(y.reshape(-1, 1), y)
    batches = TargetAuditor(on_error="ignore")
    for part in np.array_split(y, 31):
        batches.partial_fit(part.reshape(-1, 1), part)
    assert batches.report_.outcomes == whole.report_.outcomes
    assert batches.report_.verdict == whole.report_.verdict


def test_memory_does_not_grow(rng):
    gathered, sizes = TargetSketch(), []
    for _ in range(8):
        for _ in range(5):
            gathered.update(rng.normal(size=20_000))
        sizes.append(len(pickle.dumps(gathered)))
    assert max(sizes[1:]) <= 1.01 * sizes[1]
    assert max(sizes) < 4 * 2**20


def test_features_may_stay_at_home(rng):
    y = rng.normal(size=100) / 1000
    auditor = TargetAuditor().partial_fit(None, y)
    assert auditor.report_.verdict == "units"


def test_columns_are_gathered_apart(rng):
    Y = np.column_stack([rng.normal(size=400), rng.normal(size=400) / 1000])
    auditor = TargetAuditor()
    for part in np.array_split(Y, 4):
        auditor.partial_fit(part, part)
    assert [f.column for f in auditor.report_.findings] == ["column 1"]
    with pytest.raises(ValueError, match="columns of the first batch"):
        auditor.partial_fit(None, Y[:, 0])


def test_an_error_is_told_once_and_not_for_every_batch(rng):
    bad, good = np.r_[-np.inf, rng.normal(size=99)], rng.normal(size=100)
    auditor = TargetAuditor()
    with pytest.warns(AuditWarning, match="NEG306"):
        auditor.partial_fit(None, bad)
    auditor.partial_fit(None, good)  # warnings are errors here
    assert auditor.report_.findings[0].code == "NEG306"


def test_fit_begins_anew_and_so_does_what_follows(rng):
    y, small = rng.normal(size=100), rng.normal(size=100) / 1000
    auditor = TargetAuditor().partial_fit(None, small)
    assert auditor.fit(y.reshape(-1, 1), y).report_.verdict == "clear"
    auditor.partial_fit(y.reshape(-1, 1), small)
    assert auditor.report_.verdict == "units"


def test_text_is_refused():
    with pytest.raises(ValueError, match="y must hold numbers for partial_fit"):
        TargetAuditor().partial_fit(None, ["a", "b"])
