"""The command line ``miyun``."""
