"""Compiles, lints, signs and publishes plans."""
