"""Agreement of sources, and of items with the log: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import count, number, relative, schema, share, text, truth

_SUMMARY = schema(
    "quantity name",
    "value low high",
    name=text("Of", "对象"),
    value=number("Value", "取值", decimals=3),
)
_SOURCES = schema(
    "source",
    "n mean sd error error_low error_high reliability reliability_low reliability_high own_unit own_unit_low "
    "own_unit_high",
    n=count("Records", "记录数"),
    mean=number("Mean", "均值", decimals=1, unit="points"),
    sd=number("Standard deviation", "标准差", decimals=1, unit="points"),
    error=number("Standard deviation of the error", "误差标准差", decimals=1, unit="points"),
    reliability=share("Reliability", "信度"),
    own_unit=number("Standard deviation of the error, own unit", "误差标准差（各自单位）", decimals=1, unit="points"),
)
_CURVE = {
    "definition": text("What counts as accurate", "“准确”的定义"),
    "tolerance": number("Tolerance", "容差", decimals=0, unit="points"),
    "share": share("Accurate", "准确占比"),
}

TABLES = {
    "": _SUMMARY,
    "sources": _SOURCES,
    "limits": schema(
        "first second",
        "n bias bias_low bias_high sd lower lower_low lower_high upper upper_low upper_high slope slope_low slope_high",
        second=text("Second", "次位"),
        n=count("Records", "记录数"),
        bias=number("Bias", "偏差", decimals=1, unit="points"),
        sd=number("Standard deviation of the difference", "差值标准差", decimals=1, unit="points"),
        lower=number("Lower limit of agreement", "一致性下限", decimals=1, unit="points"),
        upper=number("Upper limit of agreement", "一致性上限", decimals=1, unit="points"),
        slope=number("Slope of the difference on the mean", "差值对均值的斜率"),
    ),
    "correlations": schema(
        "form",
        "value low high",
        form=text("Intraclass correlation", "组内相关系数"),
        value=number("Correlation", "相关系数", decimals=3),
    ),
    "alphas": schema(
        "level",
        "of value low high n",
        level=text("Codes taken as", "编码视为"),
        of=text("Codes", "编码"),
        value=number("Alpha", "α 系数", decimals=3),
        n=count("Records", "记录数"),
    ),
    "shared": schema(
        "first second source",
        "excess low high error",
        second=text("Second", "次位"),
        excess=number("Covariance beyond the other pairs'", "超出其余各对的协方差", decimals=1),
        error=number("Standard deviation of the error if shared", "若共有，误差标准差", decimals=1, unit="points"),
    ),
    "curve": schema("definition tolerance", "share low high", **_CURVE),
    "tolerances": schema(
        "definition",
        "asked needed needed_low needed_high tolerance share low high",
        asked=share("Share asked for", "所求占比", decimals=0),
        needed=number("Tolerance that gives it", "达到该占比的容差", decimals=1, unit="points"),
        **_CURVE,
    ),
    "dropped": schema(
        "factor group source",
        "n share before after change change_low change_high",
        n=count("Records", "记录数"),
        share=share("Kept", "保留占比"),
        before=number("Mean of all", "全部均值", decimals=1, unit="points"),
        after=number("Mean of those kept", "保留部分均值", decimals=1, unit="points"),
        change=number("Change", "变化", unit="points"),
    ),
    "precision": schema(
        "kind gain error",
        gain=relative("Share of the composite's error variance", "占综合值误差方差的比例"),
        error=number("Standard deviation of the reading's error", "读数误差标准差", decimals=1, unit="points"),
    ),
    "log": schema(
        "item measure level",
        "value low high cells clusters rises implied sampling disattenuated",
        item=text("Item", "指标"),
        measure=text("In the log", "日志量"),
        level=text("Compared", "比较层面"),
        value=number("Rank correlation", "秩相关"),
        clusters=count("{Platforms}", "{platform}数"),
        rises=truth("Should rise with it", "应随之上升"),
        implied=share("Reliability implied", "所含信度", decimals=0),
        sampling=share("Reliability that sampling leaves", "抽样误差所容信度", decimals=0),
        disattenuated=share("Implied, sampling error apart", "剔除抽样误差后的信度", decimals=0),
    ),
    "log_columns": schema("column", "use", use=text("Read by", "使用者")),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class AgreementResult(StudyResult):
    """How far sources agree, and items with the log. Tables of a part that the study lacks are empty.

    Intervals are equal-tailed with probability :data:`~maternal_eval.core.intervals.PROBABILITY`.

    Attributes
    ----------
    sources
        Per source: records, mean, spread, standard deviation of its ``error`` if all sources have one unit,
        ``reliability``, and the error in its ``own_unit`` if each has one.
    limits
        Per pair of sources, first minus second: bias, limits between which 95 % of the differences lie, and the slope
        of the difference on the mean of both.
    correlations
        The six intraclass correlations of Shrout & Fleiss.
    alphas
        Krippendorff's alpha of the readings (interval), and of bands of equal width (ordinal, nominal).
    shared
        Per pair: by how much its covariance exceeds the others', and the ``error`` of each source if this pair, and no
        other, shares that much.
    curve
        Share of accurate records by ``definition`` and ``tolerance``; ``truth:NAME`` is the probability that a source
        lies so close to the truth, by its estimated error.
    tolerances
        Per definition: the tolerance ``needed`` for the share ``asked``, and the ``share`` at the study's tolerance.
    dropped
        What leaving out records with larger differences does to means, by group of records; ``source`` "mean" is the
        mean of all sources.
    precision
        What an objective reading would have to be, and would give: see
        :func:`~maternal_eval.analyses.agreement.objective.precision_table`.
    log
        Spearman's correlation of cell means of an item with a measure of the log: ``between`` platforms, ``within``
        them over time, and within ``both`` platforms and periods; ``implied`` is its square, ``sampling`` the
        reliability that sampling error alone would leave.
    log_columns
        What each column of the log is read by; empty where by nobody.
    asked, published
        Share of accurate records that is sought, and whether it is a published one.
    agreed_all, agreed_kept
        ICC(2,1) of all records, and of those kept.
    """

    sources: pd.DataFrame
    limits: pd.DataFrame
    correlations: pd.DataFrame
    alphas: pd.DataFrame
    shared: pd.DataFrame
    curve: pd.DataFrame
    tolerances: pd.DataFrame
    dropped: pd.DataFrame
    precision: pd.DataFrame
    log: pd.DataFrame
    log_columns: pd.DataFrame
    asked: float
    published: bool
    agreed_all: float | None
    agreed_kept: float | None

    def table(self) -> pd.DataFrame:
        """Return error and reliability of each source, agreement of all, and each item's relation to the log."""
        parts = []
        if self.has_records:
            for name in ("error", "reliability"):
                part = self.sources[["source", name, f"{name}_low", f"{name}_high"]].dropna()
                parts.append(part.set_axis(["name", "value", "low", "high"], axis=1).assign(quantity=name))
            parts.append(self.correlations.rename(columns={"form": "name"}).assign(quantity="intraclass correlation"))
            alphas = self.alphas.rename(columns={"level": "name"}).assign(quantity="alpha")
            parts.append(alphas[["quantity", "name", "value", "low", "high"]])
        if not self.log.empty:
            named = self.log["item"] + " × " + self.log["measure"]
            quantity = "rank correlation " + self.log["level"]
            parts.append(self.log[["value", "low", "high"]].assign(quantity=quantity, name=named))
        columns = ["quantity", "name", "value", "low", "high"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)

    @property
    def has_records(self) -> bool:
        """Whether there are triangulation records."""
        return not self.sources.empty
