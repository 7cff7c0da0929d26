"""Notifies crews: decides who hears of which alert, and sees every message through to its end."""
