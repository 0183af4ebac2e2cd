"""A first study from a file: how the file is laid out, what its columns are, and a study folder that says so."""
