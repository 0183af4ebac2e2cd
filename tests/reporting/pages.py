"""Looks at the pages of a paper as pictures: how much of each is empty, what leaves the margins, how small type is."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typst
from PIL import Image

from maternal_eval.results.plotting.fonts import font_folders
from tests.reporting.pdf_text import stream

PPI = 40.0
HEIGHT, WIDTH = 297.0, 210.0
TOP = 36.0
INK = 235
"""A pixel darker than this is not paper."""


@dataclass(frozen=True)
class Page:
    """One page: its grey values, and the margins (mm) of the sides and the foot."""

    grey: np.ndarray
    side: float
    foot: float

    def _rows(self, start: float, stop: float) -> slice:
        return slice(round(start / HEIGHT * len(self.grey)), round(stop / HEIGHT * len(self.grey)))

    def _columns(self, start: float, stop: float) -> slice:
        width = self.grey.shape[1]
        return slice(round(start / WIDTH * width), round(stop / WIDTH * width))

    @property
    def emptiness(self) -> float:
        """Largest share of the height of the text that is blank in one piece, at the foot or between two things."""
        body = self.grey[self._rows(TOP, HEIGHT - self.foot), self._columns(self.side, WIDTH - self.side)]
        marked = np.flatnonzero((body < INK).any(axis=1))
        edges = np.concatenate([[-1], marked, [len(body)]])
        return float(np.diff(edges).max() - 1) / len(body)

    @property
    def overflow(self) -> bool:
        """Whether there is ink beyond the margins; page number and head apart."""
        slack = 1.5
        rows = self._rows(TOP, HEIGHT - self.foot + slack)
        left = self.grey[rows, self._columns(0, self.side - slack)]
        right = self.grey[rows, self._columns(WIDTH - self.side + slack, WIDTH)]
        below = self._rows(HEIGHT - self.foot + slack, HEIGHT)
        corners = (self._columns(0, WIDTH / 2 - 20), self._columns(WIDTH / 2 + 20, WIDTH))
        return any(bool((part < INK).any()) for part in (left, right, *(self.grey[below, one] for one in corners)))


def pages_of(source: Path, *, small: bool) -> list[Page]:
    """Return the pages of a typst file as pictures."""
    pictures = typst.compile(
        str(source),
        root=str(source.parent),
        font_paths=[str(folder) for folder in font_folders()],
        ignore_system_fonts=True,
        format="png",
        ppi=PPI,
    )
    side, foot = (22.0, 22.0) if small else (25.0, 25.0)
    pictures = [pictures] if isinstance(pictures, bytes) else pictures
    return [Page(np.asarray(Image.open(io.BytesIO(one)).convert("L")), side, foot) for one in pictures]


def type_sizes(pdf: bytes) -> dict[float, int]:
    """Return the sizes (pt) of the type on the pages of a PDF that typst wrote, each with how often it is chosen."""
    objects = {
        int(number): body for number, body in re.findall(rb"(?:^|\n)(\d+) 0 obj\r?\n(.*?)\r?\nendobj", pdf, re.DOTALL)
    }
    sizes: dict[float, int] = {}
    for body in objects.values():
        if re.match(rb"<</Type/Page\b", body):
            content = stream(objects[int(re.search(rb"/Contents (\d+) 0 R", body)[1])])
            for size in re.findall(rb"/f\d+ ([\d.]+) Tf", content):
                sizes[float(size)] = sizes.get(float(size), 0) + 1
    return sizes
