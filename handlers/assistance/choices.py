"""The closed lists that forms of this area share, and codes of the reference data as field types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from handlers.conversation.forms import Answers
from storage.reference import articles, code_list


class Priority(StrEnum):
    low = "low"
    medium = "medium"
    high = "high"
    urgent = "urgent"


class Visibility(StrEnum):
    """Who sees a record, from the narrowest to the widest (DOMAIN: visibility)."""

    secretariat = "secretariat"
    donors = "donors"
    parties = "parties"
    public = "public"


class Frequency(StrEnum):
    at_once = "at_once"
    daily = "daily"
    weekly = "weekly"


class ActivityStatus(StrEnum):
    """IATI ActivityStatus."""

    pipeline = "1"
    implementation = "2"
    finalisation = "3"
    closed = "4"
    cancelled = "5"
    suspended = "6"


def _among(list_name: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    def known(codes: tuple[str, ...]) -> tuple[str, ...]:
        if not all(code in code_list(list_name) for code in codes):
            raise PydanticCustomError("not_a_choice", "a code the list does not have")
        return tuple(dict.fromkeys(codes))

    return known


def _currency(code: str | None) -> str | None:
    if code is not None and code not in code_list("currency"):
        raise PydanticCustomError("not_a_choice", "a currency the list does not have")
    return code


Places = Annotated[tuple[str, ...], AfterValidator(_among("place"))]
Instruments = Annotated[tuple[str, ...], AfterValidator(_among("instrument"))]
Articles = Annotated[tuple[str, ...], AfterValidator(_among("article"))]
Types = Annotated[tuple[str, ...], AfterValidator(_among("assistance_type"))]
Currency = Annotated[str | None, AfterValidator(_currency)]


def of_instruments(answers: Answers, code: str) -> bool:
    """Whether an article belongs to one of the instruments already chosen."""
    return articles()[code].instrument in (answers.get("instruments") or ())


def with_their_instruments(instruments: tuple[str, ...], chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The instruments named, and those of the articles named."""
    return tuple(dict.fromkeys((*instruments, *(articles()[code].instrument for code in chosen))))


def not_over(day: date | None, info: ValidationInfo) -> date | None:
    """Refuses, with `in_past`, a day that is over everywhere on earth."""
    now: datetime = (info.context or {})["now"]
    if day is not None and day < (now - timedelta(hours=12)).date():
        raise PydanticCustomError("in_past", "the day is over")
    return day
