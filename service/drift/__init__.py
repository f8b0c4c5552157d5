"""Whether the tickets of the ledger have changed since the model was trained."""
