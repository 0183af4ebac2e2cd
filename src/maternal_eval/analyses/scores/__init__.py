"""How platforms and stages score."""
