"""Alerts as the monitor would write them, for tests of what is shown of them."""

from schemas.alerts import Alert, AlertState, Transition, TransitionReason
from schemas.base import Bilingual, Severity

AT = 1_768_302_004_000
"""2026-01-13T11:00:04Z, in the city 19:00:04."""


def alert(
    alert_id: str = "0123abcd-0000-5000-8000-000000000000",
    seq: int = 1,
    *,
    severity: Severity = Severity.CRITICAL,
    reason: TransitionReason = TransitionReason.RAISED,
    actor: str = "engine",
    note: str = "",
    closed: bool = False,
) -> Alert:
    """An alert whose last transition, number ``seq``, is this; each comes a second after the one before."""
    at = AT + seq * 1_000
    transition = Transition(
        seq=seq, at=at, detected_at=at, from_state=AlertState.NORMAL, to_state=AlertState.UNACKNOWLEDGED,
        severity=severity, reason=reason, actor=actor, note=note, value=32.0, limit=20.0, clear=17.0,
        delay_ms=0, samples=2, plan="p", engine_version="1", partition=3, offset=7,
    )  # fmt: skip
    return Alert(
        alert_id=alert_id, seq=seq, rule_id="gas.chamber_lel", fingerprint="f",
        plan="p", station_id="gas-1", point="ch4_pct_lel", system="gas", town_code="110118001000",
        district_code="110118", owner_org="gas", nature="simulated", life_safety=True, severity=severity,
        state=AlertState.UNACKNOWLEDGED, acked=False, latched=False, suppressions=(), annunciated=True,
        annunciated_seq=1, flapping=0, held=False, late=False, clock_fault=False, onset_at=AT, raised_at=AT,
        detected_at=AT, cleared_at=None, acked_at=None, acked_by=None, closed_at=AT if closed else None,
        value=32.0, limit_value=20.0, unit="%LEL",
        headline=Bilingual(zh="鼓楼 甲烷 32", en="Gulou: methane 32"),
        incident_id=None, src_partition=3, timeline=(transition,), readings=(),
    )  # fmt: skip
