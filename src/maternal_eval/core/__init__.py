"""What everything stands on and no statistics: errors, randomness, intervals, languages, files, progress, checks."""
