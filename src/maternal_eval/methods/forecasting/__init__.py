"""Forecasts of cell means: distributions, the local level, proper scores and comparisons."""
