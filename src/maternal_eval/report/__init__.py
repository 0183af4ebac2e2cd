"""From results to papers: findings, prose without bare numbers, six papers, and notebooks.

The way: each analysis adds a :class:`Finding` per number to :class:`Findings` (``findings.json``); two texts name
them by key; :func:`build_papers` checks the texts and writes PDF, Word and HTML in English and Chinese.
"""

from maternal_eval.report.papers import build_papers
from maternal_eval.report.prose import Prose, check_prose, compare_prose, fill
from maternal_eval.results.findings import Finding, Findings
from maternal_eval.results.tables import EVIDENCE, Evidence, FindingsTable, TableColumn

__all__ = [
    "EVIDENCE",
    "Evidence",
    "Finding",
    "Findings",
    "FindingsTable",
    "Prose",
    "TableColumn",
    "build_papers",
    "check_prose",
    "compare_prose",
    "fill",
]
