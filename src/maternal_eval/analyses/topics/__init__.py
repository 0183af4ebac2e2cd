"""Emerging needs: which topics of the feedback come up more often than before."""
