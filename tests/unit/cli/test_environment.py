"""``miyun env``: addresses that a shell and a program can use as they are."""

import json
import shlex
from urllib.parse import parse_qs, urlsplit

import pytest

from services.cli.shown import environment
from services.runtime.postgres import place
from services.runtime.settings import Settings

URL = "postgresql://miyun:p%40ss@127.0.0.1:5432/miyun"


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"{URL}?options=-csearch_path%3Dother%2Cpublic",
        f"{URL}?search_path=other",
        f"{URL}?passfile=%2Fhome%2Fop%2F.pgpass",
    ],
)
def test_the_database_url_opens_on_the_namespaces_schema(url: str) -> None:
    """Whatever schema the setting's URL chose, the printed one chooses the namespace's, once."""
    query = parse_qs(urlsplit(environment.on_schema(url, "demo")).query)

    assert query == {"options": ["-csearch_path=demo,public"]}


def test_other_parts_of_the_url_stay() -> None:
    """User, password, host and other options are kept as they were."""
    told = environment.on_schema(f"{URL}?sslmode=require", "demo")

    assert told.startswith(f"{URL}?")
    assert parse_qs(urlsplit(told).query)["sslmode"] == ["require"]


def test_shell_assignments_survive_a_shell() -> None:
    """Quotes, spaces and semicolons in a value stay inside the value."""
    value = "a 'b'; rm -rf \"$HOME\""

    words = shlex.split(environment.as_shell({"MIYUN_X": value}))

    assert words == ["export", f"MIYUN_X={value}"]


def test_a_service_without_port_has_no_address() -> None:
    """Port 0 switches an endpoint off: there is nothing to print."""
    found = environment.variables(settings(monitor_port=8101, recorder_port=0))

    assert found["MIYUN_MONITOR_URL"] == "http://127.0.0.1:8101"
    assert "MIYUN_RECORDER_URL" not in found


def test_folders_are_absolute_so_that_the_shell_may_go_elsewhere() -> None:
    """A relative folder of the settings is printed as the folder that it is."""
    found = environment.variables(settings(keys_dir="some/keys"))

    assert found["MIYUN_KEYS_DIR"].startswith("/")
    assert found["MIYUN_KEYS_DIR"].endswith("/some/keys")


def test_json_holds_the_same_as_the_shell() -> None:
    """Both forms are of one mapping."""
    found = environment.variables(settings())

    assert json.loads(environment.as_json(found)) == found
    assert len(environment.as_shell(found).splitlines()) == len(found)


def test_what_may_be_shown_of_a_url_has_no_password() -> None:
    """Reports and errors name the server only."""
    assert environment.has_password(URL)
    assert place(settings(database_url=URL)) == "127.0.0.1:5432"


def test_what_is_not_set_is_not_printed() -> None:
    """A setting without a value would come back as a word."""
    found = environment.variables(settings())

    assert "MIYUN_MAIL_URL_FILE" not in found
    assert "None" not in found.values()


@pytest.mark.parametrize("named", ["url", "variable"])
def test_the_password_stands_in_a_file_that_is_named(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL has neither password nor file: a command line shows nothing. psql reads ``PGPASSFILE``."""
    monkeypatch.setenv("PGPASSFILE", "/of/the/environment" if named == "url" else "/some/pgpass")
    query = "?passfile=%2Fsome%2Fpgpass" if named == "url" else ""

    found = environment.variables(settings(database_url=f"postgresql://miyun@127.0.0.1:5432/miyun{query}"))

    assert found["PGPASSFILE"] == "/some/pgpass"
    assert found["MIYUN_DATABASE_URL"].startswith("postgresql://miyun@127.0.0.1:5432/miyun?options=")
    assert "passfile" not in found["MIYUN_DATABASE_URL"]


def test_a_password_in_the_url_goes_on_working(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads the URL finds the password where it always was, and is sent to no file."""
    monkeypatch.setenv("PGPASSFILE", "/some/pgpass")

    found = environment.variables(settings(database_url=URL))

    assert found["MIYUN_DATABASE_URL"].startswith(URL)
    assert "PGPASSFILE" not in found


def settings(**given: object) -> Settings:
    """Settings of nothing but these and the defaults."""
    return Settings(_env_file=None, namespace="demo", clock="log", **given)  # type: ignore[arg-type, call-arg]
