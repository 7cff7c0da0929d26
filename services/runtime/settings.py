"""The settings of every process, read once, in its composition root."""

import os
import sys
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.base import ClockMode
from services.runtime.words import ExplainedError

NAMESPACE_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"

OptionalPath = Annotated[Path | None, BeforeValidator(lambda given: None if given in ("", "None") else given)]
"""A path, or none: `miyun env` of release 0.1 prints the latter as a word."""


class SettingsError(ExplainedError):
    """A setting is missing or wrong; the message names the variable and says what to do."""

    exit_code = 2


def stack_env_file() -> Path:
    """``MIYUN_ENV_FILE``, or else the local stack's: ``.local/miyun.env`` beside the virtual environment."""
    named = os.environ.get("MIYUN_ENV_FILE")
    return Path(named) if named else Path(sys.prefix).parent / ".local" / "miyun.env"


class Settings(BaseSettings):
    """Settings from the environment (``MIYUN_*``), or else from the local stack's env file."""

    model_config = SettingsConfigDict(env_prefix="MIYUN_", extra="ignore", frozen=True)

    namespace: Annotated[str, Field(pattern=NAMESPACE_PATTERN)] = "live"
    """Prefix of topics and groups, and the database schema."""
    clock: ClockMode = "wall"
    """What tells arrival time: the broker's append time or the log's ce_time."""
    kafka_bootstrap: str = "127.0.0.1:9092"
    """host:port of a Kafka broker; several with commas."""
    database_url: str = "postgresql://miyun@127.0.0.1:5432/miyun"
    """Its password stands in a file (0600), which passfile= in it or PGPASSFILE names. Its search_path is
    ignored by the services, which set the namespace's."""
    keys_dir: Path = Path(".local/keys")
    """Private signing keys (0600)."""
    state_dir: Path = Path(".local/state")
    """Small files of the services, such as what a simulator has injected."""
    city_dir: Path = Path("deploy/miyun")
    """Folder of the city that `miyun rules` reads."""
    host: str = "127.0.0.1"
    """Address that /livez, /readyz and /metrics listen on."""
    monitor_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the monitor's endpoints; 0 switches them off."""
    recorder_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the recorder's endpoints; 0 switches them off."""
    simulator_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the simulator's endpoints; 0 switches them off."""
    console_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the operators' page and of the console's endpoints; `miyun console run` needs one."""
    keep_days: Annotated[int, Field(ge=1, le=36_500)] = 400
    """Aggregates, transitions and station states older than this are dropped, by the city's time."""
    checkpoint_every_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    """After a crash, at most this many seconds of the log are judged again."""
    session_timeout_s: Annotated[float, Field(ge=1, le=300)] = 10.0
    """After this long without a heartbeat a dead monitor's partitions move to another."""
    fetch_min_bytes: Annotated[int, Field(ge=1)] = 1_048_576
    """Kafka answers a fetch of the monitor once it has so many bytes; 1: as soon as it has any."""
    fetch_max_wait_ms: Annotated[int, Field(ge=1, le=5_000)] = 50
    """Kafka answers a fetch of the monitor after this long at the latest. An alert may come so much later."""
    city_start: str = "2026-01-13T19:00:00+08:00"
    """Under clock=log: when the city begins to live in real time (RFC 3339 with offset)."""
    history_hours: Annotated[float, Field(ge=0, le=168)] = 0.0
    """Under clock=log: so many hours before that a log begins; the simulator makes them at full speed."""
    tick_every_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Under clock=wall each monitor lets time pass on its partitions this often."""
    notifier_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port of the notifier's endpoints; 0 switches them off."""
    people_dir: Path = Path("deploy/people")
    """Folder of people.yaml and routes.yaml, which the notifier reads."""
    mail_url_file: OptionalPath = None
    """File (0600) with the mail server's Apprise address (mailto://, mailtos://); else the local catcher."""
    carrier_secrets_dir: OptionalPath = None
    """Folder of files (0600) with secrets of carriers of messages, by the carrier's name (apprise)."""
    webhook_secret_file: OptionalPath = None
    """File (0600) with the secret that signs webhooks; else webhook.secret in keys_dir, made once."""
    catcher_host: str = "127.0.0.1"
    """Address that the catcher listens on, and where the notifier finds it. It takes mail from anybody."""
    catcher_smtp_port: Annotated[int, Field(ge=1, le=65535)] = 8125
    """Port of the local catcher of mail."""
    catcher_port: Annotated[int, Field(ge=1, le=65535)] = 8126
    """Port of the catcher's page, and of its webhook."""
    notify_max_age_s: Annotated[float, Field(ge=0)] = 1_800.0
    """At the notifier's first start, nobody is told of transitions older than this, by the city's time."""
    deliver_within_s: Annotated[float, Field(gt=0)] = 3_600.0
    """A message that did not arrive within this time is given up."""


def load_settings(**overrides: object) -> Settings:
    """Read the environment and the env file.

    Raises:
        SettingsError: one line that names each wrong variable.
    """
    env_file = stack_env_file()
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(_env_file=env_file if env_file.exists() else None, **given)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(
            f"MIYUN_{str(e['loc'][0]).upper()}: {e['msg']} (got {e['input']!r})"
            for e in error.errors(include_url=False)
        )
        raise SettingsError(f"wrong setting: {wrong}") from None
