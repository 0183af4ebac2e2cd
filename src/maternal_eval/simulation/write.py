"""Writing the simulated study, byte for byte the same for the same seed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named, sequence
from maternal_eval.simulation.calibration import calibrate
from maternal_eval.simulation.experts import simulate_experts
from maternal_eval.simulation.figures import SimulatedFiles
from maternal_eval.simulation.kano_answers import simulate_kano
from maternal_eval.simulation.panel import simulate_panel
from maternal_eval.simulation.platform_log import simulate_platform_log
from maternal_eval.simulation.readme import write_documentation
from maternal_eval.simulation.topics import simulate_topics
from maternal_eval.simulation.triangulation import simulate_triangulation
from maternal_eval.simulation.truth import Truth

BUILT_IN = Path(__file__).resolve().parents[3] / "data" / "maternal"
"""The built-in study of the repository; its hand-written files are copied into a newly simulated study."""
HAND_WRITTEN = ("study.toml", "indicators.csv", "stages.csv", "claims.csv", "checks.csv", "real_evidence.csv")
DEFAULT_SEED = 20240

_TEXT = ("stage", "trimester", "platform", "platform_type", "city_tier", "education", "income")
_WHOLE = {"respondent": pa.int32(), "year": pa.int16(), "quarter": pa.int8(), "age": pa.int8()}


def simulate_study(
    folder: Path,
    seed: int = DEFAULT_SEED,
    respondents_per_year: int = 5000,
    progress: Progress | None = None,
    *,
    truth_file: Path | None = None,
    built_in: Path = BUILT_IN,
) -> None:
    """Write a complete simulated study into ``folder`` and its truth beside it.

    The evaluation model and the ledger are not simulated: study.toml, indicators.csv, stages.csv, claims.csv,
    checks.csv and real_evidence.csv are copied from the built-in study (nothing is copied when ``folder`` is that
    study itself).

    Parameters
    ----------
    folder
        Study folder; made if absent, its generated files are replaced.
    seed
        The built-in study has seed 20240; 0 is a valid seed.
    truth_file
        Where the truth goes; default ``folder/../truth/<folder name>.json``, outside the study.
    built_in
        Study to copy the hand-written files from.

    Raises
    ------
    InputError
        If the built-in study is not there.
    """
    folder = Path(folder).resolve()
    truth_file = truth_file or folder.parent / "truth" / f"{folder.name}.json"
    if not (built_in / "indicators.csv").exists():
        raise InputError(
            "the built-in study is not there",
            file=built_in,
            expected="a checkout of the repository (the files of the evaluation model are copied from it)",
        )
    folder.mkdir(parents=True, exist_ok=True)
    # Everything is made beside the study and moved at the end: an interruption leaves no half-written file.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as name:
        work = Path(name) / folder.name
        work.mkdir()
        for hand_written in HAND_WRITTEN:
            if (built_in / hand_written).exists():
                shutil.copyfile(built_in / hand_written, work / hand_written)
        truth = _write_generated(work, seed, respondents_per_year, progress)
        truth.save(work / "truth.json")
        truth_file.parent.mkdir(parents=True, exist_ok=True)
        (work / "truth.json").replace(truth_file)
        for file in sorted(work.iterdir()):
            if not (file.name in HAND_WRITTEN and built_in.resolve() == folder):
                file.replace(folder / file.name)


def _write_generated(folder: Path, seed: int, respondents_per_year: int, progress: Progress | None) -> Truth:
    indicators = pd.read_csv(folder / "indicators.csv")
    truth = calibrate(list(indicators["code"]), list(indicators["kano"]), seed, progress=progress)
    root = sequence(seed)
    panel = simulate_panel(truth, seed, respondents_per_year, progress=progress)
    write_panel(panel, folder / "panel.parquet")
    tables = {
        "platform_log": simulate_platform_log,
        "experts": simulate_experts,
        "kano": simulate_kano,
        "triangulation": simulate_triangulation,
        "topics": simulate_topics,
    }
    drawn: dict[str, pd.DataFrame] = {}
    for position, (name, simulate) in enumerate(tables.items()):
        report(progress, "writing tables", position, len(tables))
        drawn[name] = simulate(truth, named(root, name))
        write_csv(drawn[name], folder / f"{name}.csv")
    report(progress, "writing tables", len(tables), len(tables))
    files = SimulatedFiles(panel, drawn["platform_log"], drawn["experts"], drawn["triangulation"], truth)
    write_documentation(
        folder, files, len(drawn["kano"]), len(drawn["topics"]), panel[list(truth.names.codes)].notna().mean()
    )
    return truth


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, lines ended by a line feed on every system."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def panel_schema(panel: pd.DataFrame) -> pa.Schema:
    """Return the types of panel.parquet: texts, small whole numbers (empty = null) and the weight."""
    fields = []
    for name in panel.columns:
        if name in _TEXT:
            fields.append(pa.field(name, pa.string()))
        elif name == "weight":
            fields.append(pa.field(name, pa.float64()))
        else:
            fields.append(pa.field(name, _WHOLE.get(name, pa.int8())))
    return pa.schema(fields)


def write_panel(panel: pd.DataFrame, path: Path) -> None:
    """Write the panel with a fixed schema and fixed options, without metadata that depends on pandas."""
    schema = panel_schema(panel)
    arrays = []
    for field in schema:
        column = panel[field.name]
        if field.type == pa.string():
            texts = column.astype(object)
            arrays.append(
                pa.array(
                    [None if empty else text for text, empty in zip(texts, texts.isna(), strict=True)], pa.string()
                )
            )
        elif field.type == pa.float64():
            arrays.append(pa.array(column.to_numpy(float)))
        else:
            values = column.to_numpy(float)
            empty = np.isnan(values)
            arrays.append(pa.array(np.where(empty, 0, values).astype(np.int64), mask=empty).cast(field.type))
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=schema),
        path,
        compression="zstd",
        compression_level=9,
        version="2.6",
        data_page_version="1.0",
        use_dictionary=True,
        write_statistics=False,
        store_schema=False,
        row_group_size=1_000_000,
    )
