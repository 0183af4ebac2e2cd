"""Results of analyses: what they carry, how they are stored, frozen and compared."""

from maternal_eval.core.progress import Progress, report
from maternal_eval.core.remarks import Remark, each_once, remark
from maternal_eval.results.base import Result, StudyResult, records, used
from maternal_eval.results.comparison import compare, compared, summarise
from maternal_eval.results.manifest import Key, Manifest
from maternal_eval.results.reported import Quantity
from maternal_eval.results.store import ResultStore

__all__ = [
    "Key",
    "Manifest",
    "Progress",
    "Quantity",
    "Remark",
    "Result",
    "ResultStore",
    "StudyResult",
    "compare",
    "compared",
    "each_once",
    "records",
    "remark",
    "report",
    "summarise",
    "used",
]
