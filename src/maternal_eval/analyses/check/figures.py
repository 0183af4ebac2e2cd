"""The analysis ``check`` draws no figure."""

from __future__ import annotations

from maternal_eval.results.figures import FigureOf

FIGURES: dict[str, FigureOf] = {}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
