"""The table of steps, a study with its results, the main job, the verbs, the console."""
