"""``docker-compose.yml`` and what it mounts fit the product: no engine is asked, nothing is built."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import typer
import yaml
from typer.core import TyperGroup

from services.cli.main import ENTRY_POINTS, build
from services.runtime.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
PASSWORDS = (ROOT / "deploy" / "compose" / "passwords.sh").read_text(encoding="utf-8")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
IMAGE = f"miyun:{VERSION}"
OURS = {name for name, service in SERVICES.items() if service["image"] == IMAGE}
PROGRAMS = {"monitor", "recorder", "simulator", "console", "notifier", "catcher"}
IMAGE_ENVIRONMENT = dict(re.findall(r"^ENV (MIYUN_\w+)=(\S+)$", DOCKERFILE, re.MULTILINE))
COMPLETED = "service_completed_successfully"
ONCE = {
    name
    for service in SERVICES.values()
    for name, how in service.get("depends_on", {}).items()
    if how["condition"] == COMPLETED
}
"""Services that others wait for until they have ended; `up --wait` waits for those instead of failing."""
BOARDS = "./deploy/grafana/dashboards"


def interpolated(value: object) -> str:
    """A value as compose reads it when no variable is set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value))


def environment(name: str) -> dict[str, str]:
    """What a service of ours finds of our settings: the image's, and over them those of compose."""
    given = SERVICES[name]["environment"].items()
    return IMAGE_ENVIRONMENT | {key: interpolated(value) for key, value in given}


def settings_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that a service of ours reads."""
    for key, value in environment(name).items():
        monkeypatch.setenv(key, value)
    return Settings(_env_file=None)  # type: ignore[call-arg]


def mounts(name: str) -> Iterator[tuple[str, str]]:
    """Source and target of each volume of a service."""
    for volume in SERVICES[name].get("volumes", []):
        source, target, *_ = volume.split(":")
        yield source, target


def test_linter_has_nothing_to_say() -> None:
    """dclint, of deploy/local/compose-check."""
    bash, room = which("bash"), ROOT / "deploy" / "local" / "compose-check"
    assert bash is not None
    web = str(ROOT / "deploy" / "local" / "web.sh")
    node = subprocess.run([bash, web, "node"], check=True, timeout=120, capture_output=True, text=True)
    command = [node.stdout.strip(), str(room / "node_modules" / ".bin" / "dclint"), "--max-warnings=0"]
    done = subprocess.run(
        [*command, f"--config={room / 'dclint.yaml'}", str(ROOT / "docker-compose.yml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_lock_of_the_linter_names_no_address() -> None:
    """Not where packages come from, nor how to fund them (npm writes the latter: delete ``funding``)."""
    lock = ROOT / "deploy" / "local" / "compose-check" / "package-lock.json"
    assert "://" not in lock.read_text(encoding="utf-8")


def test_all_programs_are_there() -> None:
    """Those that `make up` starts, one image for all of them, built once."""
    assert PROGRAMS <= OURS == {name for name in SERVICES if "MIYUN_NAMESPACE" in str(SERVICES[name])}
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["plan"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_lasts_and_is_watched_or_ends_and_is_awaited(name: str) -> None:
    """No service is started and forgotten."""
    service = SERVICES[name]
    if name in ONCE:
        assert (service["restart"], "healthcheck" in service) == ("no", False)
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert service["mem_limit"]
    assert service["cap_drop"] == ["ALL"]
    assert name == "passwords" or "cap_add" not in service


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_waiting_fits_what_is_waited_for(name: str) -> None:
    """What lasts is waited for until it is healthy, what ends until it has ended well."""
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] == (COMPLETED if other in ONCE else "service_healthy")


def test_ports_are_published_on_loopback_only() -> None:
    """Of the operators' page, the catcher's, Grafana and Prometheus; of nothing else."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"console", "catcher", "grafana", "prometheus"}
    for name, ports in published.items():
        (port,) = ports
        found = re.fullmatch(r"127\.0\.0\.1:\$\{\w+:-\d+\}:(\d+)", port)
        assert found, port
        assert name not in OURS or found[1] == "8080"
    assert not any(service.get("network_mode") == "host" for service in SERVICES.values())


def test_images_are_of_one_version_each() -> None:
    """Those of compose and of the Dockerfile name a full version; Kafka's is that of the local stack."""
    images = {service["image"] for service in SERVICES.values()}
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    for image in images | bases:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+(-[a-z0-9-]+)?", image), image
    pom = (ROOT / "deploy" / "local" / "pom.xml").read_text(encoding="utf-8")
    kafka = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>([\d.]+)</version>", pom)
    assert kafka
    assert f"apache/kafka:{kafka[1]}" in images
    assert IMAGE in images
    assert f'image.version="{VERSION}"' in DOCKERFILE


@pytest.mark.parametrize("name", sorted(OURS))
def test_variables_are_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a setting's, and the values are accepted; what all must agree on, they agree on."""
    unknown = {
        key for key in environment(name) if key.removeprefix("MIYUN_").lower() not in Settings.model_fields
    }
    assert not unknown
    settings = settings_of(name, monkeypatch)
    assert (settings.namespace, settings.clock, settings.host) == ("demo", "log", "0.0.0.0")  # noqa: S104
    assert settings.kafka_bootstrap == "kafka:9092"
    assert settings.database_url.startswith("postgresql://miyun@timescaledb:5432/miyun")
    ports = {
        program: getattr(settings, f"{program}_port")
        for program in PROGRAMS
        if f"MIYUN_{program.upper()}_PORT" in environment(name)
    }
    if name in PROGRAMS:
        assert ports[name] == 8080
        assert "http://127.0.0.1:8080/readyz" in SERVICES[name]["healthcheck"]["test"][-1]
    else:
        assert not ports


def test_only_ours_have_our_variables() -> None:
    """A misplaced one would be read by nobody."""
    others = [service for name, service in SERVICES.items() if name not in OURS]
    assert not any(key.startswith("MIYUN_") for one in others for key in one.get("environment", {}))


def test_notifier_finds_the_catcher(monkeypatch: pytest.MonkeyPatch) -> None:
    """It listens on all addresses of its container, and is looked for by its name, on the same ports."""
    catcher, notifier = (settings_of(name, monkeypatch) for name in ("catcher", "notifier"))
    assert (catcher.catcher_host, notifier.catcher_host) == ("0.0.0.0", "catcher")  # noqa: S104
    assert (catcher.catcher_port, catcher.catcher_smtp_port) == (
        notifier.catcher_port,
        notifier.catcher_smtp_port,
    )


@pytest.mark.parametrize("name", sorted(OURS))
def test_command_is_one_of_miyun(name: str) -> None:
    """It ends in a command that takes these arguments."""
    command: Any = typer.main.get_command(build(entry_points(group=ENTRY_POINTS)))
    word, arguments, context = "miyun", list(SERVICES[name]["command"]), None
    while isinstance(command, TyperGroup):
        context = command.make_context(word, arguments, parent=context)
        word, command, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
    command.make_context(word, arguments, parent=context)
    assert command.callback is not None


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_is_mounted_is_there(name: str) -> None:
    """A file of the repository, or a volume that is declared; our folders are those of the settings."""
    for source, target in mounts(name):
        if source.startswith("./"):
            assert (ROOT / source).exists()
        else:
            assert source in COMPOSE["volumes"]
        if target.startswith("/var/lib/miyun/"):
            assert target in (IMAGE_ENVIRONMENT["MIYUN_KEYS_DIR"], IMAGE_ENVIRONMENT["MIYUN_STATE_DIR"])
            assert f" {target}" in DOCKERFILE  # made there with its owner
    used = {source for other in SERVICES for source, _ in mounts(other)}
    assert used >= COMPOSE["volumes"].keys()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_passwords_are_mounted_where_they_are_read(name: str) -> None:
    """Each file that a service names is made for the user it runs as; whoever asks the database has one."""
    user = "miyun" if name in OURS else {"grafana": "grafana"}.get(name, "postgres")
    if name == "passwords":
        return
    named = set(re.findall(r"/run/passwords/(\w+/\w+)", str(SERVICES[name])))
    if name == "grafana":
        sources = ROOT / "deploy" / "grafana" / "provisioning" / "datasources" / "miyun.yaml"
        named |= set(re.findall(r"\$__file\{/run/passwords/(\w+/\w+)\}", sources.read_text(encoding="utf-8")))
    for file in named:
        assert file.startswith(f"{user}/")
        assert re.search(rf"[ >]{file}\b", PASSWORDS)
    needs = name in OURS - {"plan", "monitor", "catcher"} or (named and name not in OURS)
    assert ("/run/passwords" in dict(mounts(name)).values()) == bool(needs)
    assert not (named and user == "postgres") or SERVICES[name]["user"] == "postgres"


def test_prometheus_asks_every_program() -> None:
    """On the port that it has, and nobody else but itself."""
    scraped = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    targets = {
        job["job_name"]: {target for group in job["static_configs"] for target in group["targets"]}
        for job in scraped["scrape_configs"]
    }
    with_port = {
        f"{name}:{port}"
        for name in OURS
        if (port := SERVICES[name]["environment"].get(f"MIYUN_{name.upper()}_PORT"))
    }
    assert targets == {"miyun": with_port, "prometheus": {"127.0.0.1:9090"}}
    assert len(with_port) == len(PROGRAMS)


def test_grafana_reads_with_the_reader_and_opens_on_the_city() -> None:
    """Names and paths that stand in several files are the same in all of them."""
    folder = ROOT / "deploy" / "grafana" / "provisioning"
    sources = yaml.safe_load((folder / "datasources" / "miyun.yaml").read_text(encoding="utf-8"))
    by_uid = {source["uid"]: source for source in sources["datasources"]}
    assert by_uid.keys() == {"miyun-timescaledb", "miyun-prometheus"}
    database = by_uid["miyun-timescaledb"]
    assert database["type"] == "grafana-postgresql-datasource"
    reader = SERVICES["reader"]["entrypoint"]
    assert f"--set=role={database['user']}" in reader
    assert f"--set=namespace={COMPOSE['x-settings']['MIYUN_NAMESPACE']}" in reader
    assert f"--dbname={database['jsonData']['database']}" in reader
    providers = yaml.safe_load((folder / "dashboards" / "miyun.yaml").read_text(encoding="utf-8"))
    (boards,) = {provider["options"]["path"] for provider in providers["providers"]}
    assert (BOARDS, boards) in set(mounts("grafana"))
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{boards}/city.json"
    assert (ROOT / BOARDS / "city.json").exists()
    assert SERVICES["grafana"]["environment"]["GF_AUTH_ANONYMOUS_ENABLED"] == "false"


def test_env_example_names_every_variable_with_its_default() -> None:
    """Those that compose reads, no other; nothing has to be set."""
    read = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))
    assert len(re.findall(r"\$\{", TEXT)) == len(re.findall(r"\$\{\w+:-[^}]*\}", TEXT))
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert told == read


def test_build_context_has_what_the_dockerfile_copies() -> None:
    """.dockerignore shuts everything out but what is named there."""
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    shown = [line.removeprefix("!") for line in ignore if line.startswith("!")]
    copied = re.findall(r"^COPY (?:--chown=\S+ )?(?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    for source in " ".join(copied).split():
        assert (ROOT / source).exists()
        assert any(source == one or source.startswith(f"{one}/") or Path(source).match(one) for one in shown)


def test_image_runs_as_nobody_in_particular() -> None:
    """The user is a number that is not root's, the same as in the script that hands out passwords."""
    (user,) = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert int(user) > 0
    assert f"chown -R {user}:{user} miyun" in PASSWORDS
    assert not any("user" in SERVICES[name] for name in OURS)
