"""The root of ``miyun``: its own commands, and those that the packages bring."""

import os
import sys
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

import typer

from services.cli.acting import commands as acting
from services.cli.checks import commands as checks
from services.cli.logs import commands as logs
from services.cli.shown import commands as shown

ENTRY_POINTS = "miyun.commands"
HELP = """The Miyun urban operations monitor.

Every command reads its settings from the environment (MIYUN_*), or else from the env file of the
local stack. Times are shown in the city's zone.
"""


def app_main() -> None:
    """Run one command line. Exit codes: 0 well, 1 failed or not well, 2 wrong usage or setting."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a locale without Chinese shows ?
    try:
        _run(build(entry_points(group=ENTRY_POINTS)))
    except BrokenPipeError:
        # Whoever read us has left. Python would complain again when it flushes on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from services.runtime.words import ExplainedError  # only now: --help does without

        if not isinstance(error, ExplainedError):
            raise
        typer.echo(f"{error.prefix}{error}", err=True)
        sys.exit(error.exit_code)


def build(found: Iterable[EntryPoint]) -> typer.Typer:
    """The root with all commands. A package that cannot be loaded is named on stderr and left out."""
    root = typer.Typer(
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for own in (checks, shown, acting, logs):
        own.register(root)
    for point in sorted(found, key=lambda point: point.name):
        _add(root, point)
    return root


def _add(root: typer.Typer, point: EntryPoint) -> None:
    try:
        point.load()(root)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with it, the other commands must work
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        typer.echo(
            f"miyun: the commands of '{point.name}' are missing: {point.value} cannot be loaded: {reason}",
            err=True,
        )


def _run(root: typer.Typer) -> None:
    try:
        root()
    finally:
        sys.stdout.flush()
