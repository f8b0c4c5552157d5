"""Reviewers' verdicts as labelled, weighed rows."""
