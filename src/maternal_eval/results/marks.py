"""The mark of what was found on a simulated panel: in titles, captions and alternative texts, in both languages."""

from __future__ import annotations

from maternal_eval.core.languages import say


def panel_kind(simulated: bool) -> dict[str, str]:
    """Return what a panel is, language → words: simulated, or real data.

    Examples
    --------
    >>> panel_kind(True)["en"], panel_kind(False)["zh"]
    ('simulated panel', '真实数据')
    """
    if simulated:
        return {"en": "simulated panel", "zh": "模拟面板"}
    return {"en": "real data", "zh": "真实数据"}


def simulated_mark(simulated: bool, language: str, en: str = " ({})", zh: str = "（{}）") -> str:
    """Return what a title adds where the panel is simulated, and nothing where it is not.

    Parameters
    ----------
    simulated, language
        Whether the panel is, and the language of the title.
    en, zh
        How the words stand in the title, in English and in Chinese.

    Examples
    --------
    >>> "Scores" + simulated_mark(True, "en"), "Scores" + simulated_mark(False, "en")
    ('Scores (simulated panel)', 'Scores')
    """
    return say(language, en, zh).format(panel_kind(True)[language]) if simulated else ""
