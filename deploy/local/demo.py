"""The demo city without containers: `make up | down | status | reset`.

`up` brings up, in this order and each only if it is not up yet: supervisord, Kafka and PostgreSQL; then the
rules are published (which also makes keys, topics and the log's first records); then the product's programs.
It returns when every program says it is ready. Settings are in ``.local/miyun.env``, which the product reads
by itself.
"""

import argparse
import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

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
PASSFILE = LOCAL / "keys" / "postgres.pgpass"
OPERATOR, OPERATOR_PASSWORD_FILE = "operator", LOCAL / "keys" / "operator.password"
CITY = ROOT / "deploy" / "miyun"
PEOPLE = ROOT / "deploy" / "people"
PORTS = {
    "KAFKA": 29092,
    "CONTROLLER": 29192,
    "POSTGRES": 25432,
    "MONITOR": 28101,
    "RECORDER": 28102,
    "SIMULATOR": 28103,
    "CONSOLE": 28104,
    "NOTIFIER": 28105,
    "CATCHER": 28106,
    "CATCHER_SMTP": 28107,
}
"""Where the search for a free port begins: below the range that outgoing connections are given."""
LOOK_AT = """\
  look at    1. the operators' page: within three minutes each network has an alert; j, k and a acknowledge
             2. the crews' mail: who was told, and of your acknowledgement
             3. the supervisors' page: the district at a glance
             4. .venv/bin/miyun coverage             who is heard of, by town and system
             5. .venv/bin/miyun status               all of it on one screen
             6. .venv/bin/miyun scene list           what can happen to the city; scene play NAME
             7. docs/tour.md                         these minutes with pictures, and more
"""
SERVERS_WITHIN_S = 90
PROGRAMS_WITHIN_S = 900
"""The simulator is ready when the history is made, judged and stored: minutes on a small machine."""
HISTORY_HOURS = 24
Readiness = dict[str, Any]
"""The answer of /readyz."""
SAY_EVERY_S = 5


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
    _let_operator_in()
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
    url = database.url(ports["POSTGRES"], PASSFILE, _password())
    settings = {
        "MIYUN_NAMESPACE": "demo",
        "MIYUN_CLOCK": "log",
        "MIYUN_KAFKA_BOOTSTRAP": f"127.0.0.1:{ports['KAFKA']}",
        "MIYUN_DATABASE_URL": f"{url}&options=-csearch_path%3Ddemo%2Cpublic",
        "MIYUN_KEYS_DIR": str(LOCAL / "keys"),
        "MIYUN_STATE_DIR": str(LOCAL / "state"),
        "MIYUN_CITY_DIR": str(CITY),
        "MIYUN_PEOPLE_DIR": str(PEOPLE),
        "MIYUN_HISTORY_HOURS": str(HISTORY_HOURS),
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
    """The database role's password."""
    return _secret(PASSWORD_FILE)


def _secret(file: Path) -> str:
    """A password that is made once and kept in a file that only its owner reads."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        write_private(file, secrets.token_hex(16))
    return file.read_text().strip()


def _let_operator_in() -> None:
    """The account for a first look, with the same password at each start."""
    _secret(OPERATOR_PASSWORD_FILE)
    done = _miyun("console", "account", "set", OPERATOR, "--password-file", str(OPERATOR_PASSWORD_FILE))
    if done.returncode != 0:
        raise StackError(f"the operator's account could not be made:\n{done.stdout}{done.stderr}")


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
    begun = said = time.monotonic()
    while not (told := _readyz(port)).get("ready"):
        here = time.monotonic()
        if (
            supervision.states().get(name) in ("FATAL", "EXITED", "STOPPED")
            or here > begun + PROGRAMS_WITHIN_S
        ):
            raise supervision.failure(name)
        if here - said > SAY_EVERY_S:
            said = here
            say(f"{name}: {_waits(told, here - begun)}")
        time.sleep(0.5)
    say(f"{name}: ready")


def city_clock(instant: str, told: Readiness) -> str:
    """Return an instant (RFC 3339) as the city's people read it, by the zone that the simulator tells."""
    zone = ZoneInfo(told.get("time_zone") or "UTC")
    return f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _waits(told: Readiness, seconds: float) -> str:
    """Return what a program waits for; of history how far it is, and about how long still."""
    history = told.get("history")
    if not history:
        return ", ".join(told.get("reasons", ["starting"]))
    share, to_go = history["share"], history["to_go"]
    if to_go is not None:
        return f"history: all {HISTORY_HOURS} h made, {to_go} records still to be judged and stored"
    left = f", about {seconds / share - seconds:.0f} s still" if share > 0.02 else ""
    city_time = city_clock(told["city_time"], told) if told.get("city_time") else "its beginning"
    return f"history: {share:.0%} of {HISTORY_HOURS} h, at {city_time}{left}"


def _readyz(port: int) -> Readiness:
    """Return a program's readiness; ``{}`` while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return _readiness(answer.read())
    except urllib.error.HTTPError as error:
        return _readiness(error.read())
    except OSError:
        return {}


def _readiness(body: bytes) -> Readiness:
    told = json.loads(body)
    return told if isinstance(told, dict) else {}


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
    print(f"  operators   http://127.0.0.1:{ports['CONSOLE']}/")
    print(f"  supervisors http://127.0.0.1:{ports['CONSOLE']}/overview")
    print(f"  crews' mail http://127.0.0.1:{ports['CATCHER']}/")
    print(f"  sign-in     {OPERATOR}, password {_secret(OPERATOR_PASSWORD_FILE)}")
    print("\n".join(f"  {line.strip()}" for line in clock))
    print(f"  {_scene_line(_readyz(ports['SIMULATOR']))}")
    print(LOOK_AT, end="")


def _scene_line(told: Readiness) -> str:
    """Which scene comes when, in city time and in minutes from now."""
    scene = told.get("scene")
    if not scene or not told.get("city_time"):
        return "scene         none; play one: .venv/bin/miyun scene list"
    begins, now = (datetime.fromisoformat(text) for text in (scene["begins"], told["city_time"]))
    minutes = (begins - now).total_seconds() / 60
    when = f"begins in {minutes:.1f} minutes" if minutes > 0 else "has begun"
    return f"scene         {scene['name']!r} {when}, at {city_clock(scene['begins'], told)} city time"


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
