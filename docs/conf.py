"""Sphinx's settings; ``make docs`` lays the pages out (:mod:`pages`) and builds them without a network."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

# Compiled functions stay plain ones, so that their docstrings and signatures are seen.
os.environ["NUMBA_DISABLE_JIT"] = "1"

ROOT = Path(__file__).resolve().parents[1]

project = "maternal_eval"
author = "The maternal_eval authors"
copyright = author
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "myst_nb",
]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "attrs_inline"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # The committed outputs are shown; the tests hold them to the frozen results.

napoleon_google_docstring = False
napoleon_use_ivar = True  # Attributes of data classes stand once, in the text of their class.
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True, "show-inheritance": True, "ignore-module-all": True}
# The only warnings that are passed over: a name such as "Figure" or "stages" in a signature or a list of attributes has
# more than one class to lead to. It is shown all the same, with one of the links.
suppress_warnings = ["ref.python"]
add_module_names = False
toc_object_entries = False

html_theme = "furo"
html_title = "maternal_eval"
html_copy_source = False
html_show_sphinx = False
templates_path: list[str] = []
