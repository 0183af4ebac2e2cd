"""Figures are drawn into axes, figures and parts of figures that are given, and take another style."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from maternal_eval.app.analysis import Analysis
from maternal_eval.core.errors import InputError
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.plotting import SANS, figure_style, subplot_rows, subplots

ROOT = Path(__file__).parents[2]
DERIVED = ROOT / "data" / "derived"
STORED = [
    (one.parts[-3], one.parts[-2])
    for name in ("maternal", "sfo")
    for one in sorted(DERIVED.glob(f"{name}/*/manifest.json"))
]
RESULT = SimpleNamespace(simulated=True)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """No setting of matplotlib is another one afterwards, and no context of a figure is left."""
    before = dict(plt.rcParams)
    yield
    assert dict(plt.rcParams) == before
    plt.close("all")


def panels(figure: Any) -> list[Axes]:
    return [one for one in figure.axes if one.get_label() != "<colorbar>"]


def said(axes: Any) -> str:
    """Return all that is written in some axes."""
    return "\n".join(text.get_text() for one in axes for text in one.findobj(plt.Text))


def marks(axes: list[Axes]) -> list[tuple[int, int, int]]:
    """Return how much is drawn in each panel: lines, patches, collections."""
    return [(len(one.lines), len(one.patches), len(one.collections)) for one in axes]


@pytest.mark.parametrize(("study", "step"), STORED)
def test_every_figure_is_drawn_where_it_is_asked_for(study: str, step: str) -> None:
    result = Analysis.open(ROOT / "data" / study).result(step)
    for name in result.figure_table():
        drawn = result.plot("en", name)
        expected, count = marks(panels(drawn)), len(panels(drawn))
        plt.close(drawn)
        open_before = plt.get_fignums()

        page = Figure(figsize=(10, 6), layout="constrained")
        left, right = page.subfigures(1, 2)
        assert result.plot("en", name, figure=right) is right
        assert marks(panels(right)) == expected
        assert not left.axes

        empty = Figure(figsize=(10, 6), layout="constrained")
        axes = empty.subplots(1, count, squeeze=False)[0]
        given = axes[0] if count == 1 else axes
        assert result.plot("en", name, axes=given) is given
        assert marks(list(axes)) == expected
        assert empty.get_suptitle() == ""
        if getattr(result, "simulated", False) and drawn.get_suptitle():
            assert drawn.get_suptitle() in said(axes)
        assert plt.get_fignums() == open_before

        with pytest.raises(InputError, match=f"number of panels: found {count + 1} axes, expected {count} panel"):
            result.plot("en", name, axes=Figure().subplots(1, count + 1))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_figure_with_all_that_stands_around_panels(language: str) -> None:
    """Chinese signs have glyphs even in axes that were made without the style; nothing is an empty box."""
    page = Figure(figsize=(9, 9), layout="constrained")
    upper, lower = page.subfigures(2, 1)
    result = Analysis.open(ROOT / "data" / "maternal").result("calibration")
    result.plot(language, figure=upper)
    given = lower.subplots()
    result.plot(language, "coverage", axes=given)
    assert given.get_legend() is not None
    assert given.xaxis.label.get_fontfamily()[0] == SANS
    with figure_style(language):
        page.draw_without_rendering()
    legend, title = given.get_legend().get_texts()[0].get_text(), given.get_title(loc="left")
    assert ("区间" in legend, "模拟" in title) == (language == "zh",) * 2


def around(result: Any, language: str = "en", rows: int = 2, columns: int = 2, **share: Any) -> Figure:
    """Draw a figure that says something above, below, beside and in its panels, and has a scale of colours."""
    with figure_style(language):
        figure, grid = subplots(rows, columns, figsize=(5, 4), squeeze=False, **share)
        for number, axes in enumerate(grid.flat):
            image = axes.scatter([0, 1], [0, 10 ** (number + 1)], c=[0, 1], label=f"panel {number}")
        grid[0, 0].set_title("first")
        figure.suptitle("Above", x=0.01, ha="left")
        figure.supxlabel("below")
        figure.supylabel("beside")
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        figure.colorbar(image, ax=list(grid.flat))
    return figure


AROUND = FigureOf(around, "A test", "测试")


@pytest.mark.parametrize("form", [list, np.array, lambda axes: dict(zip("abcd", axes, strict=True))])
def test_what_stands_around_the_panels_goes_into_given_axes(form: Callable[[Any], Any]) -> None:
    page = plt.figure(layout="constrained")
    axes = list(page.subplots(1, 4))
    given = form(axes)
    assert AROUND.draw(RESULT, axes=given) is given
    assert axes[0].get_title(loc="left") == "Above\nfirst"
    assert [one.get_xlabel() for one in axes] == ["", "", "below", "below"]
    assert [one.get_ylabel() for one in axes] == ["beside", "", "beside", ""]
    assert [one.get_legend() is not None for one in axes] == [True, False, False, False]
    assert len(page.axes) == 5


def test_scales_are_shared_and_named_once() -> None:
    page = plt.figure()
    grid = page.subplots(2, 2)
    AROUND.draw(RESULT, axes=grid, sharey="row", sharex=True)
    tops = [one.get_ylim()[1] for one in grid.flat]
    assert tops[0] == tops[1] < tops[2] == tops[3]
    page.draw_without_rendering()
    named = [any(label.get_text() for label in one.get_yticklabels() if label.get_visible()) for one in grid.flat]
    assert named == [True, False, True, False]


def test_axes_that_share_their_scale_with_others_are_refused() -> None:
    AROUND.draw(RESULT, axes=plt.figure().subplots(3, 2, sharey=True)[1:], sharey=True)
    mixed = plt.figure().subplots(1, 3)
    mixed[2].sharey(mixed[0])
    with pytest.raises(InputError, match="share their y axis: found axes that share it with others"):
        AROUND.draw(RESULT, axes=mixed[1:], rows=1, sharey=True)


def in_rows(result: Any, language: str = "en") -> Figure:
    with figure_style(language):
        figure, (upper, lower) = subplot_rows(
            (1, 2), figsize=(5, 4), height_ratios=(1, 2), wspace=(None, 0.1), sharey=(False, True)
        )
        for number, axes in enumerate([*upper, *lower]):
            axes.plot([0, number + 1])
    return figure


def test_rows_of_other_numbers_of_panels() -> None:
    rows = FigureOf(in_rows, "A test", "测试")
    page = plt.figure()
    axes = page.subplot_mosaic("aab;ccb")
    assert rows.draw(RESULT, axes=axes) is axes
    assert axes["b"].get_ylim() == axes["c"].get_ylim() != axes["a"].get_ylim()
    assert len(rows.draw(RESULT, figure=page.add_subfigure(page.add_gridspec(1, 1)[0])).axes) == 3
    with pytest.raises(InputError, match="found 2 axes, expected 3 panels"):
        rows.draw(RESULT, axes=plt.figure().subplots(1, 2))


def test_what_cannot_be_drawn_into_is_refused_in_one_sentence() -> None:
    page = plt.figure()
    axes = page.subplots(2, 2)
    elsewhere = plt.figure().subplots()
    for given, sentence in (
        ({"axes": axes, "figure": page}, "a figure is drawn into axes or into a figure: found both"),
        ({"axes": page}, "these are no axes to draw into: found Figure"),
        ({"figure": elsewhere}, "this is nothing to draw into: found figure=Axes"),
        ({"figure": page}, "the figure to draw into is not empty: found 4 axes"),
        ({"axes": [*axes[0], *axes[0]]}, "the same axes are given twice"),
        ({"axes": [*axes.flat[:3], elsewhere]}, "the axes are of several figures"),
        ({"axes": axes[0]}, "the figure has another number of panels: found 2 axes, expected 4 panels in 2 rows of 2"),
        ({"axes": []}, "the figure has another number of panels: found 0 axes, expected 4 panels in 2 rows of 2"),
    ):
        with pytest.raises(InputError, match=f"^{sentence}") as refused:
            AROUND.draw(RESULT, **given)
        assert "\n" not in str(refused.value)
    assert not any(one.has_data() for one in [*axes.flat, elsewhere])


def test_a_figure_with_a_page_of_its_own_says_so() -> None:
    def own(result: Any, language: str = "en") -> Figure:
        figure, _ = plt.subplots()
        return figure

    figure = FigureOf(own, "A test", "测试")
    assert isinstance(figure.draw(RESULT), Figure)
    with pytest.raises(InputError, match="only be drawn on a page of its own; to mend it: lay it out with subplots"):
        figure.draw(RESULT, axes=plt.figure().subplots())


def test_figures_of_analyses_are_laid_out_by_one_function() -> None:
    """A call of pyplot's own would make a page where somebody gave axes."""
    found = [
        (path.parent.name, node.attr)
        for path in sorted((ROOT / "src" / "maternal_eval" / "analyses").glob("*/*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "plt"
    ]
    assert {what for _, what in found} == {"get_cmap"}, found


def test_a_style_of_ones_own_takes_effect() -> None:
    result = Analysis.open(ROOT / "data" / "sfo").result("satisfaction")
    usual = result.plot("en")
    own = result.plot("en", style={"font.size": 6, "axes.grid": False, "figure.figsize": (4, 3)})
    for figure, size, width in ((usual, 9.0, 6.3), (own, 6.0, 4.0)):
        axes = figure.axes[0]
        assert axes.yaxis.label.get_fontsize() == size
        assert axes.title.get_fontsize() == size + 1
        assert figure.get_figwidth() == pytest.approx(width)
    assert [figure.axes[0].xaxis.get_gridlines()[0].get_visible() for figure in (usual, own)] == [True, False]

    with figure_style("en", **{"axes.labelsize": 12}):
        around_it = result.plot("zh", style={"font.size": 8})
    assert around_it.axes[0].yaxis.label.get_fontsize() == 12
    assert around_it.axes[0].get_xticklabels()[0].get_fontsize() == 7.5
    assert result.plot("en").axes[0].yaxis.label.get_fontsize() == 9.0


@pytest.mark.parametrize(
    ("style", "sentence"),
    [
        ({"fontsize": 9}, "matplotlib has no such setting of style: found fontsize, expected .*font.size"),
        ({"backend": "svg"}, "matplotlib has no such setting of style: found backend"),
        ({"axes.grid": "perhaps"}, "the style sets axes.grid to what it cannot be: found perhaps"),
    ],
)
def test_a_style_that_matplotlib_does_not_know_is_refused(style: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        AROUND.draw(RESULT, style=style)
