"""What the items of a study measure together, and whether they mean the same to everybody."""
