"""A kind of rules is a row of ``schemas/kinds.py`` and files of its name: nothing else knows one kind."""

import re
from pathlib import Path

import pytest

from schemas.kinds import RuleKind
from services.rules.kinds import own

ROOT = Path(__file__).parents[2]
ROOMS = ("services/rules/kinds", "services/plans/lint/kinds")
PRODUCT = ("schemas", "services", "simulators", "tools", "deploy")
MEMBER = re.compile(r"\bRuleKind\.[A-Z_]+\b")
NAMED = re.compile(r"kind\"?\]?\W+(?:==|!=|is|in)\W+\(?[\"'](?:{})[\"']".format("|".join(RuleKind)))
HOOKS = {"services/rules/kinds": {"measure", "words", "condition"}, "services/plans/lint/kinds": {"mistakes"}}


def test_nothing_outside_its_rooms_asks_for_one_kind() -> None:
    """Neither by a member of the enum nor by a kind's name."""
    found = []
    for path in (p for folder in PRODUCT for p in (ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name == "schemas/kinds.py" or name.startswith(ROOMS) or "node_modules" in name:
            continue
        text = path.read_text(encoding="utf-8")
        found += [f"{name}: {one}" for one in (*MEMBER.findall(text), *NAMED.findall(text))]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_room_is_of_a_kind_and_has_what_is_looked_for(room: str) -> None:
    """A function of another name, or a file of another, would never be called."""
    for path in (ROOT / room).glob("[!_]*.py"):
        assert path.stem in set(RuleKind), path
        public = set(re.findall(r"^def ([a-z]\w*)", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert public, path
        assert public <= HOOKS[room], path


@pytest.mark.parametrize("kind", RuleKind)
def test_a_kind_of_a_window_measures_by_itself_and_all_have_words(kind: RuleKind) -> None:
    """Plain values are compared as they are; the row names at least one measure and a Chinese word."""
    facts = kind.facts
    assert facts.measures
    assert re.search("[\u4e00-\u9fff]", facts.words["zh"])
    assert facts.words["en"].isascii()
    assert not facts.windowed or own(kind, "measure") is not None
