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
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "_facts_table",
    "_rules_pages",
]
exclude_patterns = ["_build", "auto_examples/**/*.ipynb"]
templates_path = ["_templates"]

autosummary_generate = True
add_function_parentheses = False
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
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
pyproject = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
source_url = pyproject["project"]["urls"]["Source"]
html_sidebars = {page: [] for page in ("index", "performance", "glossary", "changelog")}
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
}
