"""A study is a folder with a ``study.toml``: :class:`Study` reads and checks everything in it once."""

from maternal_eval.study.definition import FILE_NAME, StudyDefinition, read_definition
from maternal_eval.study.evaluation_model import (
    DIMENSIONS,
    INDICATOR_KINDS,
    KANO_CLASSES,
    OUTCOME_KINDS,
    Dimension,
    EvaluationModel,
    Indicator,
    IndicatorKind,
    Moment,
    Outcome,
    Stage,
)
from maternal_eval.study.model_settings import ModelSettings
from maternal_eval.study.orientation import turned, turned_remark
from maternal_eval.study.study import AbsentPart, Study
from maternal_eval.study.survey import Masses, aggregated, cluster_codes, cluster_columns, masses, survey_weights

__all__ = [
    "DIMENSIONS",
    "FILE_NAME",
    "INDICATOR_KINDS",
    "KANO_CLASSES",
    "OUTCOME_KINDS",
    "AbsentPart",
    "Dimension",
    "EvaluationModel",
    "Indicator",
    "IndicatorKind",
    "Masses",
    "ModelSettings",
    "Moment",
    "Outcome",
    "Stage",
    "Study",
    "StudyDefinition",
    "aggregated",
    "cluster_codes",
    "cluster_columns",
    "masses",
    "read_definition",
    "survey_weights",
    "turned",
    "turned_remark",
]
