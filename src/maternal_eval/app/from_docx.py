"""What an author changed in the Word file of a paper, taken back into its text."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from maternal_eval.core.errors import InputError
from maternal_eval.core.files import check_folder, write_whole
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.report.from_word import Merged, conflicts_as_markdown, merge_word
from maternal_eval.report.prose import Prose, compare_prose
from maternal_eval.study.definition import StudyDefinition

_SHOWN = 72


def take_back(folder: Path, definition: StudyDefinition, word: Path, out: Path) -> tuple[list[str], bool]:
    """Write what was changed in a Word file into the text that it was made of.

    Parameters
    ----------
    folder, definition
        The study. Its texts stand where ``[paper]`` says, else where ``paper`` has written them by template.
    word
        The Word file that the author edited; it stays as it is.
    out
        Folder for the list of what was not written, ``NAME.LANGUAGE.not-written.md``.

    Returns
    -------
    Lines that tell what was done, and whether everything was written.

    Raises
    ------
    InputError
        If the file cannot be read or is of another paper; then nothing is written.
    """
    texts = out / f"texts-{definition.study.name}" if definition.paper is None else folder / definition.paper.texts
    if not texts.is_dir():
        raise InputError(
            "there are no texts yet", file=texts, expected="a folder of texts", mend=f"maternal-eval paper {folder}"
        )
    check_folder(out)
    merged = merge_word(word, texts)
    lines = _written(merged)
    target = out / f"{merged.prose.path.stem}.not-written.md"
    if merged.conflicts or merged.removed:
        out.mkdir(parents=True, exist_ok=True)
        list_of = conflicts_as_markdown(merged, word)
        write_whole(target, partial(Path.write_text, data=list_of, encoding="utf-8"))
        lines += [
            f"not written: {f'row {one.row}: ' if one.row else ''}{one.why}: {_shortened(one.in_word or one.in_text)}"
            for one in merged.conflicts
        ]
        lines.append(f"both texts of each stand in {target}")
    else:
        target.unlink(missing_ok=True)
    return lines, not merged.conflicts


def _written(merged: Merged) -> list[str]:
    source = merged.prose.path
    if not merged.changed and not merged.removed:
        return [f"{source}: nothing to write"]
    write_whole(source, partial(Path.write_text, data=merged.text, encoding="utf-8"))
    lines = [f"{source}, row {row}: {_shortened(text)}" for row, text in merged.changed]
    lines += [f"{source}, row {row}: taken out: {_shortened(text)}" for row, text in merged.removed]
    texts = {}
    for language in LANGUAGES:
        other = source.with_name(f"{source.name.split('.')[0]}.{language}.md")
        if other.is_file():
            texts[language] = Prose.read(other)
    if len(texts) == len(LANGUAGES):
        differences = compare_prose(texts["en"], texts["zh"])
        lines += [f"to be changed in the other language too: {one}" for one in differences]
    return lines


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
