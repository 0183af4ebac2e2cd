"""What each analysis was computed with, in words: shown beside the source of a number."""

from __future__ import annotations

from collections.abc import Sequence

from maternal_eval.app.analysis import Analysis


def _shortly(value: object) -> str:
    """Return a setting as a reader takes it in: a number or word, a list of these, else that study.toml has it."""
    if isinstance(value, list) and all(isinstance(one, (str, int, float)) for one in value):
        return " ".join(map(str, value))
    return str(value) if isinstance(value, (str, int, float)) else "… (study.toml)"


def settings_shown(analyses: Sequence[Analysis]) -> dict[str, dict[str, str]]:
    """Return what each analysis was computed with, ``<study>.<analysis>`` → words in each language.

    They are what study.toml sets for it, its seed, and the hash of all its settings, with defaults and ``[model]``.
    """
    shown = {}
    for analysis in analyses:
        for step in analysis.possible:
            manifest = analysis.store.manifest(analysis.name, step)
            own = analysis.definition.analysis.get(step, {})
            named = [f"{name} = {_shortly(value)}" for name, value in own.items()]
            quick = analysis.quick and analysis.study is not None
            base = {"en": "quick settings" if quick else "defaults", "zh": "快速设定" if quick else "默认设定"}
            but = (
                {"en": f" but {', '.join(named)}", "zh": f"，另设 {'，'.join(named)}"}
                if named
                else {"en": "", "zh": ""}
            )
            seed, key = manifest.seed, manifest.key.settings
            shown[f"{analysis.name}.{step}"] = {
                "en": f"{base['en']}{but['en']}; seed {seed}; hash {key}",
                "zh": f"{base['zh']}{but['zh']}；种子 {seed}；哈希 {key}",
            }
    return shown
