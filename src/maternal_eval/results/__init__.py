"""Results of analyses: what they carry, how they are stored, frozen and compared."""

from maternal_eval.core.progress import Progress, report
from maternal_eval.core.remarks import Remark, each_once, remark
from maternal_eval.results.base import Result, StudyResult, records
from maternal_eval.results.comparison import compare, summarise
from maternal_eval.results.manifest import Key, Manifest
from maternal_eval.results.store import ResultStore

__all__ = [
    "Key",
    "Manifest",
    "Progress",
    "Remark",
    "Result",
    "ResultStore",
    "StudyResult",
    "compare",
    "each_once",
    "records",
    "remark",
    "report",
    "summarise",
]
