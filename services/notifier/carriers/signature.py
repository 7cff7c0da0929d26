"""The signature of a webhook: HMAC-SHA256 over time and body: neither can be changed, or sent again later."""

import hashlib
import hmac
import re

HEADER = "Miyun-Signature"
KEY_HEADER = "Idempotency-Key"
TOLERANCE_S = 300
"""How far the sender's clock may be from the receiver's."""
_FORM = re.compile(r"^t=(\d{1,12}),v1=([0-9a-f]{64})$")


def sign(secret: bytes, body: bytes, *, at_s: int) -> str:
    """The header's value: ``t=<epoch seconds>,v1=<hex of the HMAC over "<t>." and the body>``."""
    return f"t={at_s},v1={_digest(secret, body, at_s)}"


def refusal(secret: bytes, body: bytes, header: str, *, now_s: int) -> str | None:
    """The reason why a signature does not hold, in a word; None: it does."""
    found = _FORM.match(header)
    if found is None:
        return "unsigned"
    at_s = int(found[1])
    if not hmac.compare_digest(_digest(secret, body, at_s), found[2]):
        return "signature"
    return "stale" if abs(now_s - at_s) > TOLERANCE_S else None


def _digest(secret: bytes, body: bytes, at_s: int) -> str:
    return hmac.new(secret, b"%d." % at_s + body, hashlib.sha256).hexdigest()
