"""Files of people and routes: what is shipped is right, and a mistake is one clear line."""

from pathlib import Path

import pytest
import yaml
from support.notifier_city import PEOPLE, ROUTES, write_people

from services.notifier.people import PeopleError, load_directory
from services.runtime.settings import Settings

ROOT = Path(__file__).parents[3]
MISTAKES = {
    "no such person": (PEOPLE, ROUTES.replace("lee", "nobody"), "route all: nobody in people.yaml"),
    "no such channel": (PEOPLE, ROUTES.replace("webhook", "pigeon"), "routes.yaml:2: routes.0.channels.1: "),
    "a severity nobody is told of": (
        PEOPLE, ROUTES.replace("major", "warn"), "routes.yaml:2: routes.0.severities.0",
    ),
    "a person twice": (
        PEOPLE.replace("id: lee", "id: wang"), ROUTES, "people.yaml: the id wang stands 2 times",
    ),
    "no address": (
        PEOPLE.replace("mail: lee@x.example, webhook: catcher", ""), ROUTES,
        "route all: lee has no address for mail or webhook",
    ),
    "an address that is none": (
        PEOPLE.replace("lee@x.example", "lee"), ROUTES, "people.yaml:5: people.1.channels.mail",
    ),
    "a line break in an address": (
        PEOPLE.replace("lee@x.example", '"lee@x.example\\r\\nBcc: z@x.example"'), ROUTES,
        "people.yaml:5: people.1.channels.mail",
    ),
    "a webhook that is none": (
        PEOPLE.replace("catcher", "'file:///etc/x'", 1), ROUTES, "must be an http or https address",
    ),
    "a field that is unknown": (
        PEOPLE.replace("language", "speaks"), ROUTES, "people.yaml:4: people.1.speaks",
    ),
    "no YAML": (PEOPLE, "routes: [", "not YAML"),
    "empty": ("", ROUTES, "people.yaml:1: "),
}  # fmt: skip


@pytest.mark.parametrize(("people", "routes", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_is_one_line_with_file_and_reason(
    people: str, routes: str, words: str, tmp_path: Path
) -> None:
    """The first mistake, with file, line if it has one, and what is wrong."""
    with pytest.raises(PeopleError) as caught:
        load_directory(write_people(tmp_path, people, routes))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(PeopleError, match=r"people\.yaml: cannot be read: No such file"):
        load_directory(tmp_path)


def test_shipped_routes_fit_the_city() -> None:
    """Organisations, systems and towns of the shipped files are those of the city; addresses reach nobody."""
    city = ROOT / "deploy" / "miyun"
    known = {
        name: {
            item.get("id") or item["code"]
            for item in yaml.safe_load((city / f"{name}.yaml").read_text())[name]
        }
        for name in ("organisations", "systems", "towns")
    }
    shipped = load_directory(ROOT / Settings.model_fields["people_dir"].default)
    for person in shipped.people.values():
        assert person.organisation in known["organisations"]
        assert (person.channels.mail or "").endswith("@miyun.example")
        assert person.channels.webhook in (None, "catcher")
    for route in shipped.routes:
        assert set(route.systems) <= known["systems"]
        assert set(route.towns) <= known["towns"]
        assert set(route.owners) <= known["organisations"]
