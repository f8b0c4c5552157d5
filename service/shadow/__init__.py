"""A challenger that answers behind the champion, and how the two compare."""
