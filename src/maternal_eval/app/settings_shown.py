"""What each analysis was computed with, in words: shown beside the source of a number."""

from __future__ import annotations

from collections.abc import Sequence

from maternal_eval.app.analysis import Analysis
from maternal_eval.core.languages import LANGUAGES, say

_PLAIN = (str, int, float, bool)


def settings_shown(analyses: Sequence[Analysis]) -> dict[str, dict[str, str]]:
    """Return what each analysis was computed with, ``<study>.<analysis>`` → words in each language.

    They are what study.toml sets for it, its seed, and the hash of all its settings, with defaults and ``[model]``.
    """
    shown = {}
    for analysis in analyses:
        for step in analysis.possible:
            manifest = analysis.store.manifest(analysis.name, step)
            own = analysis.definition.analysis.get(step, {})
            named = [f"{name} = {value}" if isinstance(value, _PLAIN) else f"{name} = …" for name, value in own.items()]
            quick = analysis.quick and analysis.study is not None
            base = {"en": "quick settings" if quick else "defaults", "zh": "快速设定" if quick else "默认设定"}
            shown[f"{analysis.name}.{step}"] = {
                str(language): say(language, ", ", "，").join(
                    [
                        base[language],
                        *named,
                        say(language, f"seed {manifest.seed}", f"种子 {manifest.seed}"),
                        say(language, f"hash {manifest.key.settings}", f"哈希 {manifest.key.settings}"),
                    ]
                )
                for language in LANGUAGES
            }
    return shown
