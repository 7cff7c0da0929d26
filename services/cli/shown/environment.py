"""``miyun env``: where the running stack is, for a shell or a program."""

import json
import shlex
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from services.runtime.postgres import password_file
from services.runtime.settings import Settings

REPLACED = frozenset({"options", "search_path", "passfile"})
"""Parts of a URL's query that choose a schema, which ours takes the place of, or that ``PGPASSFILE`` says."""


def variables(settings: Settings) -> dict[str, str]:
    """The settings that are set as environment variables, and what follows from them."""
    found = {f"MIYUN_{name.upper()}": _text(value) for name, value in settings if value is not None}
    found["MIYUN_DATABASE_URL"] = on_schema(settings.database_url, settings.namespace)
    passfile = password_file(settings.database_url)
    if passfile is not None:
        found["PGPASSFILE"] = str(passfile)
    for name in ("monitor", "recorder", "simulator", "console", "notifier", "catcher"):
        port = found[f"MIYUN_{name.upper()}_PORT"]
        if port != "0":
            host = settings.catcher_host if name == "catcher" else settings.host
            found[f"MIYUN_{name.upper()}_URL"] = f"http://{host}:{port}"
    return found


def _text(value: object) -> str:
    return str(value.absolute() if isinstance(value, Path) else value)


def on_schema(url: str, schema: str) -> str:
    """The database URL that opens on a schema, in psql and in asyncpg alike."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in REPLACED]
    query = urlencode([*kept, ("options", f"-csearch_path={schema},public")], quote_via=quote)
    return urlunsplit(parts._replace(query=query))


def has_password(url: str) -> bool:
    """True: whoever reads the URL can sign in with it."""
    return bool(urlsplit(url).password)


def as_shell(found: dict[str, str]) -> str:
    """Assignments for ``eval``, exported so that programs started there see them."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in found.items())


def as_json(found: dict[str, str]) -> str:
    """One JSON object."""
    return json.dumps(found, indent=2, ensure_ascii=False)
