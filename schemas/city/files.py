"""A city of files and ``parse``: data of all files in, a city or all mistakes out.

A city is a folder: ``district.yaml towns.yaml systems.yaml organisations.yaml station_types.yaml
calendars.yaml stations/*.yaml rules/*.yaml``, and if need be ``roads.yaml links.yaml valves.yaml
key_users.yaml``. The models are in ``places``, ``stations``, ``rules`` and ``calendars``. Reading YAML,
and knowing its lines, is the caller's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError, create_model

from schemas.base import FileModel
from schemas.city.calendars import Calendar
from schemas.city.places import (
    District,
    KeyUserFile,
    LinkFile,
    Organisation,
    Road,
    SystemFile,
    Town,
    ValveFile,
)
from schemas.city.rules import RuleFile
from schemas.city.stations import StationFile, StationType

Path = tuple[str | int, ...]
"""Where something stands in a file: keys and indexes from the top."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in a file, and what would be right."""

    file: str
    path: Path
    text: str


Item = TypeVar("Item", bound=FileModel, covariant=True)


@dataclass(frozen=True, slots=True)
class Placed(Generic[Item]):
    """An item and where it stands."""

    item: Item
    file: str
    path: Path

    def mistake(self, text: str, *inside: str | int) -> Mistake:
        """A mistake at, or inside, this item."""
        return Mistake(self.file, (*self.path, *inside), text)


@dataclass(frozen=True, slots=True)
class City:
    """All that the files say, each item with its place."""

    district: District
    towns: tuple[Placed[Town], ...]
    systems: tuple[Placed[SystemFile], ...]
    organisations: tuple[Placed[Organisation], ...]
    station_types: tuple[Placed[StationType], ...]
    stations: tuple[Placed[StationFile], ...]
    rules: tuple[Placed[RuleFile], ...]
    calendars: tuple[Placed[Calendar], ...]
    roads: tuple[Placed[Road], ...] = ()
    links: tuple[Placed[LinkFile], ...] = ()
    valves: tuple[Placed[ValveFile], ...] = ()
    key_users: tuple[Placed[KeyUserFile], ...] = ()


LISTS: dict[str, type[FileModel]] = {
    "towns.yaml": Town,
    "systems.yaml": SystemFile,
    "organisations.yaml": Organisation,
    "station_types.yaml": StationType,
    "calendars.yaml": Calendar,
}
"""The items that each file lists, below one key that is called as the file is."""
OPTIONAL: dict[str, type[FileModel]] = {
    "roads.yaml": Road,
    "links.yaml": LinkFile,
    "valves.yaml": ValveFile,
    "key_users.yaml": KeyUserFile,
}
"""Files that a small city can do without."""
FOLDERS: dict[str, type[FileModel]] = {"stations/": StationFile, "rules/": RuleFile}
"""The items that each file of a folder lists, below one key that is called as the folder is."""
UNREAD = ("histories/",)
"""Folders beside a city's own: readings by which its rules are tried."""


def _file_model(name: str, item: type[FileModel]) -> type[FileModel]:
    """The model of a whole file: items listed below one key."""
    field: Any = (list[item], ...)  # type: ignore[valid-type]  # a value, for pydantic
    return create_model(name, __base__=FileModel, **{name: field})


LISTED = {
    kind: _file_model(kind.removesuffix("/").removesuffix(".yaml"), item)
    for kind, item in (LISTS | OPTIONAL | FOLDERS).items()
}


def parse(files: Mapping[str, Any]) -> tuple[City | None, list[Mistake]]:
    """The city of all files' data, by relative file name; or no city and every mistake of shape.

    What the files say about each other is ``services.plans.lint``'s to judge.
    """
    missing = sorted({"district.yaml", *LISTS} - set(files))
    mistakes = [Mistake(file, (), "the file is missing") for file in missing]
    found: dict[str, list[Placed[Any]]] = {
        name: [] for model in LISTED.values() for name in model.model_fields
    }
    district: District | None = None
    for file, data in sorted(files.items()):
        folder, slash, _ = file.partition("/")
        kind = f"{folder}{slash}"
        if kind == "district.yaml":
            district = _model(District, file, data, mistakes)
        elif kind in LISTED:
            for name, items in _model(LISTED[kind], file, data, mistakes) or ():
                found[name] += [Placed(item, file, (name, index)) for index, item in enumerate(items)]
        elif kind not in UNREAD:
            known = ", ".join((*LISTS, *OPTIONAL, *(f"{folder}*.yaml" for folder in FOLDERS)))
            mistakes.append(Mistake(file, (), f"no such file in a city; there are {known}"))
    if district is None or mistakes:
        return None, mistakes
    return City(district, **{name: tuple(items) for name, items in found.items()}), []


Model = TypeVar("Model", bound=FileModel)


def _model(model: type[Model], file: str, data: Any, mistakes: list[Mistake]) -> Model | None:
    """Validated as JSON, whose strictness knows dates and enumerations as text."""
    try:
        return model.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        mistakes += [
            Mistake(file, tuple(part for part in e["loc"] if part != "[key]"), _words(e["msg"], e["input"]))
            for e in error.errors(include_url=False, include_context=False)
        ]
        return None


def _words(message: str, given: Any) -> str:
    shown = json.dumps(given, ensure_ascii=False, default=str)
    return message if len(shown) > 60 else f"{message}, found {shown}"
