"""Ordered answers: families, the hierarchical model on counts, its density, its checks."""
