"""What the interactive page needs of a study: how each platform stands per indicator, and how sure that is."""
