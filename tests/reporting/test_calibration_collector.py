"""What the calibration gives to the papers, and that a failed one stops them."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.analyses.calibration.compute import calibration_design, summarise_calibration
from maternal_eval.analyses.calibration.settings import CalibrationSettings
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.study.model_settings import OrdinalPriors


def result(biased: bool):
    """Return the calibration of made-up replicates: uniform ranks, or all at the bottom."""
    settings = CalibrationSettings(replicates=100)
    design = calibration_design(settings, OrdinalPriors(), np.arange(1, 6), stages_ordered=True)
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
    reported = result(biased=False).reported("replication")
    assert reported.quantities["replicates"].value == 100
    assert reported.quantities["coverage.score.90"].value == pytest.approx(0.9, abs=0.06)
    assert {one.evidence for one in (*reported.quantities.values(), *reported.tables.values())} == {"simulated"}
    assert len(reported.tables["calibration"].frame) == 4


def test_a_failed_calibration_stops_the_paper():
    wrong = result(biased=True)
    assert wrong.quantities()["replicates"].value == 100  # its verb shows it
    with pytest.raises(DiagnosticsError, match=r"small is not calibrated: rank uniformity.*look for a mistake"):
        wrong.require_printable()
    result(biased=False).require_printable()
