"""Faults: templates of faults, how far they reach, and the truth of what was injected."""
