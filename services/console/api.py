"""The models of the console's interface."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.base import Bilingual
from services.console.sessions import Role

SeverityName = Literal["notice", "warn", "major", "critical"]


class RequestModel(BaseModel):
    """The page sends it: nothing beside what is named."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ResponseModel(BaseModel):
    """The console sends it: every field, also one that has a default."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True, from_attributes=True)


class SignIn(RequestModel):
    """A name and its password."""

    name: str = Field(max_length=100)
    password: str = Field(max_length=1000)


class Acknowledge(RequestModel):
    """``seen_seq``: the number of the transition that the person has seen."""

    seen_seq: int = Field(ge=0)


class Failure(ResponseModel):
    """The reason for a refusal, as a code and in both languages."""

    error: str
    message: Bilingual


class SessionView(ResponseModel):
    """The person who is signed in; ``csrf`` goes into the header X-CSRF-Token of each change."""

    person: str
    role: Role
    csrf: str
    language: Literal["zh", "en"]


class SystemView(ResponseModel):
    """A system and its name."""

    system: str
    name: Bilingual


class CityView(ResponseModel):
    """Names, and the zone (IANA) whose local time the pages show.

    ``utc_offset_minutes``: how far that is ahead of UTC now; for clients of earlier releases.
    """

    namespace: str
    time_zone: str
    utc_offset_minutes: int
    systems: list[SystemView]


class AlertView(ResponseModel):
    """An alert as the feed shows it; times are epoch ms."""

    alert_id: str
    seq: int
    rule_id: str
    system: str
    town_code: str
    station_id: str
    point: str
    severity: SeverityName
    state: str
    acked: bool
    held: bool
    life_safety: bool
    nature: Literal["real", "simulated", "exercise"]
    headline: Bilingual
    raised_at: int
    cleared_at: int | None
    closed_at: int | None
    value: float | None
    unit: str


class OpenAlerts(ResponseModel):
    """All open alerts."""

    city_ms: int | None
    alerts: list[AlertView]


class Heartbeat(ResponseModel):
    """``live`` false: what is shown is not what is; ``reason`` says why.

    ``judged_ms``: where judging is behind, until when all is judged, by the city's clock; else null.
    """

    city_ms: int | None
    live: bool
    reason: Bilingual | None
    judged_ms: int | None = None


class Expired(ResponseModel):
    """The session is over, and so is the feed."""


class FeedEvents(ResponseModel):
    """The JSON of the feed's events, by their names."""

    snapshot: OpenAlerts
    alert: AlertView
    heartbeat: Heartbeat
    expired: Expired


class Applied(ResponseModel):
    """The command was applied."""

    result: Literal["applied"] = "applied"


class LimitView(ResponseModel):
    """A limit in the point's unit."""

    severity: SeverityName
    side: Literal["above", "below"]
    limit: float


class StateView(ResponseModel):
    """The meaning of a value of a point that reports states."""

    value: int
    name: Bilingual


Minute = tuple[int, float | None, float | None, float | None]
"""Bucket (epoch ms), mean, min, max."""


class DayView(ResponseModel):
    """A point's last 24 hours of city time. One that reports states has words for them instead of limits."""

    station: Bilingual
    point: Bilingual
    unit: str
    states: list[StateView]
    limits: list[LimitView]
    minutes: list[Minute]
    from_ms: int
    to_ms: int
