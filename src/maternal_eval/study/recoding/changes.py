"""What recoding changed, counted, and what a person should hear of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from maternal_eval.core.printable import quoted
from maternal_eval.core.remarks import Remark, remark

_SHOWN = 8


@dataclass
class Changes:
    """Counts what was changed: kind → what → column → number."""

    counts: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)

    def add(self, what: str, value: str, column: str, number: int) -> None:
        """Count ``number`` answers."""
        if number:
            columns = self.counts.setdefault((what, value), {})
            columns[column] = columns.get(column, 0) + number

    def remarks(self) -> list[Remark]:
        """Return what a person should hear of them."""
        sentences = {
            "missing": ("count as not answered", "按未作答处理"),
            "kept": ("stay answers, because the scale there holds them", "在该列量表之内，仍作为答案"),
            "percent": ("are read from percentages", "由百分数读入"),
            "fullwidth": ("are read from full-width digits", "由全角数字读入"),
            "comma": ("are read with a decimal comma", "按小数逗号读入"),
            "cap": ("lie beyond the ends and count as the end", "超出上下限，按端点值计"),
        }
        found = []
        for (what, value), columns in self.counts.items():
            if what not in sentences:
                continue
            number, names = sum(columns.values()), _names(columns)
            shown = f" {quoted(value, 30)}" if value else ""
            en, zh = sentences[what]
            found.append(
                remark(
                    f"{number:,} answers{shown} in {names} {en}, as study.toml declares.",
                    f"{names} 中 {number:,} 个答案{shown} {zh}（study.toml 的声明）。",
                )
            )
        return [*self._recoded(), *found, *self._cut()]

    def _recoded(self) -> list[Remark]:
        columns: dict[str, dict[str, str]] = {}
        for (what, value), of_columns in self.counts.items():
            if what == "answer":
                answer, _, number = value.rpartition(" = ")
                for column in of_columns:
                    columns.setdefault(column, {})[answer] = number
        alike: dict[str, list[str]] = {}
        for column, answers in columns.items():
            ordered = sorted(answers.items(), key=lambda item: float(item[1]))
            alike.setdefault(", ".join(f"{quoted(a, 40)} = {n}" for a, n in ordered), []).append(column)
        return [
            remark(
                f"Answers in column{'s' * (len(names) > 1)} {_names(names)} are recoded: {pairs}.",
                f"列 {_names(names, '、')} 的答案已重新编码：{pairs.replace(', ', '，')}。",
            )
            for pairs, names in alike.items()
        ]

    def _cut(self) -> list[Remark]:
        of_column: dict[str, list[str]] = {}
        for (what, value), columns in self.counts.items():
            if what == "cut":
                for column, number in columns.items():
                    of_column.setdefault(column, []).append(f"{quoted(value, 40)} {number:,}")
        return [
            remark(
                f"Numbers in column {column} are cut into classes: {', '.join(classes)}.",
                f"列 {column} 的数值已分组：{'，'.join(classes)}。",
            )
            for column, classes in of_column.items()
        ]


def _names(columns: Sequence[str] | Mapping[str, int], between: str = ", ") -> str:
    listed = [quoted(name, 30) for name in columns]
    more = len(listed) - _SHOWN
    return between.join(listed[:_SHOWN]) + (f" … (+{more})" if more > 0 else "")
