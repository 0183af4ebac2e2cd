"""Sensitivity: Sobol' indices, Shapley effects, explained variance, PAWN, elasticity."""
