"""Kano classes from answers: counts, coefficients, and how sure the most frequent class is."""

from maternal_eval.kano.evaluation import (
    ANSWER_CLASSES,
    EVALUATION_TABLE,
    better_worse,
    better_worse_interval,
    classify,
    fong_test,
    modal_probability,
)
from maternal_eval.kano.result import KanoResult, KanoSettings, analyse_kano

__all__ = [
    "ANSWER_CLASSES",
    "EVALUATION_TABLE",
    "KanoResult",
    "KanoSettings",
    "analyse_kano",
    "better_worse",
    "better_worse_interval",
    "classify",
    "fong_test",
    "modal_probability",
]
