"""The same matter told again, and the same text told by several people."""
