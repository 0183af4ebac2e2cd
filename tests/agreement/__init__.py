"""Agreement of sources, and of items with the log."""
