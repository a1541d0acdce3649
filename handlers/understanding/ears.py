"""Understanding as the conversation is given it: one object that reads free text and single answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from handlers.understanding import answers
from handlers.understanding.reading import Reading
from handlers.understanding.understand import Understood, understand, warm
from storage.reference import code_list


@lru_cache(maxsize=16)
def _labels(list_name: str) -> Mapping[str, Sequence[str]]:
    return {code: (code, *entry.names.values()) for code, entry in code_list(list_name).items()}


class Ears:
    """The `Hearing` of `handlers.conversation.hearing`; holds nothing but the vocabularies it reads on the first call."""

    def warm(self) -> None:
        warm()

    def understand(self, text: str, *, language: str | None, today: dt.date) -> Understood:
        return understand(text, language=language, today=today)

    def date(self, text: str, *, language: str, today: dt.date) -> Reading[dt.date]:
        return answers.read_date(text, language=language, today=today)

    def number(self, text: str, *, language: str) -> Reading[Decimal]:
        return answers.read_number(text, language=language)

    def money(self, text: str, *, language: str) -> Reading[tuple[Decimal, str | None]]:
        return answers.read_money(text, language=language)

    def choice(self, text: str, labels: Mapping[str, Sequence[str]], *, language: str) -> Reading[str]:
        return answers.read_choice(text, labels, language=language)

    def choices(self, text: str, labels: Mapping[str, Sequence[str]], *, language: str) -> Reading[tuple[str, ...]]:
        return answers.read_choices(text, labels, language=language)

    def yes_no(self, text: str) -> Reading[bool]:
        return answers.read_yes_no(text)

    def codes(self, list_name: str, text: str, *, language: str) -> Reading[tuple[str, ...]]:
        match list_name:
            case "party":
                return answers.read_parties(text, language=language)
            case "place" | "region":
                return self._places(text, language)
            case "article":
                return answers.read_articles(text, language=language)
            case "instrument":
                return answers.read_instruments(text, language=language)
        return answers.read_choices(text, _labels(list_name), language=language)

    def _places(self, text: str, language: str) -> Reading[tuple[str, ...]]:
        found = understand(text, language=language, today=dt.date.min)
        codes = (*found.regions, *found.parties)
        unclear = found.ambiguous.get("parties", ()) or found.ambiguous.get("regions", ())
        if unclear:
            return Reading(tuple((*(code for code in codes if code not in unclear), code) for code in unclear), False)
        return Reading((codes,) if codes else (), bool(codes))

    def moment(self, text: str, *, language: str, today: dt.date) -> Reading[tuple[dt.date, str | None]]:
        return answers.read_moment(text, language=language, today=today)

    def offset(self, text: str, *, language: str) -> Reading[tuple[int, str, str]]:
        return answers.read_offset(text, language=language)
