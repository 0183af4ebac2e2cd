"""How often a change of weights is proposed that is none, and how large one must be to be found."""
