"""``miyun rules publish`` as a person runs it."""

from collections.abc import Callable
from pathlib import Path

from support.programs import Done, environment_of, miyun, miyun_process
from support.small_city import GAS, swapped, write_city

from services.runtime.settings import Settings
from services.runtime.signing import ensure_key

Install = Callable[[], Settings]
ALWAYS = """\
calendars:
  - calendar: heating
    source: a test's, so that it holds whatever the date outside
    phases:
      - {phase: "off", start: 2000-01-01, end: 2000-01-10}
      - {phase: supply, start: 2000-01-10, end: 2099-01-01}
"""


def run(settings: Settings, city: Path, *arguments: str) -> Done:
    """Publish ``city``."""
    command = ["rules", "publish", "--city", str(city), *arguments]
    return miyun(*command, environment=environment_of(settings))


def test_it_says_what_it_did(install: Install, city: Path) -> None:
    """Published; active already; and then every mistake of a broken city, and exit code 1."""
    settings = install()
    first = miyun_process("rules", "publish", "--city", str(city), environment=environment_of(settings))
    second = run(settings, city)
    assert (first.returncode, first.stderr, second.returncode, second.stderr) == (0, "", 0, "")
    name = first.stdout.split()[1]
    assert first.stdout == f"plan {name} published in {settings.namespace}: 2 rules, 2 stations, 3 points\n"
    assert second.stdout.startswith(f"plan {name} is active already, nothing written in {settings.namespace}")
    write_city(city, **swapped(GAS, "limit: 20", "limit: 5"))
    broken = run(settings, city)
    assert (broken.returncode, broken.stdout) == (1, "")
    assert broken.stderr.startswith(f"{city}/rules/gas.yaml:13: levels.major.limit: 5 is not above warn (10)")


def test_the_namespace_and_its_clock_may_be_named(install: Install, city: Path) -> None:
    """Instead of the settings'. A namespace keeps its clock: the other one is refused in one line."""
    write_city(city, **{"calendars.yaml": ALWAYS})
    settings, other, live = install(), install(), install()
    named = run(settings, city, "--namespace", other.namespace, "--clock", "log")
    assert f" published in {other.namespace}: " in named.stdout
    refused = run(other, city, "--clock", "wall")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"miyun: namespace {other.namespace} lives by clock=log")
    assert refused.stderr.count("\n") == 1
    assert f" published in {live.namespace}: " in run(live, city, "--clock", "wall").stdout


def test_under_the_wall_clock_nobody_tells_the_time(install: Install, city: Path) -> None:
    """The broker does: wrong usage."""
    done = run(install(), city, "--clock", "wall", "--clock-time", "2026-01-13T19:00:00+08:00")
    assert done.returncode == 2
    assert "the broker tells the time" in " ".join(done.stderr.split())


def test_a_key_that_others_can_read_is_refused(install: Install, city: Path) -> None:
    """With what to do, in one line."""
    settings = install()
    ensure_key(settings.keys_dir, "publisher")
    path = settings.keys_dir / "publisher.key"
    path.chmod(0o644)
    done = run(settings, city)
    assert done.returncode == 1
    assert done.stderr == f"miyun: {path} has mode 0644: others can read it; chmod 600 {path}\n"


def test_a_time_without_an_offset_is_wrong_usage(install: Install, city: Path) -> None:
    """Exit code 2, before anything is asked of the broker."""
    done = run(install(), city, "--clock-time", "2026-01-13T19:00:00")
    assert done.returncode == 2
    assert "without an offset" in " ".join(done.stderr.split())
