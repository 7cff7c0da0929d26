"""Compiles a city to a plan; the same files give the same bytes."""
