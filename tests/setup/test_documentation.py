"""The site: its pages are laid out from what is there, and nothing in it is fetched from elsewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.setup.test_architecture import LAYERS, modules


@pytest.fixture(scope="module")
def layout(root: Path) -> ModuleType:
    """The program that lays out the pages."""
    spec = importlib.util.spec_from_file_location("pages", root / "docs" / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(layout: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documentation") / "pages"
    layout.lay_out(folder)
    return folder


def test_every_module_has_a_page_in_its_layer(layout: ModuleType, pages: Path, root: Path) -> None:
    assert layout.LAYERS == LAYERS
    known = {name for name in modules(root) if "." in name and not name.endswith("__main__")}
    written = {page.stem for page in (pages / "api").glob("*.rst")}
    assert written == {name for name in known if name.count(".") > 1} | set(LAYERS)
    for layer in LAYERS:
        text = (pages / "api" / f"{layer}.rst").read_text(encoding="utf-8")
        own = {name for name in known if name.startswith(f"maternal_eval.{layer}.")}
        assert {name for name in own if f"\n   {name}\n" in text} == own


def test_every_module_says_in_one_line_what_it_is_for(layout: ModuleType, root: Path) -> None:
    assert [name for name in modules(root) if not 10 < len(layout.first_line(name)) < 400] == []


def test_notebooks_texts_and_guides_are_pages(pages: Path, root: Path) -> None:
    index = (pages / "index.md").read_text(encoding="utf-8")
    for notebook in (root / "notebooks").glob("*.ipynb"):
        assert f"\nnotebooks/{notebook.stem}\n" in index
        assert (pages / "notebooks" / notebook.name).read_bytes() == notebook.read_bytes()
    for guide in (root / "docs").glob("guides/*.md"):
        assert f"\nguides/{guide.stem}\n" in index
    assert (pages / "CONTRIBUTING.md").is_file()


def test_what_stays_the_same_is_not_written_again(layout: ModuleType, pages: Path) -> None:
    (pages / "gone.md").write_text("a page that is laid out no more")
    (pages / "README.md").write_text("an older text")
    before = {path: path.stat().st_mtime_ns for path in pages.rglob("*") if path.is_file()}
    layout.lay_out(pages)
    after = {path: path.stat().st_mtime_ns for path in pages.rglob("*") if path.is_file()}
    assert set(before) - set(after) == {pages / "gone.md"}
    assert {path for path in after if after[path] != before[path]} == {pages / "README.md"}


def test_a_link_that_leads_nowhere_becomes_words(layout: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("")
    text = "[a](there.md), [b](gone.md), [c](https://example.org), [d](there.md#part), ![e](gone.svg)"
    kept = layout.without_lost_links(text, tmp_path / "page.md", tmp_path)
    assert kept == "[a](there.md), b, [c](https://example.org), [d](there.md#part), e"


@pytest.mark.slow
def test_the_site_is_built_without_warnings_and_fetches_nothing(pages: Path, root: Path, tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="the packages of the site are not installed (make docs)")
    command = ["-W", "--keep-going", "-q", "-j", "2", "-c", str(root / "docs"), str(pages), str(tmp_path / "site")]
    # A proxy that is none: whoever asks the network fails.
    environment = os.environ | {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *command], capture_output=True, text=True, env=environment, check=False
    )
    assert (built.returncode, built.stderr) == (0, "")
    site = list((tmp_path / "site").rglob("*.html"))
    assert len(site) > 300
    fetched = re.compile(r"<(?:script|img|iframe)[^>]+src=[\"'](?:https?:)?//|<link[^>]+href=[\"'](?:https?:)?//")
    assert [str(page) for page in site if fetched.search(page.read_text(encoding="utf-8"))] == []
    formulae = (tmp_path / "site" / "api" / "maternal_eval.methods.composite.html").read_text(encoding="utf-8")
    assert 'class="math notranslate' in formulae
    assert re.search(r"<script[^>]+src=\"[^\"]*mathjax", formulae, re.I)
