"""Kano classes from answers: counts, coefficients, and how sure the most frequent class is."""
