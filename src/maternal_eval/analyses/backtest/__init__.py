"""Forecasts from growing training periods, judged on what was then observed."""
