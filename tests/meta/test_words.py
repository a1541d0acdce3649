"""Every word exists in all six languages, with the same placeholders and every plural form."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.capabilities import CAPABILITIES
from handlers.conversation.words import catalogue, phrases
from storage.reference import LANGUAGES

ROOT = Path(__file__).parents[2]
PLURALS = {"ar": 6, "zh": 1, "en": 2, "fr": 2, "ru": 3, "es": 2}
VOCABULARIES = ("command.", "control.", "unit.")
UNCOUNTED = {0, 1, 2}
"""Arabic forms that name their number in words."""


def _keys() -> list[str]:
    return sorted(catalogue("en").entries)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_there_are_words() -> None:
    assert len(_keys()) > 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_exists_in_every_language(language: str) -> None:
    assert sorted(catalogue(language).entries) == _keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_left_in_another_script(language: str) -> None:
    letters = {"ar": r"[\u0600-\u06ff]", "zh": r"[\u4e00-\u9fff]", "ru": r"[\u0400-\u04ff]"}.get(language, r"[a-zA-Z]")
    plain = {
        key: entry
        for key, entry in catalogue(language).entries.items()
        if isinstance(entry, str) and re.search(r"[^\W\d_]{3}", re.sub(r"\{\w+\}", "", entry)) and not key.startswith("language.")
    }
    assert plain
    assert [key for key, entry in plain.items() if not re.search(letters, entry)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    wrong = []
    for key, english in catalogue("en").entries.items():
        entry = catalogue(language).entries.get(key, "")
        if isinstance(english, tuple) != isinstance(entry, tuple):
            wrong.append(f"{key}: plural in one language only")
            continue
        wanted = set().union(*map(_fields, english)) if isinstance(english, tuple) else _fields(english)
        forms = entry if isinstance(entry, tuple) else (entry,)
        for number, form in enumerate(forms):
            named_in_words = language == "ar" and len(forms) > 1 and number in UNCOUNTED
            missing = wanted - _fields(form) - ({"n"} if named_in_words or len(forms) > 1 else set())
            if missing or _fields(form) - wanted:
                wrong.append(f"{key}[{number}]: {sorted(wanted)} against {sorted(_fields(form))}")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_form_is_there(language: str) -> None:
    plural = {key: entry for key, entry in catalogue(language).entries.items() if isinstance(entry, tuple)}
    assert plural
    assert [key for key, forms in plural.items() if len(forms) != PLURALS[language] or not all(forms)] == []


def test_no_phrase_means_two_commands() -> None:
    owner: dict[str, str] = {}
    clashes = []
    for name in (name for row in CAPABILITIES for name in row.commands):
        for language, phrase in phrases(f"command.{name}"):
            if owner.setdefault(phrase, name) != name:
                clashes.append(f"{phrase} ({language}): {owner[phrase]} and {name}")
    assert clashes == []


def _used() -> Iterator[tuple[str, str]]:
    """(place, key) of every key the code spells out in full."""
    for path in sorted([*ROOT.glob("handlers/**/*.py"), *ROOT.glob("bot/**/*.py"), *ROOT.glob("scheduler/**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args and isinstance(node.args[0], ast.Constant):
                first = node.args[0].value
                if node.func.id in ("T", "Text") and isinstance(first, str):
                    yield f"{path.name}:{node.lineno}", first
                if node.func.id == "Refused" and isinstance(first, str):
                    yield f"{path.name}:{node.lineno}", f"refused.{first}"
                if node.func.id == "Problem" and isinstance(first, str):
                    yield f"{path.name}:{node.lineno}", f"problem.{first}"


def test_every_word_the_code_says_is_in_the_catalogues() -> None:
    used = list(_used())
    assert len(used) > 150
    assert [f"{place} {key}" for place, key in used if key not in catalogue("en").entries] == []


def test_every_form_and_offer_has_its_words() -> None:
    wanted = []
    for row in CAPABILITIES:
        wanted += [f"{kind}.{offer.name}" for offer in row.offers for kind in ("offer", "example", "topic")]
        for spec in row.forms:
            wanted += [f"form.{spec.name}.{part}" for part in ("title", "short", "review", "save")]
            for question in spec.form.questions:
                wanted += [f"form.{spec.name}.{question.name}.label"]
                wanted += [] if question.ask.found else [f"form.{spec.name}.{question.name}.ask"]
                wanted += [f"{question.vocabulary}.{value}" for value in question.values]
    assert len(wanted) > 20
    assert [key for key in wanted if key not in catalogue("en").entries] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_area_counts_by_the_same_rule(language: str) -> None:
    files = sorted(ROOT.glob(f"handlers/locales/{language}/*.po"))
    assert len(files) > 10
    rules = {line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.startswith('"Plural-Forms')}
    assert len(rules) == 1
