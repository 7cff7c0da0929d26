"""Apprise looks for a module that Python 3.11 calls deprecated: its import must not fail a test."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import apprise.plugins.email  # noqa: F401  # from here on it is imported
