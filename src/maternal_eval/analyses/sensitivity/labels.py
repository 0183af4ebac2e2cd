"""What outputs, factors and analyses of sensitivity are called, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from maternal_eval.analyses.sensitivity.choices import CHOICES
from maternal_eval.analyses.sensitivity.verdict import LINE
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.methods.sensitivity.sobol import DUMMY
from maternal_eval.study import DIMENSIONS

Names = dict[str, str]

OUTPUTS: dict[str, Names] = {
    "score": {"en": "overall score", "zh": "总体得分"},
    "rank_shift": {"en": "change of ranks", "zh": "名次变化"},
    "lead": {"en": "lead of the first", "zh": "首位领先幅度"},
}

FACTORS: dict[str, Names] = {
    DIMENSIONS: {"en": "weights of dimensions", "zh": "维度权重"},
    LINE: {"en": "line to the outcome", "zh": "得分与结果的回归线"},
    DUMMY: {"en": "dummy", "zh": "虚设因素"},
}


def output_names(labels: Mapping[str, Mapping[str, str]], output: str) -> Names:
    """Return the name of an output of the whole in each language."""
    if output in OUTPUTS:
        return OUTPUTS[output]
    name = {language: labels.get(output, {}).get(language, output) for language in LANGUAGES}
    return {"en": f"{name['en'].lower()}, predicted", "zh": f"{name['zh']}（预测）"}


def factor_names(labels: Mapping[str, Mapping[str, str]], factor: str) -> Names:
    """Return the name of a factor in each language; sibling sets are the weights inside a dimension."""
    if factor in FACTORS:
        return FACTORS[factor]
    if factor in CHOICES:
        return {"en": CHOICES[factor].name_en, "zh": CHOICES[factor].name_zh}
    name = {language: labels.get(factor, {}).get(language, factor) for language in LANGUAGES}
    return {"en": f"weights in {name['en'].lower()}", "zh": f"{name['zh']}内权重"}
