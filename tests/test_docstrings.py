"""Public docstrings follow numpydoc, as numpydoc itself reads them."""

import inspect

import pytest

validate = pytest.importorskip("numpydoc.validate")

# Not asked for, each with its reason.
EXCEPTIONS = {
    "ES01": "a summary may be enough",
    "EX01": "examples are wanted where they teach",
    "SA01": "See Also is written where there is something to see",
    "SS06": "a summary may take two lines where one would be cryptic",
    "YD01": "generators say so in their names",
    "RT02": "scikit-learn names what is returned, and so do we",
    "SS05": "it takes the S of CRPS for a third person",
    "GL08": "dunder methods say what they do by their name",
}
MODULES = (
    "",
    ".audit",
    ".distributions",
    ".inspection",
    ".metrics",
    ".regression",
)


def public_objects():
    """Yield the dotted names of all public functions, classes and their methods."""
    for suffix in MODULES:
        module_name = f"sklearn_negloss{suffix}"
        module = inspect.importlib.import_module(module_name)
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isfunction(thing):
                # `sklearn_negloss.audit` is a function and the room that it lives in.
                yield f"{thing.__module__}.{name}"
            if inspect.isclass(thing) and thing.__module__.startswith(
                "sklearn_negloss"
            ):
                for method, member in vars(thing).items():
                    if not method.startswith("_") and inspect.isfunction(member):
                        yield f"{thing.__module__}.{name}.{method}"


# One-line methods of distributions are documented by the class and by scipy's names.
SHORT = {"PR01", "RT01"}


@pytest.mark.parametrize("name", sorted(set(public_objects())))
def test_docstring_is_valid(name):
    allowed = set(EXCEPTIONS) | (SHORT if ".distributions." in name else set())
    result = validate.validate(name)
    errors = [
        f"{code} {text}" for code, text in result["errors"] if code not in allowed
    ]
    assert errors == []
