"""Files as survey platforms and statistics programs write them, made for the tests; nothing in them is real."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat

SATISFIED = ["非常不满意", "不满意", "一般", "满意", "非常满意"]
AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
QUALTRICS = [
    "Extremely dissatisfied",
    "Somewhat dissatisfied",
    "Neither satisfied nor dissatisfied",
    "Somewhat satisfied",
    "Extremely satisfied",
]
KANO = ["喜欢", "理应如此", "无所谓", "能忍受", "不喜欢"]
STAGES = ["备孕期", "孕早期", "孕中期", "孕晚期", "产后"]
ROWS = 240


class Simulated:
    """Answers of respondents with a latent satisfaction, and what else a file says of them."""

    def __init__(self, seed: int = 1, rows: int = ROWS) -> None:
        self.rng, self.rows = np.random.default_rng(seed), rows
        self.latent = self.rng.normal(size=rows)
        self.days = pd.to_datetime("2023-01-05") + pd.to_timedelta(np.sort(self.rng.integers(0, 600, rows)), unit="D")

    def scale(self, points: int = 5) -> np.ndarray:
        raw = (points + 1) / 2 + 0.5 + self.latent + self.rng.normal(size=self.rows)
        return np.clip(np.round(raw), 1, points).astype(int)

    def words(self, ladder: list[str]) -> np.ndarray:
        return np.array(ladder)[self.scale(len(ladder)) - 1]

    def one_of(self, values: list[str]) -> np.ndarray:
        return np.array(values)[self.rng.integers(0, len(values), self.rows)]

    def recommendation(self) -> np.ndarray:
        return np.clip(np.round(6 + 3 * self.latent + self.rng.normal(size=self.rows)), 0, 10).astype(int)


def write_rows(path: Path, rows: list[list[object]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write rows as delimited text."""
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def chinese_platform(folder: Path) -> Path:
    """GBK, two rows of names, answers in words, dates, IP addresses and telephone numbers."""
    s, items = Simulated(), ["响应速度", "客服态度", "物流时效", "商品质量"]
    rows: list[list[object]] = [
        ["序号", "提交答卷时间", "所用时间", "来源", "来自IP", "1、您目前处于哪个阶段？", "2、您所在的城市",
         "3、请评价以下服务",
         "", "", "", "4、总体满意度", "5、您向朋友推荐我们的可能性（0-10）", "6、手机号", "7、其他建议"],
        ["", "", "", "", "", "", "", *items, "", "", "", ""],
    ]  # fmt: skip
    answers = [s.words(SATISFIED) for _ in range(5)]
    stage, city, nps = s.one_of(STAGES), s.one_of(["一线", "二线", "三线及以下"]), s.recommendation()
    for n in range(s.rows):
        cells = ["(跳过)" if n % 29 == place else str(words[n]) for place, words in enumerate(answers[:4])]
        rows.append(
            [n + 1, s.days[n].strftime("%Y/%m/%d 14:05:06"), f"{60 + n}秒", ["微信", "链接"][n % 2],
             f"117.{n % 250}.{n % 199}.{n % 251}(广东-深圳)", stage[n], city[n], *cells, answers[4][n], nps[n],
             f"1380013{n:04d}", "" if n % 7 else f"很好，希望更快{n}"]
        )  # fmt: skip
    return write_rows(folder / "问卷.csv", rows, "gbk")


def spss(folder: Path, *, declared: bool = True, downwards: bool = False) -> Path:
    """Value labels, variable labels, codes for no answer that the file declares or only labels."""
    s = Simulated(2)
    frame = pd.DataFrame({"id": np.arange(s.rows) + 1.0, "wave": np.repeat([1.0, 2.0, 3.0], s.rows // 3)})
    frame["stage"], frame["sex"] = (
        s.rng.integers(1, 5, s.rows).astype(float),
        s.rng.integers(1, 3, s.rows).astype(float),
    )
    for number in range(1, 6):
        frame[f"q{number}"] = s.scale().astype(float)
    frame["overall"] = s.scale().astype(float)
    frame.loc[::17, "q1"], frame.loc[::31, "overall"] = 9, 99
    ladder = SATISFIED[::-1] if downwards else SATISFIED
    labels: dict[str, dict[float, str]] = {
        f"q{number}": dict(enumerate(ladder, start=1)) | {9: "不适用"} for number in range(1, 6)
    }
    labels["overall"] = dict(enumerate(SATISFIED, start=1)) | {99: "不知道"}
    labels |= {"stage": {1: "备孕", 2: "孕期", 3: "产后", 4: "育儿"}, "sex": {1: "男", 2: "女"}}
    missing = {**{f"q{number}": [9] for number in range(1, 6)}, "overall": [99]} if declared else None
    named = {"q1": "响应速度", "q2": "专业性", "q3": "关怀", "q4": "物流", "q5": "价格", "overall": "总体满意度"}
    path = folder / "survey.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels, column_labels=named, missing_ranges=missing)
    return path


def stata(folder: Path) -> Path:
    """Years, labelled codes."""
    s = Simulated(3)
    frame = pd.DataFrame({"id": np.arange(s.rows), "year": np.repeat([2020, 2021, 2022], s.rows // 3)})
    frame["stage"] = s.rng.integers(1, 4, s.rows)
    labels: dict[str, dict[int, str]] = {"stage": {1: "preconception", 2: "pregnancy", 3: "postpartum"}}
    for name in ("q1", "q2", "q3", "overall"):
        frame[name] = s.scale()
        labels[name] = dict(enumerate(AGREE, start=1))
    path = folder / "survey.dta"
    pyreadstat.write_dta(frame, str(path), variable_value_labels=labels)
    return path


def merged_workbook(folder: Path) -> Path:
    """A title, names in two rows with merged cells, a second sheet with a note."""
    s, book = Simulated(4), openpyxl.Workbook()
    sheet = book.active
    sheet.title = "数据"
    sheet.append(["2024年顾客满意度调查"])
    sheet.append(["编号", "门店", "性别", "服务评价", None, None, "环境评价", None, None, "总体满意度"])
    sheet.append([None, None, None, "态度", "速度", "专业", "整洁", "安静", "舒适", None])
    answers = [s.scale() for _ in range(7)]
    for n in range(s.rows):
        sheet.append([f"R{n:04d}", "东西南"[n % 3] + "店", "男女"[n % 2], *(int(one[n]) for one in answers)])
    for merged in ("A1:J1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "G2:I2", "J2:J3"):
        sheet.merge_cells(merged)
    book.create_sheet("说明").append(["本表为调查数据"])
    book.save(folder / "wide.xlsx")
    return folder / "wide.xlsx"


def utf16(folder: Path) -> Path:
    """Tabs between fields, UTF-16, seven points, quarters."""
    s = Simulated(5)
    frame = pd.DataFrame(
        {"respondent": np.arange(s.rows), "quarter": np.repeat(["2023Q1", "2023Q2", "2023Q3"], s.rows // 3)}
    )
    frame = frame.assign(channel=s.one_of(["App", "Web", "Store"]), **{f"item{n}": s.scale(7) for n in range(1, 5)})
    frame.assign(overall=s.scale(7)).to_csv(folder / "answers.tsv", sep="\t", index=False, encoding="utf-16")
    return folder / "answers.tsv"


def semicolons(folder: Path) -> Path:
    """Semicolons, decimal commas, days first, Western European text."""
    s = Simulated(6)
    frame = pd.DataFrame(
        {"ID": np.arange(s.rows), "Datum": s.days.strftime("%d.%m.%Y"), "Region": s.one_of(["Nord", "Süd"])}
    )
    frame["weight"] = [f"{x:.3f}".replace(".", ",") for x in s.rng.uniform(0.5, 2, s.rows)]
    for number in range(1, 5):
        scores = np.clip(6 + 1.5 * s.latent + s.rng.normal(size=s.rows), 0, 10)
        frame[f"score_{number}"] = [f"{x:.1f}".replace(".", ",") for x in scores]
    frame.assign(overall=s.scale()).to_csv(folder / "daten.csv", sep=";", index=False, encoding="cp1252")
    return folder / "daten.csv"


def one_row_per_answer(folder: Path) -> Path:
    """Respondent, question, answer."""
    s = Simulated(7)
    frame = pd.DataFrame({f"Q{n}": s.scale() for n in range(1, 5)}).assign(overall=s.scale())
    frame = frame.assign(respondent=[f"u{n}" for n in range(s.rows)], stage=s.one_of(STAGES))
    long = frame.melt(["respondent", "stage"], var_name="question", value_name="answer")
    long.to_csv(folder / "long.csv", index=False)
    return folder / "long.csv"


def parquet(folder: Path) -> Path:
    """Typed columns: dates, categories, truth values."""
    s = Simulated(8)
    frame = pd.DataFrame(
        {"user_id": np.arange(s.rows), "survey_date": s.days, "stage": pd.Categorical(s.one_of(STAGES))}
    )
    frame = frame.assign(**{f"S{n}": s.scale() for n in range(1, 6)}, overall_satisfaction=s.scale())
    frame.assign(repurchase=s.latent + s.rng.normal(size=s.rows) > 0).to_parquet(folder / "answers.parquet")
    return folder / "answers.parquet"


def english_form(folder: Path) -> Path:
    """Questions as names, months first, e-mail addresses, agreement in words, N/A."""
    s = Simulated(9)
    frame = pd.DataFrame({"Timestamp": s.days.strftime("%-m/%-d/%Y 14:22:11")})
    frame["Email Address"] = [f"u{n}@example.org" for n in range(s.rows)]
    frame["What is your age group?"] = s.one_of(["18-24", "25-34", "35+"])
    for text in ("The staff was friendly", "Delivery was fast", "The product met my needs"):
        frame[text] = s.words(AGREE)
    frame.loc[::19, "Delivery was fast"] = "N/A"
    ladder = ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"]
    frame["Overall, how satisfied are you with our service?"] = s.words(ladder)
    frame["How likely are you to recommend us? (0-10)"] = s.recommendation()
    frame.to_csv(folder / "form.csv", index=False)
    return folder / "form.csv"


def recommendations_only(folder: Path) -> Path:
    """A date and a recommendation."""
    s = Simulated(10)
    pd.DataFrame({"date": s.days.strftime("%Y-%m-%d"), "nps": s.recommendation()}).to_csv(
        folder / "nps.csv", index=False
    )
    return folder / "nps.csv"


def three_header_rows(folder: Path) -> Path:
    """Codes, wordings, import identifiers; start and end of the filling in."""
    s = Simulated(11)
    codes = [
        "StartDate",
        "EndDate",
        "IPAddress",
        "Duration (in seconds)",
        "ResponseId",
        "Q1_1",
        "Q1_2",
        "Q1_3",
        "Q2",
        "Q3",
    ]
    texts = ["Start Date", "End Date", "IP Address", "Duration", "Response ID", "Satisfied with - Speed",
             "Satisfied with - Care", "Satisfied with - Price", "Overall satisfaction",
             "What is your gender?"]  # fmt: skip
    rows: list[list[object]] = [codes, texts, [f'{{"ImportId":"{code}"}}' for code in codes]]
    answers = [s.words(QUALTRICS) for _ in range(4)]
    for n in range(s.rows):
        day = s.days[n].strftime("%Y-%m-%d")
        rows.append([f"{day} 10:00:00", f"{day} 10:05:00", f"8.{n % 250}.7.{n % 199}", 100 + n, f"R_{n:015d}",
                     *(one[n] for one in answers), ["Male", "Female"][n % 2]])  # fmt: skip
    return write_rows(folder / "export.csv", rows, "utf-8-sig")


def numeric_export(folder: Path) -> Path:
    """Codes -2 and -3 for what was skipped, a total, numbered questions, a workbook."""
    s = Simulated(12)
    frame = pd.DataFrame({"序号": np.arange(s.rows) + 1, "提交答卷时间": s.days.strftime("%Y/%m/%d 10:00:00")})
    frame["1.阶段"] = s.rng.integers(1, 5, s.rows)
    frame = frame.assign(**{f"{n}.服务{n}": s.scale() for n in range(2, 7)}, **{"7.总体满意度": s.scale()})
    frame.loc[::11, "3.服务3"], frame.loc[::13, "4.服务4"] = -3, -2
    frame.assign(总分=frame.iloc[:, 3:].sum(axis=1)).to_excel(folder / "导出.xlsx", index=False)
    return folder / "导出.xlsx"


def percentages(folder: Path) -> Path:
    """Scores as percentages, full-width digits, hospitals by year."""
    s = Simulated(13)
    frame = pd.DataFrame({"hospital": s.one_of(["A院", "B院"]), "year": np.repeat([2021, 2022, 2023], s.rows // 3)})
    for name in ("服务得分", "环境得分", "流程得分"):
        frame[name] = [f"{n}%" for n in s.rng.integers(50, 100, s.rows)]
    frame["总体满意度"] = [chr(0xFF10 + n) for n in s.scale()]
    frame.to_csv(folder / "percent.csv", index=False)
    return folder / "percent.csv"


def kano_in_words(folder: Path) -> Path:
    """Pairs of Kano questions."""
    s = Simulated(14)
    frame = pd.DataFrame({"编号": np.arange(s.rows)})
    for number in range(1, 4):
        for wording in ("如果提供", "如果不提供"):
            frame[f"{number}. {wording}功能{number}"] = s.one_of(KANO)
    frame.assign(总体满意度=s.words(SATISFIED)).to_csv(folder / "kano.csv", index=False)
    return folder / "kano.csv"


def independent_numbers(folder: Path) -> Path:
    """Answers without any relation to each other, age and gender as numbers."""
    rng = np.random.default_rng(15)
    frame = pd.DataFrame({f"F{n:02d}": rng.integers(1, 6, ROWS) for n in range(1, 9)})
    frame = frame.assign(age=rng.integers(18, 60, ROWS), gender=rng.integers(1, 3, ROWS), sat=rng.integers(1, 6, ROWS))
    frame.to_csv(folder / "numbers.csv", index=False)
    return folder / "numbers.csv"
