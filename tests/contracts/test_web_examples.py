"""The example sentences of the page mean, in every language, what they are shown for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from handlers.conversation.text import T
from handlers.conversation.words import Reader, phrases, say
from handlers.understanding.understand import understand
from storage.reference import LANGUAGES

MEANT = {
    ("focal_point", 1): "need",
    ("focal_point", 2): "deadlines",
    ("focal_point", 3): "subscribe",
    ("donor", 1): "activity",
    ("donor", 2): "subscribe",
    ("donor", 3): "help",
    ("secretariat", 1): "deadlines",
    ("secretariat", 3): "help",
    ("anybody", 1): "deadlines",
    ("anybody", 2): "subscribe",
    ("anybody", 3): "help",
}


def example(kind: str, number: int, language: str) -> str:
    return say(T(f"door.page.example.{kind}.{number}"), Reader(language, "UTC"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "number"), MEANT)
def test_an_example_is_understood_as_what_it_is_shown_for(kind: str, number: int, language: str) -> None:
    understood = understand(example(kind, number, language), language=None, today=date(2020, 8, 24))
    assert (understood.intent, understood.language) == (MEANT[kind, number], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_example_leaves_the_same_facts_in_every_language(language: str) -> None:
    need = understand(example("focal_point", 1, language), language=None, today=date(2020, 8, 24))
    assert (need.assistance_types, need.instruments) == (("legislative_drafting",), ("TIP",))
    assert (need.amount, need.currency, need.date) == (Decimal(200_000), "USD", date(2027, 6, 30))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_secretariats_example_is_the_command_of_the_digest(language: str) -> None:
    assert (language, example("secretariat", 2, language).casefold()) in phrases("command.digest")
