"""The documentation that is written beside a simulated study: calibration table, unused figures, README."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from maternal_eval.simulation import assumptions
from maternal_eval.simulation.figures import DESIGN_CLAIMS, SimulatedFiles, calibration_table, used_claims
from maternal_eval.simulation.not_used import REASONS, claims_not_used, named_by_analyses

_TOP = """# The built-in study: a SIMULATED panel

**Everything in this folder that looks like an answer, a log entry or a judgement is SIMULATED. No respondent, platform
or expert exists.** The reports publish no respondent-level data. The panel is drawn from a model with known truth that
was calibrated to published figures, so it can show whether a *method* recovers what is there, and what a published
figure would need. It can never confirm a published figure.

The truth lies apart, in `../truth/{name}.json`. No analysis reads it, only recovery checks do (a test enforces it).

## Make it again

    maternal-eval simulate DIR

writes a complete study into `DIR`, byte for byte the same for the same seed ({seed} here) with any number of threads,
on processors of one kind with the packages of the lock file. The files of the evaluation model and the ledger
(`study.toml`, `indicators.csv`, `stages.csv`, `claims.csv`, `checks.csv`) are written by hand and copied from this
folder; all others are generated. The truth goes to `DIR/../truth/<name of DIR>.json`.

## Files

| file | rows | what it holds |
|---|---|---|
| `study.toml` | | names the files and columns |
| `indicators.csv` | 30 | the indicators: code, dimension, Kano class, names, how measured |
| `stages.csv` | 5 | the life stages |
| `claims.csv` | {claims} | the ledger of published figures |
| `checks.csv` | | arithmetic relations between published figures |
| `panel.parquet` | {panel} | the respondents, below |
| `platform_log.csv` | {log} | month × platform × stage, below |
| `experts.csv` | {experts} | pairwise judgements of 15 experts in three rounds, below |
| `kano.csv` | {kano} | Kano answer pairs, below |
| `triangulation.csv` | {triangulation} | anxiety seen by three sources, below |
| `calibration.csv` | {figures} | the calibration table below, for machines |
| `claims_not_used.csv` | {unused} | every published figure that is not built in, with the reason |

### panel.parquet
A repeated cross-section: other respondents every year, spread evenly over the quarters.

| column | values | note |
|---|---|---|
| `respondent` | 1 … {panel} | |
| `year`, `quarter` | 2020–2024, 1–4 | |
| `stage` | preconception, pregnancy, childbirth, postpartum, early_parenting | life stage |
| `trimester` | early, mid, late | pregnancy only |
| `platform`, `platform_type` | twelve platforms of five types | the platform that is rated |
| `city_tier` | first, new_first, second, third_and_below | |
| `age` | 20–40 | years |
| `education`, `income` | four levels each | income: of the household, CNY a month |
| `weight` | about 0.7–2, mean 1 in a year | corrects that too few live in the lowest tier |
| `F01` … `F12`, `E01` … `E10`, `S01` … `S08` | 1–5, larger is better | empty: does not apply or skipped |
| `satisfaction` | 1–5 | overall satisfaction |
| `trust` | 1–5 | 1.5 % skipped |
| `repurchase` | 0, 1 | bought again on the platform |
| `recommend` | 0–10 | would recommend; 1.5 % skipped |

Share of empty answers: {empty}. An item is empty because it does not apply (goods items for
users who bought none, F09 and F10 without a consultation, E10 without a failure, S01, S02, S05 and S06 outside a
community, …), with a probability by platform type and stage, or because the respondent skipped it, at a rate of her
own. Given platform type and stage, emptiness does not depend on the answers. Who answered S02 is a community member.

### platform_log.csv
`month` (YYYY-MM), `platform`, `stage`, `promised_response_minutes` and `actual_response_minutes` (ordinary enquiry to
reply), `enquiries`, `orders`, `repurchases` (orders by returning users), `returns`, `posts`, `replies` (posts that
received a reply). Orders are relative; their level is invented.

### experts.csv
`expert` (five obstetricians, five operators, five researchers), `round` (1–3), `set` (dimensions, functional,
emotional, social), `row`, `column` (row stands before column in the set), `judgement`: how much `row` outweighs
`column` on Saaty's scale 1/9 … 9; the other half is the reciprocal. Opinions converge from round to round; one expert
judges less consistently than the others and one keeps the opinion of round 1.

### kano.csv
`respondent` (other people than in the panel), `stage`, `indicator`, `functional`, `dysfunctional` (1 like, 2 must be,
3 neutral, 4 can live with it, 5 dislike). Most answers follow the class in `indicators.csv`; F03, E04, E06 and S04 are
genuinely unsure, F10, F12 and E09 differ by stage.

### triangulation.csv
`record`, `period`, `stage`, `self_report`, `service_record`, `third_party`: one anxiety (0–100, larger is more
anxious) read by three sources with independent errors.

## How the panel arises
1. **Respondents**: stage, platform and city tier are drawn independently of each other; education depends on the tier,
   income on education, age on the stage. The lowest tier is sampled at half its share.
2. **Answers**: a latent answer per item = location (year × stage × item, solved) + platform (with a yearly drift) +
   city tier + quarter + loading × factor of the dimension (factors correlate 0.5) + the person's leniency + noise whose
   size depends on the stage; cut into 1–5 with personal spacing (some use the ends of the scale, some the middle).
   F02 follows the platform's logged response time.
3. **Outcomes** depend on the observed answers, so response style does not confound them. Overall satisfaction is a
   cumulative logit of the composite value (Kano value functions, stage-specific weights) with effects of stage × year,
   platform and city tier and a spread by stage. Trust, repurchase and recommendation have the composite and their own
   items. Their residuals correlate with those of satisfaction.
4. **Weights**: invented inside the dimensions (the reports publish none); they move by stage inside their dimension.
   The reading built in for F10 after birth is 40 % of the functional dimension.

## Invented, and said so
The reports give no figure for: the stage shares ({first} in 2020, {last} in 2024;
{order}),
all years between 2020 and 2024 (they stand at 22, 36 and 72 % of the way: a slow 2022, a quick 2023), the mean of
every single item (only means of groups are published) and of all items in 2020 except F09 in pregnancy, the answer
distributions around the means, trust, the means of stages other than the two published ones, platform differences
other than those in the table, the deviations by city tier and quarter, education, income, response times, the number
of orders, Kano shares, and the weights.

## Calibration
Solved by root finding on expectations over a large drawn population, so that a figure misses its target only by the
sampling error of the panel. The tolerance is the rounding of the published figure (for satisfaction and the facets) or
about three sampling errors. Figures "from the truth" are properties of the model and need no sample.
"""

_DESIGN = """
Built into the design, nothing to estimate:

"""

_NOT_USED = """
## Published figures that are not built in
Of {all} published figures {used} are used above; the other {unused} are listed one by one with their reason in
`claims_not_used.csv`:

| reason | figures | why |
|---|---|---|
"""


def write_documentation(folder: Path, files: SimulatedFiles, kano_rows: int, answered: pd.Series) -> None:
    """Write README.md, calibration.csv and claims_not_used.csv.

    Parameters
    ----------
    folder
        The study, with its claims.csv.
    files
        The generated tables and the truth.
    kano_rows
        Number of rows of kano.csv.
    answered
        Share of answers given, by item.
    """
    claims = pd.read_csv(folder / "claims.csv", dtype=str)
    table = calibration_table(files)
    unused = claims_not_used(claims, used_claims(), named_by_analyses(folder / "study.toml", frozenset(claims["id"])))
    _csv(table, folder / "calibration.csv")
    _csv(unused.drop(columns="why"), folder / "claims_not_used.csv")
    empty = 1 - answered
    text = _TOP.format(
        name=folder.resolve().name,
        seed=files.truth.seed,
        claims=f"{len(claims):,}",
        panel=f"{len(files.panel):,}",
        log=f"{len(files.platform_log):,}",
        experts=f"{len(files.experts):,}",
        kano=f"{kano_rows:,}",
        triangulation=f"{len(files.triangulation):,}",
        figures=len(table),
        unused=len(unused),
        empty=f"{100 * empty.min():.0f} % ({empty.idxmin()}) to {100 * empty.max():.0f} % ({empty.idxmax()}) by item",
        first=_percent(assumptions.STAGE_SHARES_FIRST),
        last=_percent(assumptions.STAGE_SHARES_LAST),
        order=", ".join(assumptions.STAGES).replace("_", " "),
    )
    text += "\n" + _calibration_rows(table) + _DESIGN
    text += "".join(f"- `{claim}`: {note}\n" for claim, note in DESIGN_CLAIMS.items())
    used = len(used_claims())
    text += _NOT_USED.format(all=f"{len(claims):,}", used=used, unused=len(unused))
    counts = unused["reason"].value_counts()
    text += "".join(f"| {code} | {counts.get(code, 0)} | {why} |\n" for code, why in REASONS.items())
    remarks = unused[unused["remark"] != ""]
    text += "\nSingle figures with a reason of their own:\n\n"
    text += "".join(f"- `{row.id}`: {row.remark}\n" for row in remarks.itertuples())
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
