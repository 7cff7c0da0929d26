"""``miyun alerts tail`` on a real topic: what is open, then each transition once, as it happens."""

import asyncio
import json
import signal
from pathlib import Path

import pytest
from support.engine_log import plan_of, point
from support.hostile_outputs import hostile_alerts
from support.output_records import BUCKET, Outputs
from support.programs import Miyun, running
from support.recorder_process import send
from support.shown_alerts import alert

from schemas.alerts import TransitionReason
from schemas.rejects import RejectReason
from services.runtime.settings import Settings
from services.runtime.words import REJECT, Language

UNREADABLE = (RejectReason.INVALID, RejectReason.NOT_JSON, RejectReason.UNKNOWN_KIND)
OPEN, CLOSED, FRESH = (f"{n}aaaaaaa-0000-5000-8000-000000000000" for n in "123")


@pytest.fixture(scope="module", autouse=True)
def _history(settings: Settings) -> None:
    """Snapshots, a census, and among them whatever nobody can read."""
    outputs = Outputs(settings.namespace)
    raised = outputs.alert(alert(OPEN, 1))
    shown = [
        *outputs.published_plan(plan_of(point("p"), rules=()).document),
        raised,
        outputs.alert(alert(CLOSED, 1)),
        outputs.census(0, 1, BUCKET + 5_000, []),
        raised,
        *(record for _, record in hostile_alerts(outputs)),
        outputs.alert(alert(OPEN, 2, reason=TransitionReason.ESCALATED)),
        outputs.alert(alert(CLOSED, 2, reason=TransitionReason.CLEARED, closed=True)),
    ]
    asyncio.run(send(settings, shown))


def test_it_begins_with_what_is_open_now(miyun: Miyun) -> None:
    """One line per open alert, at its newest; closed ones and the census are not shown."""
    done = miyun("alerts", "tail", "--lang", "en", "--timeout", "2")

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].split()[:5] == ["2026-01-13", "19:00:06", "critical", "escalated", OPEN[:8]]
    assert "1 of 1 open alerts" in lines[1]


@pytest.mark.parametrize(
    ("language", "said", "colon"), [("zh", "无法读取：", "："), ("en", "cannot be read: ", ": ")]
)
def test_since_the_start_it_shows_every_transition_once(
    miyun: Miyun, language: Language, said: str, colon: str
) -> None:
    """A snapshot that the monitor sent twice, after a crash, is one transition."""
    options = ("--since-start", "--json", "--count", "4", "--timeout", "20", "--lang", language)
    done = miyun("alerts", "tail", *options)

    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    shown = sorted((one["alert_id"], one["seq"]) for one in told)
    assert shown == [(OPEN, 1), (OPEN, 2), (CLOSED, 1), (CLOSED, 2)]
    assert [one["timeline"][-1]["seq"] for one in told] == [1, 1, 2, 2]
    assert "Traceback" not in done.stderr
    why = [line.partition(said)[2].partition(colon)[0] for line in done.stderr.splitlines()]
    assert sorted(why) == sorted(REJECT[reason][language] for reason in UNREADABLE)


def test_a_script_learns_when_too_few_transitions_came(miyun: Miyun) -> None:
    """``--count`` with ``--timeout`` is exit code 1 and one line when the time is over first."""
    done = miyun("alerts", "tail", "--last", "0", "--count", "1", "--timeout", "1")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "miyun: 1 秒内只有 0 次变化，应有 1 次（--timeout）\n"
    english = miyun("alerts", "tail", "--last", "0", "--count", "1", "--timeout", "1", "--lang", "en")
    assert english.stderr == "miyun: 0 of 1 transitions within 1 s (--timeout)\n"


async def test_it_follows_live(settings: Settings, environment: dict[str, str], tmp_path: Path) -> None:
    """What happens after the start is printed at once, in the language asked for; --count ends it."""
    options = ("--lang", "zh", "--count", "1", "--timeout", "20")
    with running("alerts", "tail", *options, environment=environment, log=tmp_path / "log") as tail:
        await tail.until("继续跟踪")
        before = len(tail.said())
        await send(settings, [Outputs(settings.namespace).alert(alert(FRESH, 1))])

        assert await tail.ended() == 0
    _, _, rest = tail.said()[before - 1 :].partition("\n")
    assert rest.split()[2:5] == ["危急", "发生", FRESH[:8]]


HEED_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""As on a terminal: a shell lets what it starts in the background ignore SIGINT, and so its children."""


async def test_ctrl_c_is_a_quiet_end(environment: dict[str, str], tmp_path: Path) -> None:
    """No traceback; the exit code is that of an interrupt."""
    log = tmp_path / "log"
    with running("alerts", "tail", environment=environment, log=log, prelude=HEED_CTRL_C) as tail:
        await tail.until("继续跟踪")

        assert await asyncio.to_thread(tail.end, signal.SIGINT) == 130
    assert "Traceback" not in tail.said()
    assert "KeyboardInterrupt" not in tail.said()


def test_a_namespace_that_does_not_exist_is_one_line(miyun: Miyun) -> None:
    """Neither a wait nor a traceback, but what to do."""
    done = miyun("alerts", "tail", "--namespace", "t_nowhere")

    assert done.returncode == 1
    assert "t_nowhere.alerts" in done.stderr
    assert "Traceback" not in done.stderr
