"""What the page and the console say to each other."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.alerts import Alert
from services.console.sessions import Role, Session

Severity = Literal["notice", "warn", "major", "critical"]


class Body(BaseModel):
    """What the page sends: nothing beside what is named."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(BaseModel):
    """What the console says: every field, also one that has a default."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class SignIn(Body):
    """A name and its password."""

    name: str = Field(max_length=100)
    password: str = Field(max_length=1000)


class Acknowledge(Body):
    """``seen_seq``: the number of the transition that the person has seen."""

    seen_seq: int = Field(ge=0)


class Text(Answer):
    """In both languages."""

    zh: str
    en: str


class Failure(Answer):
    """Why not."""

    error: str
    message: Text


class SessionView(Answer):
    """Who is signed in; ``csrf`` goes into the header X-CSRF-Token of each change."""

    person: str
    role: Role
    csrf: str
    language: Literal["zh", "en"]

    @classmethod
    def of(cls, session: Session) -> "SessionView":
        """What the page may know of a session."""
        return cls(person=session.person, role=session.role, csrf=session.csrf, language=session.language)


class SystemView(Answer):
    """A system and its name."""

    system: str
    name: Text


class CityView(Answer):
    """Names, and the zone (IANA) whose local time the pages show.

    ``utc_offset_minutes``: how far that is ahead of UTC now; for clients of earlier releases.
    """

    namespace: str
    time_zone: str
    utc_offset_minutes: int
    systems: list[SystemView]


class AlertView(Answer):
    """An alert as the feed shows it; times are epoch ms."""

    alert_id: str
    seq: int
    rule_id: str
    system: str
    town_code: str
    station_id: str
    point: str
    severity: Severity
    state: str
    acked: bool
    held: bool
    life_safety: bool
    nature: Literal["real", "simulated", "exercise"]
    headline: Text
    raised_at: int
    cleared_at: int | None
    closed_at: int | None
    value: float | None
    unit: str

    @classmethod
    def of(cls, alert: Alert) -> "AlertView":
        """The feed's part of a snapshot."""
        fields = {name: getattr(alert, name) for name in cls.model_fields if name != "headline"}
        return cls(**fields, headline=Text(zh=alert.headline.zh, en=alert.headline.en))


class Snapshot(Answer):
    """All open alerts."""

    city_ms: int | None
    alerts: list[AlertView]


class Heartbeat(Answer):
    """``live`` false: what is shown is not what is; ``reason`` says why."""

    city_ms: int | None
    live: bool
    reason: Text | None


class Expired(Answer):
    """The session is over, and so is the feed."""


class FeedEvents(Answer):
    """What the feed's events hold as JSON, by their names."""

    snapshot: Snapshot
    alert: AlertView
    heartbeat: Heartbeat
    expired: Expired


class Applied(Answer):
    """The command was applied."""

    result: Literal["applied"] = "applied"


class LimitView(Answer):
    """A limit in the point's unit."""

    severity: Severity
    side: Literal["above", "below"]
    limit: float


class StateView(Answer):
    """What a value of a point that reports states means."""

    value: int
    name: Text


Minute = tuple[int, float | None, float | None, float | None]
"""Bucket (epoch ms), mean, min, max."""


class DayView(Answer):
    """A point's last 24 hours of city time. One that reports states has words for them instead of limits."""

    station: Text
    point: Text
    unit: str
    states: list[StateView]
    limits: list[LimitView]
    minutes: list[Minute]
    from_ms: int
    to_ms: int
