"""YAML as data that knows its lines, so that a mistake can be pointed at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schemas.city.files import Mistake
from schemas.city.files import Path as DataPath


class _Loader(yaml.SafeLoader):
    """YAML whose truth values are ``true`` and ``false``, as in YAML 1.2: ``on`` and ``off`` are words.

    Dates stay text: the models judge them, so that a 30 February is a mistake with a place.
    """


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # by libyaml, if it is there
    """The same, four times as fast; it explains mistakes less well."""


_REPLACED = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
_KEYS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:merge")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_FastLoader.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data and the line (from 1) at which each path in it begins."""

    data: Any
    lines: dict[DataPath, int]

    def line(self, path: DataPath) -> int:
        """The line of a path, or of the nearest place around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_folder(folder: Path) -> tuple[dict[str, Document], list[Mistake]]:
    """All ``*.yaml`` below a folder by relative name, and what of them is no YAML.

    Raises:
        NotADirectoryError: there is no such folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder; a city is a folder such as deploy/miyun")
    documents: dict[str, Document] = {}
    mistakes: list[Mistake] = []
    for path in sorted(folder.rglob("*.y*ml")):
        name = path.relative_to(folder).as_posix()
        if path.suffix != ".yaml":
            mistakes.append(Mistake(name, (), f"is not read: name it {path.stem}.yaml"))
            continue
        try:
            documents[name] = read(path.read_text(encoding="utf-8"))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            mistakes.append(Mistake(name, ("line", line), f"not YAML: {error.problem}"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mistakes.append(Mistake(name, (), f"not YAML in UTF-8: {error}"))
        except RecursionError:
            mistakes.append(Mistake(name, (), "an alias (*name) stands inside its own anchor (&name)"))
    return documents, mistakes


def read(text: str) -> Document:
    """Data and lines of a YAML text.

    Raises:
        yaml.YAMLError: it is none, or a key stands twice in a mapping or is neither text nor a whole number.
        RecursionError: an alias contains itself.
    """
    try:
        return _read(_FastLoader(text))
    except yaml.YAMLError:
        return _read(_Loader(text))


def _read(loader: "_Loader | _FastLoader") -> Document:
    try:
        root = loader.get_single_node()
        if root is None:
            return Document(None, {(): 1})
        lines = dict(_lines(root, ()))
        return Document(loader.construct_document(root), lines)
    finally:
        loader.dispose()


def _lines(node: yaml.Node, path: DataPath) -> Iterator[tuple[DataPath, int]]:
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.tag not in _KEYS:
                raise yaml.MarkedYAMLError(
                    problem="a key that is neither text nor a whole number", problem_mark=key.start_mark
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
            yield (*path, key.value), key.start_mark.line + 1
            yield from (
                found for found in _lines(value, (*path, key.value)) if found[0] != (*path, key.value)
            )
