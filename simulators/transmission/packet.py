"""What a device sends of a scan, and when it arrives."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.base import Quality

SentValues = Mapping[str, object]
"""By point code. Whatever JSON can say: a device may send a text instead of a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """A scan on its way; times are epoch ms.

    ``at`` is when it was read in truth, ``stamp`` what the device says. ``device`` tells two devices under
    one id apart; ``seq`` is the device's number of it. Those that are ``gathered`` and arrive together are
    one frame, any other is its own.
    """

    arrival: int
    at: int
    stamp: int
    values: SentValues
    quality: Mapping[str, Quality]
    seq: int = 0
    device: int = 0
    gathered: bool = False
