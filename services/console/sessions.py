"""Sessions of people. They live in this process: after a restart people sign in again."""

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from time import monotonic
from typing import Literal

Role = Literal["viewer", "operator", "crew", "supervisor", "admin"]
ACTING: frozenset[Role] = frozenset({"operator", "supervisor", "admin"})
"""Roles that may acknowledge."""
IDLE_S = 8 * 3600.0
LONGEST_S = 24 * 3600.0
MOST_TRIES = 5
TRIES_WITHIN_S = 300.0
TOKEN_BYTES = 32
MOST_REFUSALS = 20
"""Of these in a minute each has a row of the audit."""
OTHERS = ("*", "*", "*")
MOST_SESSIONS, MOST_NAMES = 1_000, 10_000
"""Beyond these the session that was used least lately ends, and the oldest failures are forgotten."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in."""

    person: str
    role: Role
    language: Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Session(Account):
    """An account that is signed in. ``csrf`` comes with each change that the page asks for."""

    csrf: str
    since: float
    used: float

    def owns(self, csrf: str) -> bool:
        """True: the token is this session's."""
        return secrets.compare_digest(csrf.encode(), self.csrf.encode())

    def may_act(self) -> bool:
        """True: the role acknowledges alerts."""
        return self.role in ACTING


@dataclass(slots=True)
class Sessions:
    """By token. ``clock`` is monotonic: sessions end by the world's time, not by the city's."""

    clock: Callable[[], float] = monotonic
    _open: dict[str, Session] = field(default_factory=dict)

    def begin(self, account: Account) -> tuple[str, Session]:
        """Sign a person in: the token for the cookie, and the session."""
        now = self.clock()
        self._open = {token: one for token, one in self._open.items() if not _over(one, now)}
        if len(self._open) >= MOST_SESSIONS:
            del self._open[min(self._open, key=lambda token: self._open[token].used)]
        token = secrets.token_urlsafe(TOKEN_BYTES)
        csrf = secrets.token_urlsafe(TOKEN_BYTES)
        self._open[token] = Session(**asdict(account), csrf=csrf, since=now, used=now)
        return token, self._open[token]

    def of(self, token: str | None, *, touch: bool = True) -> Session | None:
        """The session of a token that is not over. ``touch``: somebody did something just now."""
        if token is None or (found := self._open.get(token)) is None:
            return None
        now = self.clock()
        if _over(found, now):
            del self._open[token]
            return None
        if touch:
            self._open[token] = found = replace(found, used=now)
        return found

    def end(self, token: str | None) -> None:
        """Sign out."""
        self._open.pop(token or "", None)


def _over(session: Session, now: float) -> bool:
    return now - session.used > IDLE_S or now - session.since > LONGEST_S


@dataclass(slots=True)
class Tries:
    """Failed sign-ins by name: after five within five minutes nobody gets in by that name for a while."""

    clock: Callable[[], float] = monotonic
    _failed: dict[str, deque[float]] = field(default_factory=dict)

    def are_too_many(self, name: str) -> bool:
        """True: the next try is refused unseen."""
        failed = self._failed.get(name, deque())
        while failed and self.clock() - failed[0] > TRIES_WITHIN_S:
            failed.popleft()
        if not failed:
            self._failed.pop(name, None)
        return len(failed) >= MOST_TRIES

    def failed(self, name: str) -> None:
        """Note a wrong password or name."""
        if name not in self._failed and len(self._failed) >= MOST_NAMES:
            del self._failed[next(iter(self._failed))]
        self._failed.setdefault(name, deque(maxlen=MOST_TRIES)).append(self.clock())

    def succeeded(self, name: str) -> None:
        """Forget the failures before."""
        self._failed.pop(name, None)


@dataclass(slots=True)
class Refusals:
    """Who was refused what within a minute: the first few by themselves, all others together."""

    _minute: int = 0
    _known: set[tuple[str, str, str]] = field(default_factory=set)

    def gathered(self, who: tuple[str, str, str], minute: int) -> tuple[str, str, str]:
        """The actor, address and target under which a refusal is counted."""
        if minute != self._minute:
            self._minute, self._known = minute, set()
        if who not in self._known and len(self._known) >= MOST_REFUSALS:
            return OTHERS
        self._known.add(who)
        return who
