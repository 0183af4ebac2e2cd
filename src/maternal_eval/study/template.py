"""An empty study to fill in: what ``maternal-eval new`` writes."""

from __future__ import annotations

from pathlib import Path

from maternal_eval.core.errors import InputError
from maternal_eval.study.definition import FILE_NAME

_STUDY = """\
# One study is one folder. Only the panel, its columns and the indicators (or an outcome) are needed;
# what is absent is skipped with a line that says what cannot be computed then.

[study]
name = "my_study"
zh = "我的研究"
en = "My study"
simulated = false

[panel]
file = "panel.csv"        # .csv, .csv.gz, .parquet, .xlsx, .sav or .dta
# delimiter = ";"         # of a .csv; encoding = "gbk" where it is not found
# sheet = "answers"       # of a workbook with several; header = 2 where the names stand in row 2
# where = { sex = "f" }   # keep the rows with this value, or one of a list

# missing = [99, "不适用"] # what means "not answered"; of one column: [missing] Q1 = [9]
# percent = "number"      # 85% is 85 ("share": 0.85)
# fullwidth = true        # ５ is read as 5

# [recode.satisfaction]   # answers in words: their numbers
# "not satisfied" = 1
# "satisfied" = 2

# [derive.family]         # a column made from others: the first rule that holds gives the value
# first = [
#     { column = "babies", at_least = 1, value = "babies" },
#     { column = "school", one_of = ["primary", "middle"], value = "school" },
# ]
# otherwise = "none"

[columns]                 # name the columns of your panel; leave out what you do not have
respondent = "respondent"
period = "year"           # of dates: period = { column = "date", by = "month" }
stage = "stage"
# platform = "platform"
# weight = "weight"
# missing_weight = "leave_out"   # rows without weight are left out of every analysis; else they are refused
# segments = ["city"]

[stages]
ordered = true            # false: segments without an order; instead of levels: order = ["before", "after"]
levels = [
    { value = "before", zh = "之前", en = "Before" },
    { value = "after", zh = "之后", en = "After" },
]

# [periods]               # for the backtest
# kind = "year"           # or "quarter" (20174, 2017Q4), "month" (202012, 2020-12), "wave" (1, 2, 3)
# train = [2020, 2021]
# test = 2022

[dimensions]
service = { weight = 1.0, zh = "服务", en = "Service" }

[indicators]
file = "indicators.csv"
scale = [1, 5]

[outcomes]                # the first one is the overall satisfaction; reversed = true where less is better
satisfaction = { column = "satisfaction", kind = "ordinal", zh = "总体满意度", en = "Overall satisfaction" }

# [disclosure]            # a cell with fewer answers is not shown; columns that name persons are dropped
# minimum = 10
# keep = []               # columns that look so and are kept on purpose

# [files]                 # optional: expert judgements, Kano answers, published figures
# experts = "experts.csv"
# kano = "kano.csv"       # or kano_columns = "kano.csv": which columns of the panel hold Kano answers
# claims = "claims.csv"
"""

_INDICATORS = """\
code,dimension,name_zh,name_en,kano
Q1,service,响应时效,Response timeliness,performance
Q2,service,专业性,Professional quality,must_be
Q3,service,关怀,Care,attractive
"""

_PANEL = "respondent,year,stage,Q1,Q2,Q3,satisfaction\n"


def write_template(folder: Path) -> None:
    """Write a study with an empty panel into a new or empty folder.

    Raises
    ------
    InputError
        If the folder holds anything already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("the folder is not empty", file=folder, expected="a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {FILE_NAME: _STUDY, "indicators.csv": _INDICATORS, "panel.csv": _PANEL}.items():
        (folder / name).write_text(content, encoding="utf-8")
