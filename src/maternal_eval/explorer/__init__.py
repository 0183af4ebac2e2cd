"""What the interactive page needs of a study: how each platform stands per indicator, and how sure that is."""

from maternal_eval.explorer.result import ExplorerResult, ExplorerSettings, prepare_explorer

__all__ = ["ExplorerResult", "ExplorerSettings", "prepare_explorer"]
