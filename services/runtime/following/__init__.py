"""Readers of output topics: their process, how far they are, and what one bad record costs."""
