"""In which encoding a text file is written: declared, marked at its beginning, or found; else asked for."""

from __future__ import annotations

import bz2
import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.panel import limits
from maternal_eval.study.panel.files import cannot_be_read

BLOCK = 4 << 20

CHINESE = "gb18030"
"""Read for gbk and gb2312 too, which it contains."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_OPENERS: dict[str, Callable[[Path, str], Any]] = {".gz": gzip.open, ".bz2": bz2.open}

_NO_TEXT = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7", "mbcs", "oem")

# GB 2312 orders its characters: symbols, the frequent ones by sound, the rare ones by form.
_FREQUENT, _RARE, _KANA = 0xB0, 0xD8, (0xA4, 0xA5)
_LAST_HANGUL = 0xC8
"""Korean text (EUC-KR) looks like GB 2312 too, but never leaves the first of the frequent characters."""

_FEW = 15
"""So many different characters that all lie among the Korean ones are no chance."""


@dataclass(frozen=True)
class Encoding:
    """The encoding of a file; ``sample`` is text that shows whether it was found rightly (empty: certain)."""

    name: str
    sample: str = ""

    def remarks(self, file: str) -> list[Remark]:
        """Return what a person should hear of it."""
        if not self.sample:
            return []
        return [
            remark(
                f"{file} is not in UTF-8 and was read as {self.name}, where it holds “{self.sample}”. "
                'If that is wrong, write panel.encoding = "…" in study.toml.',
                f"{file} 不是 UTF-8 编码，已按 {self.name} 读取，其中含“{self.sample}”。"
                '如有误，请在 study.toml 中写明 panel.encoding = "…"。',
            )
        ]


def known_encoding(name: str) -> bool:
    """Whether ``name`` is an encoding of text (base64 and the like are none)."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return bool(getattr(found, "_is_text_encoding", True)) and found.name.replace("_", "-") not in _NO_TEXT


def blocks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked if it is packed.

    Raises
    ------
    InputError
        If it cannot be read, is cut off, or unpacks to too much.
    """
    opener: Callable[..., Any] = _OPENERS.get(path.suffix.lower(), open)
    packed = opener is not open
    size, unpacked = path.stat().st_size, 0
    try:
        with opener(path, "rb") as handle:
            while block := handle.read(BLOCK):
                unpacked += len(block)
                limits.check_bytes(unpacked, path, size if packed else max(size, unpacked))
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            "the file is cut off or damaged", file=path, found=str(error), expected="a whole packed file"
        ) from None
    except OSError as error:
        raise cannot_be_read(path, error) from None


def find_encoding(path: Path, declared: str | None = None, *, binding: bool = True) -> Encoding:
    """Find the encoding of a text file.

    Parameters
    ----------
    path
        A text file, packed or not.
    declared
        What study.toml says, if it says anything.
    binding
        Whether it says so of this very file; else it is tried only where the text is not UTF-8.

    Raises
    ------
    InputError
        If nothing is declared and the bytes can be read in more than one way.
    """
    head = next(blocks(path), b"")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if declared is not None and binding:
        name = _canonical(declared)
        if marked is not None and marked not in (name, "utf-8-sig") and not name.startswith(marked):
            raise InputError(
                "the file is in another encoding than declared",
                file=path,
                found=f"the mark of {marked}",
                expected=declared,
                mend=f'panel.encoding = "{marked}" in study.toml',
            )
        return Encoding("utf-8-sig" if name == "utf-8" and marked == "utf-8-sig" else name)
    if marked is not None:
        return Encoding(marked)
    without_mark = _unmarked_utf16(head)
    if without_mark is not None:
        return Encoding(without_mark, _sample(head[:2000].decode(without_mark, "ignore"), fallback=True))
    line = _not_utf8(path)
    if line is None:
        return Encoding("utf-8")
    if declared is not None:
        return Encoding(_canonical(declared))
    sample = _chinese(path)
    if sample is None:
        raise InputError(
            "the encoding of the text cannot be told",
            file=path,
            row=line,
            found="bytes that are neither UTF-8 nor Chinese text in GB 18030",
            expected="a file in UTF-8, or its encoding",
            mend='panel.encoding = "…" in study.toml, e.g. "gb18030", "big5" or "cp1252"',
        )
    return Encoding(CHINESE, sample)


def read_text(path: Path, declared: str | None = None, *, binding: bool = False) -> tuple[str, Encoding]:
    """Return the whole text of a small file and its encoding; a byte-order mark is no part of it.

    Raises
    ------
    InputError
        If the file cannot be read or its encoding is not known.
    """
    encoding = find_encoding(path, declared, binding=binding)
    content = b"".join(blocks(path))
    try:
        return content.decode(encoding.name).removeprefix("\ufeff"), encoding
    except UnicodeDecodeError as error:
        raise wrong_encoding(path, encoding.name, content[: error.start].count(b"\n") + 1) from None


def decoded(path: Path, encoding: str) -> Iterator[bytes]:
    """Yield the text of a file as UTF-8, without a byte-order mark, in blocks that end anywhere.

    Raises
    ------
    InputError
        If the bytes are not in ``encoding``: with the row.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines, first = 0, True
    for block in blocks(path):
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            raise wrong_encoding(path, encoding, lines + error.object[: error.start].count(b"\n") + 1) from None
        if first:
            text, first = text.removeprefix("\ufeff"), False
        content = text.encode("utf-8")
        lines += content.count(b"\n")
        yield content
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise InputError(
            "the file ends in the middle of a character (is it cut off?)",
            file=path,
            row=lines + 1,
            expected=f"whole text in {encoding}",
        ) from None


def wrong_encoding(path: Path, encoding: str, row: int) -> InputError:
    """Return the sentence for text that is not in its encoding."""
    try:
        found = find_encoding(path)
        mend = f'panel.encoding = "{found.name}" in study.toml'
    except InputError:
        mend = 'panel.encoding = "…" in study.toml, e.g. "gb18030", "big5" or "cp1252"'
    return InputError(
        "the text is not in the declared encoding",
        file=path,
        row=row,
        found=f"bytes that are no {encoding}",
        expected=encoding,
        mend=mend,
    )


def _canonical(declared: str) -> str:
    name = codecs.lookup(declared).name.replace("_", "-")
    return CHINESE if name in ("gbk", "gb2312", "cp936") else name


def _unmarked_utf16(head: bytes) -> str | None:
    """Return the encoding of text of which every other byte is nothing."""
    sample = np.frombuffer(head[: len(head) // 2 * 2][:4096], dtype=np.uint8)
    if len(sample) < 8:
        return None
    even, odd = float((sample[::2] == 0).mean()), float((sample[1::2] == 0).mean())
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None


def _not_utf8(path: Path) -> int | None:
    """Return the first line that is not UTF-8, or None."""
    decoder, lines, foreign = codecs.getincrementaldecoder("utf-8")("strict"), 0, False
    for block in blocks(path):
        try:
            foreign = not decoder.decode(block).isascii() or foreign
        except UnicodeDecodeError as error:
            return lines + error.object[: error.start].count(b"\n") + 1
        lines += block.count(b"\n")
    # Half a character after whole ones is UTF-8 that was cut off, which the reader says.
    return lines + 1 if decoder.getstate()[0] and not foreign else None


def _chinese(path: Path) -> str | None:
    """Return a sample of the text if it is Chinese in GB 18030, else None."""
    decoder, sample = codecs.getincrementaldecoder(CHINESE)("strict"), ""
    pairs = np.zeros((0, 2), dtype=np.uint8)
    total = long = 0
    for block in blocks(path):
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError:
            return None
        sample = sample or _sample(text)
        if total < 2_000_000:
            foreign = re.sub(r"[\x00-\x7f]+", "", text)
            total += len(foreign)
            # Signs of four bytes have a form that no other encoding has; all others have two.
            long += len(foreign.encode(CHINESE)) // 2 - len(foreign)
            known = np.frombuffer(foreign.encode("gb2312", "ignore"), dtype=np.uint8)
            pairs = np.vstack([pairs, known.reshape(-1, 2)])
    first = pairs[:, 0].astype(int)
    hanzi = first[first >= _FREQUENT]
    kana, rare = int(np.isin(first, _KANA).sum()), int((hanzi >= _RARE).sum())
    enough = len(hanzi) > 0 and len(first) + long >= 0.9 * total and kana <= 0.1 * total
    usual = rare <= 0.25 * len(hanzi) or (rare == 1 and len(hanzi) > 1)
    different = len(np.unique(pairs[first >= _FREQUENT], axis=0))
    korean = different >= _FEW and bool((hanzi <= _LAST_HANGUL).all())
    return sample if enough and usual and not korean else None


def _sample(text: str, *, fallback: bool = False) -> str:
    found = re.search(r"[^\x00-\x7f][^\x00-\x1f,;\t\"]{0,9}", text)
    return found[0].strip() if found else (text[:10].split("\n")[0].strip() if fallback else "")
