"""What is to be said, before it has a language: a key with values that each reader sees in their own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the reference data, shown as its label: `Code("party", "KE")`. An unknown code shows itself."""

    list: str
    code: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant with the zone it was stated in: shown there, and in the reader's own zone where that differs.

    `ends_day` shows a midnight as 24:00 of the day before, as deadlines without an hour close; `assumed` says that no hour was stated.
    """

    instant: datetime
    zone: str
    ends_day: bool = False
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """Money; `currency` is an ISO 4217 code, or None when it was not said."""

    value: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """Something that has its own name in several languages, as an agenda item has; the first one there is stands in for a missing one."""

    by_language: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Series:
    """Several values in a row: "Kenya, Senegal and Fiji"; `bound` is `and`, `or` or `unit` (commas only)."""

    values: tuple[Value, ...]
    bound: str = "and"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence of the catalogues with its parameters. A bare `str` parameter is what a person typed: shown as typed, never formatted."""

    key: str
    params: Mapping[str, Value] = field(default_factory=dict)


Value = str | int | Decimal | date | Code | Moment | Amount | Names | Series | Text


def T(key: str, /, **params: Value) -> Text:
    """Short for `Text`, since almost every line of a conversation is one: `T("need.saved", ref=need.ref)`."""
    return Text(key, params)
