"""Expert judgements and Kano answers that cannot be; ``check`` is as strict as the verb."""

import pytest

from tests.hostile.tiny import EXPERTS, KANO, Case, judge

FILE = "experts.csv"
_HEADER = "expert,round,set,row,column,judgement\n"


def _cell(column, value, row=0, file=FILE):
    return lambda s: s.cell(column, value, row, file)


def _cycle(s):
    """Nine, nine, nine in a circle: no order at all."""
    rest = "one,1,dimensions,speed,care,1\none,1,care,B1,B2,1\n"
    return s.put(FILE, _HEADER + rest + "one,1,speed,A1,A2,9\none,1,speed,A2,A3,9\none,1,speed,A3,A1,9\n")


EXPERT_CASES = [
    Case("a judgement of 0", _cell("judgement", "0"), no="judgement"),
    Case("a negative judgement", _cell("judgement", "-3"), no="judgement"),
    Case("a judgement of 10", _cell("judgement", "10"), no="judgement"),
    Case("a judgement of 1/10", _cell("judgement", "0.1"), no="judgement"),
    Case("a judgement as fraction", _cell("judgement", "1/3"), no="judgement"),
    Case("a judgement in words", _cell("judgement", "more"), no="judgement"),
    Case("an endless judgement", _cell("judgement", "inf"), no="judgement"),
    Case("a judgement that is none", _cell("judgement", "nan"), no="judgement"),
    Case("a missing judgement", _cell("judgement", ""), no="judgement"),
    Case("a judgement in percent", _cell("judgement", "50%"), no="judgement"),
    Case("an unknown set", _cell("set", "moon"), no="set"),
    Case("an unknown element", _cell("row", "A9", 1), no="A9"),
    Case("an element of another set", _cell("row", "B1", 1), no="B1"),
    Case("an element with itself", _cell("row", "A2", 1), no="itself"),
    Case("a pair twice", lambda s: s.row("one,1,speed,A1,A2,2", FILE), no="judged twice"),
    Case("a reverse that contradicts", lambda s: s.row("one,1,speed,A2,A1,2", FILE), no="not reciprocal"),
    Case("a reverse that agrees", lambda s: s.row("one,1,speed,A2,A1,0.5", FILE), yes="A1", verb="weights --quick"),
    Case("a missing pair", lambda s: s.keep(lambda n, row: n != 1, FILE), no="A1"),
    Case("a missing set", lambda s: s.keep(lambda n, row: row["set"] != "care", FILE), no="care"),
    Case("an expert without a set", lambda s: s.keep(lambda n, row: n != 4, FILE), no="care"),
    Case("round 0", _cell("round", "0"), no="column round"),
    Case("a broken round", _cell("round", "1.5"), no="column round"),
    Case("a round of one expert", _cell("round", "2"), no="round"),
    Case("an expert without name", _cell("expert", ""), no="column expert"),
    Case("no judgements", lambda s: s.put(FILE, _HEADER), no=FILE),
    Case("no header", lambda s: s.put(FILE, EXPERTS.partition("\n")[2]), no=FILE),
    Case("an empty file", lambda s: s.put(FILE, ""), no=FILE),
    Case("one expert alone", lambda s: s.keep(lambda n, row: row["expert"] == "one", FILE),
         yes="a single expert", verb="weights --quick"),
    Case("two opposed experts", lambda s: s.column("judgement", lambda n, row: "9" if row["expert"] == "one" else str(1 / 9), FILE),
         yes="do not agree", verb="weights --quick"),
    Case("a cycle of nines", _cycle, yes="6.13", verb="weights --quick"),
    Case("two islands", lambda s: s.setting("weights", "incomplete = true").keep(lambda n, row: row["set"] != "speed" or row["column"] == "A2", FILE),
         no="do not link all elements", verb="weights --quick"),
    Case("experts of a study without dimensions' weights",
         lambda s: s.toml("weight = 0.6, ", "").toml("weight = 0.4, ", ""),
         yes="A1", verb="weights --quick"),
    Case("an unknown method", lambda s: s.setting("weights", 'method = "magic"'), no="analysis.weights"),
    Case("99 draws", lambda s: s.setting("weights", "draws = 99"), no="analysis.weights"),
    Case("no resamples", lambda s: s.setting("weights", "resamples = 0"), no="analysis.weights.resamples"),
    Case("1e12 draws", lambda s: s.setting("weights", "draws = 1000000000000"), no="analysis.weights.draws"),
]  # fmt: skip

FILE_K = "kano.csv"
KANO_CASES = [
    Case("an answer of 0", _cell("functional", "0", 0, FILE_K), no="column functional"),
    Case("an answer of 6", _cell("functional", "6", 0, FILE_K), no="column functional"),
    Case("an answer of -1", _cell("dysfunctional", "-1", 0, FILE_K), no="column dysfunctional"),
    Case("a broken answer", _cell("functional", "1.5", 0, FILE_K), no="column functional"),
    Case("an answer in words", _cell("functional", "like", 0, FILE_K), no="column functional"),
    Case("an endless answer", _cell("functional", "inf", 0, FILE_K), no="column functional"),
    Case("half a pair", _cell("dysfunctional", "", 0, FILE_K), no="column dysfunctional"),
    Case("an unknown element", _cell("indicator", "A9", 0, FILE_K), no="A9"),
    Case("an element in small letters", _cell("indicator", "a1", 0, FILE_K), no="a1"),
    Case("no element", _cell("indicator", "", 0, FILE_K), no="column indicator"),
    Case("a person twice on one element", _cell("respondent", "k1", 0, FILE_K), no="answers twice on one element"),
    Case("no person", _cell("respondent", "", 0, FILE_K), no="column respondent"),
    Case("an unknown stage", lambda s: s.column("stage", "moon", FILE_K), no="the stage is unknown"),
    Case("no answers", lambda s: s.put(FILE_K, KANO.partition("\n")[0] + "\n"), no=FILE_K),
    Case("an empty file", lambda s: s.put(FILE_K, ""), no=FILE_K),
    Case("a missing column", lambda s: s.put(FILE_K, KANO.replace("dysfunctional", "dys")), no="dysfunctional"),
    Case("all pairs are questionable", lambda s: s.column("functional", "1", FILE_K).column("dysfunctional", "1", FILE_K),
         yes="questionable", verb="kano --quick"),
    Case("one answer an element", lambda s: s.keep(lambda n, row: row["respondent"] == "k0", FILE_K),
         yes="fewer than 10 answers",
         verb="kano --quick"),
    Case("two classes are tied", lambda s: s.cell("functional", "3", 0, FILE_K).keep(lambda n, row: n < 2, FILE_K),
         yes="are equally frequent", verb="kano --quick"),
    Case("a share of -0 is shown as 0", lambda s: s, yes="│ 0.6667 │       0 │", verb="kano --quick"),
    Case("a person twice in two waves", lambda s: s.cell("respondent", "k1", 0, FILE_K).column("wave", lambda n, row: str(n), FILE_K),
         yes="Tiny study"),
    Case("Kano answers in two places", lambda s: s.toml('kano = "kano.csv"', 'kano = "kano.csv"\nkano_columns = "kano.csv"'), no="kano"),
    Case("Kano columns that are not there",
         lambda s: s.put("kc.csv", "element,functional,dysfunctional\nA1,k1,k2\n").toml(
        'kano = "kano.csv"', 'kano_columns = "kc.csv"'), no="k1"),
    Case("Kano columns without answers", lambda s: s.put("kc.csv", "element,functional,dysfunctional\n").toml(
        'kano = "kano.csv"', 'kano_columns = "kc.csv"'), no="kc.csv"),
    Case("Kano of no study", lambda s: s.bare("kano"), no="Kano answers", verb="kano"),
    Case("like is 3", lambda s: s.setting("kano", "like = 3"), no="analysis.kano"),
    Case("a prior of 0", lambda s: s.setting("kano", "prior = 0"), no="analysis.kano.prior"),
    Case("a threshold of a half", lambda s: s.setting("kano", "threshold = 0.5"), no="analysis.kano.threshold"),
]  # fmt: skip


@pytest.mark.parametrize("case", EXPERT_CASES, ids=lambda case: case.name)
def test_experts(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)


@pytest.mark.parametrize("case", KANO_CASES, ids=lambda case: case.name)
def test_kano(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)
