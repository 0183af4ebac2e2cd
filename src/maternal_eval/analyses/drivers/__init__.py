"""Drivers: which indicators explain the outcome, and what raising one of them would bring."""
