"""``miyun console run`` and ``miyun console account set | list | remove``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.console.sessions import Account, Role
from services.runtime.command_line import Lang, Namespace, group
from services.runtime.command_line import run as run_command

if TYPE_CHECKING:
    from services.runtime.settings import Settings

PersonArgument = Annotated[str, typer.Argument(help="The name to sign in with.")]


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    console = group(root, "console", "The operators' page in the browser.")
    console.command("run")(run)
    account = group(console, "account", "Who may sign in.")
    account.command("set")(set_account)
    account.command("list")(list_accounts)
    account.command("remove")(remove_account)


def run(namespace: Namespace = None) -> None:
    """Serve the operators' page: feed, acknowledgement, a point's day.

    Listens on MIYUN_HOST (loopback) and MIYUN_CONSOLE_PORT. Needs the recorder's tables; follows the
    broker and comes back by itself when that was away. Logs go to stderr.

    Example: miyun console run --namespace demo
    """
    from services.console.server import run as serve
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    run_process(serve(load_settings(namespace=namespace)))


def set_account(
    person: PersonArgument,
    role: Annotated[Role, typer.Option(help="What the person may do.")] = "operator",
    lang: Annotated[
        Literal["zh", "en"], typer.Option("--lang", help="Language of the person's page.")
    ] = "zh",
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password; else one is made and printed.")
    ] = None,
    namespace: Namespace = None,
) -> None:
    """Let a person sign in, or change role, language and password.

    Without --password-file a random password is made and printed once: it is stored as a hash only.

    Example: miyun console account set wang.li --role operator
    """
    import secrets

    from services.console.accounts import first_line
    from services.console.accounts import set_account as store
    from services.console.words import ACCOUNT, ROLE
    from services.runtime.command_line import database
    from services.runtime.words import sentence

    made = secrets.token_urlsafe(12)

    async def work(settings: "Settings") -> None:
        password = made if password_file is None else first_line(password_file)
        async with database(settings) as connection:
            await store(connection, Account(person, role, lang), password)

    run_command(work, lang, namespace=namespace)
    key = "set_with" if password_file is None else "set"
    typer.echo(sentence(ACCOUNT, key, person=person, role=ROLE[role], password=made)[lang])


def list_accounts(namespace: Namespace = None, lang: Lang = "en") -> None:
    """Print who may sign in, with role and language.

    Example: miyun console account list
    """
    from services.console.words import HEADING, ROLE
    from services.runtime import screen
    from services.runtime.command_line import database
    from services.runtime.queries import queries
    from services.runtime.words import word

    async def work(settings: "Settings") -> None:
        async with database(settings) as connection:
            found = await connection.fetch(queries(__package__)["accounts"])
        rows = [(row["person"], word(ROLE, row["role"], lang), row["language"]) for row in found]
        screen.show(screen.table([heading[lang] for heading in HEADING.values()], rows))

    run_command(work, lang, namespace=namespace)


def remove_account(person: PersonArgument, namespace: Namespace = None, lang: Lang = "en") -> None:
    """Let a person sign in no longer. Sessions that are open go on until they end.

    Example: miyun console account remove wang.li
    """
    from services.console.words import ACCOUNT
    from services.runtime.command_line import database, refuse
    from services.runtime.queries import queries
    from services.runtime.words import sentence

    async def work(settings: "Settings") -> str:
        async with database(settings) as connection:
            return await connection.execute(queries(__package__)["account_delete"], person)

    removed = run_command(work, lang, namespace=namespace) != "DELETE 0"
    told = sentence(ACCOUNT, "removed" if removed else "unknown", person=person)
    if not removed:
        refuse(told, lang)
    typer.echo(told[lang])
