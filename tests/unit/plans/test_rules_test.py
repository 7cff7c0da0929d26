"""``miyun rules test`` as a person runs it; no server is needed."""

from pathlib import Path

from support.programs import Done, bare_environment, miyun_process
from support.programs import miyun as in_this_process

CITY = Path(__file__).parents[3] / "deploy" / "miyun"


def miyun(*arguments: str) -> Done:
    """Run it away from the stack's settings."""
    return in_this_process("rules", "test", *arguments, environment=bare_environment())


def city(folder: Path, *, old: str, new: str) -> Path:
    """The shipped rules and histories with something of the gas rules changed; stations are not needed."""
    for path in [*CITY.glob("*.yaml"), *CITY.glob("rules/*.yaml"), *CITY.glob("histories/*.yaml")]:
        copy = folder / path.relative_to(CITY)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    rules = folder / "rules" / "gas.yaml"
    text = rules.read_text(encoding="utf-8")
    assert old in text
    rules.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_a_line_per_history_and_a_sum() -> None:
    """Of one rule when it is named."""
    command = ("rules", "test", "gas.co_room", "--city", str(CITY))
    done = miyun_process(*command, environment=bare_environment())
    *lines, last = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert all(line.startswith("ok   gas.co_room at gas_gate: ") for line in lines)
    assert last == f"{len(lines)} histories of 1 rule: ok"


def test_a_changed_limit_fails_its_history_and_says_how(tmp_path: Path) -> None:
    """What was expected and what came, the first difference marked; the exit code is 1."""
    folder = city(tmp_path, old="warn: {limit: 20}", new="warn: {limit: 21}")
    done = miyun("gas.co_room", "--city", str(folder))
    assert done.returncode == 1
    assert "FAIL gas.co_room at gas_gate: each level comes and goes" in done.stdout
    assert "! expected " in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" fail")


def test_a_rule_without_histories_is_told(tmp_path: Path) -> None:
    """Also one that does not exist; so is a folder that is no city."""
    done = miyun("gas.nothing", "--city", str(CITY))
    assert (done.returncode, done.stdout) == (1, "")
    assert "has no histories of gas.nothing" in done.stderr
    done = miyun("--city", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "district.yaml" in done.stderr
