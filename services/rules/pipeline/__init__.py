"""The way of a reading: believed, recognised, weighed, aggregated, judged."""
