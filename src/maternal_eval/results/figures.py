"""A row of an analysis' table of figures: what draws it, its alternative text, and when there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class FigureOf:
    """A figure of an analysis.

    Attributes
    ----------
    draw
        Function (result, language) → :class:`matplotlib.figure.Figure`.
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

    def alternative_text(self, result: Any, language: str) -> str:
        """Return the alternative text with the kind of panel: simulated, or real data."""
        panel = panel_kind(bool(getattr(result, "simulated", False)))[language]
        words: Words = getattr(result, "words", DEFAULT_WORDS)
        text = words.say(language, *(self.instead(result) or (self.en, self.zh)))
        return say(language, f"{text} ({panel}).", f"{text}（{panel}）。")
