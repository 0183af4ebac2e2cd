"""Survey panels: reading files of several formats and holding them to the contract of their study."""

from maternal_eval.panel.contract import check_panel
from maternal_eval.panel.reading import RawPanel, read_panel, read_panel_from_package

__all__ = ["RawPanel", "check_panel", "read_panel", "read_panel_from_package"]
