"""The governance report: numbers over the ledger, each with the tickets behind it."""
