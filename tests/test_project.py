"""The house holds together: floors, public names, versions, and what an import costs."""

import ast
import inspect
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import sklearn_negloss
from sklearn_negloss._links import DOCS
from sklearn_negloss.metrics import LOSS_FACTS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sklearn_negloss"

# A room imports only from floors below its own, and from itself.
FLOORS = {
    "_links": 0,
    "_sklearn": 0,  # the ground that floor 1 stands on
    "_validation": 1,
    "_reduction": 1,
    "distributions": 2,
    "metrics": 3,
    "audit": 4,
    "regression": 4,
    "inspection": 4,
    "_cli": 5,
    "__main__": 6,
}


def room(module):
    """Return the room of a module's dotted name, None for the front door."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def imports(path):
    """Yield the modules of ours that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "sklearn_negloss"
        ):
            yield (
                node.module
                if room(node.module)
                else f"{node.module}.{node.names[0].name}"
            )
        elif isinstance(node, ast.Import):
            yield from (
                a.name for a in node.names if a.name.startswith("sklearn_negloss")
            )


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_a_room_imports_only_from_floors_below(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    for module in imports(path):
        other = room(module)
        assert other == own or FLOORS[other] < FLOORS[own], f"{path}: {module}"


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_files_and_functions_stay_small(path):
    source = path.read_text()
    assert len(source.splitlines()) <= 450
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            first = (
                node.body[1]
                if ast.get_docstring(node) and node.body[1:]
                else node.body[0]
            )
            assert node.end_lineno - first.lineno < 60, f"{path.name}: {node.name}"


def test_public_names_exist_and_are_documented():
    for name in sklearn_negloss.__all__:
        assert inspect.getdoc(getattr(sklearn_negloss, name)), name
    assert sorted(sklearn_negloss.__all__) == list(sklearn_negloss.__all__)


def test_the_suffix_of_a_name_is_kept():
    for name in sklearn_negloss.__all__:
        if name.endswith("_loss") and not name.startswith("check_"):
            assert "smaller the better" in inspect.getdoc(
                getattr(sklearn_negloss, name)
            )
            assert name.removesuffix("_loss") in LOSS_FACTS
        if name.endswith("_score"):
            assert "greater the better" in inspect.getdoc(
                getattr(sklearn_negloss, name)
            )


def test_every_loss_says_whether_it_can_be_negative():
    for stem, facts in LOSS_FACTS.items():
        doc = " ".join(inspect.getdoc(getattr(sklearn_negloss, f"{stem}_loss")).split())
        said = "can be negative" if facts.can_be_negative else "never negative"
        assert f"**{said}**" in doc, stem


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_lowest_versions_are_the_ones_tested():
    table = project()
    floors = table["project"]["dependencies"]
    pinned = {line.replace("==", ">=") for line in table["dependency-groups"]["min"]}
    assert set(floors) <= pinned


def test_importing_adds_no_heavy_library():
    code = (
        "import sys, sklearn.ensemble, sklearn.model_selection;"
        "before = set(sys.modules);"
        "import sklearn_negloss;"
        "new = {m.split('.')[0] for m in set(sys.modules) - before};"
        "print(sorted(new & {'matplotlib', 'pandas', 'rich', 'polars', 'torch'}))"
    )
    # scikit-learn itself may import pandas; what counts is what we add to it.
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_the_audit_loads_when_it_is_first_asked_for():
    code = (
        "import sys, sklearn_negloss as sn;"
        "loaded = lambda: 'sklearn_negloss.audit.rules' in sys.modules;"
        "print(loaded(), 'TargetAuditor' in dir(sn), loaded());"
        "sn.TargetAuditor;"
        "print(loaded(), 'TargetAuditor' in vars(sn))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["False", "True", "False", "True", "True"]


@pytest.mark.parametrize(
    "module", [sklearn_negloss, sys.modules["sklearn_negloss.audit"]]
)
def test_every_public_name_is_found_and_no_other(module):
    star = {}
    exec(f"from {module.__name__} import *", star)
    assert set(module.__all__) == star.keys() - {"__builtins__"}
    assert set(module.__all__) <= set(dir(module))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        module.nothing  # noqa: B018


def test_the_function_audit_is_not_hidden_by_its_room():
    import sklearn_negloss.audit.rules

    assert inspect.isfunction(sklearn_negloss.audit)


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").exists()


@pytest.mark.parametrize(
    "estimator",
    [
        sklearn_negloss.ProbabilisticRegressor(),
        sklearn_negloss.TransformedTargetProbabilisticRegressor(),
        sklearn_negloss.TargetAuditor(),
        sklearn_negloss.AuditedTargetTransformer(None),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_the_html_of_an_estimator_links_to_its_page(estimator):
    name = type(estimator).__name__
    page = f"{DOCS}/generated/sklearn_negloss.{name}.html"
    assert page in estimator._repr_html_()
    assert project()["project"]["urls"]["Documentation"] in DOCS
