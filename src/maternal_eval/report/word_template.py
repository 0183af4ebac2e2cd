"""The reference document from which Word files take their look.

It is made from pandoc's own default each time, so that nothing binary lies in the repository: the changes are
the tables below. East-Asian typefaces stand in the theme and in the style defaults; without them Word sets
Chinese in whatever face it finds.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from maternal_eval.core.languages import say
from maternal_eval.report.pandoc import run_pandoc

ACCENT, BRIGHT, INK, MUTED, PALE, AMBER = "0B4F8A", "0072B2", "1F2933", "52606D", "EAF3FA", "FFF4DC"
LATIN_HEADINGS, LATIN_BODY = "Arial", "Georgia"
CHINESE_HEADINGS, CHINESE_BODY = "Microsoft YaHei", "SimSun"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)

_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEADING_FACE = (
    '<w:rFonts w:asciiTheme="majorHAnsi" w:hAnsiTheme="majorHAnsi" w:eastAsiaTheme="majorEastAsia" '
    'w:cstheme="majorBidi"/>'
)


def _paragraph(before: int, after: int, *, line: int | None = None, more: str = "") -> str:
    """Return the paragraph properties of a style; spaces in twentieths of a point, line in 240ths."""
    spacing = f' w:line="{line}" w:lineRule="auto"' if line else ""
    return f'{more}<w:spacing w:before="{before}" w:after="{after}"{spacing}/>'


def _run(half_points: int, color: str = INK, *, heading: bool = False, bold: bool = False) -> str:
    """Return the character properties of a style; the size in half points."""
    return (
        f"{_HEADING_FACE if heading else ''}{'<w:b/>' if bold else ''}"
        f'<w:color w:val="{color}"/><w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'
    )


_BAR = f'<w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="{BRIGHT}"/></w:pBdr>'
_SHADE = f'<w:shd w:val="clear" w:color="auto" w:fill="{PALE}"/>'
_UNDERLINE = f'<w:pBdr><w:bottom w:val="single" w:sz="8" w:space="3" w:color="{BRIGHT}"/></w:pBdr>'
_KEEP = "<w:keepNext/><w:keepLines/>"
_CAPTION_RUN = f'{_HEADING_FACE}<w:i w:val="0"/><w:color w:val="{INK}"/><w:sz w:val="18"/><w:szCs w:val="18"/>'

# Style: (paragraph properties, character properties, alignment). The order of elements is the schema's.
_STYLES: dict[str, tuple[str, str, str]] = {
    "BodyText": (_paragraph(110, 70, line=300), "", "both"),
    "Compact": (_paragraph(30, 30, line=264), "", "left"),
    "Title": (_paragraph(1200, 160, more=_KEEP), _run(52, ACCENT, heading=True), "left"),
    "Subtitle": (_paragraph(0, 320, more=_KEEP), _run(26, MUTED, heading=True), "left"),
    "Author": (_paragraph(0, 40, more=_KEEP), _run(21, INK, heading=True), "left"),
    "Date": (_paragraph(0, 320, more=_KEEP), _run(21, MUTED, heading=True), "left"),
    "AbstractTitle": (_paragraph(200, 60, more=_KEEP + _BAR + _SHADE), _run(24, ACCENT, heading=True), "left"),
    "Abstract": (_paragraph(0, 120, line=288, more="<w:keepLines/>" + _BAR + _SHADE), _run(20), "left"),
    "Heading1": (_paragraph(480, 180, more=_KEEP + _UNDERLINE), _run(34, ACCENT, heading=True), "left"),
    "Heading2": (_paragraph(320, 120, more=_KEEP), _run(26, ACCENT, heading=True), "left"),
    "Heading3": (_paragraph(240, 80, more=_KEEP), _run(22, INK, heading=True), "left"),
    "Bibliography": (_paragraph(0, 100, line=264), _run(20), "left"),
    "ImageCaption": (_paragraph(60, 320, line=264), _CAPTION_RUN, "left"),
    "TableCaption": (_paragraph(280, 100, line=264, more="<w:keepNext/>"), _CAPTION_RUN, "left"),
    "CaptionedFigure": (_paragraph(240, 40, more="<w:keepNext/>"), "", "center"),
}
_CALLOUT = (
    '<w:style w:type="paragraph" w:customStyle="1" w:styleId="Callout"><w:name w:val="Callout"/>'
    '<w:basedOn w:val="BodyText"/><w:qFormat/>'
    f'<w:pPr>{_BAR}{_SHADE}<w:spacing w:before="120" w:after="120" w:line="288" w:lineRule="auto"/>'
    '<w:ind w:left="200" w:right="120"/></w:pPr></w:style>'
)
_TABLE = (
    '<w:style w:type="table" w:customStyle="1" w:styleId="Table"><w:name w:val="Table"/>'
    '<w:basedOn w:val="TableNormal"/><w:qFormat/>'
    '<w:pPr><w:spacing w:before="40" w:after="40"/></w:pPr>'
    f'<w:rPr>{_HEADING_FACE}<w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>'
    f'<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="12" w:space="0" w:color="{ACCENT}"/>'
    f'<w:bottom w:val="single" w:sz="12" w:space="0" w:color="{ACCENT}"/></w:tblBorders>'
    '<w:tblCellMar><w:left w:w="100" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    f'<w:tblStylePr w:type="firstRow"><w:rPr><w:color w:val="{ACCENT}"/></w:rPr><w:tcPr><w:tcBorders>'
    f'<w:bottom w:val="single" w:sz="6" w:space="0" w:color="{ACCENT}"/></w:tcBorders></w:tcPr></w:tblStylePr>'
    "</w:style>"
)


def write_reference_document(path: Path, language: str, *, title: str, notice: str) -> None:
    """Write the reference document: A4, the project's styles, a header with title and notice, page numbers."""
    default = run_pandoc(["--print-default-data-file", "reference.docx"])
    with zipfile.ZipFile(io.BytesIO(default)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["word/styles.xml"] = _styled(parts["word/styles.xml"].decode(), language).encode()
    parts["word/theme/theme1.xml"] = _themed(parts["word/theme/theme1.xml"].decode()).encode()
    parts["word/settings.xml"] = _settings(parts["word/settings.xml"].decode(), language).encode()
    parts["word/header1.xml"] = _header(title, notice).encode()
    parts["word/footer1.xml"] = _footer().encode()
    parts["word/document.xml"] = _with_section(parts["word/document.xml"].decode()).encode()
    relations = "".join(
        f'<Relationship Type="{_RELATION}/{kind}" Id="rId{number}" Target="{kind}1.xml"/>'
        for kind, number in (("header", 91), ("footer", 92))
    )
    rels = "word/_rels/document.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", relations.encode() + b"</Relationships>")
    types = "".join(
        f'<Override PartName="/word/{kind}1.xml" ContentType="{_CONTENT}.{kind}+xml"/>' for kind in ("header", "footer")
    )
    name = "[Content_Types].xml"
    parts[name] = parts[name].replace(b"</Types>", types.encode() + b"</Types>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part, content in parts.items():
            target.writestr(zipfile.ZipInfo(part, FIXED_TIME), content, zipfile.ZIP_DEFLATED)


def _styled(styles: str, language: str) -> str:
    """Return ``styles.xml`` with the paragraph and character properties of :data:`_STYLES`."""
    latin = say(language, "en-GB", "en-US")
    styles = re.sub(r'<w:lang w:val="[^"]*"', f'<w:lang w:val="{latin}"', styles, count=1)
    styles = re.sub(r'<w:sz w:val="24" />\s*<w:szCs w:val="24" />', _run(21), styles, count=1)
    for name, (paragraph, run, alignment) in _STYLES.items():
        pattern = re.compile(rf'(<w:style\b[^>]*w:styleId="{name}"[^>]*>)(.*?)(</w:style>)', re.DOTALL)
        properties = f'<w:pPr>{paragraph}<w:jc w:val="{alignment}"/></w:pPr><w:rPr>{run}</w:rPr>'
        outline = re.search(rf'styleId="{name}".*?(<w:outlineLvl[^>]*>).*?</w:style>', styles, re.DOTALL)
        if name.startswith("Heading") and outline is not None:
            properties = properties.replace("</w:pPr>", outline.group(1) + "</w:pPr>")

        def restyled(match: re.Match[str], properties: str = properties) -> str:
            kept = re.sub(r"<w:(pPr|rPr)\s*/>|<w:(pPr|rPr)>.*?</w:\2>", "", match.group(2), flags=re.DOTALL)
            return match.group(1) + kept + properties + match.group(3)

        styles, found = pattern.subn(restyled, styles)
        if not found:
            raise ValueError(f"pandoc's reference document has no style {name}")
    styles = re.sub(r'<w:style\b[^>]*w:styleId="Table"[^>]*>.*?</w:style>', lambda _: _TABLE, styles, flags=re.DOTALL)
    return styles.replace("</w:styles>", _CALLOUT + "</w:styles>")


def _themed(theme: str) -> str:
    """Return the theme with Latin and East-Asian typefaces for headings (major) and text (minor)."""
    for kind, latin, chinese in (
        ("major", LATIN_HEADINGS, CHINESE_HEADINGS),
        ("minor", LATIN_BODY, CHINESE_BODY),
    ):

        def replaced(match: re.Match[str], latin: str = latin, chinese: str = chinese) -> str:
            fonts = re.sub(r'<a:latin typeface="[^"]*"[^>]*/>', f'<a:latin typeface="{latin}"/>', match.group(0))
            fonts = re.sub(r'<a:ea typeface="[^"]*"\s*/>', f'<a:ea typeface="{chinese}"/>', fonts)
            return re.sub(
                r'<a:font script="Hans" typeface="[^"]*"\s*/>',
                f'<a:font script="Hans" typeface="{chinese}"/>',
                fonts,
            )

        theme = re.sub(rf"<a:{kind}Font>.*?</a:{kind}Font>", replaced, theme, flags=re.DOTALL)
    return theme


def _settings(settings: str, language: str) -> str:
    latin = say(language, "en-GB", "en-US")
    tag = f'<w:themeFontLang w:val="{latin}" w:eastAsia="zh-CN"/>'
    return re.sub(r"<w:themeFontLang[^>]*/>", tag, settings)


def _small_run(text: str, half_points: int, color: str) -> str:
    properties = _run(half_points, color, heading=True)
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _header(title: str, notice: str) -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{AMBER}"/>'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:hdr {_NAMESPACE}>'
        f'<w:p><w:pPr>{_UNDERLINE}<w:spacing w:after="60"/></w:pPr>{_small_run(title, 16, MUTED)}</w:p>'
        f'<w:p><w:pPr>{shade}<w:spacing w:after="120"/></w:pPr>{_small_run(notice, 15, "6B4500")}</w:p></w:hdr>'
    )


def _footer() -> str:
    page, pages = (
        f'<w:fldSimple w:instr=" {code} ">{_small_run("1", 16, MUTED)}</w:fldSimple>' for code in ("PAGE", "NUMPAGES")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:ftr {_NAMESPACE}>'
        f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{page}{_small_run(" / ", 16, MUTED)}{pages}</w:p></w:ftr>'
    )


def _with_section(document: str) -> str:
    """Return the document with an A4 section (25 mm margins) that has the header and the footer."""
    section = (
        f'<w:sectPr><w:headerReference xmlns:r="{_RELATION}" w:type="default" r:id="rId91"/>'
        f'<w:footerReference xmlns:r="{_RELATION}" w:type="default" r:id="rId92"/>'
        '<w:footnotePr><w:numRestart w:val="eachSect"/></w:footnotePr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1900" w:right="1417" w:bottom="1417" w:left="1417" w:header="700" w:footer="600" '
        'w:gutter="0"/></w:sectPr>'
    )
    return re.sub(r"<w:sectPr\b.*?</w:sectPr>", lambda _: section, document, flags=re.DOTALL)
