"""Sensitivity: uncertain weights and choices against the verdict; levels of indicators against outcomes."""
