"""Files about places and people: district, towns, systems, organisations, roads, links, valves, key users."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Bilingual, FileModel, Id, Name

TownCode = Annotated[str, Field(pattern=r"^\d{12}$")]
Phone = Annotated[str, Field(pattern=r"^[0-9 +-]{3,20}$")]


class District(FileModel):
    """``district.yaml``. The box holds all stations, WGS-84 degrees."""

    code: Id
    name: Bilingual
    time_zone: Name
    west: float
    south: float
    east: float
    north: float


class Town(FileModel):
    """A 镇街 by its 12-digit code; its centre in WGS-84 degrees, and how well that is known."""

    code: TownCode
    name: Bilingual
    lat: float | None = None
    lon: float | None = None
    source: Name | None = None
    people: Annotated[int, Field(ge=0)] | None = None


class SystemFile(FileModel):
    """A network: water, gas ... A list, not an enum: another city has others."""

    id: Id
    name: Bilingual


class Organisation(FileModel):
    """A company or office that owns or runs facilities. ``duty_phone`` is answered day and night."""

    id: Id
    name: Bilingual
    kind: Literal["centre", "operator", "town"] = "operator"
    duty_phone: Phone | None = None


class Road(FileModel):
    """A road by which stations stand. ``rank`` as in CJJ 45."""

    id: Id
    name: Bilingual
    rank: Literal["arterial", "secondary", "branch", "residential", "country"]


class LinkFile(FileModel):
    """``from`` feeds, or lies beside, each of ``to`` (stations or key users)."""

    kind: Literal["feeds", "beside"]
    origin: Annotated[Id, Field(alias="from")]
    to: Annotated[list[Id], Field(min_length=1)]
    valve: Id | None = None


class ValveFile(FileModel):
    """A valve or switch without instruments."""

    id: Id
    kind: Literal["valve", "switch"]
    system: Id
    town: TownCode
    name: Bilingual
    lat: float
    lon: float


class KeyUserFile(FileModel):
    """An institution that must not be without: ``hospital``, ``school``, ``care_home``, ``heat_source``."""

    id: Id
    kind: Id
    town: TownCode
    name: Bilingual
    lat: float
    lon: float
