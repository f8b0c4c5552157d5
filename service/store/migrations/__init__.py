"""The tables in steps: each file of `versions` leads from one state of them to the next."""

# The last step; known here so that a start on current tables need not read the steps (a test
# compares the two).
HEAD = "0012"
