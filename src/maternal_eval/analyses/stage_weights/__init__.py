"""Indicator weights by life stage, estimated from the answers around the static weights, with intervals."""
