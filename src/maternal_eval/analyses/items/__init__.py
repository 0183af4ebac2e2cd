"""Items and dimensions as outcomes by life stage, and what published scores imply."""
