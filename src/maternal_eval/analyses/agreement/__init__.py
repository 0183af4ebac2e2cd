"""Agreement of sources that read the same thing, and of items with what was logged of it."""
