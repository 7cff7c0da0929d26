"""The demo city without containers: `make up | down | status | reset`.

`up` brings up, in this order and each only if it is not up yet: supervisord, Kafka and PostgreSQL; then the
rules are published (which also makes keys, topics and the log's first records); then the product's programs.
It returns when every program says it is ready. Settings are in ``.local/miyun.env``, which the product reads
by itself.
"""

import argparse
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

import broker
import database
import supervision
from layout import (
    DEMO,
    LOCAL,
    ROOT,
    VENV_BIN,
    StackError,
    check_path_length,
    choose_ports,
    say,
    write_private,
)
from processes import wait_until

ENV_FILE = LOCAL / "miyun.env"
PASSWORD_FILE = LOCAL / "keys" / "postgres.password"
CITY = ROOT / "deploy" / "miyun"
PORTS = {
    "KAFKA": 29092,
    "CONTROLLER": 29192,
    "POSTGRES": 25432,
    "MONITOR": 28101,
    "RECORDER": 28102,
    "SIMULATOR": 28103,
}
"""Where the search for a free port begins: below the range that outgoing connections are given."""
SERVERS_WITHIN_S = 90
PROGRAMS_WITHIN_S = 900
"""The simulator is ready when 24 h of history are made, judged and stored: minutes on a small machine."""
SAY_EVERY_S = 10


def up() -> None:
    """Start what does not run and wait until all of it is ready."""
    check_path_length()
    variables = _settings()
    ports = {name: int(variables[f"MIYUN_{name}_PORT"]) for name in PORTS}
    _servers(variables, ports)
    _publish()
    for name in supervision.PROGRAMS:
        supervision.start(name)
    for name in supervision.PROGRAMS:
        _wait_ready(name, ports[name.upper()])
    _closing_lines(variables, ports)


def down() -> None:
    """Stop everything that `up` started."""
    if not supervision.is_running():
        say("the demo city does not run")
        return
    say("stopping the demo city")
    supervision.end()
    say("stopped; its data stay (make up goes on where it was, make reset deletes them)")


def status() -> None:
    """Print what runs and what the product says of itself."""
    if not supervision.is_running():
        raise StackError("the demo city does not run: make up")
    print(supervision.describe())
    print(_miyun("status").stdout.rstrip())


def reset(*, yes: bool) -> None:
    """Stop the city and delete its data, keys and settings, after naming them."""
    doomed = [DEMO.kafka / "data", DEMO.postgres, LOCAL / "state", LOCAL / "keys", DEMO.logs, ENV_FILE]
    present = [path for path in doomed if path.exists()]
    if not present:
        say("nothing to delete")
        return
    print("This deletes the demo city's log, database, keys, logs and settings:", file=sys.stderr)
    print("\n".join(f"  {path}" for path in present), file=sys.stderr)
    if not yes and input("Delete them? [y/N] ").strip().lower() not in ("y", "yes"):
        raise StackError("nothing was deleted")
    if supervision.is_running():
        down()
    for path in present:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    say("deleted")


def _settings() -> dict[str, str]:
    """The settings of the last start, with other ports where ours have been taken since; kept in the file."""
    known = _read_settings()
    wanted = {name: int(known.get(f"MIYUN_{name}_PORT", first)) for name, first in PORTS.items()}
    ports = wanted if known and supervision.is_running() else choose_ports(wanted)
    url = f"postgresql://miyun:{_password()}@127.0.0.1:{ports['POSTGRES']}/miyun"
    settings = {
        "MIYUN_NAMESPACE": "demo",
        "MIYUN_CLOCK": "log",
        "MIYUN_KAFKA_BOOTSTRAP": f"127.0.0.1:{ports['KAFKA']}",
        "MIYUN_DATABASE_URL": f"{url}?options=-csearch_path%3Ddemo%2Cpublic",
        "MIYUN_KEYS_DIR": str(LOCAL / "keys"),
        "MIYUN_STATE_DIR": str(LOCAL / "state"),
        "MIYUN_CITY_DIR": str(CITY),
    } | {f"MIYUN_{name}_PORT": str(port) for name, port in ports.items()}
    (LOCAL / "state").mkdir(parents=True, exist_ok=True)
    if settings != known:
        text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
        write_private(ENV_FILE, f"# Written by `make up`: the addresses of the demo city.\n{text}")
    return settings


def _read_settings() -> dict[str, str]:
    if not ENV_FILE.exists():
        return {}
    words = shlex.split(ENV_FILE.read_text(), comments=True)
    return dict(word.split("=", 1) for word in words)


def _password() -> str:
    """The database role's password, made once."""
    PASSWORD_FILE.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not PASSWORD_FILE.exists():
        write_private(PASSWORD_FILE, secrets.token_hex(16))
    return PASSWORD_FILE.read_text().strip()


def _servers(variables: dict[str, str], ports: dict[str, int]) -> None:
    """Kafka and PostgreSQL: prepared, started, ready, with the product's database."""
    broker.prepare(DEMO, ports["KAFKA"], ports["CONTROLLER"])
    database.prepare(DEMO, ports["POSTGRES"], durable=True)
    supervision.write_settings()
    supervision.begin(variables)
    say(f"Kafka on 127.0.0.1:{ports['KAFKA']}, PostgreSQL on 127.0.0.1:{ports['POSTGRES']}")
    for name in ("kafka", "postgres"):
        supervision.start(name)
    ready = {
        "Kafka": lambda: broker.is_ready(ports["KAFKA"]),
        "PostgreSQL": lambda: database.is_ready(DEMO, ports["POSTGRES"]),
    }
    for name, is_ready in ready.items():
        wait_until(is_ready, within_s=SERVERS_WITHIN_S, what=f"{name}; its log is in {DEMO.logs}")
    database.ensure_database(DEMO, ports["POSTGRES"], _password())


def _publish() -> None:
    """Publish rules and assets: idempotent, so that an edited rule takes effect with the next `make up`."""
    say("publishing the city's rules")
    done = _miyun("rules", "publish", "--city", str(CITY))
    if done.returncode != 0:
        raise StackError(f"the rules could not be published:\n{done.stdout}{done.stderr}")


def _wait_ready(name: str, port: int) -> None:
    """Wait until a program's /readyz answers 200, saying now and then what it answers meanwhile."""
    end, said = time.monotonic() + PROGRAMS_WITHIN_S, time.monotonic()
    while (answer := _readyz(port)) is not None:
        if supervision.states().get(name) in ("FATAL", "EXITED", "STOPPED") or time.monotonic() > end:
            raise supervision.failure(name)
        if time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            say(f"{name}: {answer}")
        time.sleep(0.5)
    say(f"{name}: ready")


def _readyz(port: int) -> str | None:
    """None when the program is ready, or else what it says, in one line."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return None
    except urllib.error.HTTPError as error:
        return error.read(300).decode(errors="replace").strip().partition("\n")[0] or f"status {error.code}"
    except OSError:
        return "starting"


def _closing_lines(variables: dict[str, str], ports: dict[str, int]) -> None:
    told = _miyun("status").stdout.splitlines()
    clock = [line for line in told if "clock" in line.lower()] or told[:1]
    say("the demo city is up")
    print(f"  Kafka       {variables['MIYUN_KAFKA_BOOTSTRAP']}, topics demo.*")
    print(
        f"  TimescaleDB 127.0.0.1:{ports['POSTGRES']}, database miyun, schema demo (URL: .venv/bin/miyun env)"
    )
    for name in supervision.PROGRAMS:
        print(f"  {name:11} http://127.0.0.1:{ports[name.upper()]}/readyz and /metrics")
    print("\n".join(f"  {line.strip()}" for line in clock))
    print("  first faults within two minutes: .venv/bin/miyun alerts tail")


def _miyun(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the product's command with the demo city's settings, whatever the environment says."""
    command = [str(VENV_BIN / "miyun"), *arguments]
    environment = dict(os.environ) | _read_settings()
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def main() -> None:
    """Carry out one command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("command", choices=["up", "down", "status", "reset"])
    parser.add_argument("--yes", action="store_true", help="reset without asking")
    chosen = parser.parse_args()
    try:
        if chosen.command == "reset":
            reset(yes=chosen.yes)
        else:
            {"up": up, "down": down, "status": status}[chosen.command]()
    except StackError as error:
        sys.exit(f"make {chosen.command}: {error}")


if __name__ == "__main__":
    main()
