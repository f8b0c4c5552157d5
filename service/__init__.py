"""Offers a model: HTTP and files."""
