"""What answers mean: the one door through which a study turns what stands in its file into numbers and groups."""
