"""A training run: a keeper that outlives everybody, and the process in which the user's Keras trains."""
