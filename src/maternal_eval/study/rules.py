"""What every column of a study's panel has to hold, from its definition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from maternal_eval.study.definition import StudyDefinition
from maternal_eval.study.evaluation_model import INDICATOR_KINDS, OUTCOME_KINDS, EvaluationModel, Outcome
from maternal_eval.study.panel.contract import ColumnRule
from maternal_eval.study.panel.raw import RawPanel


def panel_rules(definition: StudyDefinition, model: EvaluationModel, outcomes: dict[str, Outcome]) -> list[ColumnRule]:
    """Return the rules of the panel's columns; the values of the stage are not known yet."""
    columns = definition.columns
    rules = []
    if columns.respondent:
        rules.append(ColumnRule(columns.respondent, "respondent", numeric=False, required=True))
    if columns.period:
        rules.append(ColumnRule(columns.period, "period", whole=True, required=True))
    if columns.quarter:
        rules.append(ColumnRule(columns.quarter, "quarter", low=1, high=4, whole=True))
    if columns.stage:
        rules.append(ColumnRule(columns.stage, "stage", numeric=False))
    if columns.platform:
        rules.append(ColumnRule(columns.platform, "platform", numeric=False, required=True))
    if columns.weight:
        line = '[columns] missing_weight = "leave_out" leaves rows without weight out of every analysis'
        rules.append(ColumnRule(columns.weight, "weight", low=0, required_line=line))
    rules += [ColumnRule(columns.source(segment), segment, numeric=False) for segment in columns.segments]
    rules += [ColumnRule(cluster, cluster, numeric=False) for cluster in columns.clusters]
    own = definition.indicators.scale if definition.indicators else None
    for indicator in model.indicators:
        whole, low, high = INDICATOR_KINDS[indicator.kind].whole, indicator.low, indicator.high
        line = "scale = [{low}, {high}] in [indicators]"
        if (low, high) != own:
            line = f"low {{low}} and high {{high}} of {indicator.code} in the file of the indicators"
        rules.append(_scaled(ColumnRule(indicator.column, indicator.code, low, high, whole=whole, scale_line=line)))
    for outcome in outcomes.values():
        kind = OUTCOME_KINDS[outcome.kind]
        line = "" if kind.fixed else f"range = [{{low}}, {{high}}] in [outcomes.{outcome.name}]"
        rule = ColumnRule(outcome.column, outcome.name, outcome.low, outcome.high, whole=kind.whole, scale_line=line)
        rules.append(_scaled(rule))
    # Two of one name are refused (coherence); what the second holds is then no fault of the panel.
    first: dict[str, ColumnRule] = {}
    for rule in rules:
        first.setdefault(rule.name, rule)
    return list(first.values())


def _scaled(rule: ColumnRule) -> ColumnRule:
    """Return the rule without its scale if that is none: it is refused already, and every answer would be off it."""
    possible = rule.low is None or rule.high is None or rule.low < rule.high
    return rule if possible else replace(rule, low=None, high=None)


def answer_labels(raw: RawPanel, rules: Iterable[ColumnRule]) -> dict[str, dict[float, str]]:
    """Return column of numbers → number → what the file calls that answer."""
    found: dict[str, dict[float, str]] = {}
    for rule in rules:
        for code, label in raw.value_labels.get(rule.source, {}).items() if rule.numeric else ():
            if isinstance(code, int | float) and (
                rule.low is None or rule.high is None or rule.low <= code <= rule.high
            ):
                found.setdefault(rule.name, {})[float(code)] = label
    return found
