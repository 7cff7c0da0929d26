"""``miyun console run`` and ``miyun console account set | list | remove``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.runtime.commands import group

Namespace = Annotated[
    str | None, typer.Option("--namespace", metavar="NAME", help="Instead of MIYUN_NAMESPACE.")
]
Person = Annotated[str, typer.Argument(help="The name to sign in with.")]


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    console = group(root, "console", "The operators' page in the browser.")
    console.command("run")(run)
    account = group(console, "account", "Who may sign in.")
    account.command("set")(set_account)
    account.command("list")(list_accounts)
    account.command("remove")(remove_account)


def run(namespace: Namespace = None) -> None:
    """Serve the operators' page: the live feed of alerts, acknowledgement, a point's last day.

    Listens on MIYUN_HOST (loopback) and MIYUN_CONSOLE_PORT. Needs the recorder's tables; follows the
    broker and comes back by itself when that was away. Logs go to stderr.

    Example: miyun console run --namespace demo
    """
    from services.console.server import run as serve
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    run_process(serve(load_settings(namespace=namespace)))


def set_account(
    person: Person,
    role: Annotated[str, typer.Option(help="viewer, operator, crew, supervisor or admin.")] = "operator",
    language: Annotated[str, typer.Option("--lang", help="zh or en.")] = "zh",
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password; else one is made and printed.")
    ] = None,
    namespace: Namespace = None,
) -> None:
    """Let a person sign in, or give the account another role, language and password.

    Without --password-file a random password is made and printed once: it is stored as a hash only.

    Example: miyun console account set wang.li --role operator
    """
    import secrets

    from services.console.accounts import Account, PasswordError
    from services.console.accounts import set_account as store

    if role not in ("viewer", "operator", "crew", "supervisor", "admin"):
        raise typer.BadParameter("viewer, operator, crew, supervisor or admin", param_hint="--role")
    if language not in ("zh", "en"):
        raise typer.BadParameter("zh or en", param_hint="--lang")
    made = secrets.token_urlsafe(12) if password_file is None else ""
    password = made or _first_line(password_file)
    account = Account(person, role, language)  # type: ignore[arg-type]  # looked at above
    try:
        _with_database(namespace, lambda connection: store(connection, account, password))
    except PasswordError as error:
        raise _failed(str(error)) from None
    typer.echo(f"{person} ({role}) may sign in" + (f" with the password {made}" if made else ""))


def list_accounts(namespace: Namespace = None) -> None:
    """Print who may sign in, with role and language.

    Example: miyun console account list
    """
    from services.console.statements import statement

    rows = _with_database(namespace, lambda connection: connection.fetch(statement("accounts")))
    for row in rows:
        typer.echo(f"{row['person']:<24} {row['role']:<12} {row['language']}")


def remove_account(person: Person, namespace: Namespace = None) -> None:
    """Let a person sign in no longer. Sessions that are open go on until they end.

    Example: miyun console account remove wang.li
    """
    from services.console.statements import statement

    status = _with_database(namespace, lambda c: c.execute(statement("account_delete"), person))
    if status == "DELETE 0":
        raise _failed(f"there is no account {person}: miyun console account list")
    typer.echo(f"{person} may not sign in any more")


def _first_line(file: Path | None) -> str:
    assert file is not None
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except OSError as error:
        raise _failed(f"{file} cannot be read: {error.strerror}") from None


def _with_database(namespace: str | None, work: Any) -> Any:
    import asyncio

    import asyncpg

    from services.runtime.postgres import AWAY, connect, place
    from services.runtime.settings import load_settings

    settings = load_settings(namespace=namespace)

    async def do() -> Any:
        connection = await connect(settings)
        try:
            return await work(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(do())
    except asyncpg.UndefinedTableError:
        raise _failed("the recorder has not made its tables yet: start it (miyun recorder run)") from None
    except (asyncpg.PostgresError, *AWAY) as error:
        raise _failed(f"the database at {place(settings)} cannot be used: {error}") from None


def _failed(message: str) -> typer.Exit:
    typer.echo(f"miyun: {message}", err=True)
    return typer.Exit(1)
