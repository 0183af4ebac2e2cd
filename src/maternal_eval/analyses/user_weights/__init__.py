"""Users' weights: what the answers alone weigh, without the experts, and how far that agrees with what is stated."""
