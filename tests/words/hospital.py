"""A small study in its own words: hospitals asked about by departments, or with no groups at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

WORDS = """
[words]
stage = { en = "department", zh = "科室" }
platform = { en = "hospital", zh = "医院" }
respondent = { en = "patient", zh = "患者" }
answer = { en = "questionnaire", zh = "问卷" }
"""

STAGES = """
[stages]
ordered = false
levels = [
    { value = "surgery", zh = "外科", en = "Surgery" },
    { value = "medicine", zh = "内科", en = "Medicine" },
]
"""

INDICATORS = """\
code,dimension,name_zh,name_en,kano
Q1,service,等候时间,Waiting time,performance
Q2,service,医生解释,Explanations,must_be
Q3,place,清洁,Cleanliness,attractive
"""


def write_study(
    folder: Path, *, stages: bool = True, platforms: bool = True, periods: bool = True, words: str = WORDS
) -> Path:
    """Write the study and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    size = 480
    good = random.normal(size=size)
    panel = pd.DataFrame({"ward": np.where(random.random(size) < 0.5, "surgery", "medicine")})
    panel["clinic"] = random.choice(["north", "south", "east"], size)
    panel["year"] = random.choice([2021, 2022, 2023], size)
    for name in ("Q1", "Q2", "Q3", "overall"):
        panel[name] = np.clip(np.round(3.3 + 0.8 * good + random.normal(0, 0.8, size)), 1, 5).astype(int)
    panel.to_csv(folder / "panel.csv", index=False)
    (folder / "indicators.csv").write_text(INDICATORS, encoding="utf-8")
    columns = ["[columns]", *(['period = "year"'] if periods else []), *(['stage = "ward"'] if stages else [])]
    columns += ['platform = "clinic"'] if platforms else []
    text = "\n".join(
        [
            '[study]\nname = "clinics"\nzh = "门诊调查"\nen = "Survey of clinics"\n',
            '[panel]\nfile = "panel.csv"\n',
            *columns,
            STAGES if stages else "",
            "[periods]\ntrain = [2021, 2022]\ntest = 2023\n" if periods else "",
            '[dimensions]\nservice = { zh = "服务", en = "Service" }\nplace = { zh = "环境", en = "Place" }\n',
            '[indicators]\nfile = "indicators.csv"\nscale = [1, 5]\n',
            '[outcomes]\noverall = { column = "overall", kind = "ordinal", zh = "总体满意度", en = "Overall" }\n',
            words,
            '[[analysis.whatif.scenarios]]\nname = "wait"\nzh = "等候缩短"\nen = "Shorter waiting"\n'
            "changes = { Q1 = { add = 0.5 } }\n",
            '[analysis.items]\nindicators = ["Q1"]\ndimensions = false\n',
        ]
    )
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder
