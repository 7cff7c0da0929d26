"""``miyun scene list`` and ``miyun scene play``."""

from getpass import getuser
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.command_line import Lang, Namespace, refuse, refusing

if TYPE_CHECKING:
    from services.runtime.words import Language
    from simulators.scenes.scene_requests import SceneRequests

scene = typer.Typer(no_args_is_help=True)
PATIENCE_S = 15.0
LOOK_S = 0.1


def register(root: typer.Typer) -> None:
    """Add the commands to the root of ``miyun``."""
    root.add_typer(scene, name="scene", help="Scenes of faults for the simulated city.")


@scene.command("list")
def scene_list(lang: Lang = "en") -> None:
    """Print every scene: name, title, how long it lasts, its faults.

    Example: miyun scene list --lang zh
    """
    from services.runtime.screen import duration
    from simulators.scenes.scene_file import load_scene, scene_names

    for name in scene_names():
        found = load_scene(name)
        lasts = duration(round(found.lasts_s / 60) * 60_000)
        typer.echo(f"{name}  {getattr(found.title, lang)}  ({lasts})")
        for fault in sorted(found.faults, key=lambda f: f.begins_s):
            typer.echo(f"  {_clock(fault.begins_s)}  {fault.name}: {fault.words[lang]}")


@scene.command("play")
def scene_play(
    name: Annotated[str, typer.Argument(help="A scene of `miyun scene list`.")],
    namespace: Namespace = None,
    actor: Annotated[str | None, typer.Option(help="Who asks; by default the user of this machine.")] = None,
    lang: Lang = "en",
) -> None:
    """Start a scene now in the running simulated city.

    Returns when the simulator has taken it.

    Example: miyun scene play gas-dig --actor wang.li
    """
    from services.runtime.settings import load_settings
    from services.runtime.words import sentence
    from simulators.scenes.scene_file import load_scene
    from simulators.scenes.scene_requests import SceneRequest, SceneRequests
    from simulators.scenes.words import SCENE

    settings = load_settings(namespace=namespace)
    with refusing(settings.kafka_bootstrap, lang):
        load_scene(name)
    requests = SceneRequests.of(settings)
    if not requests.has_consumer():
        refuse(sentence(SCENE, "nobody", namespace=settings.namespace), lang)
    _wait(requests, requests.submit(SceneRequest(scene=name, actor=actor or getuser())), lang)
    typer.echo(sentence(SCENE, "begins", scene=name, namespace=settings.namespace)[lang])


def _wait(requests: "SceneRequests", request: Path, language: "Language") -> None:
    from services.runtime.words import sentence
    from simulators.scenes.words import SCENE

    until = monotonic() + PATIENCE_S
    while request.exists():
        over = monotonic() > until
        if over or not requests.has_consumer():
            request.unlink(missing_ok=True)
            refuse(sentence(SCENE, "not_taken" if over else "ended", within_s=PATIENCE_S), language)
        sleep(LOOK_S)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"+{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
