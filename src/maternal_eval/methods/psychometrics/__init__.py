"""What items measure together: polychoric correlations, reliability, factor models, items that mean something else."""
