"""Files in further habits of those who make them, each of which was once read wrongly; nothing in them is real."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat

from .shapes import SATISFIED, Simulated, write_rows

ROWS = 150


def _answers(seed: int, rows: int = ROWS, points: int = 5, number: int = 4) -> tuple[Simulated, list]:
    s = Simulated(seed, rows)
    return s, [s.scale(points) for _ in range(number)]


def totals_at_the_foot(folder: Path) -> Path:
    """A workbook with a title, a note, rows of totals and means at its foot, money with thousands."""
    s, a = _answers(31)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["某市服务满意度调查（2023年）"])
    sheet.append(["说明：1=非常不满意，5=非常满意"])
    sheet.append([])
    sheet.append(["序号", "调查日期", "机构", "服务态度", "等候时间", "环境", "总体满意度", "年消费（元）", None])
    for n in range(s.rows):
        sheet.append(
            [n + 1, s.days[n].to_pydatetime(), "甲乙丙"[n % 3] + "院", *(int(x[n]) for x in a), f"{1000 + 37 * n:,}"]
        )
    sheet.append(["合计", None, None, *(int(x.sum()) for x in a), "999,999"])
    sheet.append(["平均", None, None, *(round(float(x.mean()), 2) for x in a), None])
    sheet.merge_cells("A1:I1")
    book.save(folder / "totals.xlsx")
    return folder / "totals.xlsx"


def total_at_the_head(folder: Path) -> Path:
    """A total in the first row of answers."""
    _, a = _answers(32)
    rows = [["city", "staff", "speed", "price", "overall"], ["Total", *(int(x.sum()) for x in a)]]
    rows += [["ABCD"[n % 4], *(int(x[n]) for x in a)] for n in range(ROWS)]
    return write_rows(folder / "head.csv", rows)


def notes_and_gaps(folder: Path) -> Path:
    """A byte order mark, notes above the names, empty columns and rows, a note and a source below."""
    _, a = _answers(35)
    rows: list[list[object]] = [["Customer survey 2024"] + [""] * 6, ["Exported 2024-05-01"] + [""] * 6, [""] * 7]
    rows.append(["ID", "", "Friendliness", "Speed", "Comfort", "", "Overall satisfaction"])
    for n in range(ROWS):
        rows.append([f"P{n}", "", a[0][n], a[1][n], a[2][n], "", a[3][n]])
        if n % 10 == 9:
            rows.append([""] * 7)
    rows += [["Note: 1 = poor, 5 = excellent"] + [""] * 6, ["Source: own survey"] + [""] * 6]
    return write_rows(folder / "gaps.csv", rows, "utf-8-sig")


def periods(write: Callable[[pd.Timestamp], object]) -> Callable[[Path], Path]:
    """Periods in one way of writing them."""

    def make(folder: Path) -> Path:
        s, a = _answers(37)
        names = ("响应", "专业", "关怀", "总体满意度")
        frame = pd.DataFrame({"调查时间": [write(day) for day in s.days]} | dict(zip(names, a, strict=True)))
        frame.assign(版本=1, 备用="").to_csv(folder / "periods.csv", index=False)
        return folder / "periods.csv"

    return make


def matrix_questions(folder: Path) -> Path:
    """问卷星: question—item, several answers in a cell, other with its text, a sum."""
    s = Simulated(38, ROWS)
    ladder = ["很不满意", "不满意", "一般", "满意", "很满意"]
    a = [s.words(ladder) for _ in range(4)]
    rows: list[list[object]] = [
        ["序号", "提交答卷时间", "所用时间", "来自IP", "1、您的性别", "2、您使用过哪些服务？【多选题】",
         "3、请对以下服务打分—响应速度", "3、请对以下服务打分—服务态度", "3、请对以下服务打分—专业水平",
         "4、您的总体满意度是", "5、不满意的原因（其他）", "6、您认为哪些需要改进", "总分"]
    ]  # fmt: skip
    rows += [
        [n + 1, s.days[n].strftime("%Y/%-m/%-d %H:%M:%S"), f"{100 + n}秒", f"36.1.{n % 200}.7(北京-北京)",
         "男女"[n % 2], "┋".join(["咨询", "配送", "其他〖别的〗"][: 1 + n % 3]), *(one[n] for one in a),
         "(空)" if n % 5 else "太慢", "价格|速度" if n % 3 else "速度", 60 + n % 40]
        for n in range(s.rows)
    ]  # fmt: skip
    return write_rows(folder / "matrix.csv", rows, "gb18030")


def points_with_labels(folder: Path) -> Path:
    """腾讯问卷: 5分(非常满意) beside 4分, start and end of the filling in, a recommendation such as 9分."""
    s, a = _answers(40)
    labels = ["1分(非常不满意)", "2分", "3分", "4分", "5分(非常满意)"]
    recommend = s.recommendation()
    rows: list[list[object]] = [
        ["编号", "开始答题时间", "结束答题时间", "答题时长", "Q1 您是否满意我们的服务？",
         "Q2 响应速度", "Q2 服务态度", "Q2 专业程度", "Q3 您有多大可能推荐给朋友？", "Q4 您的年龄段"]
    ]  # fmt: skip
    for n in range(s.rows):
        day = s.days[n].strftime("%Y-%m-%d")
        rows.append([n + 1, f"{day} 10:00:00", f"{day} 10:03:00", "3分0秒", SATISFIED[a[0][n] - 1],
                     *(labels[x[n] - 1] for x in a[1:]), f"{recommend[n]}分",
                     ["18-25", "26-30", "31-35"][n % 3]])  # fmt: skip
    return write_rows(folder / "points.csv", rows)


def mixed_labels(folder: Path) -> Path:
    """5-非常满意, 非常满意(5分), and a scale of which only the ends are in words."""
    _, a = _answers(41)
    first = [f"{n}-{word}" for n, word in enumerate(SATISFIED, start=1)]
    second = [f"{word}({n}分)" for n, word in enumerate(SATISFIED, start=1)]
    third = [SATISFIED[0], "2", "3", "4", SATISFIED[4]]
    rows: list[list[object]] = [["门店", "态度", "速度", "环境", "总体评价"]]
    answers = list(zip((first, second, second, third), a, strict=True))
    rows += [["AB"[n % 2] + "店", *(ladder[x[n] - 1] for ladder, x in answers)] for n in range(ROWS)]
    return write_rows(folder / "mixed.csv", rows)


def grid_under_its_question(folder: Path) -> Path:
    """SurveyMonkey: items in the second row, one column for each answer that may be ticked, comments with numbers."""
    s = Simulated(42, ROWS)
    ladder = ["Very dissatisfied", "Dissatisfied", "Neither satisfied nor dissatisfied", "Satisfied", "Very satisfied"]
    a = [s.words(ladder) for _ in range(4)]
    rows: list[list[object]] = [
        ["Respondent ID", "Collector ID", "Start Date", "End Date", "Email Address", "How satisfied are you with this?",
         "", "", "Overall, how satisfied are you?", "Which of these do you use?", "", "", "Any comments?"],
        ["", "", "", "", "", "Speed of service", "Friendliness", "Value for money", "Response", "App", "Web",
         "Other (please specify)", "Open-Ended Response"],
    ]  # fmt: skip
    for n in range(s.rows):
        day = s.days[n].strftime("%m/%d/%Y 10:00:00 AM")
        rows.append([11_000_000_000 + n, 400_000_001, day, day, f"a{n}@example.org", *(one[n] for one in a),
                     "App" if n % 2 else "", "Web" if n % 3 else "", "",
                     f"nice {n}" if n % 4 == 0 else ""])  # fmt: skip
    return write_rows(folder / "grid.csv", rows)


def german(folder: Path) -> Path:
    """Semicolons, decimal commas, Windows-1252, negative codes, German names."""
    s, a = _answers(44, points=7)
    rows: list[list[object]] = [
        ["Lfd. Nr.", "Erhebungsdatum", "Filiale", "Freundlichkeit", "Wartezeit", "Sauberkeit", "Gesamtzufriedenheit",
         "Gewicht"]
    ]  # fmt: skip
    rows += [
        [n + 1, s.days[n].strftime("%d.%m.%Y"), ["Köln", "Düsseldorf"][n % 2], a[0][n] if n % 13 else -99,
         a[1][n] if n % 7 else -77, a[2][n], a[3][n], f"{0.5 + n / ROWS:.2f}".replace(".", ",")]
        for n in range(s.rows)
    ]  # fmt: skip
    return write_rows(folder / "german.csv", rows, "cp1252", ";")


def recommendation_in_groups(folder: Path) -> Path:
    """Qualtrics: three rows of names, numeric answers, −99, and promoters worked out by the platform."""
    s, a = _answers(47)
    recommend = s.recommendation()
    codes = ["EndDate", "Status", "Progress", "Finished", "ResponseId", "LocationLatitude", "Q1_1", "Q1_2", "Q1_3",
             "Q2", "NPS", "NPS_NPS_GROUP", "Q5_4_TEXT"]  # fmt: skip
    texts = ["End Date", "Response Type", "Progress", "Finished", "Response ID", "Latitude", "Please rate - Speed",
             "Please rate - Care", "Please rate - Price", "Overall, how satisfied are you?",
             "How likely are you to recommend?", "NPS group", "Other - Text"]  # fmt: skip
    rows: list[list[object]] = [codes, texts, [json.dumps({"ImportId": code}) for code in codes]]
    for n in range(s.rows):
        group = "Promoter" if recommend[n] > 8 else "Detractor" if recommend[n] < 7 else "Passive"
        rows.append([s.days[n].strftime("%Y-%m-%d %H:%M:%S"), 0, 100, 1, f"R_{n:012d}", "31.2",
                     *(x[n] if n % 11 else -99 for x in a[:3]), a[3][n], recommend[n], group, ""])  # fmt: skip
    return write_rows(folder / "groups.csv", rows, "utf-8-sig")


def shares_in_columns(folder: Path) -> Path:
    """Statistics of regions: a share for each answer, the number asked, a note."""
    rows: list[list[object]] = [["地区", "年份", "很满意（%）", "满意（%）", "一般（%）", "不满意（%）", "样本量"]]
    rows += [[f"地区{n}", year, 20 + n, 50 - n, 20, 10, 500 + 10 * n] for n in range(8) for year in (2019, 2020, 2021)]
    rows.append(["合计", 2021, 23.5, 46.5, 20, 10, 4280])
    return write_rows(folder / "shares.csv", rows)


def counts_in_columns(folder: Path) -> Path:
    """A count for each answer, by country and year."""
    ladder = ["very satisfied", "satisfied", "neutral", "dissatisfied", "very dissatisfied"]
    rows: list[list[object]] = [["Country", "Year", *ladder]]
    rows += [[f"C{n}", year, 30 + n, 40, 20, 8, 2 + n] for n in range(6) for year in (2019, 2020, 2021)]
    return write_rows(folder / "counts.csv", rows)


def passengers(folder: Path) -> Path:
    """Airline: ratings 0–5, one of them called like a place; satisfied against all others; an index and an id."""
    s, a = _answers(61, number=6)
    names = [
        "Inflight wifi service",
        "Ease of Online booking",
        "Gate location",
        "Food and drink",
        "Seat comfort",
        "Cleanliness",
    ]
    frame = pd.DataFrame({"id": s.rng.permutation(s.rows), "Class": s.one_of(["Eco", "Eco Plus", "Business"])})
    frame = frame.assign(Age=s.rng.integers(7, 85, s.rows), **dict(zip(names, a, strict=True)))
    frame.loc[::40, names] = 0
    frame["satisfaction"] = ["satisfied" if one > 0 else "neutral or dissatisfied" for one in s.latent]
    frame.to_csv(folder / "passengers.csv")
    return folder / "passengers.csv"


def stars_in_words(folder: Path) -> Path:
    """A Chinese shop: 五星 in words, 4.0分 overall, GBK and tabs."""
    s, a = _answers(69)
    rows: list[list[object]] = [["店铺", "评价时间", "描述相符", "服务态度", "物流服务", "综合评分"]]
    rows += [
        [
            f"{n % 2}号店",
            s.days[n].strftime("%Y-%m-%d %H:%M"),
            *("一二三四五"[x[n] - 1] + "星" for x in a[:3]),
            f"{a[3][n]}.0分",
        ]
        for n in range(s.rows)
    ]
    return write_rows(folder / "stars.txt", rows, "gbk", "\t")


def ends_labelled(folder: Path) -> Path:
    """SPSS: labels at both ends in a language that is not known, days."""
    s, a = _answers(64)
    frame = pd.DataFrame({"ID": [float(n) for n in range(s.rows)], "datum": s.days.date})
    frame = frame.assign(**{f"q{n}": x.astype(float) for n, x in enumerate(a[:3], start=1)}, gesamt=a[3].astype(float))
    labels = {f"q{n}": {1: "sehr unzufrieden", 5: "sehr zufrieden"} for n in (1, 2, 3)}
    pyreadstat.write_sav(frame, str(folder / "ends.sav"), variable_value_labels=labels)
    return folder / "ends.sav"


def churn(folder: Path) -> Path:
    """Customers who left, a product that repeats in place of a person."""
    s, a = _answers(68)
    frame = pd.DataFrame({"Product ID": s.rng.integers(1, 60, s.rows), "Satisfaction Score": a[0]})
    frame.assign(Churn=["Yes" if one < 0 else "No" for one in s.latent]).to_csv(folder / "churn.csv", index=False)
    return folder / "churn.csv"
