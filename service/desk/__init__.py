"""The review desk: what waits for people, what they say of it, and its pages."""
