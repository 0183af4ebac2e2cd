"""The quarterly review as an alarm: detection delay, false alarms, better thresholds."""
