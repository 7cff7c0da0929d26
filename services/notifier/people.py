"""People and routes of messages: ``people.yaml`` and ``routes.yaml``, read once at the start."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import AfterValidator, Field, ValidationError, create_model

from schemas.alerts import Alert
from schemas.base import Bilingual, FileModel, Id
from services.notifier.carriers import carriers
from services.notifier.message import Lane
from services.plans.city.yaml_lines import Document, read
from services.runtime.words import ExplainedError, Language

PEOPLE, ROUTES = "people.yaml", "routes.yaml"


class PeopleError(ExplainedError):
    """A file of people or routes has a mistake: one line with file, line and what is wrong."""

    exit_code = 2


def _is_channel(name: str) -> str:
    if name not in carriers():
        raise ValueError(f"must be one of {', '.join(carriers())}")
    return name


_fields: dict[str, Any] = {
    name: (Annotated[str, AfterValidator(carrier.checked)] | None, None)
    for name, carrier in carriers().items()
}
_Channels = create_model("Channels", __base__=FileModel, **_fields)
"""The addresses of a person: a field for each channel."""


class Person(FileModel):
    """A person or a duty desk."""

    id: Id
    name: Bilingual
    organisation: Id
    language: Language = "zh"
    channels: _Channels

    def address(self, channel: str) -> str | None:
        """The address of a channel; None: the person has none of it."""
        found: str | None = getattr(self.channels, channel, None)
        return found


class Route(FileModel):
    """Whom to tell of alerts that meet all conditions; an empty list is no condition."""

    id: Id
    severities: Annotated[list[Literal["major", "critical"]], Field(min_length=1)]
    systems: list[Id] = []
    towns: list[Id] = []
    owners: list[Id] = []
    """Organisations that answer for the station."""
    life_safety: bool | None = None
    people: Annotated[list[Id], Field(min_length=1)]
    channels: Annotated[list[Annotated[str, AfterValidator(_is_channel)]], Field(min_length=1)]

    def fits(self, alert: Alert) -> bool:
        """True: the alert takes the route."""
        return (
            alert.severity.value in self.severities
            and (not self.systems or alert.system in self.systems)
            and (not self.towns or alert.town_code in self.towns)
            and (not self.owners or alert.owner_org in self.owners)
            and self.life_safety in (None, alert.life_safety)
        )


class _People(FileModel):
    people: Annotated[list[Person], Field(min_length=1)]


class _Routes(FileModel):
    routes: Annotated[list[Route], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody by id, and the routes in the order of the file."""

    people: dict[str, Person]
    routes: tuple[Route, ...]

    def address(self, lane: Lane) -> str | None:
        """The address of a lane now; None: the files know no such way any more."""
        person = self.people.get(lane.recipient)
        return None if person is None else person.address(lane.channel)

    @property
    def channels(self) -> set[str]:
        """Ways by which somebody can be reached."""
        return {name for name in carriers() if any(one.address(name) for one in self.people.values())}


def load_directory(folder: Path) -> Directory:
    """Read both files and hold them against each other.

    Raises:
        PeopleError: the first mistake.
    """
    people_file, routes_file = folder / PEOPLE, folder / ROUTES
    people = _model(_People, people_file).people
    _ensure_single(people_file, [person.id for person in people])
    directory = Directory(
        {person.id: person for person in people}, tuple(_model(_Routes, routes_file).routes)
    )
    _ensure_single(routes_file, [route.id for route in directory.routes])
    for route in directory.routes:
        for what in _gaps(route, directory):
            raise PeopleError(f"{routes_file}: route {route.id}: {what}")
    return directory


def _gaps(route: Route, directory: Directory) -> Iterator[str]:
    """The orders of a route that nobody could carry out."""
    for recipient in route.people:
        person = directory.people.get(recipient)
        if person is None:
            yield f"nobody in {PEOPLE} has the id {recipient}"
        elif not any(person.address(channel) for channel in route.channels):
            yield f"{recipient} has no address for {' or '.join(route.channels)}"


def _ensure_single(file: Path, ids: Sequence[str]) -> None:
    for id_, times in Counter(ids).items():
        if times > 1:
            raise PeopleError(f"{file}: the id {id_} stands {times} times")


Model = TypeVar("Model", bound=FileModel)


def _model(model: type[Model], file: Path) -> Model:
    document = _document(file)
    try:
        return model.model_validate_json(json.dumps(document.data, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PeopleError(f"{file}:{document.line(first['loc'])}: {where}: {first['msg']}") from None


def _document(file: Path) -> Document:
    try:
        return read(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PeopleError(f"{file}: cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PeopleError(f"{file}:{line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise PeopleError(f"{file}: not YAML in UTF-8: {str(error).partition(chr(10))[0]}") from None
