"""``miyun rules``: lint, list, test and publish."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.plans import asset_commands
from services.plans.histories_command import try_rules
from services.plans.options import AtOption, CityOption, asked_ms, instant_ms, read_city, refused
from services.runtime.commands import group

if TYPE_CHECKING:
    from schemas.plan import Plan
    from services.plans.publish.publisher import Published

NamespaceOption = Annotated[str | None, typer.Option("--namespace", help="Default: MIYUN_NAMESPACE.")]


def register(root: typer.Typer) -> None:
    """Add ``miyun rules`` and ``miyun assets`` to the root."""
    rules = group(root, "rules", "Safety thresholds as data: check, list and publish them.")
    rules.command("lint")(lint)
    rules.command("list")(list_rules)
    rules.command("test")(try_rules)
    rules.command("publish")(publish)
    asset_commands.register(root)


def lint(city: CityOption = None, at: AtOption = None) -> None:
    """Check a city's files: every mistake at once, with file, line and what would be right.

    Example: miyun rules lint --city deploy/miyun --at 2026-01-13T19:00:00+08:00

    Prints one line per mistake and exits with 1, or says how much was checked.
    """
    from services.plans.compile.compiler import compile_city
    from services.runtime.settings import load_settings

    settings = load_settings()
    folder = city or settings.city_dir
    compiled = compile_city(read_city(folder, asked_ms(at, settings)), keys=())
    typer.echo(f"{folder}: {_size(compiled)}: ok")


def list_rules(
    city: CityOption = None,
    lang: Annotated[str, typer.Option("--lang", metavar="zh|en", help="Language of the words.")] = "zh",
) -> None:
    """List the rules of a city's files: limits by level, delays, gate, how well each limit is known.

    A limit below its point's danger reads <, above it ≥; states stand in words. Delays are on/off, in time
    or good scans (2x). Indented below a rule: where other limits hold (LS: points of life safety).

    Example: miyun rules list --lang en
    """
    from services.plans.compile.compiler import compile_city
    from services.plans.table import rules_table
    from services.runtime.settings import load_settings

    if lang not in ("zh", "en"):
        raise typer.BadParameter(f"{lang!r}: choose zh or en", param_hint="--lang")
    folder = city or load_settings().city_dir
    read = read_city(folder, None)
    compiled = compile_city(read, keys=())
    typer.echo("\n".join(rules_table(compiled.rules, read, "zh" if lang == "zh" else "en")))


def publish(
    city: CityOption = None,
    namespace: NamespaceOption = None,
    clock: Annotated[str | None, typer.Option(metavar="wall|log", help="Instead of MIYUN_CLOCK.")] = None,
    clock_time: Annotated[
        str | None, typer.Option(help="Under clock=log: the time of the plan events, RFC 3339.")
    ] = None,
    actor: Annotated[str, typer.Option(help="Who publishes; stands in the audit.")] = "operator",
    again: Annotated[
        bool, typer.Option("--again", help="Write the plan events even if the plan is active.")
    ] = False,
) -> None:
    """Compile a city and let the monitor judge by it from now on. A city with mistakes changes nothing.

    Makes the namespace's topics and this installation's signing keys at the first run. Publishing the
    plan that is active already writes nothing.

    Prints the plan's name and size, or every mistake with file and line (exit code 1).

    Example: miyun rules publish --city deploy/miyun
    """
    from functools import partial

    from services.plans.publish.publisher import publish as publish_city
    from services.runtime.settings import load_settings

    settings = load_settings(namespace=namespace, clock=clock)
    if clock_time is not None and settings.clock == "wall":
        raise typer.BadParameter("under clock=wall the broker tells the time", param_hint="--clock-time")
    at_ms = None if clock_time is None else instant_ms(clock_time)
    work = partial(publish_city, settings, city or settings.city_dir, actor=actor, at_ms=at_ms, again=again)
    done = _published(work, settings.kafka_bootstrap)
    what = "published" if done.new else "is active already, nothing written"
    typer.echo(f"plan {done.plan_id[:12]} {what} in {settings.namespace}: {_size(done.plan)}")


def _published(work: "Callable[[], Coroutine[Any, Any, Published]]", bootstrap: str) -> "Published":
    """Run the work; whatever it refuses becomes one message and exit code 1."""
    import asyncio
    import logging

    from aiokafka.errors import KafkaError

    from services.plans.city.folder import CityError
    from services.runtime.kafka import KafkaUnavailableError, NamespaceError
    from services.runtime.signing import KeyFileError

    for name in ("aiokafka", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they report, the command says
    try:
        return asyncio.run(work())
    except (CityError, NotADirectoryError) as error:
        raise refused(error) from None
    except (KafkaUnavailableError, NamespaceError, KeyFileError) as error:
        typer.echo(f"miyun: {error}", err=True)
    except (KafkaError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        typer.echo(f"miyun: the broker {bootstrap} cannot be used ({reason}): miyun doctor", err=True)
    raise typer.Exit(1)


def _size(plan: "Plan") -> str:
    points = sum(len(station.points) for station in plan.stations)
    return f"{len(plan.rules)} rules, {len(plan.stations)} stations, {points} points"
