"""The interactive page: one file that works without a network, in two languages, from the results of a study."""

from __future__ import annotations

import base64
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from maternal_eval.analyses.explorer.result import ExplorerResult
from maternal_eval.core.files import write_whole
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.report.papers import TEMPLATES

NAME = "explorer.html"
_PLACE = "{{data}}"

_NOTICES = {
    True: {
        "en": "SIMULATED data. The built-in panel is simulated and calibrated to published figures: it shows what the "
        "weights do, and confirms no published figure.",
        "zh": "模拟数据。内置面板为模拟所得，按已发表数字校准：可用来观察权重的作用，不能证实任何已发表数字。",
    },
    False: {
        "en": "Real answers, as means of units with enough respondents and their common spread; no single answer is "
        "part of this page, and none can be worked out from it.",
        "zh": "真实答卷，仅含受访者足够多的单元的均值及其共同离散程度；本页不含任何个人答卷，也无法由其推算。",
    },
}
"""Whether the panel is simulated → what a reader must know."""


def write_explorer(result: ExplorerResult, path: Path) -> Path:
    """Write the interactive page of a study and return its path; what was there stays until the new one is whole."""
    page = (TEMPLATES / NAME).read_text(encoding="utf-8")
    data = json.dumps(page_data(result), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Inside a script element "</" ends the data, and "<!--<script" keeps the end from being seen: no "<" is left.
    data = data.replace("<", "\\u003c")
    write_whole(path, partial(Path.write_text, data=page.replace(_PLACE, data), encoding="utf-8"))
    return path


def page_data(result: ExplorerResult) -> dict[str, Any]:
    """Return what the page reads: names in both languages, units, and numbers as base64 of 32-bit floats."""
    weights, codes = result.weights, [str(code) for code in result.weights["indicator"].to_numpy()]
    dimensions = list(dict.fromkeys(result.dimensions[code] for code in codes))
    return {
        "title": result.title,
        "words": {language: _words(result, language) for language in LANGUAGES},
        "notice": {
            language: " ".join([_NOTICES[result.simulated][language], *(one[language] for one in result.remarks)])
            for language in LANGUAGES
        },
        "simulated": result.simulated,
        "period": result.period,
        "dimensions": [_named(result, name) for name in dimensions],
        "indicators": [
            _named(result, code) | {"dimension": dimensions.index(result.dimensions[code])} for code in codes
        ],
        "stages": [
            _named(result, stage)
            | {
                "proposed": _numbers(weights["proposed"].sel(stage=stage)),
                "draws": _packed(weights["proposed_draws"].sel(stage=stage)),
                "reason": result.reasons[stage],
            }
            for stage in result.stages
        ],
        "units": result.scores[["stage", "platform", "n"]].to_dict("records"),
        "static": _numbers(weights["static"]),
        "static_draws": _packed(weights["static_draws"]),
        "mean": _packed(result.moments["mean"]),
        "covariance": _packed(result.moments["covariance"]),
    }


def _words(result: ExplorerResult, language: str) -> dict[str, str]:
    """Return what the study calls a stage (in full) and a platform, one and many."""
    words = result.words
    return {
        "stage": words.fill("{full Stage}", language),
        "platform": words.fill("{platform}", language),
        "platforms": words.fill("{platforms}", language),
        "Platform": words.fill("{Platform}", language),
        "aPlatform": words.fill("{a Platform}", language),
    }


def _named(result: ExplorerResult, code: str) -> dict[str, Any]:
    return {"id": code} | {language: result.labels.get(code, {}).get(language, code) for language in LANGUAGES}


def _numbers(values: Any) -> list[float]:
    return [float(value) for value in np.asarray(values, dtype=float)]


def _packed(values: Any) -> str:
    """Return numbers row by row as base64 of little-endian 32-bit floats."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")
