"""Importance: what the weights do, against what they say."""
