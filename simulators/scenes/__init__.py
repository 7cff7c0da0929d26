"""Scenes: which faults happen where and when; how they are read, cast and asked for."""
