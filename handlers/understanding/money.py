"""Amounts of money: how much, in which currency, and when the currency was not really said."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import NamedTuple

from handlers.understanding.heard import Heard, Mark
from handlers.understanding.numbers import MOST_STARTS, Quantity, number_starts, quantity_at

_LINKS = frozenset({"de", "d", "of", "in", "of the", "en"})
_OWN_DOLLARS = ("AU", "BB", "BS", "BZ", "CA", "FJ", "GY", "JM", "LR", "NA", "NZ", "SB", "SG", "SR", "TT")
_WEST_AFRICAN = ("BJ", "BF", "CI", "GW", "ML", "NE", "SN", "TG")
_CENTRAL_AFRICAN = ("CM", "CF", "TD", "CG", "GQ", "GA")
_OTHERS: dict[str, dict[str, str]] = {
    "dollar": {"US": "USD"} | {code: f"{code}D" for code in _OWN_DOLLARS},
    "pound": {"GB": "GBP", "EG": "EGP", "LB": "LBP", "SY": "SYP", "SD": "SDG"},
    "franc": {"CH": "CHF", "DJ": "DJF", "GN": "GNF", "RW": "RWF", "BI": "BIF", "CD": "CDF"},
    "cfa": dict.fromkeys(_WEST_AFRICAN, "XOF") | dict.fromkeys(_CENTRAL_AFRICAN, "XAF"),
    "shilling": {"KE": "KES", "UG": "UGX", "TZ": "TZS", "SO": "SOS"},
    "peso": {"MX": "MXN", "CO": "COP", "CL": "CLP", "AR": "ARS", "PH": "PHP", "UY": "UYU", "DO": "DOP"},
    "rupee": {"IN": "INR", "NP": "NPR", "PK": "PKR", "LK": "LKR", "MU": "MUR"},
    "dinar": {"TN": "TND", "DZ": "DZD", "JO": "JOD", "IQ": "IQD", "KW": "KWD", "RS": "RSD", "LY": "LYD"},
    "dirham": {"AE": "AED", "MA": "MAD"},
    "krone": {"NO": "NOK", "SE": "SEK", "DK": "DKK"},
    "riyal": {"SA": "SAR", "QA": "QAR", "OM": "OMR", "YE": "YER"},
    "som": {"KG": "KGS", "UZ": "UZS"},
    "lira": {"TR": "TRY", "LB": "LBP"},
}
"""Whose money a bare word may mean (ISO 4217), by party."""


class Amount(NamedTuple):
    """A sum over the tokens `start` … `end` (exclusive): `currency` is an ISO code, a bare money word such as `dollar`, or None."""

    start: int
    end: int
    value: Decimal
    currency: str | None


class Currency(NamedTuple):
    """The currency to take (ISO code or None) and, where the word leaves a choice, the codes it may mean."""

    code: str | None
    choices: tuple[str, ...]


def amounts(heard: Heard, taken: Collection[int] = ()) -> list[Amount]:
    """Every sum of money in a message, left to right; numbers at `taken` tokens (dates, articles) are none."""
    found: list[Amount] = []
    reached = 0
    for at in sorted(number_starts(heard))[:MOST_STARTS]:
        amount = None if at in taken or at < reached else _amount_at(heard, at)
        if amount and not any(index in taken for index in range(at, amount.end)):
            found.append(amount)
            reached = amount.end
    return found


def span_of_money(heard: Heard, amount: Amount) -> Iterator[int]:
    """The tokens an amount covers, its currency's name before it included."""
    before = _currency_before(heard, amount.start)
    return iter(range(before.start if before else amount.start, amount.end))


def settle(word: str | None, parties: Collection[str]) -> Currency:
    """What a currency word means to these parties: dollars are US dollars, unless a party here has dollars of its own to ask about."""
    if word is None or word not in _OTHERS:
        return Currency(word, ())
    own = [code for party, code in _OTHERS[word].items() if party in parties]
    if word == "dollar":
        others = [code for code in dict.fromkeys(own) if code != "USD"]
        return Currency("USD", ("USD", *others) if others else ())
    if len(set(own)) == 1:
        return Currency(own[0], ())
    choices = tuple(dict.fromkeys(own or _OTHERS[word].values()))
    return Currency(None, choices)


def _amount_at(heard: Heard, start: int) -> Amount | None:
    quantity = quantity_at(heard, start)
    if quantity is None or is_bare_article(quantity):
        return None
    before = _currency_before(heard, start)
    after = _currency_after(heard, quantity.end)
    if after or before:
        mark = after if after and not (before and before.value not in _OTHERS and after.value in _OTHERS) else before
        return Amount(start, after.end if after else quantity.end, quantity.value, mark.value if mark else None)
    if (_after_budget(heard, start) or (quantity.scaled and not quantity.words)) and not _counts_things(heard, quantity):
        return Amount(start, quantity.end, quantity.value, None)
    return None


def is_bare_article(quantity: Quantity) -> bool:
    """Whether a number is only the word that stands before a noun: `a`, `un`, `один`."""
    return quantity.words and quantity.value == 1 and not quantity.scaled


def _money_at(heard: Heard, start: int) -> Mark | None:
    marks = [mark for kind in ("currency", "money_word") if (mark := heard.at(kind, start))]
    return max(marks, key=lambda mark: mark.end, default=None)


def _currency_after(heard: Heard, at: int) -> Mark | None:
    skipped = 1 if heard.word(at) in _LINKS else 0
    dotted = "." if not skipped and heard.gap(at).startswith(".") and len(heard.word(at - 1)) <= 4 else ""
    if heard.gap(at + skipped).strip(f" '’-{dotted}") != "":
        return None
    return _money_at(heard, at + skipped)


def _currency_before(heard: Heard, start: int) -> Mark | None:
    if heard.gap(start).strip(" :") != "":
        return None
    marks = (mark for back in (3, 2, 1) if start >= back and (mark := _money_at(heard, start - back)) and mark.end == start)
    return next(marks, None)


def _after_budget(heard: Heard, start: int) -> bool:
    near = range(max(0, start - 4), start)
    return any((mark := heard.at("budget", index)) is not None and mark.end <= start for index in near)


def _counts_things(heard: Heard, quantity: Quantity) -> bool:
    """Whether what follows is a thing counted (20 officers), so the number is no sum: only big, round or scaled numbers stand alone."""
    follows = heard.word(quantity.end)
    adjoining = follows and heard.gap(quantity.end) in ("", " ") and not heard.at("when", quantity.end)
    if adjoining or heard.at("unit", quantity.end) or heard.word(quantity.end) == "%":
        return True
    return not quantity.scaled and quantity.value < 1000
