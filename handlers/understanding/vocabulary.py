"""The words of the six languages, from CLDR, the reference data and `vocabulary/<language>.toml`, compiled once into a lexicon."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import chain

from babel import Locale
from babel.numbers import get_currency_name

from handlers.understanding.inflection import arabic_adjectives, russian_forms, spanish_adjectives
from handlers.understanding.lexicon import Lexicon, Sense
from storage import reference

LANGUAGES = reference.LANGUAGES

STRICT = frozenset({"number", "scale", "half", "when", "rank", "joint", "duration", "weekday", "month"})
"""Kinds whose words are so short that, among languages of one script, they are heard only in their own."""

_CASED = {"capital_party": "party", "capital_region": "region"}

Phrase = tuple[str, Sense]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Every phrase of all six languages (about 20,000); takes about a second the first time."""
    made = Lexicon()
    for phrase, sense in phrases():
        made.add(phrase, sense)
    return made


def phrases() -> Iterator[Phrase]:
    yield from (("%", Sense("percent", "1")),)
    for language in LANGUAGES:
        yield from chain(_calendar(language), _references(language), _currencies(language), _written(language))


def table(language: str) -> Mapping[str, Mapping[str, str]]:
    """The vocabulary file of one language, as it stands: kind, value, phrases separated by a bar."""
    text = (files("handlers.understanding") / "vocabulary" / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _written(language: str) -> Iterator[Phrase]:
    for kind, values in table(language).items():
        for value, listed in values.items():
            said = "" if kind == "decoy" else value
            named = value if kind == "decoy" else _CASED.get(kind, kind)
            sense = Sense(named, said, language, kind in STRICT, kind in _CASED)
            for phrase in listed.split("|"):
                for form in (phrase.strip(), *_adjectives(phrase.strip(), language, named)):
                    yield form, sense


def _adjectives(phrase: str, language: str, kind: str) -> tuple[str, ...]:
    if kind not in ("party", "ambiguous_party"):
        return ()
    return arabic_adjectives(phrase) if language == "ar" else spanish_adjectives(phrase) if language == "es" else ()


def _calendar(language: str) -> Iterator[Phrase]:
    locale = Locale(language)
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for month, name in locale.months[context][width].items():
                if not name[0].isdigit():
                    yield name, Sense("month", str(month), language, width == "abbreviated")
        for day, name in locale.days[context]["wide"].items():
            yield name, Sense("weekday", str(day), language)


def _references(language: str) -> Iterator[Phrase]:
    for party in reference.parties().values():
        for name in (party.names[language], party.formal_en if language == "en" else ""):
            for spelled in _name_forms(name, language):
                yield spelled, Sense("party", party.code, language)
    for kind, labels in (("region", reference.regions()), ("regional_group", reference.regional_groups())):
        for code, label in labels.items():
            for spelled in _name_forms(label.names[language], language):
                yield spelled, Sense(kind, code, language)
    for instrument in reference.instruments().values():
        for title in (instrument.code, instrument.names[language], instrument.titles[language]):
            for spelled in _name_forms(title, language):
                yield spelled, Sense("instrument", instrument.code, language)
    for code, assistance in reference.assistance_types().items():
        if code != "other":
            yield assistance.names[language], Sense("type", code, language)


def _name_forms(name: str, language: str) -> Iterator[str]:
    """A name as listed, without what stands in brackets, and inflected where its language inflects names."""
    short = name.split("(")[0].strip()
    for form in {name, short} - {""}:
        yield form
        if language == "ru":
            yield from russian_forms(form)


def _currencies(language: str) -> Iterator[Phrase]:
    for code, label in reference.currencies().items():
        counted = {get_currency_name(code, count=count, locale=language) for count in (None, 1, 2, 5, 11, 1000000)}
        for name in {code, label.names[language], *counted}:
            yield name, Sense("currency", code, language)
            if language == "ru":
                for form in russian_forms(name):
                    yield form, Sense("currency", code, language)
