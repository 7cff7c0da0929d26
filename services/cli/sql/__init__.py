"""The command line's questions to the database, one a file."""

from importlib.resources import files


def query(name: str) -> str:
    """The text of ``<name>.sql``."""
    return files(__name__).joinpath(f"{name}.sql").read_text()
