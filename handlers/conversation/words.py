"""Words: the catalogues, and every value as its reader writes it (dates, money, plurals by CLDR; UN names for parties).

The only place where a key becomes a sentence.  Catalogues are gettext files, `handlers/locales/<language>/<area>.po`, one area a
file so that a capability brings its own; the keys are unique over all areas.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import assert_never
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_location
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from handlers.conversation.text import Amount, Code, Moment, Names, Series, Text, Value
from storage.reference import LANGUAGES, Article, code_list

_LOCALES = {"ar": "ar", "zh": "zh_Hans", "en": "en_GB", "fr": "fr", "ru": "ru", "es": "es"}
_COMMAS = {"ar": "، ", "zh": "、"}
_ARABIC_MONTHS = (
    "كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيه",
    "تموز/يوليه", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
)  # fmt: skip
"""Both names of each month, as documents of the United Nations in Arabic write them; CLDR gives one of the two."""

_AS_THE_UN_WRITES: Mapping[str, Callable[[str], str]] = {
    "ru": lambda shown: shown.replace("\u202fг.", " года"),
    "fr": lambda shown: re.sub(r"(?<!\d)1 (?=[^\W\d])", "1er ", shown),
}
"""Where documents of the United Nations differ from CLDR."""

Entry = str | tuple[str, ...]
"""A sentence, or its plural forms in the catalogue's own order."""

missed: set[tuple[str, str]] = set()
"""(language, key) of every word that was asked for and is in no catalogue; a test fails when this is not empty."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: one of the six languages, and the zone their clocks show."""

    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    entries: Mapping[str, Entry]
    plural: Callable[[int], int]


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> Catalogue:
    """All areas of one language. ValueError when two areas define the same key."""
    entries: dict[str, Entry] = {}
    plural_rule = "(n != 1)"
    for area in sorted(files("handlers.locales").joinpath(language).iterdir(), key=lambda entry: entry.name):
        if not area.name.endswith(".po"):
            continue
        with area.open("rb") as file:
            catalog = read_po(file, locale=_LOCALES[language].split("_")[0])
        plural_rule = catalog.plural_expr
        for message in catalog:
            key = message.id[0] if isinstance(message.id, tuple | list) else message.id
            if not key or not message.string:
                continue
            if key in entries:
                raise ValueError(f"{area.name} defines {key} again")
            entries[key] = tuple(message.string) if isinstance(message.string, tuple | list) else message.string
    return Catalogue(entries, gettext.c2py(plural_rule))


def phrases(key: str) -> tuple[tuple[str, str], ...]:
    """(language, phrase) of a vocabulary entry, whose phrases are parted by `|` in the catalogues, over all six languages."""
    found: list[tuple[str, str]] = []
    for language in LANGUAGES:
        entry = catalogue(language).entries.get(key)
        if entry is None:
            missed.add((language, key))
            continue
        found += [(language, phrase.strip().casefold()) for phrase in str(entry).split("|") if phrase.strip()]
    return tuple(found)


def say(value: Value, reader: Reader) -> str:
    """Any value in the reader's language, as one plain string."""
    match value:
        case str():
            return value
        case Text():
            return _sentence(value, reader)
        case bool():
            return _sentence(Text("word.yes" if value else "word.no"), reader)
        case int() | Decimal():
            return format_decimal(value, locale=_LOCALES[reader.language])
        case datetime():
            return _moment(Moment(value, reader.zone), reader)
        case date():
            return day(value, reader)
        case Code():
            return _label(value, reader)
        case Moment():
            return _moment(value, reader)
        case Amount():
            return money(value, reader)
        case Names():
            return value.by_language.get(reader.language) or next(iter(value.by_language.values()), "")
        case Series():
            return _series(value, reader)
        case _:
            assert_never(value)


def _sentence(text: Text, reader: Reader) -> str:
    entry = _entry(text.key, reader.language)
    if isinstance(entry, tuple):
        n = text.params.get("n", 0)
        count = int(n) if isinstance(n, int | Decimal) else 0
        entry = entry[min(catalogue(reader.language).plural(count), len(entry) - 1)]
    if not text.params:
        return entry.replace("{{", "{").replace("}}", "}")
    return entry.format_map({name: say(value, reader) for name, value in text.params.items()})


def _entry(key: str, language: str) -> Entry:
    entry = catalogue(language).entries.get(key)
    if entry is not None:
        return entry
    missed.add((language, key))
    return catalogue("en").entries.get(key, key)


def _label(value: Code, reader: Reader) -> str:
    known = code_list(value.list).get(value.code)
    if isinstance(known, Article):
        return f"{known.instrument} {known.number}: {known.names[reader.language]}"  # several instruments have a "Criminalization"
    return known.names[reader.language] if known else value.code


def _series(value: Series, reader: Reader) -> str:
    parts = [say(item, reader) for item in value.values]
    if value.bound == "unit":  # CLDR's own list of units has an "and" in French and is incomplete in Spanish
        return _COMMAS.get(reader.language, ", ").join(parts)
    style = {"and": "standard", "or": "or"}[value.bound]
    return format_list(parts, style=style, locale=_LOCALES[reader.language])  # type: ignore[arg-type]


def money(value: Amount, reader: Reader) -> str:
    """`USD 200,000`: the code before the figure, as the documents of the field write it; cents only where there are some."""
    pattern = "#,##0.00" if value.value % 1 else "#,##0"
    figure = format_decimal(value.value, format=pattern, locale=_LOCALES[reader.language])
    return _sentence(Text("value.money", {"currency": value.currency, "figure": figure}), reader) if value.currency else figure


def day(value: date, reader: Reader, *, weekday: bool = False) -> str:
    """`30 June 2027`, or with the day of the week before it."""
    if reader.language == "ar":
        plain = f"{value.day} {_ARABIC_MONTHS[value.month - 1]} {value.year}"
        return f"{format_date(value, 'EEEE', locale='ar')}، {plain}" if weekday else plain
    shown = format_date(value, "full" if weekday else "long", locale=_LOCALES[reader.language])
    return _AS_THE_UN_WRITES.get(reader.language, str)(shown)


def _moment(value: Moment, reader: Reader) -> str:
    there = _clock(value.instant.astimezone(ZoneInfo(value.zone)), reader, zone=value.zone, ends_day=value.ends_day)
    if value.assumed:
        there = _sentence(Text("moment.assumed", {"moment": there}), reader)
    if _same_wall(value, reader.zone):
        return there
    here = _clock(value.instant.astimezone(ZoneInfo(reader.zone)), reader, zone=reader.zone)
    return _sentence(Text("moment.both", {"there": there, "here": here}), reader)


def _same_wall(value: Moment, zone: str) -> bool:
    return value.zone == zone or value.instant.astimezone(ZoneInfo(value.zone)).replace(tzinfo=None) == value.instant.astimezone(
        ZoneInfo(zone)
    ).replace(tzinfo=None)


def _clock(local: datetime, reader: Reader, *, zone: str, ends_day: bool = False) -> str:
    at_end = ends_day and (local.hour, local.minute) == (0, 0)
    shown = local.date() - timedelta(days=1) if at_end else local.date()
    hour = "24:00" if at_end else f"{local:%H:%M}"
    if zone == "UTC":
        return _sentence(Text("moment.utc", {"day": day(shown, reader, weekday=True), "hour": hour}), reader)
    where = city(zone, reader.language)
    return _sentence(Text("moment.at", {"day": day(shown, reader, weekday=True), "hour": hour, "city": where}), reader)


@lru_cache(maxsize=1024)
def city(zone: str, language: str) -> str:
    """The city a zone is named after, in one of the six languages: `Vienna`, `Вена`."""
    return get_timezone_location(ZoneInfo(zone), locale=_LOCALES[language], return_city=True)


def text_direction(language: str) -> str:
    """`rtl` or `ltr`."""
    return Locale.parse(_LOCALES[language]).text_direction
