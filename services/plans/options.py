"""What commands are asked about: a city's folder, and an instant of use."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.runtime.settings import Settings

AtOption = Annotated[
    str | None,
    typer.Option(help="Instant of use, RFC 3339 (default: now; under clock=log MIYUN_CITY_START)."),
]


def asked_ms(at: str | None, settings: "Settings") -> int:
    """The instant given, or the default one; no broker is needed for it. Epoch ms."""
    import time

    if at is not None:
        return instant_ms(at)
    return instant_ms(settings.city_start) if settings.clock == "log" else time.time_ns() // 1_000_000


def instant_ms(text: str) -> int:
    """An RFC 3339 instant as epoch ms.

    Raises:
        typer.BadParameter: it is none.
    """
    from schemas.headers import time_ms

    try:
        return time_ms(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; for example 2026-01-13T19:00:00+08:00") from None
