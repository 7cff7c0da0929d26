"""The settings of the simulators: the same ``MIYUN_*`` variables and env file as the services read.

Repeated here and not imported, because simulators and services meet only in ``schemas``.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.base import ClockMode
from services.runtime.words import ExplainedError

NAMESPACE_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"


class SimulatorSettingsError(ExplainedError):
    """A setting is missing or wrong; the message names the variable and says what to do."""

    exit_code = 2


class SimulatorSettings(BaseSettings):
    """What simulators need of the installation's settings."""

    model_config = SettingsConfigDict(env_prefix="MIYUN_", extra="ignore", frozen=True)

    namespace: Annotated[str, Field(pattern=NAMESPACE_PATTERN)] = "live"
    clock: ClockMode = "wall"
    kafka_bootstrap: str = "127.0.0.1:9092"
    state_dir: Path = Path(".local/state")
    """Where the ground truth of injected faults is written."""
    city_dir: Path = Path("deploy/miyun")
    host: str = "127.0.0.1"
    simulator_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Of /livez, /readyz and /metrics; 0 switches them off."""
    city_start: str = "2026-01-13T19:00:00+08:00"
    """When the city begins to live in real time (RFC 3339 with offset)."""
    history_hours: Annotated[float, Field(ge=0, le=168)] = 0.0
    """So many hours before ``city_start`` an empty log begins: they are made at full speed."""
    tick_every_s: Annotated[float, Field(gt=0, le=60)] = 5.0


def load_settings(**overrides: object) -> SimulatorSettings:
    """Read the environment and the local stack's env file.

    Raises:
        SimulatorSettingsError: one line that names each wrong variable.
    """
    named = os.environ.get("MIYUN_ENV_FILE")
    env_file = Path(named) if named else Path(sys.prefix).parent / ".local" / "miyun.env"
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return SimulatorSettings(
            _env_file=env_file if env_file.exists() else None,
            **given,  # type: ignore[arg-type]
        )
    except ValidationError as error:
        wrong = "; ".join(
            f"MIYUN_{str(e['loc'][0]).upper()}: {e['msg']} (got {e['input']!r})"
            for e in error.errors(include_url=False)
        )
        raise SimulatorSettingsError(f"wrong setting: {wrong}") from None
