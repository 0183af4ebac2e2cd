"""What only tests and benchmarks call: recovery of the built-in truth, leakage, reference implementations."""
