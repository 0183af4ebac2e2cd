"""Survey panels: reading or counting files of several formats and holding them to the contract of their study."""

from maternal_eval.study.panel.contract import check_panel
from maternal_eval.study.panel.counting import CountedPanel, is_large
from maternal_eval.study.panel.header import Layout
from maternal_eval.study.panel.limits import LARGEST_READ
from maternal_eval.study.panel.packaged import packaged_file, read_panel_from_package
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.panel.reading import read_panel
from maternal_eval.study.panel.tallied import RowsNotRead, Tallied

__all__ = [
    "LARGEST_READ",
    "CountedPanel",
    "Layout",
    "RawPanel",
    "RowsNotRead",
    "Tallied",
    "check_panel",
    "is_large",
    "packaged_file",
    "read_panel",
    "read_panel_from_package",
]
