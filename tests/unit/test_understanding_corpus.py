"""The sentences the vocabularies were written against stay understood, and every language has its share of them."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.understanding import TODAY, mistakes, rows
from handlers.understanding.intents import INTENTS
from handlers.understanding.understand import understand
from handlers.understanding.vocabulary import LANGUAGES, table


@pytest.mark.parametrize("language", LANGUAGES)
def test_known_sentences_stay_understood(language: str) -> None:
    corpus = [row for row in rows() if row["lang"] == language]
    missed = [row["text"] for row in corpus if mistakes(row, understand(row["text"], language=language, today=TODAY))]
    assert len(corpus) >= 70
    assert len(missed) <= len(corpus) * 0.02, missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corpus_has_every_intent_in_every_language(language: str) -> None:
    assert Counter(row["intent"] for row in rows() if row["lang"] == language).keys() == set(INTENTS)


def test_every_language_has_words_for_every_class_of_words() -> None:
    classes = {language: set(table(language)["cue"]) for language in LANGUAGES}
    assert classes["en"]
    assert {language: classes["en"] ^ words for language, words in classes.items()} == {language: set() for language in LANGUAGES}


def test_every_vocabulary_names_every_type_and_instrument() -> None:
    for kind in ("type", "instrument"):
        named = {language: set(table(language)[kind]) - {"other"} for language in LANGUAGES}
        assert all(words == named["en"] for words in named.values()), named
