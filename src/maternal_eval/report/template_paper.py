"""The texts of a paper on any study, by template: a section appears where its analysis ran.

The texts are those that an author would write by hand: Markdown with keys instead of numbers, in both languages, with
the same figures and tables. Whoever wants to go on writing copies them and names their folder in ``[paper]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from maternal_eval.core.files import write_whole
from maternal_eval.core.languages import LANGUAGES, Language, say
from maternal_eval.core.made import is_made, mark_made
from maternal_eval.core.words import Words
from maternal_eval.report.papers import NAME
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.tables import escape

LITERALS = ("90%", "0–100")
"""Digits of the template that are no results."""


@dataclass(frozen=True)
class Chapter:
    """What a section of the template says whatever the study: its heading, and what is asked and how it is read.

    ``{stage}`` and the like stand for the words of the study.
    """

    heading_en: str
    heading_zh: str
    text_en: str
    text_zh: str


CHAPTERS: dict[str, Chapter] = {
    "check": Chapter(
        "What the study holds",
        "研究概况",
        "All results below rest on these {answers} and on what the study says of them.",
        "以下全部结果均以这些{answer}及研究的声明为依据。",
    ),
    "claims": Chapter(
        "Published figures",
        "已发表数字",
        "Published figures are held against each other with their rounding: this is evidence of arithmetic consistency "
        "and of nothing else.",
        "在考虑舍入的前提下检验已发表数字是否彼此一致：仅为算术一致性的证据。",
    ),
    "weights": Chapter(
        "Weights",
        "权重",
        "The weight of an indicator is that of its dimension times its share inside. Without expert judgements it is "
        "what the study states, and equal where it states nothing.",
        "指标权重为其维度权重与维度内占比之积。没有专家判断时取研究的声明值，未声明处等权。",
    ),
    "kano": Chapter(
        "Kano classes",
        "卡诺类别",
        "The class of an element is the one that its pairs of answers speak for most often; its probability says how "
        "sure that is.",
        "要素的类别取其成对答案中最常见的一类，概率表示其可信程度。",
    ),
    "scores": Chapter(
        "Scores",
        "得分",
        "The score (0–100) is the weighted mean of the values of the answers; an unanswered indicator hands its weight "
        "to its siblings.",
        "得分（0–100）为答案价值的加权平均，未作答指标的权重由同维度其余指标分担。",
    ),
    "importance": Chapter(
        "Do the weights act as they are stated?",
        "权重是否如名义值起作用",
        "A weight is what a part is meant to count, its importance is the share of the variance of the score that goes "
        "with it. Parts that go together carry each other, so the two need not agree.",
        "权重是各部分应占的份量，重要性是得分方差中与之相伴的份额。相关的部分彼此带动，故二者未必一致。",
    ),
    "satisfaction": Chapter(
        "Satisfaction",
        "满意度",
        "A cumulative model of the ordered answers; the expected answer takes the answers for equally spaced.",
        "对有序答案的累积模型；期望得分把各档答案视为等距。",
    ),
    "drivers": Chapter(
        "Which indicators go with the outcome?",
        "哪些指标与结果相伴",
        "What the indicators explain of the outcome is shared out among them. An association of answers, no effect: "
        "what people rate together is not what would move if one of them were mended.",
        "把指标对结果的解释部分分摊到各项指标。此为答案间的关联，并非因果效应：一并打出的分数，"
        "不等于改进其一即可带动的变化。",
    ),
    "instrument": Chapter(
        "Do the items measure what they should?",
        "题项是否测得其所应测",
        "How far the items of a dimension go together, whether the dimensions of the study are those that the answers "
        "show, and which items say the same.",
        "同一维度的题项在多大程度上一致、研究所设维度是否与答案所呈现的结构相符，以及哪些题项彼此重复。",
    ),
    "agreement": Chapter(
        "Do several sources say the same?",
        "多个来源是否一致",
        "Sources on the same thing are compared record by record; that they agree says that they measure the same, and "
        "not that it is right.",
        "对同一事物的多个来源逐条比较：一致说明所测相同，不说明所测正确。",
    ),
    "shapes": Chapter(
        "Does the outcome follow each indicator as its class says?",
        "结果随指标的变化是否合乎其类别",
        "A Kano class says how satisfaction follows an element: straight, steeper at the bottom or steeper at the top. "
        "Here the shape is looked for in the answers. An association, no effect.",
        "卡诺类别说明满意度如何随要素变化：近似直线、低端更陡或高端更陡。此处由答案判断其形状，为关联而非因果效应。",
    ),
    "user_weights": Chapter(
        "What do the answers alone weigh?",
        "仅凭答案得到怎样的权重",
        "Weights that follow from the answers, without anybody's judgement, beside those of the study. An association, "
        "no effect.",
        "不依赖任何人的判断、仅由答案得到的权重，与研究的权重相对照；为关联而非因果效应。",
    ),
    "items": Chapter(
        "Single indicators and dimensions",
        "单项指标与维度",
        "The same model for single indicators, and for each dimension as its indicators together.",
        "对单项指标采用同一模型；维度则将其全部指标合并建模。",
    ),
    "calibration": Chapter(
        "Does the model find what was put in?",
        "模型能否找回已知真值",
        "Answers are simulated from the model itself, and their known truth is looked for.",
        "由模型自身模拟答案，再检验能否找回其已知真值。",
    ),
    "stage_weights": Chapter(
        "Weights by {stage}",
        "分{stage}权重",
        "Do the answers ask for other weights in another {stage}? An association of answers, no effect.",
        "答案是否要求不同{stage}采用不同权重？此为答案间的关联，并非因果效应。",
    ),
    "backtest": Chapter(
        "Backtest",
        "回测",
        "Each period is forecast from those before it, by forecasters that see nothing of it; the last value is the "
        "reference.",
        "每一期均由此前各期预测，预测方法看不到当期数据；以上期值为参照。",
    ),
    "schedule": Chapter(
        "Should a weight be moved?",
        "是否应调整权重",
        "Only where its change is credible and the backtest does not get worse.",
        "仅在变化可信且回测没有变差时建议调整。",
    ),
    "sensitivity": Chapter(
        "What moves the verdict?",
        "哪些因素左右结论",
        "Weights are uncertain and choices were decided: the indices share out what both do to the results.",
        "权重不确定，方法选择是人为决定：指数说明二者各使结果变动多少。",
    ),
    "whatif": Chapter(
        "What if?",
        "情景推演",
        "A consequence of the fitted models and no causal effect.",
        "为拟合模型的推论，并非因果效应。",
    ),
    "review": Chapter(
        "When would a quarterly review notice a fall?",
        "季度复审何时察觉下降",
        "Streams of answers are simulated at the level of this panel.",
        "按本面板的水平模拟答案流。",
    ),
    "topics": Chapter(
        "Topics that come up",
        "上升的主题",
        "Mentions of each topic in the latest quarters are held against those of the quarters before, with one rate of "
        "false discoveries over all topics of a quarter. Who counted them decided what a topic is.",
        "以近期各主题的提及数与此前各季度相比，每季度所有主题共用一个错误发现率。何为一个主题，由计数者决定。",
    ),
}
"""Analysis → what its section says; an analysis without a row has no section (:data:`WITHOUT_SECTION`)."""

WITHOUT_SECTION = {
    "explorer": "an interactive page, which its verb writes",
    "proposal_power": "a simulation study on the built-in panel alone",
}
"""Analyses that no paper by template has a section on, and why."""


@dataclass(frozen=True)
class Section:
    """What ran: the analysis, its figures (file name → caption in each language), its tables and its main numbers.

    ``numbers`` maps the key of a finding to what it is called, in each language.
    """

    step: str
    figures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: Sequence[str] = ()
    numbers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


_TEMPLATE = "written by template"
"""What the stamp beside a text says that nobody has edited yet."""


def write_texts(
    folder: Path,
    title: Mapping[str, str],
    sections: Sequence[Section],
    *,
    simulated: bool,
    words: Words,
    remarks_table: str,
    day: str,
    left_out_table: str | None = None,
) -> list[Path]:
    """Write ``blue-paper.en.md``, ``blue-paper.zh.md`` and an empty ``references.bib`` into a folder.

    A text that was edited since it was written stays as it is, and so do references that are there; the texts that
    stayed are returned.

    Parameters
    ----------
    folder
        Where the texts go.
    title
        Of the study, in each language.
    sections
        What ran, in the order of the argument.
    simulated
        Whether the panel is simulated: every paragraph with a number says so.
    words
        What the study calls its stages, platforms, respondents and answers.
    remarks_table
        Name of the table of what was left out, guessed or pooled.
    day
        Date of the paper, ISO.
    left_out_table
        Name of the table of analyses without a section, and why; None if there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    for language in LANGUAGES:
        text = _text(language, title[language], sections, simulated, words, remarks_table, day, left_out_table)
        target = folder / f"{NAME}.{language}.md"
        stamp = folder / f".{target.name}.stamp"
        if target.is_file() and stamp.is_file() and not is_made(stamp, _TEMPLATE, [target]):
            kept.append(target)
            continue
        stamp.unlink(missing_ok=True)  # a run that ends here leaves a text that is written anew
        write_whole(target, partial(Path.write_text, data=text, encoding="utf-8"))
        mark_made(stamp, _TEMPLATE, [target])
    references = folder / "references.bib"
    if not references.is_file():
        write_whole(references, partial(Path.write_text, data="", encoding="utf-8"))
    return kept


def _text(
    language: Language,
    title: str,
    sections: Sequence[Section],
    simulated: bool,
    words: Words,
    remarks_table: str,
    day: str,
    left_out_table: str | None,
) -> str:
    notice = say(
        language,
        "SIMULATED panel: what stands here shows what the methods find on simulated answers; it confirms nothing."
        if simulated
        else words.fill(
            "Associations in the {answers} of one study, with the limits that each section states.", language
        ),
        "模拟面板：本文仅显示各方法在模拟答案上的结果，不证实任何事实。"
        if simulated
        else words.fill("本文为一项研究的{answer}中的关联，局限见各节。", language),
    )
    header = {
        # The header is read as Markdown: a title is shown as it is written.
        "title": escape(title),
        "subtitle": say(language, "Validation of the evaluation model", "评价模型的验证"),
        # Word prints it as it stands, so signs that are mark-up elsewhere go.
        "short-title": " ".join(re.sub(r"[\\`*_{}\[\]<>#$|@~^&]", " ", title).split()),
        "date": day,
        "notice": notice,
        "literals": list(LITERALS),
    }
    # JSON is YAML: a title with any sign in it stays one text.
    lines = ["---", *(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in header.items()), "---", ""]
    known = [section for section in sections if section.step in CHAPTERS]
    headings = [heading_of(section.step, words)[language] for section in known]
    asked = say(language, " · ", "；").join(headings) + say(language, "", "。")
    lines += [
        "::: abstract",
        say(
            language,
            f"This paper was written by template from the results of the study; each number is listed with its source "
            f"at the end. Sections: {asked}",
            f"本文由研究结果按模板生成，每个数值的来源列于文末。各节：{asked}",
        ),
        ":::",
        "",
    ]
    for section, heading in zip(known, headings, strict=True):
        lines += [
            f"# {heading} {{#sec:{section.step.replace('_', '-')}}}",
            "",
            *_body(section, language, simulated, words),
        ]
    if left_out_table is not None:
        lines += [
            "# " + say(language, "What this paper does not answer", "本文未回答的问题") + " {#sec:left-out}",
            "",
            say(
                language,
                f"@tbl:{left_out_table} lists the questions without a section, and why they have none.",
                f"@tbl:{left_out_table} 列出本文没有对应章节的问题及其原因。",
            ),
            "",
            f"{{{{table:{left_out_table}}}}}",
            "",
        ]
    lines += [
        "# " + say(language, "What has to be known", "须知") + " {#sec:known}",
        "",
        say(
            language,
            f"@tbl:{remarks_table} lists what was left out, guessed, pooled, merged or turned round"
            + (", on a simulated panel." if simulated else "."),
            f"@tbl:{remarks_table} 列出未计入、推定、合并或反向处理的内容" + ("（模拟面板）。" if simulated else "。"),
        ),
        "",
        f"{{{{table:{remarks_table}}}}}",
        "",
        "# " + say(language, "Where each number comes from", "数值来源") + " {#sec:sources}",
        "",
        say(language, "@tbl:provenance lists the numbers of this paper.", "@tbl:provenance 列出本文各数值。"),
        "",
        "{{table:provenance}}",
        "",
    ]
    return "\n".join(lines)


def heading_of(step: str, words: Words) -> dict[str, str]:
    """Return the heading of the section of an analysis, in both languages and in the words of the study."""
    chapter = CHAPTERS[step]
    return words.remark(chapter.heading_en, chapter.heading_zh)


def _body(section: Section, language: Language, simulated: bool, words: Words) -> list[str]:
    chapter = CHAPTERS[section.step]
    text = words.say(language, chapter.text_en, chapter.text_zh)
    shown = [f"@fig:{_identifier(name)}" for name in section.figures]
    listed = [f"@tbl:{name}" for name in section.tables]
    if shown or listed:
        *others, last = [*shown, *listed]
        places = say(language, " and ", " 与 ").join(
            [*([say(language, ", ", "、").join(others)] if others else []), last]
        )
        text += say(language, f" See {places}.", f"见 {places}。")
    lines = [text, ""]
    if section.numbers:
        panel = simulated_mark(simulated, language)
        named = [
            f"{called[language]}{say(language, ': ', '：')}{{{{{key}}}}}" for key, called in section.numbers.items()
        ]
        lines += [say(language, "; ", "；").join(named) + panel + say(language, ".", "。"), ""]
    for name, caption in section.figures.items():
        lines += [f"![{caption[language]}]({name}){{#fig:{_identifier(name)} width=100%}}", ""]
    for name in section.tables:
        lines += [f"{{{{table:{name}}}}}", ""]
    return lines


def _identifier(name: str) -> str:
    return name.replace("_", "-")
