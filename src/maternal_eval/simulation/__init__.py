"""The simulated built-in study: a panel with known truth, calibrated to the published figures.

Everything here is SIMULATED. Nothing outside this package (and recovery checks) knows the truth.
"""

from maternal_eval.simulation.calibration import calibrate
from maternal_eval.simulation.panel import simulate_panel
from maternal_eval.simulation.truth import Truth
from maternal_eval.simulation.write import DEFAULT_SEED, simulate_study

__all__ = ["DEFAULT_SEED", "Truth", "calibrate", "simulate_panel", "simulate_study"]
