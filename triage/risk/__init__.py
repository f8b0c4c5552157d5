"""P(escalated within 30 days): features, the served model, its phrases."""
