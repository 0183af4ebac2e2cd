"""A Dask cluster gives the same numbers; without Dask one sentence says what to install."""

import builtins
import os

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.sensitivity import compute as sensitivity
from maternal_eval.analyses.sensitivity.settings import SensitivitySettings
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.methods.sensitivity.cluster import ADDRESS, connect
from maternal_eval.methods.sensitivity.convergence import grow
from maternal_eval.methods.sensitivity.design import SobolDesign
from maternal_eval.methods.sensitivity.sobol import analyse
from maternal_eval.study import Study


def model(points):
    return np.stack([points[:, 0] + points[:, 1] * points[:, 2], np.exp(points.sum(axis=1))], axis=1)


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed", reason="the optional extra 'cluster' is not installed")
    environment = dict(os.environ)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        # A local cluster leaves its workers' environment (one thread for BLAS, a hash seed) in this process.
        os.environ.clear()
        os.environ.update(environment)
        yield client


def test_the_cluster_leaves_the_environment_alone(client):
    assert "__DASK_PARENT_PID" not in os.environ
    workers = client.run(_threads_and_seed)
    assert all(found == ("1", True) for found in workers.values())  # the workers have theirs


def _threads_and_seed():
    return os.environ.get("OMP_NUM_THREADS"), "PYTHONHASHSEED" in os.environ


def test_two_workers_give_identical_results(client):
    design = SobolDesign({"a": 1, "b": 1, "c": 1}, 4096, True, 0)
    here = analyse(model, design, resamples=100)
    there = analyse(model, design, resamples=100, client=client)
    for kind in ("first", "total", "second"):
        for statistic, values in getattr(here, kind).items():
            np.testing.assert_array_equal(getattr(there, kind)[statistic], values)
    np.testing.assert_array_equal(there.largest, here.largest)
    assert here.table().equals(there.table())


def test_growth_on_the_cluster(client):
    arguments = {"start": 1024, "most": 2048, "width": 0.01, "watched": np.array([0]), "resamples": 50}
    here = grow(model, {"a": 1, "b": 1, "c": 1}, **arguments)
    there = grow(model, {"a": 1, "b": 1, "c": 1}, **arguments, client=client)
    np.testing.assert_array_equal(there.outputs, here.outputs)
    assert there.steps.equals(here.steps)


def test_connect_to_a_scheduler(client):
    with connect(client.scheduler.address) as own:
        assert len(own.scheduler_info(n_workers=-1)["workers"]) == 2


def test_an_error_on_a_worker_arrives_as_it_was(client):
    with pytest.raises(InputError, match="number of runs"):
        analyse(_wrong, SobolDesign({"a": 1}, 64), client=client)


def _wrong(points):
    return np.ones(3)


def test_no_dask_is_told(monkeypatch):
    original = builtins.__import__

    def without_dask(name, *arguments, **options):
        if name == "distributed":
            raise ImportError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_dask)
    with pytest.raises(InputError, match=r"Dask is not installed.*pip install 'maternal-eval\[cluster\]'"):
        connect("tcp://127.0.0.1:8786")


def test_a_study_cannot_name_the_machine_that_its_answers_are_sent_to(tmp_path, root):
    text = (root / "data" / "gss" / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text + '\n[analysis.sensitivity]\ncluster = "tcp://127.0.0.1:8786"\n', "utf-8")
    with pytest.raises(InputError, match=r"analysis\.sensitivity\.cluster: unknown setting"):
        STEPS["sensitivity"].settings_for(Study.read(tmp_path), quick=True)


def test_the_person_who_calls_names_the_scheduler(maternal, monkeypatch):
    def refuse(address):
        raise InputError("asked for", found=address)

    monkeypatch.setattr(sensitivity, "connect", refuse)
    monkeypatch.setenv(ADDRESS, "tcp://nobody:1")
    with pytest.raises(InputError, match="asked for: found tcp://nobody:1"):
        sensitivity.run_sensitivity(maternal, pd.Series(1 / 30, maternal.model.codes), SensitivitySettings.quick())
