"""Lay out the pages of the documentation: guides, notebooks, the texts of the repository, and the API by layer.

``python docs/pages.py FOLDER`` writes the sources that Sphinx then builds. Nothing is written into the repository.
"""

from __future__ import annotations

import ast
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
PACKAGE = "maternal_eval"
TEXTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
LAYERS = ("core", "methods", "study", "results", "analyses", "report", "simulation", "app")
"""In the order in which one knows the other; held by ``tests/setup/test_documentation.py``."""

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]\[]*)\]\((?P<target>[^)\s]+)\)")

_INDEX = """# maternal_eval

Is a service-evaluation model right, which of its weights matter, and how should they move over life stages?

The panel of the built-in study is **simulated**: it shows that a method recovers what is there, never that a published
figure is true.

```{toctree}
:maxdepth: 1
:caption: Read first

README
ARCHITECTURE
CONTRIBUTING
CHANGELOG
```

GUIDES

```{toctree}
:maxdepth: 1
:caption: Notebooks

NOTEBOOKS
```

```{toctree}
:maxdepth: 1
:caption: Reference, by layer

LAYERS
```
"""

_GUIDES = """```{toctree}
:maxdepth: 1
:caption: Guides

NAMES
```"""


def modules(layer: str) -> list[str]:
    """Return the modules of a layer by dotted name, the layer itself first."""
    names = []
    for path in sorted((SOURCE / PACKAGE / layer).rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return sorted(names)


def file_of(module: str) -> Path:
    """Return the file of a module."""
    path = SOURCE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def first_line(module: str) -> str:
    """Return the first line of a module's docstring, read and not run."""
    text = ast.get_docstring(ast.parse(file_of(module).read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def without_lost_links(text: str, page: Path, sources: Path) -> str:
    """Return a text whose relative links lead to pages and files that are laid out; others become plain words."""

    def kept(match: re.Match[str]) -> str:
        target = match["target"].partition("#")[0]
        if not target or "://" in target or target.startswith("mailto:"):
            return match[0]
        place = page.parent / target
        return match[0] if place.is_file() and place.is_relative_to(sources) else match["text"]

    return _LINK.sub(kept, text)


def lay_out(sources: Path) -> None:
    """Write all pages into a folder; what stays the same is left alone, so that Sphinx reads only what changed."""
    sources.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=sources.parent) as made:
        fresh = Path(made)
        _write_pages(fresh)
        for old in [path for path in sources.rglob("*") if path.is_file()]:
            if not (fresh / old.relative_to(sources)).is_file():
                old.unlink()
        for new in [path for path in fresh.rglob("*") if path.is_file()]:
            target = sources / new.relative_to(fresh)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not (target.is_file() and target.read_bytes() == new.read_bytes()):
                new.replace(target)


def _write_pages(sources: Path) -> None:
    """Write all pages into an empty folder."""
    for name in TEXTS:
        shutil.copyfile(ROOT / name, sources / name)
    shutil.copytree(ROOT / "reports" / "figures", sources / "reports" / "figures")
    guides = ROOT / "docs" / "guides"
    if guides.is_dir():
        shutil.copytree(guides, sources / "guides")
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    (sources / "notebooks").mkdir()
    for notebook in notebooks:
        shutil.copyfile(notebook, sources / "notebooks" / notebook.name)
    for page in sources.rglob("*.md"):
        page.write_text(without_lost_links(page.read_text(encoding="utf-8"), page, sources), encoding="utf-8")
    (sources / "api").mkdir()
    for layer in LAYERS:
        _layer_page(sources / "api", layer)
    names = sorted(f"guides/{page.stem}" for page in (sources / "guides").glob("*.md"))
    index = _INDEX.replace("GUIDES", _GUIDES.replace("NAMES", "\n".join(names)) if names else "")
    index = index.replace("NOTEBOOKS", "\n".join(f"notebooks/{notebook.stem}" for notebook in notebooks))
    (sources / "index.md").write_text(
        index.replace("LAYERS", "\n".join(f"api/{layer}" for layer in LAYERS)), encoding="utf-8"
    )


def _layer_page(folder: Path, layer: str) -> None:
    """Write the page of a layer, with what each module is for, and one page a module."""
    own, *others = modules(layer)
    lines = [_title(layer), first_line(own), "", ".. list-table::", "   :widths: 45 55", ""]
    for module in others:
        short = module.removeprefix(f"{PACKAGE}.")
        lines += [f"   * - :doc:`{short} <{module}>`", f"     - {first_line(module)}"]
        page = [_title(short), f".. automodule:: {module}", ""]
        (folder / f"{module}.rst").write_text("\n".join(page), encoding="utf-8")
    lines += ["", ".. toctree::", "   :hidden:", "", *(f"   {module}" for module in others), ""]
    (folder / f"{layer}.rst").write_text("\n".join(lines), encoding="utf-8")


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}\n"


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]).resolve())
