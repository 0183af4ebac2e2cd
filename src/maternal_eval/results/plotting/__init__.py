"""How all figures look, in English and Chinese.

>>> from maternal_eval.results.plotting import PALETTE, figure_style, save_figure, say, show

- ``with figure_style(language):`` around the code that makes a figure, and inside it ``subplots`` (or
  ``subplot_rows``) instead of pyplot's: then it can be drawn into axes or a figure that are given.
- ``PALETTE.blue`` … colours that everybody can tell apart; ``PALETTE[:6]`` is the colour cycle.
- ``say(language, en, zh)`` picks a text.
- ``save_figure(figure, path_without_suffix, alt_text)`` writes SVG and PNG; ``show(figure, alt)`` displays a
  figure in a notebook.
"""

from maternal_eval.core.languages import LANGUAGES, Language, check_language, say
from maternal_eval.results.plotting.fonts import FALLBACK, SANS, SERIF, font_files, font_folders, register_fonts
from maternal_eval.results.plotting.panels import placed, subplot_rows, subplots
from maternal_eval.results.plotting.style import (
    CYCLE,
    PALETTE,
    TEXT_WIDTH,
    Palette,
    alt_text_of,
    figure_style,
    save_figure,
    show,
)
from maternal_eval.results.plotting.wrapping import wrapped

__all__ = [
    "CYCLE",
    "FALLBACK",
    "LANGUAGES",
    "PALETTE",
    "SANS",
    "SERIF",
    "TEXT_WIDTH",
    "Language",
    "Palette",
    "alt_text_of",
    "check_language",
    "figure_style",
    "font_files",
    "font_folders",
    "placed",
    "register_fonts",
    "save_figure",
    "say",
    "show",
    "subplot_rows",
    "subplots",
    "wrapped",
]
