"""Configuration of the site."""

from __future__ import annotations

import os
import sys
import tomllib
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "sklearn-negloss"
author = "The sklearn-negloss developers"
release = version = installed_version("sklearn-negloss")
# The footer of every page shows this line, and with it the version.
copyright = f"2026, the sklearn-negloss developers. Version {release}"

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "_facts_table",
    "_mathml",
    "_names",
    "_rules_pages",
]
exclude_patterns = ["_build", "auto_examples/**/*.ipynb"]
templates_path = ["_templates"]

# A name between single backticks links if it is one of ours; others are in italics.
default_role = "name"
html_math_renderer = "mathml"
autosummary_generate = True
add_function_parentheses = False
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
pyproject = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
source_url = pyproject["project"]["urls"]["Source"]
facts = {
    "source": source_url,
    "dependencies": ", ".join(pyproject["project"]["dependencies"]),
    **{
        extra: ", ".join(packages)
        for extra, packages in pyproject["project"]["optional-dependencies"].items()
    },
}
# Written |source| and so on in the pages: what is needed is listed in one place.
rst_epilog = "\n".join(f".. |{name}| replace:: {fact}" for name, fact in facts.items())
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}

# Other projects' inventories need a network, which only the public build has; without
# one, their names are set as text.
intersphinx_mapping = (
    {
        "numpy": ("https://numpy.org/doc/stable", None),
        "scipy": ("https://docs.scipy.org/doc/scipy", None),
        "sklearn": ("https://scikit-learn.org/stable", None),
    }
    if os.environ.get("READTHEDOCS")
    else {}
)
nitpick_ignore_regex = [("py:.*", r"(sklearn|numpy|scipy|matplotlib)\..*")]
# ``report`` is also a module of the audit; inherited docstrings refer to scikit-learn's
# glossary.
nitpick_ignore = [("py:obj", "report"), ("std:term", "fit")]

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "within_subsection_order": "FileNameSortKey",
    "doc_module": ("sklearn_negloss",),
    "backreferences_dir": "generated/backreferences",
    "reference_url": {"sklearn_negloss": None},
    "abort_on_example_error": True,
    "show_memory": False,
    "remove_config_comments": True,
    "plot_gallery": True,
}

html_theme = "pydata_sphinx_theme"
html_title = f"sklearn-negloss {release}"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
WITHOUT_SIDEBAR = ("index", "install", "performance", "glossary", "changelog")
html_sidebars = {page: [] for page in (*WITHOUT_SIDEBAR, "contributing")}
html_context = {
    "github_user": source_url.split("/")[-2],
    "github_repo": source_url.split("/")[-1],
    "github_version": "main",
    "doc_path": "docs",
}
html_theme_options = {
    "github_url": source_url,
    "logo": {"text": "sklearn-negloss"},
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 5,
    "navbar_end": ["theme-switcher", "navbar-icon-links"],
    "navigation_with_keys": False,
    "show_prev_next": False,
    "use_edit_page_button": True,
    # What the build writes has no page to edit.
    "secondary_sidebar_items": {
        **{pages: ["page-toc", "edit-this-page"] for pages in ("*", "guide/*")},
        **{
            f"{room}/*": ["page-toc"]
            for room in ("rules", "generated", "auto_examples")
        },
    },
}


def readable_defaults(app, what, name, obj, options, signature, returns):
    """Print the default that a dataclass makes anew for each object as what it is."""
    return signature and signature.replace("<factory>", "{}"), returns


def setup(app):
    """Connect what the settings above cannot say."""
    app.connect("autodoc-process-signature", readable_defaults)
