"""The committed built-in study: calibration, contract, and that it is what the simulation writes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd
import pyarrow
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.simulation import assumptions, simulate_study
from maternal_eval.simulation.figures import COMPUTED, FIGURES, SimulatedFiles, calibration_table, used_claims
from maternal_eval.simulation.not_used import named_by_analyses
from maternal_eval.simulation.write import HAND_WRITTEN

GENERATED = (
    "topics.csv",
    "README.md",
    "calibration.csv",
    "claims_not_used.csv",
    "experts.csv",
    "kano.csv",
    "panel.parquet",
    "platform_log.csv",
    "triangulation.csv",
)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, simulated anew."""
    folder = tmp_path_factory.mktemp("simulated") / "maternal"
    simulate_study(folder)
    return folder


@pytest.mark.parametrize("figure", FIGURES, ids=[figure.what for figure in FIGURES])
def test_calibrated_figure_is_met_by_the_committed_files(figure, files: SimulatedFiles) -> None:
    obtained = figure.compute(files)
    assert figure.met(obtained), f"{figure.what}: {obtained} against {figure.target} ± {figure.tolerance}"


def test_calibration_table_is_the_committed_one(files: SimulatedFiles, root: Path) -> None:
    committed = pd.read_csv(root / "data" / "maternal" / "calibration.csv", keep_default_na=False)
    table = calibration_table(files)
    assert len(FIGURES) == len(COMPUTED) == len(table)
    pd.testing.assert_series_equal(table["obtained"], committed["obtained"].astype(float), atol=2e-3)
    assert list(table["what"]) == list(committed["what"])


def test_every_published_figure_is_used_or_has_a_reason(root: Path) -> None:
    folder = root / "data" / "maternal"
    claims = set(pd.read_csv(folder / "claims.csv", dtype=str)["id"])
    unused = pd.read_csv(folder / "claims_not_used.csv", dtype=str, keep_default_na=False)
    assert set(used_claims()) <= claims
    assert set(unused["id"]) == claims - set(used_claims())
    assert len(claims) == 1041 == len(unused) + len(used_claims())
    assert (unused["reason"] != "").all()
    assert (unused["reason"] == "undefined").sum() <= 5


def test_what_is_called_examined_is_named_by_an_analysis(root: Path) -> None:
    """The claim itself, or the scenario or setting that its remark names, stands in study.toml."""
    folder = root / "data" / "maternal"
    unused = pd.read_csv(folder / "claims_not_used.csv", dtype=str, keep_default_na=False).set_index("id")
    with (folder / "study.toml").open("rb") as handle:
        analyses = tomllib.load(handle)["analysis"]
    named = named_by_analyses(folder / "study.toml", frozenset(unused.index))
    scenarios = {scenario["name"]: scenario for scenario in analyses["whatif"]["scenarios"]}
    elsewhere = {
        "s000-4.2-backtest-accuracy": analyses["backtest"]["published_accuracy"] == 0.89,
        "s000-4.2-trust-predicted": analyses["backtest"]["case"]["forecast"] == -0.15,
        "s003-9.3-reg-seconds": scenarios["reply"]["changes"] == {"reply_time": {"add": -10.0}},
    }
    examined = set(unused.index[unused["reason"] == "examined"])
    assert examined == (named & set(unused.index)) | {claim for claim, holds in elsewhere.items() if holds}
    says = unused["remark"].str.contains("analys|examine|scenario", case=False)
    assert set(unused.index[says]) <= examined | {"s000-4.3-quarterly-feedback"}


def test_a_repurchase_is_no_purchase(root: Path) -> None:
    folder = root / "data" / "maternal"
    unused = pd.read_csv(folder / "claims_not_used.csv", dtype=str, keep_default_na=False)
    metric = pd.read_csv(folder / "claims.csv", dtype=str).set_index("id")["metric"]
    behaviour = unused[unused["reason"] == "behaviour"]["id"].map(metric)
    # A repurchase cycle is a time, which the panel does not record; the rate of repurchase it does.
    assert sorted(set(behaviour[behaviour.str.contains("repurchase")])) == ["repurchase_cycle_days"]


@pytest.mark.parametrize("name", [name for name in GENERATED if name != "panel.parquet"])
def test_simulation_writes_the_committed_bytes(name: str, again: Path, root: Path) -> None:
    assert (again / name).read_bytes() == (root / "data" / "maternal" / name).read_bytes()


def test_simulation_writes_the_committed_panel(again: Path, root: Path) -> None:
    committed = root / "data" / "maternal" / "panel.parquet"
    pd.testing.assert_frame_equal(pd.read_parquet(again / "panel.parquet"), pd.read_parquet(committed))
    locked = re.search(r"^pyarrow==(\S+)", (root / "requirements.lock").read_text(encoding="utf-8"), re.M)
    if locked is None or locked[1] != pyarrow.__version__:
        pytest.skip("Parquet bytes hold the version of pyarrow, and the installed one is not that of the lock file")
    assert (again / "panel.parquet").read_bytes() == committed.read_bytes()


def test_truth_goes_beside_the_study_and_is_the_committed_one(again: Path, root: Path) -> None:
    beside = again.parent / "truth" / "maternal.json"
    assert beside.read_bytes() == (root / "data" / "truth" / "maternal.json").read_bytes()
    assert {path.name for path in again.iterdir()} == {*GENERATED, *HAND_WRITTEN}
    assert {path.name for path in again.parent.iterdir()} == {"maternal", "truth"}


def test_simulated_folder_is_a_complete_study(again: Path) -> None:
    from maternal_eval.study import Study

    study = Study.read(again)
    assert study.simulated
    assert len(study.panel) == 25_000
    assert study.absent == ()


def test_absent_built_in_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="built-in study is not there"):
        simulate_study(tmp_path / "new", built_in=tmp_path / "nowhere")
    assert not (tmp_path / "new").exists()


def test_files_are_small(root: Path) -> None:
    sizes = {name: (root / "data" / "maternal" / name).stat().st_size for name in GENERATED}
    assert sizes.pop("panel.parquet") < 1_500_000
    assert max(sizes.values()) < 600_000


def test_files_have_line_feeds_only(root: Path) -> None:
    for name in GENERATED:
        if name != "panel.parquet":
            assert b"\r" not in (root / "data" / "maternal" / name).read_bytes(), name


def test_panel_keeps_its_contract(files: SimulatedFiles) -> None:
    panel, truth = files.panel, files.truth
    assert (panel.groupby("year").size() == 5000).all()
    assert (panel.groupby(["year", "quarter"]).size() == 1250).all()
    assert panel["respondent"].is_unique
    for column in truth.names.codes:
        assert panel[column].dropna().isin(range(1, 6)).all(), column
        assert set(panel[column].dropna()) == {1, 2, 3, 4, 5}, column
        assert 0.03 < panel[column].isna().mean() < 0.42, column
    assert set(panel["satisfaction"]) == {1, 2, 3, 4, 5}
    assert set(panel["trust"].dropna()) == {1, 2, 3, 4, 5}
    assert set(panel["repurchase"]) == {0, 1}
    assert set(panel["recommend"].dropna()) == set(range(11))
    assert panel[["trust", "recommend"]].isna().mean().between(0.005, 0.03).all()
    assert panel["age"].between(20, 40).all()
    filled = [
        "year",
        "quarter",
        "stage",
        "platform",
        "platform_type",
        "city_tier",
        "age",
        "education",
        "income",
        "weight",
    ]
    assert panel[filled].notna().all().all()
    assert (panel["trimester"].notna() == (panel["stage"] == "pregnancy")).all()
    assert set(panel["stage"]) == set(truth.names.stages)
    assert dict(zip(panel["platform"], panel["platform_type"], strict=True)) == {
        name: kind for name, (kind, _) in assumptions.PLATFORMS.items()
    }


def test_weights_correct_the_sampling_of_city_tiers(files: SimulatedFiles) -> None:
    panel = files.panel
    assert panel.groupby("year")["weight"].mean().to_numpy() == pytest.approx(1, abs=1e-3)
    plain = (panel["city_tier"] == "third_and_below").mean()
    weighted = panel.loc[panel["city_tier"] == "third_and_below", "weight"].sum() / panel["weight"].sum()
    assert plain < 0.20
    assert weighted == pytest.approx(0.35, abs=1e-3)


def test_emptiness_depends_on_what_applies(files: SimulatedFiles) -> None:
    empty = files.panel.groupby("platform_type")["S02"].apply(lambda answers: answers.isna().mean())
    assert empty["social"] < 0.15 < 0.30 < empty["general"]
    goods = files.panel.groupby("platform_type")["F11"].apply(lambda answers: answers.isna().mean())
    assert goods["health_management"] > 2 * goods["general"]


def test_log_is_complete_and_coherent(files: SimulatedFiles) -> None:
    log = files.platform_log
    assert len(log) == 60 * 12 * 5 == len(log.drop_duplicates(["month", "platform", "stage"]))
    for part, whole in (("repurchases", "orders"), ("returns", "orders"), ("replies", "posts")):
        assert (log[part] <= log[whole]).all()
    minutes = log.groupby(log["month"].str[:4])["actual_response_minutes"].mean()
    assert minutes.is_monotonic_decreasing
    last = log[log["month"].str.startswith("2024")]
    assert last["repurchases"].sum() / last["orders"].sum() == pytest.approx(0.42, abs=0.03)


def test_slow_platforms_have_lower_timeliness_answers(files: SimulatedFiles) -> None:
    minutes = files.platform_log.groupby("platform")["actual_response_minutes"].mean()
    answers = files.panel.groupby("platform")["F02"].mean()
    assert minutes.corr(answers, method="spearman") < -0.4
