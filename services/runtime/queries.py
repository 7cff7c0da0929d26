"""Named SQL of a package: the blocks of its ``queries.sql``, each headed by ``-- name: <name>``."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

HEAD = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def queries(package: str) -> Mapping[str, str]:
    """The queries of a package (``queries(__package__)["alerts_list"]``), read once.

    Raises:
        ValueError: two of them have one name.
    """
    _, *blocks = HEAD.split(files(package).joinpath("queries.sql").read_text(encoding="utf-8"))
    names, texts = blocks[::2], blocks[1::2]
    if len(set(names)) < len(names):
        raise ValueError(f"a name stands twice in queries.sql of {package}: {sorted(names)}")
    return {name: text.strip() for name, text in zip(names, texts, strict=True)}
