"""How far the city is judged, as the recorder has stored what the monitor's workers say of it."""

import time

from services.cli.checks.database import fetch
from services.cli.checks.report import Line, line
from services.runtime import screen
from services.runtime.clock import city_zone, ends_of_log
from services.runtime.command_line import database
from services.runtime.following.judged import Doubt, Heard, doubt_words, weigh
from services.runtime.settings import Settings


async def judged(settings: Settings) -> list[Line]:
    """Checks that each partition has a worker, and that none is behind: else what is shown is not what is."""
    rows = await fetch(settings, "judged")
    heard = {row["partition"]: Heard(row["until"] or 0, row["behind_ms"], row["said_s"]) for row in rows}
    ends = {number: end.arrival for number, end in (await ends_of_log(settings)).items()}
    arrivals = {number: arrival for number, arrival in ends.items() if arrival is not None}
    judging = weigh(heard, now_s=time.time(), ends=arrivals)
    async with database(settings) as connection:
        until = screen.local(judging.until or None, await city_zone(connection)) or "-"
    if judging.doubt is None:
        return [line("judged", "judged", until=until)]
    key = "judged_behind" if judging.doubt is Doubt.BEHIND else "judged_silent"
    return [line("judged", key, well=False, why=doubt_words(judging), until=until)]
