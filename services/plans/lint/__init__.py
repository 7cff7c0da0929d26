"""Finds what is wrong in a city: every contradiction at once, each with its place."""
