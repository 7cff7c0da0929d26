"""Tries rules by histories: what instruments read, and every alert that must come of it."""
