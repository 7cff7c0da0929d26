"""Publishes plans, and reads those that are published."""
