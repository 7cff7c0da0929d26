"""The engine's version: part of every transition's evidence and of every partition header."""

ENGINE_VERSION = "2"
"""Raised whenever the same log could give other effects than before."""
