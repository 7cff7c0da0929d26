"""A person has seen an alert: signed by the console, judged by the monitor, answered to the page."""

from schemas.alerts import Alert
from schemas.events import CommandName
from services.console.failure import RefusedError
from services.runtime.clock import city_time_ms
from services.runtime.commanding import VALID_MS, NoAnswerError, send_and_wait
from services.runtime.settings import Settings
from services.runtime.signing import CONSOLE, ensure_key, sign_command

ANSWER_WITHIN_S = 10.0


async def acknowledge(settings: Settings, alert: Alert, *, actor: str, seen_seq: int) -> None:
    """Return once the acknowledgement is applied.

    Raises:
        RefusedError: the monitor refused it, or gave no answer in time.
    """
    issued = await city_time_ms(settings)
    command = sign_command(
        ensure_key(settings.keys_dir, CONSOLE),
        CommandName.ACK,
        station=alert.station_id,
        target=alert.alert_id,
        seen_seq=seen_seq,
        actor=actor,
        issued=issued,
        expires=issued + VALID_MS,
        body={},
    )
    try:
        answer = await send_and_wait(settings, command, timeout_s=ANSWER_WITHIN_S)
    except NoAnswerError:
        raise RefusedError("no_answer") from None
    if answer.result != "applied":
        raise RefusedError(answer.reason, reason=answer.detail or answer.reason)
