"""Answers that are not what was asked for: a code, words in both languages, a status."""

from schemas.base import Bilingual
from services.console.api import Failure
from services.console.words import MESSAGE

STATUS = {
    "bad_request": 400,
    "no_session": 401,
    "wrong_sign_in": 401,
    "csrf": 403,
    "origin": 403,
    "role": 403,
    "unknown_alert": 404,
    "unknown_point": 404,
    "too_many_tries": 429,
    "unavailable": 503,
    "no_answer": 504,
}
CONFLICT = 409
"""The status where the monitor refuses a command."""


class RefusedError(Exception):
    """Ends a request. ``code`` is a key of the words; ``reason`` fills one in that has room for it.

    ``target``: what it was about, for the audit.
    """

    def __init__(self, code: str, *, reason: str = "", target: str = "console") -> None:
        super().__init__(code)
        self.target = target
        self.code = code if code in MESSAGE else "not_applied"
        self.reason = reason or code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS.get(self.code, CONFLICT)

    def body(self) -> Failure:
        """The answer's body."""
        words = MESSAGE[self.code]
        told = {language: text.replace("{reason}", self.reason) for language, text in words.items()}
        return Failure(error=self.code, message=Bilingual(**told))
