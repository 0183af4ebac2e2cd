"""Reads the text of PDF files that typst wrote: enough to find a number in one, no general reader."""

from __future__ import annotations

import re
import zlib

ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(pdf: bytes) -> str:
    """Return the visible text in the order of the pages, without spaces."""
    objects = {
        int(number): body for number, body in re.findall(rb"(?:^|\n)(\d+) 0 obj\r?\n(.*?)\r?\nendobj", pdf, re.DOTALL)
    }
    fonts = {number: unicode_map(objects, body) for number, body in objects.items() if b"/Subtype/Type0" in body}
    text = []
    for body in objects.values():
        if not re.match(rb"<</Type/Page\b", body):
            continue
        resources = objects[int(re.search(rb"/Resources (\d+) 0 R", body)[1])]
        names = re.search(rb"/Font<<(.*?)>>", resources, re.DOTALL)
        named = dict(re.findall(rb"/(f\d+) (\d+) 0 R", names[1])) if names else {}
        content = stream(objects[int(re.search(rb"/Contents (\d+) 0 R", body)[1])])
        text.append(page_text(content, {name: fonts[int(number)] for name, number in named.items()}))
    return "\n".join(text).replace(" ", "").replace("\u00a0", "")


def stream(body: bytes) -> bytes:
    data = re.search(rb"stream\r?\n(.*)\r?\nendstream", body, re.DOTALL)[1]
    return zlib.decompress(data) if b"/FlateDecode" in body else data


def unicode_map(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    cmap = stream(objects[int(re.search(rb"/ToUnicode (\d+) 0 R", font)[1])])
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", cmap)
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def page_text(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    font: dict[int, str] = {}
    text = []
    position = 0
    operator = re.compile(rb"/(f\d+) [\d.]+ Tf|Tm\s*(?=[\[(<])|/(?:Lang|ActualText)\(")
    while found := operator.search(content, position):
        position = found.end()
        if found[1]:
            font = fonts[found[1]]
        elif found[0].startswith(b"Tm"):  # one string, or an array of strings and kernings
            codes, position = shown_strings(content, position)
            text += [font.get(int.from_bytes(codes[i : i + 2]), "") for i in range(0, len(codes), 2)]
        else:  # a string that describes the text
            _, position = literal_string(content, position)
    return "".join(text)


def shown_strings(content: bytes, position: int) -> tuple[bytes, int]:
    codes = b""
    while content[position : position + 1] not in (b"]", b"T"):
        if content[position : position + 1] == b"(":
            string, position = literal_string(content, position + 1)
            codes += string
        elif content[position : position + 1] == b"<":
            end = content.index(b">", position)
            codes += bytes.fromhex(content[position + 1 : end].decode())
            position = end + 1
        else:
            position += 1
    return codes, position + 1


def literal_string(content: bytes, position: int) -> tuple[bytes, int]:
    """Return the string that starts behind a parenthesis, and the position behind its end."""
    depth, codes = 1, b""
    while True:
        token = re.compile(rb"\\([0-7]{1,3}|\r\n|.)|.", re.DOTALL).match(content, position)
        position = token.end()
        if token[1] is not None:
            code = token[1]
            codes += bytes([int(code, 8)]) if code.isdigit() else ESCAPES.get(code, code.strip(b"\r\n"))
            continue
        depth += {b"(": 1, b")": -1}.get(token[0], 0)
        if depth == 0:
            return codes, position
        codes += token[0]
