"""Ordinal regression on a composite whose weights lie on a simplex and move along ordered groups."""
