"""What the calibration gives to the papers, and that a failed one stops them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from maternal_eval.analyses.calibration.compute import calibration_design, summarise_calibration
from maternal_eval.analyses.calibration.report import collect
from maternal_eval.analyses.calibration.settings import CalibrationSettings
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.core.errors import DiagnosticsError


@dataclasses.dataclass(frozen=True)
class Heard:
    """Stands for a collector and keeps what it is told."""

    findings: dict
    evidence: str = "replication"

    def add(self, name, value, **more):
        self.findings[name] = (value, self.evidence)

    def add_table(self, name, frame, caption, columns):
        self.findings[name] = (frame, self.evidence)
        assert set(columns) <= set(frame)


def result(biased: bool):
    """Return the calibration of made-up replicates: uniform ranks, or all at the bottom."""
    settings = CalibrationSettings(replicates=100)
    design = calibration_design(settings, SatisfactionSettings(), np.arange(1, 6), stages_ordered=True)
    generator = np.random.default_rng(0)
    sampler = np.array([1.0, 900.0, 0.0, 1.0])
    size = 38
    replicates = [
        {
            "rank": generator.integers(0, 20 if biased else 100, size),
            "covered": np.stack([generator.random(size) < 0.5, generator.random(size) < 0.9]),
            "sampler": sampler,
        }
        for _ in range(100)
    ]
    return summarise_calibration("small", design, settings, replicates, stages_ordered=True)


def test_findings_are_called_simulated_whatever_the_study():
    heard = Heard({})
    collect(heard, result(biased=False))
    assert heard.findings["replicates"] == (100, "simulated")
    assert heard.findings["coverage.score.90"][0] == pytest.approx(0.9, abs=0.06)
    assert {evidence for _, evidence in heard.findings.values()} == {"simulated"}
    assert len(heard.findings["calibration"][0]) == 4


def test_a_failed_calibration_stops_the_paper():
    with pytest.raises(DiagnosticsError, match=r"small is not calibrated: rank uniformity.*look for a mistake"):
        collect(Heard({}), result(biased=True))
