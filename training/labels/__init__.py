"""Labels: which to ask for next, which to doubt, and what unlabelled tickets tell of a model."""
