"""Writes what the monitor says into TimescaleDB, exactly once."""
