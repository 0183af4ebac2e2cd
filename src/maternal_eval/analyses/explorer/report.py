"""What the analysis ``explorer`` gives to the papers: the scores that the page begins with."""

from __future__ import annotations

from maternal_eval.analyses.explorer.result import ExplorerResult
from maternal_eval.results.reported import Reported


def collect(into: Reported, result: ExplorerResult) -> None:
    """Scores under the static weights, which nothing is sampled for."""
    into.add_each("score.{stage}.{platform}", result.scores, "static", decimals=1, error=0.0)
