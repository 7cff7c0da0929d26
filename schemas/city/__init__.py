"""The files of a city: what stands in each, and what all of them together are."""
