"""The documentation that is written beside a simulated study: calibration table, unused figures, README."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pandas as pd

from maternal_eval.simulation import assumptions
from maternal_eval.simulation.figures import DESIGN_CLAIMS, SimulatedFiles, calibration_table, used_claims
from maternal_eval.simulation.not_used import REASONS, claims_not_used, named_by_analyses
from maternal_eval.simulation.topics import EMERGING


def write_documentation(
    folder: Path, files: SimulatedFiles, kano_rows: int, topic_rows: int, answered: pd.Series
) -> None:
    """Write README.md, calibration.csv and claims_not_used.csv.

    Parameters
    ----------
    folder
        The study, with its claims.csv.
    files
        The generated tables and the truth.
    kano_rows, topic_rows
        Number of rows of kano.csv and topics.csv.
    answered
        Share of answers given, by item.
    """
    claims = pd.read_csv(folder / "claims.csv", dtype=str)
    table = calibration_table(files)
    unused = claims_not_used(claims, used_claims(), named_by_analyses(folder / "study.toml", frozenset(claims["id"])))
    _csv(table, folder / "calibration.csv")
    _csv(unused.drop(columns="why"), folder / "claims_not_used.csv")
    empty = 1 - answered
    counts = unused["reason"].value_counts()
    remarks = unused[unused["remark"] != ""]
    template = resources.files("maternal_eval.simulation") / "readme.md"
    text = template.read_text(encoding="utf-8").format(
        name=folder.resolve().name,
        seed=files.truth.seed,
        claims=f"{len(claims):,}",
        used=len(used_claims()),
        panel=f"{len(files.panel):,}",
        log=f"{len(files.platform_log):,}",
        experts=f"{len(files.experts):,}",
        kano=f"{kano_rows:,}",
        triangulation=f"{len(files.triangulation):,}",
        topics=f"{topic_rows:,}",
        emerging="; ".join(
            f"`{topic}` {'in ' + stage if stage else 'in every stage'} from {since} on, × {factor:g}"
            for topic, stage, since, factor in EMERGING
        ),
        figures=len(table),
        unused=len(unused),
        empty=f"{100 * empty.min():.0f} % ({empty.idxmin()}) to {100 * empty.max():.0f} % ({empty.idxmax()}) by item",
        first=_percent(assumptions.STAGE_SHARES_FIRST),
        last=_percent(assumptions.STAGE_SHARES_LAST),
        order=", ".join(assumptions.STAGES).replace("_", " "),
        calibration=_calibration_rows(table),
        design="".join(f"- `{claim}`: {note}\n" for claim, note in DESIGN_CLAIMS.items()),
        reasons="".join(f"| {code} | {counts.get(code, 0)} | {why} |\n" for code, why in REASONS.items()),
        remarks="".join(f"- `{row.id}`: {row.remark}\n" for row in remarks.itertuples()),
    )
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


def _calibration_rows(table: pd.DataFrame) -> str:
    lines = ["| figure | claims | definition | target | obtained | tolerance | met |", "|---|---|---|---|---|---|---|"]
    signs = {"within": "", "at least": "≥ ", "at most": "≤ "}
    for row in table.to_dict("records"):
        claims = ", ".join(f"`{claim}`" for claim in str(row["claims"]).split()) or "–"
        unit = f" {row['unit']}" if row["unit"] not in ("", "1–5") else ""
        lines.append(
            f"| {row['what']} | {claims} | {row['definition']} | {signs[row['comparison']]}{row['target']:g}{unit} "
            f"| {row['obtained']:.4g}{unit} | {row['tolerance']:g} | {'yes' if row['met'] else 'NO'} |"
        )
    return "\n".join(lines) + "\n"


def _percent(shares: tuple[float, ...]) -> str:
    return "/".join(f"{100 * share:.0f}" for share in shares) + " %"


def _csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
