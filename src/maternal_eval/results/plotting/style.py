"""One look for all figures, and the one way to save or show them.

Every figure is made, saved and shown inside :func:`figure_style`, where a sign without a glyph is an error
instead of an empty box. Saved files are a function of the figure alone: no date, no random identifiers.
"""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
from matplotlib import RcParams
from matplotlib.figure import Figure

from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import check_language
from maternal_eval.results.plotting.fonts import register_fonts

TEXT_WIDTH = 6.3
"""Width in inches of a figure that fills the text block of a paper (A4, 25 mm margins)."""

PNG_DPI = 200
NOTEBOOK_DPI = 150
NOTEBOOK_COLOURS = 128
"""Colours of a picture in a notebook: none of ours is lost to the eye, and the file is a third as large."""
HASH_SALT = "maternal_eval"


class Palette(NamedTuple):
    """Colours that people with any colour vision can tell apart (Okabe & Ito 2008), then inks.

    The first six are the colour cycle; ``PALETTE.blue`` and ``PALETTE[0]`` are the same colour.
    """

    blue: str = "#0072B2"
    vermilion: str = "#D55E00"
    green: str = "#009E73"
    purple: str = "#CC79A7"
    orange: str = "#E69F00"
    sky: str = "#56B4E9"
    ink: str = "#1F2933"
    grey: str = "#6B7785"
    light: str = "#D5DBE1"


PALETTE = Palette()
CYCLE = PALETTE[:6]

_OWN: ContextVar[Mapping[str, Any]] = ContextVar("own style", default=MappingProxyType({}))


def own_style() -> Mapping[str, Any]:
    """Return the settings of matplotlib that were asked for instead of those of the project's style."""
    return _OWN.get()


@contextmanager
def figure_style(language: str = "en", **own: Any) -> Iterator[None]:
    """Use the project's figure style, and treat signs without a glyph as errors.

    Parameters
    ----------
    language
        "en" or "zh"; Chinese sets its labels a little larger, because its characters are denser.
    own
        Settings of matplotlib instead of those of this style, e.g. ``**{"font.size": 8, "axes.grid": False}``, for
        every figure that is made inside. All sizes follow ``font.size``; new figures are as large as
        ``figure.figsize`` says.

    Raises
    ------
    InputError
        If matplotlib has no such setting or does not take its value, or a text holds a sign that none of the fonts
        has.
    """
    settings = {**_OWN.get(), **_checked(own)}
    default = 9.5 if check_language(language) == "zh" else 9.0
    size = settings.get("font.size", default)
    parameters: dict[Any, Any] = {
        "axes.axisbelow": True,
        "axes.edgecolor": PALETTE.grey,
        "axes.grid": True,
        "axes.grid.axis": "both",
        "axes.labelcolor": PALETTE.ink,
        "axes.labelsize": size,
        "axes.linewidth": 0.8,
        "axes.prop_cycle": plt.cycler(color=CYCLE),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": PALETTE.ink,
        "axes.titlelocation": "left",
        "axes.titlepad": 8.0,
        "axes.titlesize": size + 1.0,
        "figure.constrained_layout.use": True,
        "figure.dpi": 100,
        "figure.facecolor": "white",
        "figure.figsize": (TEXT_WIDTH, 3.6),
        "figure.titlesize": size + 2.0,
        "font.family": list(register_fonts()),
        "font.size": size,
        "grid.color": PALETTE.light,
        "grid.linewidth": 0.6,
        "image.cmap": "cividis",
        "legend.fontsize": size - 0.5,
        "legend.edgecolor": "none",
        "legend.framealpha": 0.85,
        "lines.linewidth": 1.6,
        "lines.markersize": 5.0,
        "savefig.facecolor": "white",
        "svg.fonttype": "path",
        "svg.hashsalt": HASH_SALT,
        "text.color": PALETTE.ink,
        # Names of a study are shown as they are: a dollar sign begins no formula.
        "text.parse_math": False,
        "xtick.color": PALETTE.grey,
        "xtick.labelcolor": PALETTE.ink,
        "xtick.labelsize": size - 0.5,
        "ytick.color": PALETTE.grey,
        "ytick.labelcolor": PALETTE.ink,
        "ytick.labelsize": size - 0.5,
    }
    token = _OWN.set(settings)
    with plt.rc_context(parameters | settings), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        try:
            yield
        except UserWarning as warning:
            missing = re.search(r"Glyph (\d+)", str(warning))
            if missing is None:
                raise
            sign = chr(int(missing.group(1)))
            raise InputError("a text in the figure holds a sign that the fonts lack", found=repr(sign)) from warning
        finally:
            _OWN.reset(token)


def _checked(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of matplotlib as it takes them."""
    known = sorted({*plt.rcParams} - {"backend"})
    checked: dict[str, Any] = {}
    for name, value in own.items():
        if name not in known:
            like = ", ".join(get_close_matches(name, known, 3)) or "a name of matplotlib.rcParams, such as font.size"
            raise InputError("matplotlib has no such setting of style", found=name, expected=like)
        try:
            checked |= dict(RcParams({name: value}).items())
        except ValueError as error:
            raise InputError(f"the style sets {name} to what it cannot be", found=value, expected=str(error)) from error
    return checked


def save_figure(figure: Figure, path_without_suffix: Path, alt_text: str) -> tuple[Path, Path]:
    """Write ``figure`` as SVG (text as outlines) for papers and web, and as PNG for word processors.

    Parameters
    ----------
    figure
        A figure made inside :func:`figure_style`; it is detached from pyplot afterwards.
    path_without_suffix
        E.g. ``reports/figures/schedule.zh``; ``.svg`` and ``.png`` are appended.
    alt_text
        What a reader who cannot see the figure should know. It is kept inside both files and read back by
        :func:`alt_text_of`.

    Returns
    -------
    tuple of Path
        The SVG and the PNG file. The same figure gives the same bytes.

    Raises
    ------
    InputError
        If the alternative text is empty or a sign has no glyph.
    """
    alt_text = _checked_alt_text(alt_text)
    path_without_suffix.parent.mkdir(parents=True, exist_ok=True)
    svg = path_without_suffix.with_name(path_without_suffix.name + ".svg")
    png = path_without_suffix.with_name(path_without_suffix.name + ".png")
    with figure_style():
        _settle_layout(figure)
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None, "Description": alt_text})
        figure.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None, "Description": _ascii(alt_text)})
    plt.close(figure)
    return svg, png


def alt_text_of(svg: Path) -> str:
    """Return the alternative text that :func:`save_figure` stored inside an SVG file.

    Raises
    ------
    InputError
        If the file is missing, is not SVG or holds no alternative text.
    """
    try:
        root = ElementTree.parse(svg).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise InputError("cannot read the figure", file=svg, found=str(error)) from error
    description = root.find(".//{http://purl.org/dc/elements/1.1/}description")
    if description is None or not (description.text or "").strip():
        raise InputError("the figure has no alternative text", file=svg, expected="a figure written by save_figure")
    return (description.text or "").strip()


def show(figure: Figure, alt: str) -> None:
    """Show ``figure`` in a notebook, with its alternative text.

    The picture is a PNG, which notebook tests never compare (its bytes depend on the machine); the
    alternative text is part of the output as metadata, as plain text and as a line under the figure, because
    JupyterLab does not pass alternative texts on to its images. The text is compared: state the main
    numbers of the figure in it, rounded.

    Raises
    ------
    InputError
        If the alternative text is empty or a sign has no glyph.
    """
    from IPython.display import Markdown, display  # only notebooks need them
    from PIL import Image

    alt = _checked_alt_text(alt)
    buffer = io.BytesIO()
    with figure_style():
        _settle_layout(figure)
        figure.savefig(buffer, format="png", dpi=NOTEBOOK_DPI, metadata={"Software": None})
    plt.close(figure)
    picture = io.BytesIO()
    with Image.open(buffer) as drawn:
        few = drawn.convert("RGB").quantize(NOTEBOOK_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(picture, format="png", optimize=True)
    width = round(figure.get_figwidth() * 110)
    display(
        {"image/png": picture.getvalue(), "text/plain": f"Figure: {alt}"},
        metadata={"image/png": {"alt": alt, "width": width}},
        raw=True,
    )
    display(Markdown(f"*{alt}*"))


def _settle_layout(figure: Figure) -> None:
    """Lay the figure out once and keep it so.

    The constrained layout starts from the positions it finds, so a figure saved twice, or in two resolutions,
    would otherwise differ by fractions of a point.
    """
    if figure.get_layout_engine() is not None:
        figure.draw_without_rendering()
        figure.set_layout_engine("none")


def _checked_alt_text(alt_text: str) -> str:
    """Return the text on one line; an empty one is an error."""
    text = " ".join(alt_text.split())
    if not text:
        raise InputError("a figure needs an alternative text", found="an empty text")
    return text


def _ascii(text: str) -> str:
    """Return ``text`` as PNG text chunks take it (Latin-1): other signs as character references."""
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
