"""Simulated networks of the district. They meet the services only in ``schemas`` and on the log."""
