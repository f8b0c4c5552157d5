"""Surges, major and typical tickets of a period, and risk alerts from draft to receipt."""
