"""Answers: what a person typed, or a widget gave, as the plain JSON value its field is kept as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from handlers.conversation.forms import Answers, Choices, Problem, Question
from handlers.conversation.hearing import Hearing, Labels, Reading
from handlers.conversation.words import Reader, phrases, say
from storage.reference import LANGUAGES, code_list


@dataclass(frozen=True, slots=True)
class Given:
    """Values by field: the field asked, and others the same answer filled."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unsure:
    """Several readings, likeliest first: the person picks one."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class NotRead:
    problem: Problem


Read = Given | Unsure | NotRead


@dataclass(frozen=True, slots=True)
class Asking:
    """The question at hand and what it takes to read an answer to it."""

    question: Question
    answers: Answers
    choices: Choices
    hearing: Hearing
    reader: Reader
    today: date
    sources: Mapping[str, Choices] = field(default_factory=dict)


def read(raw: Any, asking: Asking) -> Read:
    """Free text or a widget's value. A value the field's own list has is taken as it is."""
    if not isinstance(raw, str):
        return _from_widget(raw, asking)
    text = raw.strip()
    if not text:
        return NotRead(Problem("empty"))
    match asking.question.kind:
        case "text" | "long_text":
            return Given({asking.question.name: text})
        case "number":
            return _number(text, asking)
        case "yes_no":
            return _one(asking.hearing.yes_no(text), asking, "not_yes_or_no")
        case "date":
            return _date(text, asking)
        case "moment":
            return _moment(text, asking)
        case "choice":
            return _choice(text, asking)
        case "choices":
            return _choices(text, asking)


def _from_widget(raw: Any, asking: Asking) -> Read:
    question = asking.question
    if question.kind == "choices" and isinstance(raw, list | tuple):
        known = {choice.value for choice in asking.choices} | _whole_list(question)
        if all(isinstance(item, str) and item in known for item in raw):
            return Given({question.name: list(raw)})
        return NotRead(Problem("not_a_choice"))
    if isinstance(raw, bool | int | float):
        return Given({question.name: raw if question.kind == "yes_no" else str(raw)})
    if isinstance(raw, dict) and question.kind == "moment":
        return Given({question.name: raw})
    return NotRead(Problem("empty") if raw is None else Problem("not_a_choice"))


def _one(reading: Reading[Any], asking: Asking, problem: str) -> Read:
    if not reading.values:
        return NotRead(Problem(problem))
    if len(reading.values) > 1 or not reading.sure:
        return Unsure(reading.values)
    return Given({asking.question.name: reading.values[0]})


def _number(text: str, asking: Asking) -> Read:
    partner = asking.question.ask.with_
    if partner is None:
        found = asking.hearing.number(text, language=asking.reader.language)
        return Given({asking.question.name: str(found.values[0])}) if found.values else NotRead(Problem("not_a_number"))
    money = asking.hearing.money(text, language=asking.reader.language)
    if not money.values:
        return NotRead(Problem("not_an_amount"))
    amount, currency = money.values[0]
    return Given({asking.question.name: str(amount), **({partner: currency} if currency and money.sure else {})})


def _date(text: str, asking: Asking) -> Read:
    found = asking.hearing.date(text, language=asking.reader.language, today=asking.today)
    if not found.values:
        return NotRead(Problem("not_a_date"))
    days = tuple(value.isoformat() for value in found.values)
    return Given({asking.question.name: days[0]}) if len(days) == 1 and found.sure else Unsure(days)


def _moment(text: str, asking: Asking) -> Read:
    """A moment stays what was said: a wall time, with or without its hour, or an offset from the opening or closing (DESIGN 4)."""
    language, name = asking.reader.language, asking.question.name
    offset = asking.hearing.offset(text, language=language)
    offset = offset if offset.values else asking.hearing.offset(text, language="en")  # as a whole form hands back what it showed
    if offset.values:
        count, unit, anchor = offset.values[0]
        return Given({name: {"offset": {"count": count, "unit": unit, "anchor": anchor}}})
    found = asking.hearing.moment(text, language=language, today=asking.today)
    if not found.values:
        return NotRead(Problem("not_a_moment"))
    said = tuple(wall(day, hour) for day, hour in found.values)
    return Given({name: said[0]}) if len(said) == 1 and found.sure else Unsure(said)


def wall(day: date, hour: str | None) -> dict[str, Any]:
    """A day, and the hour stated on it (`00:00` to `24:00`) or None, as a moment is kept."""
    return {"wall": f"{day.isoformat()}T{hour}" if hour else day.isoformat(), "hour_stated": hour is not None}


def _choice(text: str, asking: Asking) -> Read:
    question = asking.question
    values = {choice.value for choice in asking.choices} | _whole_list(question)
    exact = next((v for v in values if v.casefold() == text.casefold()), None)
    if exact is not None:
        return Given({question.name: exact})
    if question.ask.list == "currency" and (said := asking.hearing.money(text, language=asking.reader.language)).sure and said.values[0][1]:
        return Given({question.name: said.values[0][1]})
    if question.found_by_typing and question.ask.list:
        found = asking.hearing.codes(question.ask.list, text, language=asking.reader.language)
        singles = tuple(codes[0] for codes in found.values if codes)
        return _settled(singles, found.sure, asking)
    reading = asking.hearing.choice(text, labels(asking), language=asking.reader.language)
    return _settled(reading.values, reading.sure, asking)


def _settled(values: tuple[Any, ...], sure: bool, asking: Asking) -> Read:
    if not values:
        return NotRead(Problem("not_a_choice"))
    return Given({asking.question.name: values[0]}) if sure and len(values) == 1 else Unsure(values)


def _choices(text: str, asking: Asking) -> Read:
    question = asking.question
    coded = [part.strip() for part in text.split(";")]
    if set(coded) <= {choice.value for choice in asking.choices} | _whole_list(question):
        return Given({question.name: list(dict.fromkeys(coded))})
    if question.found_by_typing and question.ask.list:
        found = asking.hearing.codes(question.ask.list, text, language=asking.reader.language)
    else:
        found = asking.hearing.choices(text, labels(asking), language=asking.reader.language)
    readings = tuple(list(codes) for codes in found.values if codes)
    likely = _likely(readings, asking)
    return _settled(likely, found.sure or len(likely) < len(readings), asking)


def _likely(readings: tuple[list[str], ...], asking: Asking) -> tuple[list[str], ...]:
    """Of several readings, those that fit the other answers: `article 5` is that of the one instrument chosen. All where none fits."""
    narrow = asking.question.ask.narrow
    if narrow is None or len(readings) < 2:
        return readings
    return tuple(codes for codes in readings if all(narrow(asking.answers, code) for code in codes)) or readings


def labels(asking: Asking) -> Labels:
    """Every way to say each choice: its value, and its label in all six languages."""
    question = asking.question
    if question.vocabulary:
        return _vocabulary_labels(question.vocabulary, question.values)
    if question.ask.list:
        return _list_labels(question.ask.list)
    readers = [Reader(language, asking.reader.zone) for language in LANGUAGES]
    return {c.value: [c.value, *dict.fromkeys(say(c.label, reader) for reader in readers)] for c in asking.choices}


@lru_cache(maxsize=64)
def _vocabulary_labels(vocabulary: str, values: tuple[str, ...]) -> Labels:
    return {value: [value, *(phrase for _, phrase in phrases(f"{vocabulary}.{value}"))] for value in values}


@lru_cache(maxsize=16)
def _list_labels(name: str) -> Labels:
    return {code: [code, *dict.fromkeys(entry.names.values())] for code, entry in code_list(name).items()}


def _whole_list(question: Question) -> frozenset[str]:
    return frozenset(code_list(question.ask.list)) if question.ask.list else frozenset()
