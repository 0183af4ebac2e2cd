from __future__ import annotations

import itertools
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pylopdf_fonts_zh_cn
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES, say
from maternal_eval.results.plotting import (
    CYCLE,
    PALETTE,
    SANS,
    alt_text_of,
    figure_style,
    font_folders,
    register_fonts,
    save_figure,
    show,
)

# Machado, Oliveira & Fernandes (2009), severity 1.0, on linear RGB.
COLOUR_BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.clip(to_xyz @ rgb, 0, None) / [0.9505, 1.0, 1.089]
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def luminance(colour: str) -> float:
    return float(np.dot([0.2126, 0.7152, 0.0722], linear(colour)))


def figure_with(title: str, **properties: str) -> Figure:
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0.5, -0.5])
    axes.set_title(title, **properties)
    return figure


@pytest.mark.parametrize("vision", COLOUR_BLINDNESS)
def test_colours_can_be_told_apart_with_any_colour_vision(vision: str) -> None:
    seen = [lab(np.clip(COLOUR_BLINDNESS[vision] @ linear(colour), 0, 1)) for colour in CYCLE]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
    assert min(distances) > 10  # 2.3 is a just noticeable difference in CIELAB


@pytest.mark.parametrize("colour", [PALETTE.ink, PALETTE.grey])
def test_texts_have_enough_contrast_on_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5  # WCAG 2.1, criterion 1.4.3


def test_palette_by_name_and_by_position() -> None:
    assert PALETTE[0] == PALETTE.blue
    assert PALETTE[:6] == CYCLE


def test_say_picks_the_language() -> None:
    assert (say("en", "Year", "年份"), say("zh", "Year", "年份")) == ("Year", "年份")


def test_unknown_language_is_an_input_error() -> None:
    with pytest.raises(InputError, match="unknown language: found fr"):
        say("fr", "Year", "年份")
    with pytest.raises(InputError, match="unknown language"), figure_style("fr"):
        pass


def test_chinese_font_comes_from_the_package() -> None:
    register_fonts()
    assert Path(font_manager.findfont(SANS)) == pylopdf_fonts_zh_cn.sans_path()
    assert all(folder.is_dir() for folder in font_folders())


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_have_all_their_signs(language: str, tmp_path: Path) -> None:
    with figure_style(language):
        figure = figure_with(say(language, "κ ≤ 1.01 – “simulated” ±2 → R² · ½", "孕产妇服务评价（模拟）≤ 1.01——“值”"))
    svg, png = save_figure(figure, tmp_path / f"signs.{language}", "signs")
    assert svg.stat().st_size > 0
    assert png.read_bytes().startswith(b"\x89PNG")


def test_missing_glyph_is_an_error(tmp_path: Path) -> None:
    with figure_style("zh"):
        figure = figure_with("孕期", family="DejaVu Sans")
    with pytest.raises(InputError, match="a sign that the fonts lack: found '孕'"):
        save_figure(figure, tmp_path / "missing", "a figure")


def test_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("first", "second"):
        with figure_style("zh"):
            figure = figure_with("满意度")
        files.append([path.read_bytes() for path in save_figure(figure, tmp_path / name, "折线")])
        files.append([path.read_bytes() for path in save_figure(figure, tmp_path / f"{name}-again", "折线")])
    assert files[0] == files[1] == files[2] == files[3]


def test_svg_has_outlines_instead_of_text_and_no_date(tmp_path: Path) -> None:
    with figure_style("en"):
        figure = figure_with("Title")
    svg, _ = save_figure(figure, tmp_path / "figure", "A line that falls")
    text = svg.read_text(encoding="utf-8")
    assert "<text" not in text
    assert "dc:date" not in text


@pytest.mark.parametrize("alt", ['A "line" & <curve>', "一条下降的折线，≤ 1"])
def test_alternative_text_is_kept_in_the_figure(alt: str, tmp_path: Path) -> None:
    with figure_style("en"):
        figure = figure_with("Title")
    svg, _ = save_figure(figure, tmp_path / "figure.en", f"  {alt}\n")
    assert svg.name == "figure.en.svg"
    assert alt_text_of(svg) == alt


def test_figure_without_alternative_text_is_refused(tmp_path: Path) -> None:
    with figure_style("en"):
        figure = figure_with("Title")
    with pytest.raises(InputError, match="needs an alternative text"):
        save_figure(figure, tmp_path / "figure", " ")
    foreign = tmp_path / "foreign.svg"
    foreign.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    with pytest.raises(InputError, match=r"foreign\.svg: the figure has no alternative text"):
        alt_text_of(foreign)
    with pytest.raises(InputError, match="cannot read the figure"):
        alt_text_of(tmp_path / "absent.svg")


def test_show_displays_picture_and_text_and_lets_go_of_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[object, dict[str, object]]] = []
    monkeypatch.setattr("IPython.display.display", lambda content, **options: shown.append((content, options)))
    with figure_style("en"):
        figure = figure_with("Title")
    show(figure, alt="A line that falls\nfrom 0.5 to −0.5")
    (bundle, options), (caption, _) = shown
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == "Figure: A line that falls from 0.5 to −0.5"
    assert options["metadata"]["image/png"]["alt"] == "A line that falls from 0.5 to −0.5"
    assert caption.data == "*A line that falls from 0.5 to −0.5*"
    assert not plt.fignum_exists(figure.number)
