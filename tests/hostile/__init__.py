"""Hostile inputs: each kind is refused in one sentence, or taken with the number or the remark that makes it right."""
