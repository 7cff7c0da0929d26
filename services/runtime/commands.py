"""What the packages' command-line parts share: sub-commands that several of them add to."""

import typer


def group(root: typer.Typer, name: str, help: str) -> typer.Typer:
    """The sub-command ``name`` of ``root``; made, with ``help``, by the first package that asks."""
    for existing in root.registered_groups:
        if existing.name == name and existing.typer_instance is not None:
            return existing.typer_instance
    added = typer.Typer(no_args_is_help=True)
    root.add_typer(added, name=name, help=help)
    return added
