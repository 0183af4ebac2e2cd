"""One folder a question, all with the same five files: settings, compute, result, figures, report."""
