"""The sentences that the engine says to people."""
