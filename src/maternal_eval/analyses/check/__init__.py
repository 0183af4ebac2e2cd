"""Whether a study is whole, and what it holds."""
