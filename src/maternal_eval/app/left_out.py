"""What a study is not asked: analyses that refuse it, those that lack something, and how both are said.

A paper of a study that nobody has seen before leaves out the section of an analysis that refuses and says which and
why; the rest of the paper stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.steps import STEPS, lacks
from maternal_eval.core.errors import DiagnosticsError, InputError, MaternalEvalError, problems_in
from maternal_eval.core.remarks import Remark, remark

REFUSALS = (InputError, DiagnosticsError)
"""What says that an analysis cannot be had on this study, and not that something is wrong with the machine."""


@dataclass(frozen=True)
class NotAsked:
    """An analysis without a result, why, and whether it was refused while it was computed."""

    step: str
    why: Remark
    refused: bool


def note_left_out(analysis: Analysis, step: str, error: MaternalEvalError) -> None:
    """Note that an analysis was refused; those that cannot do without it are left out as well."""
    analysis.left_out[step] = error
    for name, one in STEPS.items():
        if name in analysis.possible and (missing := [use for use in one.uses if use in analysis.left_out]):
            verbs = " and ".join(repr(STEPS[use].verb) for use in missing)
            analysis.left_out[name] = InputError(f"it needs the result of {verbs}, which is left out")


def not_asked(analysis: Analysis) -> list[NotAsked]:
    """Return what has no result, in the order of the argument: refused, or lacking something that it needs."""
    study, wanted = analysis.required_study, analysis.definition.study.analyses
    found: list[NotAsked] = []
    for name, step in STEPS.items():
        if wanted and name not in wanted:
            continue
        if name in analysis.left_out:
            found.append(NotAsked(name, _refusal(analysis.left_out[name]), refused=True))
        elif lacking := lacks(step, study):
            both = {"en": " and ".join(one["en"] for one in lacking), "zh": "；".join(one["zh"] for one in lacking)}
            found.append(NotAsked(name, remark(f"It needs {both['en']}.", f"需要：{both['zh']}。"), refused=False))
        elif name not in analysis.possible:
            why = remark("It takes long: --long computes it.", "耗时较长，加 --long 才计算。")
            found.append(NotAsked(name, why, refused=False))
    return found


def _refusal(error: MaternalEvalError) -> Remark:
    """Return why an analysis was refused, without the folders of this machine."""
    sentences = [_without_folders(one) for one in problems_in(error)] if isinstance(error, InputError) else [str(error)]
    text = "; ".join(dict.fromkeys(sentences))
    return remark(f"Left out: {text}.", f"未计算。程序给出的原因（英文）：{text}。")


def _without_folders(error: InputError) -> str:
    file = None if error.file is None else Path(error.file).name
    return str(
        InputError(
            error.problem,
            file=file,
            row=error.row,
            column=error.column,
            found=error.found,
            expected=error.expected,
            mend=error.mend,
        )
    )
