"""Where each number of a page comes from, one key press away: analysis, settings, hash of its inputs, interval.

A number is a button; what it opens is a pop-over of HTML alone, without a script and without a network. In print, and
in a browser that knows no pop-overs, all of them stand as a list at the end of the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from maternal_eval.core.languages import Language, say
from maternal_eval.report.prose import HEADING, Prose
from maternal_eval.report.text_units import CLOSE, KEPT, NUMBERED, OPEN
from maternal_eval.results.findings import Finding, Findings
from maternal_eval.results.naming import STUDY, number_name
from maternal_eval.results.numbers import interval_name
from maternal_eval.results.tables import EVIDENCE, FindingsTable

Settings = Mapping[str, Mapping[str, str]]
"""``<study>.<analysis>`` → what it was computed with, in each language."""

_KEY = re.compile(r"\{\{\s*([^{}|:]*?)\s*(?:\|[^{}]*)?\}\}")


def numbers_marked(prose: Prose, findings: Findings) -> tuple[str, list[str]]:
    """Return the body with a mark around each key of a number, and these keys; headings are left as they are.

    The mark carries the place of the key in the list; :func:`maternal_eval.report.text_units.as_spans` makes it a span.
    """
    keys: list[str] = []
    parts, position = list[str](), 0
    headings = [match.span() for match in HEADING.finditer(prose.without_code)]
    for match in KEPT.finditer(prose.without_code):
        found = _KEY.fullmatch(match.group(0))
        if found is None or isinstance(findings[found.group(1)].value, (str, dict)):
            continue
        if any(start <= match.start() < end for start, end in headings):
            continue
        if found.group(1) not in keys:
            keys.append(found.group(1))
        parts += [prose.body[position : match.start()], f"{OPEN}{keys.index(found.group(1))}{NUMBERED}"]
        parts += [match.group(0), CLOSE]
        position = match.end()
    return "".join([*parts, prose.body[position:]]), keys


def with_sources(
    page: str, keys: list[str], tables: list[str], findings: Findings, settings: Settings, language: Language
) -> str:
    """Return a page with the sources of its numbers and tables, which its buttons open, at the end of its text."""
    entries = [
        _of_number(f"source-{place}", findings[key], findings, settings, language) for place, key in enumerate(keys)
    ]
    first = {(key.split(".")[0], findings[key].step): key for key in reversed(list(findings))}
    for name in dict.fromkeys(tables):
        if name not in findings.tables:
            continue
        place = f"source-of-{name}"
        button = _button(place, say(language, "Source", "来源"))
        start = re.compile(rf'(<table id="tbl:{re.escape(name)}"[^>]*>\s*<caption>.*?)(</caption>)', re.DOTALL)
        page, found = start.subn(rf"\1 {button}\2", page, count=1)
        if found:
            table = findings.tables[name]
            key = first.get((name.split("-")[0], table.step), "")
            made_by = findings[key] if key else None
            entries.append(_of_table(place, table, made_by, settings, language))
    if not entries:
        return page
    title = say(language, "Sources of the numbers", "数值来源")
    section = (
        '<section class="number-sources" aria-labelledby="number-sources">\n'
        f'<h2 id="number-sources">{title}</h2>\n' + "\n".join(entries) + "\n</section>\n"
    )
    before, end, after = page.rpartition("</main>")
    return f"{before}{section}{end}{after}"


def _button(place: str, text: str) -> str:
    return (
        f'<button type="button" class="number" popovertarget="{place}" aria-haspopup="dialog">{escape(text)}</button>'
    )


def _of_number(place: str, finding: Finding, findings: Findings, settings: Settings, language: Language) -> str:
    study, step = finding.key.split(".")[:2]
    names = findings.names.get(study, {})
    rows = [(say(language, "Value", "取值"), finding.format(language))]
    if finding.low is not None:
        kind = interval_name(finding.probability, finding.kind, language)
        interval = finding.format(language, "interval") + say(language, f" ({kind})", f"（{kind}）")
        rows.append((say(language, "Interval", "区间"), interval))
    title = names.get(STUDY, {}).get(language, study)
    rows += [
        (say(language, "Kind of evidence", "证据类别"), say(language, *EVIDENCE[finding.evidence])),
        (say(language, "Study", "研究"), title),
        (say(language, "Analysis", "分析"), finding.step),
        *_settings_row(settings, f"{study}.{step}", language),
        (say(language, "Derived in", "推导所在"), finding.source),
        (say(language, "Hash of its inputs", "输入哈希"), finding.input_hash),
    ]
    return _entry(place, number_name(finding.key, names)[language], rows, language, finding.key)


def _of_table(place: str, table: FindingsTable, made_by: Finding | None, settings: Settings, language: Language) -> str:
    """Return the source of a table; ``made_by`` is a number of the same analysis, which has its hash."""
    rows = [
        (say(language, "Kind of evidence", "证据类别"), say(language, *EVIDENCE[table.evidence])),
        (say(language, "Analysis", "分析"), table.step),
        *([] if made_by is None else _settings_row(settings, ".".join(made_by.key.split(".")[:2]), language)),
        (say(language, "Derived in", "推导所在"), table.source),
        (say(language, "Hash of its inputs", "输入哈希"), "" if made_by is None else made_by.input_hash),
    ]
    return _entry(place, say(language, "Table: ", "表：") + table.caption[language], rows, language)


def _settings_row(settings: Settings, analysis: str, language: Language) -> list[tuple[str, str]]:
    text = settings.get(analysis, {}).get(language, "")
    return [(say(language, "Settings", "设定"), text)] if text else []


def _entry(place: str, name: str, rows: list[tuple[str, str]], language: Language, key: str = "") -> str:
    listed = "".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in rows if text)
    if key:
        listed += f"<dt>{say(language, 'Key in the text', '文本中的键名')}</dt><dd><code>{escape(key)}</code></dd>"
    close = say(language, "Close", "关闭")
    return (
        f'<div class="source" id="{place}" popover role="dialog" aria-labelledby="{place}-name">'
        f'<p id="{place}-name">{escape(name)}</p><dl>{listed}</dl>'
        f'<button type="button" popovertarget="{place}" popovertargetaction="hide">{close}</button></div>'
    )
