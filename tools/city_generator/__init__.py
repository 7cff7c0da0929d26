"""Writes the city of deploy/miyun from a gazetteer."""
