"""The fonts of figures and papers, loaded by path so that every machine sets the same shapes.

Noto Sans SC and Noto Serif SC (SIL Open Font License) come with the package ``pylopdf-fonts-zh-cn``. Their
Latin letters serve English as well; DejaVu Sans, which ships with matplotlib, fills the few signs they lack.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pylopdf_fonts_zh_cn
from matplotlib import font_manager

SANS = "Noto Sans SC"
SERIF = "Noto Serif SC"
FALLBACK = "DejaVu Sans"


def font_files() -> dict[str, Path]:
    """Return the file of each Chinese font, by family name."""
    return {SANS: pylopdf_fonts_zh_cn.sans_path(), SERIF: pylopdf_fonts_zh_cn.serif_path()}


def font_folders() -> list[Path]:
    """Return the folders of the Chinese fonts, for programs that search folders (typst)."""
    return sorted({path.parent for path in font_files().values()})


@functools.cache
def register_fonts() -> tuple[str, ...]:
    """Make the fonts known to matplotlib, once per process; return the families in order of preference.

    They are added by path because matplotlib's font cache does not see fonts installed after it was written.
    """
    for path in font_files().values():
        font_manager.fontManager.addfont(path)
    return SANS, FALLBACK
