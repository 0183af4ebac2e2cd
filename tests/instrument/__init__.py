"""What items measure together: methods and the analysis instrument."""
