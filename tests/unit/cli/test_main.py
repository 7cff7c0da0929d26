"""The root of ``miyun``: packages bring commands; one that is broken is named and takes nothing along."""

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from support.programs import bare_environment, miyun_process
from typer.testing import CliRunner

from services.cli import main
from services.runtime.command_line import group

MISSING = EntryPoint("gone", "services.no_such_package.commands:register", main.ENTRY_POINTS)


def test_a_package_that_cannot_be_imported_is_named_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line on stderr says which package's commands are missing and why."""
    main.build([MISSING])

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "'gone'" in said
    assert "services.no_such_package" in said
    assert "ModuleNotFoundError" in said


def test_the_other_commands_work_when_one_package_is_broken() -> None:
    """A broken package takes neither our own commands nor another package's with it."""
    whole = EntryPoint("whole", "typer.testing:CliRunner", main.ENTRY_POINTS)
    root = main.build([MISSING, whole])

    told = CliRunner().invoke(root, ["--help"])

    assert told.exit_code == 0
    for command in ("status", "doctor", "env", "ack", "comment", "alerts"):
        assert command in told.output


def test_packages_add_to_the_same_group() -> None:
    """Whoever asks for a group second adds to the first one's."""
    root = typer.Typer()
    first = group(root, "alerts", "Alerts.")

    assert group(root, "alerts", "Other words.") is first
    assert group(root, "rejects", "Rejects.") is not first
    assert [info.name for info in root.registered_groups] == ["alerts", "rejects"]


def test_a_wrong_setting_is_one_line_and_exit_code_2() -> None:
    """No traceback: the line names the variable."""
    done = miyun_process("env", environment=bare_environment(MIYUN_NAMESPACE="No Good"))

    assert done.returncode == 2
    assert done.stdout == ""
    assert "MIYUN_NAMESPACE" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("speaks", ["print('x')", "typer.echo('x')"])
def test_a_reader_that_leaves_is_no_error_to_talk_about(speaks: str, tmp_path: Path) -> None:
    """``miyun ... | head``: nothing is said about the broken pipe, whichever way a package prints."""
    (tmp_path / "talker.py").write_text(
        f"import typer\ndef talk():\n    {speaks}\ndef register(root):\n    root.command()(talk)\n"
    )
    code = (
        "from importlib.metadata import EntryPoint\n"
        "from services.cli import main\n"
        "main.entry_points = lambda group: [EntryPoint('t', 'talker:register', group)]\n"
        "main.app_main()"
    )
    receiving, sending = os.pipe()
    os.close(receiving)
    done = subprocess.run(
        [sys.executable, "-c", code, "talk"],
        stdout=sending,
        stderr=subprocess.PIPE,
        text=True,
        env=bare_environment(PYTHONPATH=str(tmp_path)) | {"PYTHONUNBUFFERED": ""},
        check=False,
    )
    os.close(sending)

    assert done.returncode == 1
    assert done.stderr == ""


def test_help_does_not_load_what_only_commands_need() -> None:
    """Kafka's and PostgreSQL's clients are not imported for ``--help`` of our own commands."""
    code = (
        "import sys; from services.cli import main; main.build([]);"
        "print([m for m in ('aiokafka', 'asyncpg', 'aiohttp', 'faust') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
