"""Simulated networks. They use the product by its log, its commands and ``services.runtime``."""
