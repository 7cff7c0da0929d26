"""PostgreSQL with TimescaleDB, a cluster of our own on loopback; as root it runs as the user ``postgres``."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from layout import HERE, IS_ROOT, POSTGRES_USER, Layout, StackError, render, say, write_private
from processes import run_checked

DURABLE = {"fsync": "on", "durability_reason": "The demo city survives a power cut."}
FAST = {"fsync": "off", "durability_reason": "Test data is thrown away; it need not survive a power cut."}


def command(layout: Layout) -> list[str]:
    """The command line that runs the server in the foreground; it must be run as ``POSTGRES_USER``."""
    return [str(_bin(layout) / "postgres"), "-D", str(layout.postgres / "data")]


def prepare(layout: Layout, port: int, *, durable: bool) -> None:
    """Write the settings and, the first time, make the cluster."""
    home, data = layout.postgres, layout.postgres / "data"
    home.mkdir(parents=True, exist_ok=True)
    if IS_ROOT:
        home.parent.chmod(0o755)  # under a strict umask it would shut PostgreSQL's user out
    _give(home)
    if not (data / "PG_VERSION").exists():
        say("PostgreSQL: making its cluster")
        shutil.rmtree(data, ignore_errors=True)
        # Trust is for the socket, which only its owner and root may open; TCP needs the password.
        options = ["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        _run([str(_bin(layout) / "initdb"), "-D", str(data), *options, *locale])
    durability = DURABLE if durable else FAST
    render("postgresql.conf.in", data / "postgresql.conf", port=port, socket_folder=home, **durability)
    _give(data / "postgresql.conf")


def is_ready(layout: Layout, port: int) -> bool:
    """Returns whether the server takes connections: not yet while it recovers, though it listens already."""
    ask = [str(_bin(layout) / "pg_isready"), "--quiet", *_connection(layout, port)]
    return subprocess.run(ask, env=environment(), check=False).returncode == 0


def ensure_database(layout: Layout, port: int, password: str) -> None:
    """Make role, database and extension if they are missing, and set the role's password."""
    options = ["--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1", "--dbname=postgres"]
    script = f"\\set password '{password}'\n{(HERE / 'database.sql').read_text()}"
    _run([str(_bin(layout) / "psql"), *_connection(layout, port), *options], script)


def url(port: int, passfile: Path, password: str) -> str:
    """The product's database; psql and asyncpg find the password in ``passfile``, read by its owner only."""
    line = f"127.0.0.1:*:*:miyun:{password}\n"
    if not passfile.exists() or passfile.read_text() != line:
        write_private(passfile, line)
    passfile.chmod(0o600)
    return f"postgresql://miyun@127.0.0.1:{port}/miyun?passfile={quote(str(passfile), safe='')}"


def clear_crash(layout: Layout) -> None:
    """Remove the lock files of a server that was killed, and whose processes are known to be gone.

    Until its parent reaps it, a dead process has a pid, and PostgreSQL would take it for a living server.
    """
    for lock in (layout.postgres / "data" / "postmaster.pid", *layout.postgres.glob(".s.PGSQL.*.lock")):
        lock.unlink(missing_ok=True)


def environment() -> dict[str, str]:
    """The environment for PostgreSQL's programs: without ``PG*``, which would turn them to another server."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return ours | {"LC_ALL": "C.UTF-8"}


def _bin(layout: Layout) -> Path:
    """The folder of PostgreSQL's programs: of the version that made the cluster, or else the newest."""
    made_by = layout.postgres / "data" / "PG_VERSION"
    version = made_by.read_text().strip() if made_by.exists() else "*"
    found = Path("/usr/lib/postgresql").glob(f"{version}/bin/postgres")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    if newest is None:
        raise StackError(f"no PostgreSQL {version} under /usr/lib/postgresql: run `make up` or `make test`")
    return newest.parent


def _connection(layout: Layout, port: int) -> list[str]:
    """Options of PostgreSQL's clients: as the administrator, through the socket."""
    return ["--host", str(layout.postgres), "--port", str(port), "--username=postgres"]


def _give(path: Path) -> None:
    if IS_ROOT:
        owner = pwd.getpwnam(POSTGRES_USER)
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _run(command: list[str], script: str | None = None) -> None:
    user = POSTGRES_USER if IS_ROOT else None
    failure = f"{Path(command[0]).name} failed"
    run_checked(command, failure, input=script, user=user, cwd="/", env=environment())
