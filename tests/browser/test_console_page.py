"""The operators' page in a real browser, before a real console, monitor, broker and database."""

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.slow_monitor import prelude
from browser.cover import report
from support.browser import WEB, browse, converse, surroundings
from support.console_city import ConsoleCity, console_city
from support.overview import as_shown

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def city(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleCity]:
    """After the opening scene; the page was built before its console started."""
    with console_city(tmp_path_factory.mktemp("console")) as made:
        yield made


@pytest.fixture
def environment(city: ConsoleCity) -> dict[str, str]:
    """What every script is told."""
    return surroundings(city.url)


def test_signing_in(node: str, environment: dict[str, str]) -> None:
    """A wrong password is told on the form, a right one opens the page, the session outlives a reload."""
    browse(node, "sign_in.mjs", environment)


def test_the_feed_shows_what_is_open(node: str, city: ConsoleCity, environment: dict[str, str]) -> None:
    """Each open alert once, most urgent first then newest, in city time wherever the browser thinks it is."""
    alerts = [alert for alert in city.simulated.latest.values() if alert.closed_at is None]
    told = [
        {
            "alert_id": alert.alert_id,
            "severity": alert.severity,
            "state": alert.state,
            "system": alert.system,
            "raised_at": alert.raised_at,
            "headline": {"zh": alert.headline.zh, "en": alert.headline.en},
        }
        for alert in alerts
    ]
    assert len(told) >= 5
    browse(node, "feed.mjs", {**environment, "OPEN": json.dumps(told)})


def test_a_chart_of_the_last_day(node: str, city: ConsoleCity, environment: dict[str, str]) -> None:
    """With the mean, and the limits of the rule by their severity."""
    found = next(alert for alert in city.simulated.latest.values() if alert.rule_id == "gas.chamber_lel")
    browse(node, "chart.mjs", {**environment, "LIMITED": found.alert_id})


def test_nothing_scrolls_sideways_on_a_phone(node: str, environment: dict[str, str]) -> None:
    """At 390 pixels, in both languages, with a chart open."""
    browse(node, "phone.mjs", environment)


def test_the_other_language(node: str, environment: dict[str, str]) -> None:
    """A key switches everything, keeps the selection, and is remembered."""
    browse(node, "language.mjs", environment)


def test_acknowledging_by_keyboard(node: str, environment: dict[str, str]) -> None:
    """The row says so; a second time, or without the role, it says why not."""
    browse(node, "acknowledge.mjs", environment)


def test_an_alert_ends_and_comes_again(node: str, city: ConsoleCity, environment: dict[str, str]) -> None:
    """A closed alert is struck through and leaves; one that is raised is marked as new and announced."""
    alert = next(alert for alert in city.simulated.latest.values() if alert.rule_id == "manhole.cover")
    assert alert.severity == "critical"

    def shut() -> None:
        asyncio.run(report(city, alert.station_id, cover=0, for_s=90))

    def open_again() -> None:
        asyncio.run(report(city, alert.station_id, cover=1, for_s=50))

    steps = [("acknowledged", shut, "shut"), ("gone", open_again, "open")]
    converse(node, "live.mjs", {**environment, "COVER": alert.alert_id}, steps)


def test_the_overview_shows_what_sql_says(node: str, city: ConsoleCity, environment: dict[str, str]) -> None:
    """Every cell of every list, in both languages; it says when storage is behind, or the console is away."""

    def time_goes_on_unstored() -> None:
        city.stop("recorder")
        asyncio.run(report(city, "sewer-110118001-0007", cover=0, for_s=200))

    steps = [
        ("read", lambda: json.dumps(asyncio.run(as_shown(city.simulated.namespace))), ""),
        ("compared", time_goes_on_unstored, "recorder stopped"),
        ("behind", lambda: city.start("recorder"), "recorder back"),
        ("stored", lambda: city.stop("console"), "console stopped"),
        ("told", lambda: city.start("console"), "console back"),
    ]
    converse(node, "overview.mjs", environment, steps)


def test_not_live(node: str, city: ConsoleCity, environment: dict[str, str]) -> None:
    """Within 20 s of the monitor's end the banner says so, after 15 s of silence, at once after a break."""

    def console() -> "subprocess.Popen[bytes]":
        return city.programs["console"].process

    steps = [
        ("live", lambda: city.stop("monitor"), "monitor stopped"),
        ("banner", lambda: city.start("monitor"), "monitor back"),
        ("live again", lambda: console().send_signal(signal.SIGSTOP), "console halted"),
        ("silent", lambda: console().send_signal(signal.SIGCONT), "console goes on"),
        ("live once more", lambda: city.stop("console"), "console stopped"),
        ("broken", lambda: city.start("console"), "console back"),
    ]
    converse(node, "not_live.mjs", environment, steps)


def test_judging_that_falls_behind(node: str, city: ConsoleCity, environment: dict[str, str]) -> None:
    """The banner says by how much, until when all is judged, and goes when the monitor has caught up."""

    def slowly() -> None:
        city.stop("monitor")
        asyncio.run(report(city, "sewer-110118001-0007", cover=0, for_s=2_400))
        city.start("monitor", prelude=prelude(0.25))

    def quickly() -> None:
        city.stop("monitor", signal.SIGKILL)
        city.start("monitor")

    steps = [("live", slowly, "behind"), ("told", quickly, "quick again")]
    converse(node, "behind.mjs", environment, steps)


def test_the_pure_parts(node: str) -> None:
    """Order, selection, keys, liveness, times, geometry, contrasts and words, by node's own test runner."""
    folder = ROOT / "services" / "console" / "web" / "test"
    done = subprocess.run(
        [node, "--test", str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_types_of_the_wire_are_generated() -> None:
    """``make generated`` would change nothing in those that the page is checked against."""
    web = ROOT / "services" / "console" / "web"
    made = subprocess.run([*WEB, "types"], capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stderr
    assert (web / "src" / "wire.ts").read_text("utf-8") == made.stdout


def test_the_page_is_all_its_own() -> None:
    """No source names an address outside, and data never become markup."""
    sources = ROOT / "services" / "console" / "web"
    for file in [*sources.glob("src/*.ts"), *sources.glob("*.html"), *sources.glob("*.css")]:
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text), file


def test_the_lock_names_no_host() -> None:
    """It holds versions and hashes only, so that it installs from whatever registry a machine has.

    Nor how to fund what is installed: npm writes that, delete ``funding``.
    """
    text = (ROOT / "services" / "console" / "web" / "package-lock.json").read_text("utf-8")
    packages = [package for name, package in json.loads(text)["packages"].items() if name]
    assert len(packages) > 1
    assert all(package["integrity"] for package in packages)
    assert "://" not in text
