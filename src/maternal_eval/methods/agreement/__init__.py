"""Agreement of several readings of one thing: limits, intraclass correlations, alpha, error variances, tolerances."""
