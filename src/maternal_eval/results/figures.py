"""A row of an analysis' table of figures: what draws it, its alternative text, and when there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from maternal_eval.core.languages import say
from maternal_eval.core.words import DEFAULT_WORDS, Words
from maternal_eval.results.marks import panel_kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def always(result: Any) -> bool:
    """Return True: the figure can be drawn of every result."""
    return True


def no_more(result: Any) -> dict[str, Any]:
    """Return nothing: the figure shows its own result alone."""
    return {}


def anywhere(draw: Callable[..., Figure]) -> Callable[..., Any]:
    """Return a function that draws the same figure on a page of its own or, as ``result.plot(…)`` asks, elsewhere.

    It takes three further arguments:

    ``axes``
        Axes to draw into, one a panel (an array or a list row by row, or a mapping in its order); they are returned.
        The title of the figure stands above the first of them, its legend in it.
    ``figure``
        An empty :class:`~matplotlib.figure.Figure` or :class:`~matplotlib.figure.SubFigure` to draw into, which is
        returned. Legends outside the panels want a figure with ``layout="constrained"``.
    ``style``
        Settings of matplotlib instead of those of the project's style, e.g. ``{"font.size": 8}``.

    Raises
    ------
    InputError
        If the axes are not as many as the panels, the figure is not empty, or matplotlib has no such setting.
    """

    @wraps(draw)
    def drawn(
        result: Any,
        language: str = "en",
        *,
        axes: Any = None,
        figure: Any = None,
        style: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Any:
        from maternal_eval.results.plotting import figure_style, placed

        if axes is None and figure is None:
            with figure_style(language, **(style or {})):
                return draw(result, language, **more)
        with figure_style(language, **(style or {})), placed(axes, figure):
            draw(result, language, **more)
        return figure if axes is None else axes

    return drawn


@dataclass(frozen=True)
class FigureOf:
    """A figure of an analysis.

    Attributes
    ----------
    draw
        Function (result, language) → :class:`matplotlib.figure.Figure`, laid out by
        :func:`~maternal_eval.results.plotting.panels.subplots`. It is kept as one that also takes ``axes``, ``figure``
        and ``style``: see :func:`anywhere`.
    en, zh
        What a reader who cannot see the figure should know, in English and in Chinese; ``{stage}`` and the like stand
        for the words of the study (:mod:`maternal_eval.core.words`).
    shown
        Whether there is such a figure of a result.
    beside, more
        Another analysis whose result the figure shows something of, where the study has it, and what: its result →
        further arguments of ``draw``.
    instead
        Texts (English, Chinese) that say it of some results, e.g. of a study without experts; None: those above.
    """

    draw: Callable[..., Figure]
    en: str
    zh: str
    shown: Callable[[Any], bool] = always
    beside: str = ""
    more: Callable[[Any], dict[str, Any]] = no_more
    instead: Callable[[Any], tuple[str, str] | None] = lambda result: None

    def __post_init__(self) -> None:
        """Let the figure be drawn into what is given."""
        object.__setattr__(self, "draw", anywhere(self.draw))

    def alternative_text(self, result: Any, language: str) -> str:
        """Return the alternative text with the kind of panel: simulated, or real data."""
        panel = panel_kind(bool(getattr(result, "simulated", False)))[language]
        words: Words = getattr(result, "words", DEFAULT_WORDS)
        text = words.say(language, *(self.instead(result) or (self.en, self.zh)))
        return say(language, f"{text} ({panel}).", f"{text}（{panel}）。")
