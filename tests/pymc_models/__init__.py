"""PyMC models of the analyses."""
