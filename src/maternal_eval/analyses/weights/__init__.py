"""Which weights the experts give, and whether they agree."""
