"""All of the product's programs over a small city, as a stack has them: to attack and to disturb."""

import asyncio
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiokafka import ConsumerRecord
from support.console_client import Client, sign_in, snapshot
from support.engine_log import MINUTE, T0
from support.monitor_city import city_plan
from support.monitor_process import Installation
from support.namespaces import new_namespace
from support.notifier_city import fetched, write_people
from support.programs import Programs, environment_of, free_ports, start
from support.recorder_process import until

from schemas.base import ClockMode
from schemas.plan import Plan, PublicKey
from schemas.topics import TopicName
from services.runtime.postgres import connect
from services.runtime.settings import Settings
from services.runtime.signing import CLI, CONSOLE, ensure_key

PROGRAMS = ("monitor", "recorder", "catcher", "notifier", "console")
PORTS = {name: f"{name}_port" for name in PROGRAMS}


def whole_settings(folder: Path, *, clock: ClockMode, **others: Any) -> Settings:
    """A namespace of its own with ports and folders for all programs."""
    monitor, recorder, catcher, smtp, notifier, console = free_ports(6)
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        namespace=new_namespace(),
        clock=clock,
        kafka_bootstrap=os.environ["MIYUN_KAFKA_BOOTSTRAP"],
        database_url=os.environ["MIYUN_DATABASE_URL"],
        keys_dir=folder / "keys",
        state_dir=folder / "state",
        people_dir=write_people(folder / "people"),
        checkpoint_every_s=1.0,
        session_timeout_s=6.0,
        monitor_port=monitor,
        recorder_port=recorder,
        catcher_port=catcher,
        catcher_smtp_port=smtp,
        notifier_port=notifier,
        console_port=console,
        **others,
    )


def plan_with_keys(keys_dir: Path) -> Plan:
    """The monitor's city, in which console and command line may acknowledge."""
    keys = [ensure_key(keys_dir, signer) for signer in (CLI, CONSOLE)]
    return replace(
        city_plan(),
        keys=tuple(
            PublicKey(
                key_id=key.key_id,
                signer=key.signer,
                public_key=key.public_key,
                valid_from=T0 - MINUTE,
                valid_until=None,
            )
            for key in keys
        ),
    )


@dataclass(kw_only=True)
class WholeCity(Programs):
    """Monitor, recorder, catcher, notifier and console of one namespace; account ``op`` (operator)."""

    settings: Settings

    def start_all(self) -> None:
        """Start them, the console when the tables are there."""
        for name in PROGRAMS[:-1]:
            self.start(name)
        asyncio.run(until(self._has_tables, within_s=60, what="the tables are made"))
        self.accounts(op="operator")
        self.start("console")

    def start_tail(self) -> None:
        """Start ``miyun alerts tail``."""
        log = self.folder / f"tail-{len(list(self.folder.glob('tail-*.log')))}.log"
        self.programs["tail"] = start("alerts", "tail", "--json", environment=self.environment, log=log)

    def restart_all(self) -> None:
        """End each as a supervisor does, and start it again: all is read anew that a start reads."""
        for name in PROGRAMS:
            code = self.stop(name)
            assert code == 0, f"{name} ended with {code}: {self.programs[name].said()[-3_000:]}"
        for name in PROGRAMS:
            self.start(name)

    def ended(self) -> dict[str, str]:
        """Programs that do not run, and their last words."""
        return {name: one.said()[-3_000:] for name, one in self.programs.items() if not one.runs}

    def failures(self) -> dict[str, str]:
        """Tracebacks in any log of any program."""
        said = {path.name: path.read_text(errors="replace") for path in self.folder.glob("*-*.log")}
        return {
            name: text[text.index("Traceback") :][:3_000]
            for name, text in said.items()
            if "Traceback" in text
        }

    def readiness(self) -> dict[str, list[str]]:
        """Why programs are not ready; empty: all are."""
        pages = {name: fetched_even_unready(getattr(self.settings, port)) for name, port in PORTS.items()}
        return {
            name: ["silent"] if page is None else page["reasons"]
            for name, page in pages.items()
            if page is None or not page["ready"]
        }

    async def ask(self, query: str, *arguments: object) -> Any:
        """One value of the namespace's tables."""
        connection = await connect(self.settings)
        try:
            return await connection.fetchval(query, *arguments)
        finally:
            await connection.close()

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Rows of the namespace's tables."""
        connection = await connect(self.settings)
        try:
            return await connection.fetch(query, *arguments)
        finally:
            await connection.close()

    async def shown(self) -> dict[str, dict[str, Any]]:
        """The open alerts of the console's feed, by id."""
        async with self.client() as client:
            status, _ = await sign_in(client, self)  # type: ignore[arg-type]
            assert status == 200, status
            return {one["alert_id"]: one for one in await snapshot(client)}

    def client(self) -> Client:
        """A browser at the console."""
        return Client(self.url, cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def written(self, *topics: TopicName) -> list[ConsumerRecord]:
        """The records of the topics, as transactions have committed them."""
        return await Installation(self.settings, self.folder).written(topics)

    async def _has_tables(self) -> bool:
        try:
            return bool(await self.ask("SELECT to_regclass('accounts') IS NOT NULL"))
        except (OSError, asyncpg.PostgresError):
            return False


def new_city(folder: Path, settings: Settings) -> WholeCity:
    """Its programs are not started yet."""
    logs = folder / "logs"
    logs.mkdir()
    url = f"http://127.0.0.1:{settings.console_port}"
    environment = environment_of(settings, USER="tester")
    return WholeCity(environment=environment, folder=logs, url=url, settings=settings)


def fetched_even_unready(port: int) -> Any:
    """JSON of a /readyz, whatever its status; None: nobody answers."""
    return fetched(f"http://127.0.0.1:{port}/readyz", even_refused=True)


def bodies(records: Iterable[ConsumerRecord]) -> list[Any]:
    """The JSON of records."""
    return [json.loads(record.value) for record in records]
