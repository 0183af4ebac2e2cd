"""Compiled code: the doors that guard it, and all of it run with bounds checks."""
