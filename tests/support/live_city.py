"""The shipped city, live at the pace of the wall clock, with all of the product's programs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from support.namespaces import new_namespace
from support.notifier_city import fetched
from support.programs import Programs, deadline_in, free_ports, miyun


@dataclass(kw_only=True)
class LiveCity(Programs):
    """``catcher``: the address of the page with the crews' messages."""

    namespace: str
    catcher: str


@contextmanager
def live_city(folder: Path) -> Iterator[LiveCity]:
    """A quiet half hour lies behind it, which rates and means need; account ``op`` (operator)."""
    namespace = new_namespace()
    ports = free_ports(4)
    environment = {
        **os.environ,
        "MIYUN_NAMESPACE": namespace,
        "MIYUN_CLOCK": "log",
        "MIYUN_HISTORY_HOURS": "0.5",
        "MIYUN_KEYS_DIR": str(folder / "keys"),
        "MIYUN_STATE_DIR": str(folder / "state"),
        **{
            f"MIYUN_{name}_PORT": str(port)
            for name, port in zip(("CONSOLE", "CATCHER", "CATCHER_SMTP", "SIMULATOR"), ports, strict=True)
        },
    }
    city = LiveCity(
        environment=environment,
        folder=folder,
        url=f"http://127.0.0.1:{ports[0]}",
        namespace=namespace,
        catcher=f"http://127.0.0.1:{ports[1]}",
    )
    try:
        city.miyun("rules", "publish")
        for name in ("monitor", "recorder"):
            city.start(name)
        _until_stored(city)
        city.accounts(op="operator")
        for name in ("catcher", "notifier", "console"):
            city.start(name)
        city.start("simulate", "--scene", "none")
        _until_lived(city, f"http://127.0.0.1:{ports[3]}/readyz")
        yield city
    finally:
        city.end()


def _until_stored(city: LiveCity) -> None:
    """The plan is active, and stored."""
    deadline = deadline_in(60)
    while True:
        asked = miyun("coverage", environment=city.environment)
        if asked.returncode == 0:
            return
        assert monotonic() < deadline, asked.stderr
        sleep(0.5)


def _until_lived(city: LiveCity, readiness: str) -> None:
    """The simulator reports of the city."""
    deadline = deadline_in(60)
    while not (fetched(readiness) or {}).get("ready"):
        assert monotonic() < deadline, city.programs["simulate"].said()
        sleep(0.5)
