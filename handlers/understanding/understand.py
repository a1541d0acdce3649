"""From one free sentence in any of the six languages to what was meant."""

from __future__ import annotations

import datetime
import gc
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from handlers.understanding.heard import Heard, hear
from handlers.understanding.intents import INTENTS, Meaning, meaning
from handlers.understanding.moments import Dated, dated
from handlers.understanding.money import Amount, Currency, amounts, settle, span_of_money
from handlers.understanding.places import Places, places, warm_places
from handlers.understanding.topics import Topics, topics

__all__ = ["INTENTS", "Understood", "understand", "warm"]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message means, as codes.

    `parties` are ISO 3166-1 alpha-2 codes, `regions` M49 codes or a regional group's code, `articles` such as `UNCAC.33`;
    `date` is the deadline or end, `date_from` the beginning; `ambiguous` maps a field to the candidates to ask about;
    `confidence` runs from 0 to 1; `likely` are up to three intents, best first, also when `intent` is unknown.
    """

    intent: str
    also: tuple[str, ...]
    language: str
    parties: tuple[str, ...]
    regions: tuple[str, ...]
    instruments: tuple[str, ...]
    articles: tuple[str, ...]
    assistance_types: tuple[str, ...]
    amount: Decimal | None
    currency: str | None
    date: datetime.date | None
    date_from: datetime.date | None
    ambiguous: Mapping[str, tuple[str, ...]]
    confidence: float
    likely: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The keys and values that `understand --json` prints; unknown scalars are None."""
        return {
            "intent": self.intent,
            "also": list(self.also),
            "language": self.language,
            "parties": list(self.parties),
            "regions": list(self.regions),
            "instruments": list(self.instruments),
            "articles": list(self.articles),
            "assistance_types": list(self.assistance_types),
            "amount": _as_number(self.amount),
            "currency": self.currency,
            "date": self.date.isoformat() if self.date else None,
            "date_from": self.date_from.isoformat() if self.date_from else None,
            "ambiguous": {field: list(candidates) for field, candidates in self.ambiguous.items()},
            "confidence": self.confidence,
        }


def understand(text: str, *, language: str | None, today: datetime.date) -> Understood:
    """What `text` means; `language` is the writer's own, which decides where the text does not; `today` is theirs too."""
    heard = hear(text, language)
    about = topics(heard)
    when = dated(heard, today)
    sums = amounts(heard, when.taken | about.taken)
    spent = {index for amount in sums for index in span_of_money(heard, amount)}
    where = places(heard, spent | when.taken)
    money = settle(sums[0].currency, where.parties) if sums else Currency(None, ())
    meant = meaning(heard, _facts(heard, about, when, sums, spent | when.taken))
    return _understood(heard, meant, about, when, sums, money, where)


def _understood(heard: Heard, meant: Meaning, about: Topics, when: Dated, sums: list[Amount], money: Currency, where: Places) -> Understood:
    end = when.by
    if end is None and not when.choices and meant.intent in ("need", "unknown"):
        end = when.start
    return Understood(
        intent=meant.intent,
        also=meant.also,
        language=heard.language,
        parties=where.parties,
        regions=where.regions,
        instruments=about.instruments,
        articles=about.articles,
        assistance_types=() if _FORMAL.issuperset((meant.intent, *meant.also)) else about.types,
        amount=sums[0].value if sums else None,
        currency=money.code,
        date=end,
        date_from=when.start,
        ambiguous=_ambiguous(about, when, money, where),
        confidence=meant.confidence,
        likely=meant.likely,
    )


def _ambiguous(about: Topics, when: Dated, money: Currency, where: Places) -> Mapping[str, tuple[str, ...]]:
    asked = {
        "parties": where.shared or where.guessed,
        "articles": about.unsure_articles,
        "currency": money.choices,
        "date": tuple(day.isoformat() for day in when.choices),
    }
    return MappingProxyType({field: candidates for field, candidates in asked.items() if candidates})


def _facts(heard: Heard, about: Topics, when: Dated, sums: list[Amount], spent: set[int] | frozenset[int]) -> dict[int, set[str]]:
    facts: dict[int, set[str]] = {}
    for kind, said in (("party", "place"), ("ambiguous_party", "place"), ("region", "place"), ("regional_group", "place")):
        for start, mark in heard.marks.get(kind, {}).items():
            if mark.value and start not in spent:
                facts.setdefault(start, set()).add(said)
    for kind, said in (("instrument", "topic"), ("type", "type"), ("article", "topic")):
        for start, mark in heard.marks.get(kind, {}).items():
            if mark.value:
                facts.setdefault(start, set()).add(said)
    for start, mark in heard.marks.get("draft", {}).items():
        if "law" in mark.values:
            facts.setdefault(start, set()).add("law")
    if about.types:
        first = min(heard.marks.get("draft", {0: None}))
        facts.setdefault(first, set()).add("type")
    for index in when.taken:
        facts.setdefault(index, set()).add("date")
    for amount in sums:
        facts.setdefault(amount.start, set()).add("money")
    return facts


def _as_number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


_FORMAL = frozenset({"submit", "documents", "speaker", "credentials", "draft_resolution", "silence", "deadlines", "help", "expert"})
"""Intents in which a word such as guidelines or database names a paper or a place, never assistance wanted or given."""


def warm() -> None:
    """Compile every vocabulary now rather than at the first message.

    What exists then is kept out of garbage collection: the vocabularies live as long as the process, and walking them would hold a
    message up for 50 ms now and then.
    """
    warm_places()
    hear("")
    gc.collect()
    gc.freeze()
