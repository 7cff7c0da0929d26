"""Catches what crews would be sent, so that it can be looked at and does not leave the machine."""
