"""The documentation: guides, notebooks as they were executed, and the API by layer, built off-line."""

from __future__ import annotations

import shutil
from importlib.metadata import version as version_of
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "docs"
PACKAGE = ROOT / "src" / "maternal_eval"

project = "maternal_eval"
author = "The maternal_eval authors"
copyright = author
release = version = version_of("maternal_eval")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
]
html_theme = "furo"
html_title = f"maternal_eval {release}"
exclude_patterns = ["_build"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
autodoc_default_options = {"members": True, "show-inheritance": True, "member-order": "bysource"}
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = True
napoleon_use_rtype = False
# References to other projects cannot be resolved off-line, and links of the guides lead to files of the repository.
suppress_warnings = ["myst.xref_missing", "ref.python", "mystnb.unknown_mime_type", "misc.highlighting_failure"]

LAYERS = {
    "methods": "The mathematics on plain arrays: what another project would import.",
    "study": "What one folder says: definition, reading, contract, evaluation model.",
    "results": "What an analysis returns: tables, quantities, figures, the store, comparisons, findings.",
    "analyses": "One folder a question, all with the same five files.",
    "report": "Prose with keys, papers, notebooks, the interactive page.",
    "app": "The table of steps, a study with its results, the main job, the verbs.",
    "simulation": "The built-in simulated panel and its truth.",
    "core": "What everything stands on.",
}


def _copy_guides() -> None:
    """Lay the guides and the executed notebooks of the repository beside the pages."""
    for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, HERE / "_guides" / name)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        shutil.copy(path, HERE / "_notebooks" / path.name)
    for path in sorted((ROOT / "data").glob("*/README.md")):
        shutil.copy(path, HERE / "_guides" / f"study-{path.parent.name}.md")


def _write_api() -> None:
    """Write one page a layer with every module that holds something public."""
    for layer, words in LAYERS.items():
        lines = [f"# {layer}", "", words, ""]
        for path in sorted((PACKAGE / layer).rglob("*.py")):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            lines += [f"## {name}", "", "```{eval-rst}", f".. automodule:: {name}", "```", ""]
        (HERE / "_api" / f"{layer}.md").write_text("\n".join(lines), encoding="utf-8")


for _folder in ("_guides", "_notebooks", "_api"):
    shutil.rmtree(HERE / _folder, ignore_errors=True)
    (HERE / _folder).mkdir()
_copy_guides()
_write_api()
