"""Satisfaction by life stage: a cumulative model of ordinal answers, fitted to counts by cell."""

from maternal_eval.satisfaction.cells import answer_of, category_of, cell_counts
from maternal_eval.satisfaction.fit import build_model, fit_satisfaction
from maternal_eval.satisfaction.item_fits import fit_items
from maternal_eval.satisfaction.item_result import ItemsResult
from maternal_eval.satisfaction.item_settings import ItemsSettings
from maternal_eval.satisfaction.items import indicator_outcome
from maternal_eval.satisfaction.model import SatisfactionModel
from maternal_eval.satisfaction.result import SatisfactionResult
from maternal_eval.satisfaction.settings import SatisfactionSettings

__all__ = [
    "ItemsResult",
    "ItemsSettings",
    "SatisfactionModel",
    "SatisfactionResult",
    "SatisfactionSettings",
    "answer_of",
    "build_model",
    "category_of",
    "cell_counts",
    "fit_items",
    "fit_satisfaction",
    "indicator_outcome",
]
