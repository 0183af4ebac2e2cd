"""What a study holds, in numbers: the result of ``maternal-eval check``."""

from __future__ import annotations

import pandas as pd

from maternal_eval.analyses.check.result import CheckResult
from maternal_eval.analyses.check.settings import CheckSettings
from maternal_eval.core.progress import Progress
from maternal_eval.core.randomness import Seed
from maternal_eval.study import counts
from maternal_eval.study.column_table import column_table
from maternal_eval.study.evaluation_model import OUTCOME_KINDS
from maternal_eval.study.net_promoter import HIGHEST, net_promoter_score
from maternal_eval.study.oddities import doubled, small_cells
from maternal_eval.study.periods import NAMES
from maternal_eval.study.study import Study
from maternal_eval.study.survey import survey_weights
from maternal_eval.study.tables import TABLE_KINDS


def summarise_study(
    study: Study, settings: CheckSettings, seed: Seed = 0, progress: Progress | None = None
) -> CheckResult:
    """Count what ``study`` holds."""
    people, total = counts.respondents(study), counts.number_of_rows(study)
    facts: dict[str, str | int | float] = {
        "study": study.name,
        "panel": f"{study.panel_source}{' (simulated)' if study.simulated else ''}",
        "answers": total,
        "respondents": "not named" if people is None else people,
        "periods": ", ".join(map(study.timeline.label, study.periods)) or "none",
        "stages": ", ".join(study.stages) or "none",
        "dimensions": len(study.model.dimensions),
        "indicators": len(study.model.indicators),
        "outcomes": ", ".join(study.outcomes) or "none",
    }
    turned = [one.code for one in study.model.indicators if one.reversed]
    turned += [one.name for one in study.outcomes.values() if one.reversed]
    if turned:
        facts["less is better"] = ", ".join(turned)
    if study.periods:
        facts |= _of_time(study)
    if study.has_platforms:
        facts["platforms"] = counts.rows_by(study, ["platform"])["platform"].nunique()
    if study.stages:
        of_stage = counts.rows_by(study, ["stage"])
        facts["answers without a stage"] = int(of_stage.loc[of_stage["stage"].isna(), "rows"].sum())
    facts |= _net_promoter_scores(study)
    for name, table in study.tables.items():
        facts[f"rows in {name}"] = len(table)
    columns = [*study.model.codes, *study.outcomes]
    answers = counts.answers(study, columns).rename_axis("column").reset_index()
    answers.insert(2, "share_answered", answers["answered"] / total)
    by = [name for name in ("period", "stage") if name in study.panel and (name != "stage" or study.stages)]
    cells = counts.rows_by(study, by).dropna().rename(columns={"rows": "answers"}) if by else pd.DataFrame()
    if "stage" in cells:
        cells["stage"] = cells["stage"].astype("str")
    absent = [{"part": a.part, "en": a.consequence_en, "zh": a.consequence_zh} for a in study.absent]
    notes = small_cells(cells, study.words) + ([] if study.counted is not None else doubled(study.panel))
    kinds = [TABLE_KINDS[name] for name in study.tables if name in TABLE_KINDS]
    notes += [study.words.remark(kind.note_en, kind.note_zh) for kind in kinds if kind.note_en]
    return CheckResult(facts, answers, cells, absent, [*study.remarks, *notes], column_table(study))


def _net_promoter_scores(study: Study) -> dict[str, str]:
    """Return the net promoter score of each recommendation in the latest period, with interval, error and base."""
    found = {}
    asked = [
        one
        for one in study.outcomes.values()
        if OUTCOME_KINDS[one.kind].net_promoter and (one.low, one.high) == (0, HIGHEST)
    ]
    if study.counted is None and asked:
        panel, when = study.panel, ""
        if study.periods:
            panel = panel[panel["period"] == study.periods[-1]]
            when = f" in {study.timeline.label(study.periods[-1])}"
        weights = survey_weights(panel)
        for one in asked:
            answers = panel[one.name].to_numpy(dtype=float)
            score = net_promoter_score(answers, weights, stated=len(panel))
            found[f"NPS of {one.name}{when}"] = score.in_words().replace("were stated", "rows")
    return found


def _of_time(study: Study) -> dict[str, str]:
    """Return what the periods were taken for, and which steps of time hold no answers."""
    timeline = study.timeline
    kind = NAMES[timeline.kind]
    if not timeline.declared and timeline.kind:
        kind += f', as they are written (kind = "{timeline.kind}" under [periods] in study.toml declares it)'
    empty = ", ".join(timeline.missing())
    return {"kind of periods": kind} | ({"periods without answers": empty} if empty else {})
