"""The code lists the whole house speaks in: parties, instruments, articles, assistance types, regions, bodies.

Read once from the CSV files beside this module; immutable afterwards.  Every list has a label in each of the six languages.
Sources of the files are named in `SOURCES.md`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")

Names = Mapping[str, str]
"""A label in each of the six languages, by language code."""


@dataclass(frozen=True, slots=True)
class Party:
    """A State or regional economic integration organization, by ISO 3166-1 alpha-2 code (`EU` for the European Union)."""

    code: str
    iso3: str
    m49: str
    names: Names
    formal_en: str
    region: str
    subregion: str
    intermediate: str
    regional_group: str
    election_group: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A convention or protocol: `UNTOC`, `TIP`, `SOM`, `FIREARMS`, `UNCAC`."""

    code: str
    names: Names
    titles: Names
    articles: int


@dataclass(frozen=True, slots=True)
class Article:
    """One article of an instrument; its code is `UNCAC.33`."""

    code: str
    instrument: str
    number: int
    names: Names


@dataclass(frozen=True, slots=True)
class Label:
    """A plain code with its label in six languages; `parent` is the code one level up, or ''."""

    code: str
    names: Names
    parent: str = ""


@dataclass(frozen=True, slots=True)
class AssistanceType:
    """One of the sixteen types of assistance, with the IATI aid type it reports under."""

    code: str
    names: Names
    iati_aid_type: str


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one CSV file of this folder, `name` without its ending."""
    with (files(__name__) / f"{name}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _names(row: Mapping[str, str], prefix: str = "") -> Names:
    return MappingProxyType({language: row[f"{prefix}{language}"] for language in LANGUAGES})


@lru_cache(maxsize=1)
def parties() -> Mapping[str, Party]:
    return MappingProxyType(
        {
            row["iso2"]: Party(
                code=row["iso2"],
                iso3=row["iso3"],
                m49=row["m49"],
                names=_names(row),
                formal_en=row["en_formal"],
                region=row["m49_region"],
                subregion=row["m49_subregion"],
                intermediate=row["m49_intermediate"],
                regional_group=row["regional_group"],
                election_group=row["election_group"],
            )
            for row in rows("countries")
        }
    )


@lru_cache(maxsize=1)
def instruments() -> Mapping[str, Instrument]:
    return MappingProxyType(
        {
            row["code"]: Instrument(row["code"], _names(row, "short_"), _names(row, "name_"), int(row["articles"]))
            for row in rows("instruments")
        }
    )


@lru_cache(maxsize=1)
def articles() -> Mapping[str, Article]:
    found = (
        Article(f"{row['instrument']}.{row['number']}", row["instrument"], int(row["number"]), _names(row, "title_"))
        for row in rows("articles")
    )
    return MappingProxyType({article.code: article for article in found})


@lru_cache(maxsize=1)
def assistance_types() -> Mapping[str, AssistanceType]:
    return MappingProxyType(
        {row["code"]: AssistanceType(row["code"], _names(row, "label_"), row["iati_aid_type"]) for row in rows("assistance_types")}
    )


def _labels(name: str, prefix: str = "name_") -> Mapping[str, Label]:
    return MappingProxyType({row["code"]: Label(row["code"], _names(row, prefix), row.get("parent") or "") for row in rows(name)})


@lru_cache(maxsize=1)
def regions() -> Mapping[str, Label]:
    """M49 geographic regions by three-digit code (`011` Western Africa); `parent` is the region around it."""
    return _labels("regions")


@lru_cache(maxsize=1)
def regional_groups() -> Mapping[str, Label]:
    """The five regional groups of the United Nations: political, not geographic."""
    return _labels("regional_groups")


@lru_cache(maxsize=1)
def bodies() -> Mapping[str, Label]:
    return _labels("bodies")


@lru_cache(maxsize=1)
def currencies() -> Mapping[str, Label]:
    """Currencies a budget may be stated in, by ISO 4217 code."""
    return _labels("currencies")


@lru_cache(maxsize=1)
def places() -> Mapping[str, Party | Label]:
    """Everything a record may be about geographically: the regions, the regional groups, the parties."""
    return MappingProxyType({**regions(), **regional_groups(), **parties()})


_LISTS: Mapping[str, Callable[[], Mapping[str, Party | Instrument | Article | AssistanceType | Label]]] = {
    "party": parties,
    "instrument": instruments,
    "article": articles,
    "assistance_type": assistance_types,
    "region": regions,
    "regional_group": regional_groups,
    "body": bodies,
    "currency": currencies,
    "place": places,
}


def code_list(name: str) -> Mapping[str, Party | Instrument | Article | AssistanceType | Label]:
    """A code list by its name: `party`, `instrument`, `article`, `assistance_type`, `region`, `regional_group`, `body`, `currency`."""
    return _LISTS[name]()


def label(name: str, code: str, language: str) -> str:
    """The label of `code` in list `name` in one of the six languages; KeyError for a code the list does not have."""
    return code_list(name)[code].names[language]


@lru_cache(maxsize=512)
def members(place: str) -> frozenset[str]:
    """The parties in a place: a party's own code, an M49 region's three digits, or a regional group's code."""
    if place in parties():
        return frozenset({place})
    if place in regional_groups():
        return frozenset(p.code for p in parties().values() if p.regional_group == place)
    name = regions()[place].names["en"]
    if place == "001":
        return frozenset(parties())
    return frozenset(p.code for p in parties().values() if name in (p.region, p.subregion, p.intermediate))


@lru_cache(maxsize=512)
def places_around(party: str) -> tuple[str, ...]:
    """Every region and regional group `party` belongs to, by code."""
    return tuple(place for place in (*regions(), *regional_groups()) if party in members(place))
