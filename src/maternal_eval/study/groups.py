"""A study without stages as one group: whatever is said by stage is said of everybody."""

from __future__ import annotations

import dataclasses

import pandas as pd

from maternal_eval.study.evaluation_model import Stage
from maternal_eval.study.study import Study

EVERYONE = "everyone"
"""The one group of a study without stages, where tables have a column of stages."""

ONE_GROUP = Stage(EVERYONE, "全体", "Everybody")


def in_groups(study: Study) -> Study:
    """Return the study itself if it has stages, else the same study with everybody in one group."""
    if study.stages:
        return study
    panel = study.panel.assign(stage=pd.Categorical([EVERYONE] * len(study.panel), [EVERYONE]))
    return dataclasses.replace(study, panel=panel, stage_levels=(ONE_GROUP,), stages_ordered=False)
