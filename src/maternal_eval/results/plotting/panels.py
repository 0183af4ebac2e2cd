"""Where a figure is drawn: on a page of its own, in a figure or part of one that is given, or in given axes.

All figures of this package are laid out by :func:`subplots` or :func:`subplot_rows`. Without a place they make a new
figure; inside :func:`placed` they draw where it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, cast

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.text import Text

from maternal_eval.core.errors import InputError
from maternal_eval.results.plotting.style import own_style

if TYPE_CHECKING:
    from matplotlib.colorbar import Colorbar
    from matplotlib.legend import Legend

type Share = bool | Literal["none", "all", "row", "col"]

PLACE: ContextVar[Figures | Panels | None] = ContextVar("place", default=None)


def subplots(
    rows: int = 1,
    columns: int = 1,
    *,
    figsize: tuple[float, float],
    squeeze: bool = True,
    sharex: Share = False,
    sharey: Share = False,
    layout: str | None = None,
    **grid: Any,
) -> tuple[Figure, Any]:
    """Return a figure and its panels as :func:`matplotlib.pyplot.subplots` does, in the place that is asked for.

    Parameters
    ----------
    rows, columns, squeeze, sharex, sharey, grid
        As in matplotlib; ``grid`` holds ``width_ratios``, ``height_ratios`` and ``gridspec_kw``.
    figsize, layout
        Of a new figure, in inches; a given place has its own.

    Returns
    -------
    tuple
        The figure (or part of one, or what stands for one around given axes), and the axes as matplotlib hands them
        out.

    Raises
    ------
    InputError
        If the given axes are not as many as the panels, or share a scale with others.
    """
    place = PLACE.get()
    if isinstance(place, Panels):
        return cast("Figure", place), place.grid(rows, columns, squeeze=squeeze, sharex=sharex, sharey=sharey)
    figure = _page(figsize, layout) if place is None else place.taken()
    return figure, figure.subplots(rows, columns, sharex=sharex, sharey=sharey, squeeze=squeeze, **grid)


def subplot_rows(
    counts: Sequence[int],
    *,
    figsize: tuple[float, float],
    height_ratios: Sequence[float],
    wspace: Sequence[float | None],
    sharey: Sequence[bool],
) -> tuple[Figure, list[np.ndarray]]:
    """Return a figure with rows of panels that are not as many in each row, in the place that is asked for.

    Parameters
    ----------
    counts, height_ratios, wspace, sharey
        One entry a row: its panels, its height, the room between them (None: matplotlib's), whether they share the
        vertical scale.
    figsize
        Of a new figure, in inches.

    Returns
    -------
    tuple
        The figure, and an array of axes a row.

    Raises
    ------
    InputError
        As in :func:`subplots`.
    """
    place = PLACE.get()
    if isinstance(place, Panels):
        axes = place.grid(1, sum(counts), squeeze=False)[0]
        rows = np.split(axes, np.cumsum(counts)[:-1])
        for row, shared in zip(rows, sharey, strict=True):
            place.share(row[None, :], "y", "row" if shared else False)
        return cast("Figure", place), rows
    figure = _page(figsize) if place is None else place.taken()
    grid = figure.add_gridspec(len(counts), 1, height_ratios=height_ratios)
    return figure, [
        np.asarray(grid[row].subgridspec(1, count, wspace=room).subplots(sharey=shared)).ravel()
        for row, (count, room, shared) in enumerate(zip(counts, wspace, sharey, strict=True))
    ]


@contextmanager
def placed(axes: Any = None, figure: Any = None) -> Iterator[None]:
    """Draw the figure that is made inside into ``axes`` or into ``figure`` instead of making a new one.

    Parameters
    ----------
    axes
        One :class:`matplotlib.axes.Axes`, or as many as the figure has panels: an array or a list row by row, or a
        mapping whose values are taken in their order.
    figure
        An empty figure, or an empty part of one (:class:`matplotlib.figure.SubFigure`).

    Raises
    ------
    InputError
        If both are given, or either is something else; or if what is drawn inside is not laid out by
        :func:`subplots` and cannot be drawn there.
    """
    if axes is not None and figure is not None:
        raise InputError("a figure is drawn into axes or into a figure", found="both", expected="axes= or figure=")
    place = Panels(axes) if axes is not None else Figures(figure)
    token = PLACE.set(place)
    try:
        yield
    finally:
        PLACE.reset(token)
    if not place.used:
        raise InputError(
            "this figure can only be drawn on a page of its own",
            mend="lay it out with subplots of maternal_eval.results.plotting instead of that of pyplot",
        )
    if isinstance(place, Panels):
        place.finish()


class Figures:
    """A figure, or part of one, that is given to be drawn into."""

    def __init__(self, figure: Any) -> None:
        if not isinstance(figure, FigureBase):
            raise InputError(
                "this is nothing to draw into",
                found=f"figure={type(figure).__name__}",
                expected="a Figure or a SubFigure of matplotlib; axes= takes axes",
            )
        there: list[Axes] = list(figure.axes)  # type: ignore[call-overload]
        if there:
            raise InputError(
                "the figure to draw into is not empty",
                found=f"{len(there)} axes",
                expected="an empty Figure or SubFigure; axes= draws into axes that are there",
            )
        self.figure, self.used = figure, False

    def taken(self) -> Figure:
        """Return it, which from now on counts as used."""
        self.used = True
        return cast("Figure", self.figure)


class Panels:
    """Axes that are given to be drawn into, and what stands for the figure around them.

    What a figure says above and beside its panels goes into them: the title above the first, labels to the outer ones,
    the legend into the first, where there is most room.
    """

    def __init__(self, axes: Any) -> None:
        values = list(axes.values()) if isinstance(axes, Mapping) else axes
        self.axes: list[Axes] = list(np.asarray(values, dtype=object).ravel())
        for one in self.axes:
            if not isinstance(one, Axes):
                raise InputError(
                    "these are no axes to draw into",
                    found=type(one).__name__,
                    expected="Axes of matplotlib, one a panel; figure= takes a Figure or SubFigure",
                )
        if len({id(one) for one in self.axes}) < len(self.axes):
            raise InputError("the same axes are given twice", expected="axes of its own for each panel")
        if len({id(one.figure) for one in self.axes}) > 1:
            raise InputError("the axes are of several figures", expected="axes of one figure, or of one SubFigure")
        self.used, self._title, self._outer = False, "", np.empty((0, 0), dtype=object)

    def grid(self, rows: int, columns: int, *, squeeze: bool, sharex: Share = False, sharey: Share = False) -> Any:
        """Return the given axes as ``rows`` by ``columns`` panels, which share their scales as asked."""
        if len(self.axes) != rows * columns:
            row = f" in {rows} rows of {columns}" if rows > 1 and columns > 1 else ""
            panels = "1 panel" if rows * columns == 1 else f"{rows * columns} panels{row}"
            raise InputError("the figure has another number of panels", found=f"{len(self.axes)} axes", expected=panels)
        panels_given = np.empty(len(self.axes), dtype=object)
        panels_given[:] = self.axes
        self._outer = panels_given.reshape(rows, columns)
        self.share(self._outer, "x", sharex)
        self.share(self._outer, "y", sharey)
        self.used = True
        if not squeeze:
            return self._outer
        return self._outer.item() if self._outer.size == 1 else self._outer.squeeze()

    def share(self, grid: np.ndarray, which: str, how: Share) -> None:
        """Let axes share their scale in x or y as matplotlib does: all of them, or by row or column."""
        ways = {True: [grid.ravel()], "all": [grid.ravel()], "row": list(grid), "col": list(grid.T)}
        for group in ways.get(how, []):
            first = group[0]
            for one in group[1:]:
                if getattr(one, f"get_shared_{which}_axes")().joined(first, one):
                    continue
                try:
                    getattr(one, f"share{which}")(first)
                except ValueError as error:
                    raise InputError(
                        f"the panels of this figure share their {which} axis",
                        found="axes that share it with others",
                        expected="axes that share it with each other or with none",
                    ) from error
            _name_outer(group, which)

    def suptitle(self, text: str, **look: Any) -> None:
        """Keep the title of the figure, which in the end stands above the first panel."""
        self._title = text

    def supxlabel(self, text: str, **look: Any) -> None:
        """Give the label to the lowest panels."""
        for one in self._outer[-1]:
            one.set_xlabel(text)

    def supylabel(self, text: str, **look: Any) -> None:
        """Give the label to the panels on the left."""
        for one in self._outer[:, 0]:
            one.set_ylabel(text)

    def legend(self, handles: Any = None, labels: Any = None, **look: Any) -> Legend:
        """Put the legend of the figure into the first panel; its place and columns were those of a whole figure."""
        if handles is None:
            handles, labels = self.axes[0].get_legend_handles_labels()
        kept = {name: value for name, value in look.items() if name not in ("loc", "ncols", "bbox_to_anchor")}
        return self.axes[0].legend(handles, labels, loc="best", **kept)

    def colorbar(self, mappable: Any, **look: Any) -> Colorbar:
        """Draw a scale of colours, which takes its room from the panels."""
        return cast("FigureBase", self.axes[0].figure).colorbar(mappable, **look)

    def finish(self) -> None:
        """Write the title, and set all signs in fonts that have them: other axes know no Chinese."""
        first = self.axes[0]
        if self._title:
            own = first.get_title(loc="left")
            first.set_title(f"{self._title}\n{own}" if own else self._title, loc="left")
        family = plt.rcParams["font.family"]
        for one in self.axes:
            one.tick_params(which="both", labelfontfamily=family)
            for text in one.findobj(Text):
                text.set_fontfamily(family)


def _page(figsize: tuple[float, float], layout: str | None = None) -> Figure:
    size = own_style().get("figure.figsize", figsize)
    return plt.figure(figsize=size, layout=layout)


def _name_outer(group: np.ndarray, which: str) -> None:
    """Leave the names of shared ticks to the outer ones of panels that stand in one grid."""
    places = [(one, spec) for one in group if (spec := one.get_subplotspec()) is not None]
    for one, spec in places:
        beside = [other for _, other in places if other.get_gridspec() is spec.get_gridspec()]
        if which == "y" and any(
            other.rowspan == spec.rowspan and other.colspan.start < spec.colspan.start for other in beside
        ):
            one.tick_params(axis="y", labelleft=False)
        if which == "x" and any(
            other.colspan == spec.colspan and other.rowspan.start > spec.rowspan.start for other in beside
        ):
            one.tick_params(axis="x", labelbottom=False)
