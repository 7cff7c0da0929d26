"""``miyun scene list`` and ``miyun scene play``."""

import sys
from getpass import getuser
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from simulators.scenes.scene_requests import SceneDesk

scene = typer.Typer(no_args_is_help=True)
PATIENCE_S = 15.0
LOOK_S = 0.1


def register(root: typer.Typer) -> None:
    """Add the commands to the root of ``miyun``."""
    root.add_typer(scene, name="scene", help="Scenes of faults for the simulated city.")


@scene.command("list")
def scene_list(
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of titles.")] = "en",
) -> None:
    """Print every scene: its name, title, how long it lasts, and its faults.

    Example: miyun scene list --lang zh
    """
    from simulators.faults.fault import TEMPLATES
    from simulators.scenes.scene_file import load_scene, scene_names

    for name in scene_names():
        found = load_scene(name)
        print(f"{name}  {getattr(found.title, lang)}  ({_duration(found.lasts_s)})")
        for fault in sorted(found.faults, key=lambda f: f.begins_s):
            words = fault.what or TEMPLATES[fault.template]
            print(f"  {_clock(fault.begins_s)}  {fault.name}: {getattr(words, lang)}")


@scene.command("play")
def scene_play(
    name: Annotated[str, typer.Argument(help="A scene of `miyun scene list`.")],
    namespace: Annotated[
        str | None, typer.Option(help="Instead of MIYUN_NAMESPACE.", show_default=False)
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Who asks; by default the user of this machine.")] = None,
) -> None:
    """Start a scene now in the running simulated city; returns when the simulator has taken it.

    Example: miyun scene play gas-dig --actor wang.li
    """
    from simulators.running.settings import SimulatorSettingsError, load_settings
    from simulators.scenes.scene_file import UnknownSceneError, load_scene
    from simulators.scenes.scene_requests import Request, SceneDesk

    try:
        settings = load_settings(namespace=namespace)
        load_scene(name)
    except (SimulatorSettingsError, UnknownSceneError) as error:
        _fail(str(error), code=2)
    desk = SceneDesk(settings.state_dir / f"scenes-{settings.namespace}")
    if not desk.is_attended():
        _fail(f"no simulator runs in namespace {settings.namespace} (miyun simulate run, or make up)")
    who = actor or getuser()
    _wait(desk, desk.ask(Request(scene=name, actor=who)))
    print(f"scene {name} begins in namespace {settings.namespace}")


def _wait(desk: "SceneDesk", request: Path) -> None:
    until = monotonic() + PATIENCE_S
    while request.exists():
        if not desk.is_attended():
            request.unlink(missing_ok=True)
            _fail("the simulator ended before it took the scene")
        if monotonic() > until:
            request.unlink(missing_ok=True)
            _fail(f"the simulator did not take the scene within {PATIENCE_S:.0f} s: is its broker there?")
        sleep(LOOK_S)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"+{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _fail(message: str, *, code: int = 1) -> NoReturn:
    print(f"miyun: {message}", file=sys.stderr)
    raise typer.Exit(code)
