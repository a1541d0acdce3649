"""Instruments, articles and types of assistance in a message."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from handlers.understanding.heard import Heard, Mark
from handlers.understanding.numbers import quantity_at
from storage import reference

_NEAR = 6
_LONGEST_RUN = 20
_SPECIFIC = frozenset({"learning_tools", "cooperation_platform", "judicial_awareness"})
"""Types whose names hold the word training or workshop without meaning the training of practitioners."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Codes in the order named; `unsure_articles` where an article's number was said but not of which instrument."""

    instruments: tuple[str, ...]
    articles: tuple[str, ...]
    unsure_articles: tuple[str, ...]
    types: tuple[str, ...]
    taken: frozenset[int]


def topics(heard: Heard) -> Topics:
    named = [(mark.start, mark.value) for mark in heard.all("instrument") if mark.value]
    articles: list[str] = []
    unsure: list[str] = []
    taken: set[int] = set()
    for index, number, end in sorted(_article_numbers(heard)):
        taken.update(range(index, end))
        codes = _of_instruments(number, index, named)
        (articles if len(codes) == 1 else unsure).extend(codes)
    instruments = dict.fromkeys([code for _, code in named] + [code.split(".")[0] for code in articles])
    return Topics(
        tuple(instruments),
        tuple(dict.fromkeys(articles)),
        tuple(dict.fromkeys(unsure)),
        _types(heard),
        frozenset(taken),
    )


def _of_instruments(number: int, index: int, named: list[tuple[int, str]]) -> list[str]:
    """The articles a number may mean: of the nearest instrument named, else of every instrument that has so many articles."""
    known = reference.articles()
    for _, code in sorted(named, key=lambda place: abs(place[0] - index)):
        if f"{code}.{number}" in known:
            return [f"{code}.{number}"]
    if named:
        return []
    return [f"{code}.{number}" for code in reference.instruments() if f"{code}.{number}" in known]


def _article_numbers(heard: Heard) -> Iterator[tuple[int, int, int]]:
    """Numbers after the word article (`articles 33, 34 and 52`), in Chinese between 第 and 条, in a code such as UNCAC.33."""
    for mark in heard.all("article"):
        yield from _listed_numbers(heard, mark)
    yield from _chinese_numbers(heard)
    for start, mark in heard.marks.get("instrument", {}).items():
        if mark.end - start == 1 and heard.gap(mark.end) == "." and (found := _article_number(heard, mark.end)):
            yield start, *found


def _listed_numbers(heard: Heard, mark: Mark) -> Iterator[tuple[int, int, int]]:
    at, before = mark.end, 0
    while (found := _article_number(heard, at)) is not None:
        number, following = found
        for between in range(before + 1, number) if 0 < before < number < before + _LONGEST_RUN else ():
            yield mark.start, between, following
        yield mark.start, number, following
        joint = heard.at("joint", following)
        run = (joint is not None and joint.value == "through") or heard.gap(following) in ("-", "–", " - ", " – ")
        listed = heard.gap(following).strip() in (",", "،", "、", "/", "&") and heard.gap(following).strip()
        if not (joint or run or listed or (heard.language == "ar" and heard.word(following)[:1] == "و")):
            return
        at, before = joint.end if joint else following, number if run else 0


def _article_number(heard: Heard, at: int) -> tuple[int, int] | None:
    word = heard.word(at)
    if word.isascii() and word.isdigit() and len(word) <= 2:
        return int(word), at + 1
    quantity = quantity_at(heard, at) if word and heard.at("number", at) and heard.language == "ar" else None
    return (int(quantity.value), quantity.end) if quantity and quantity.value < 100 else None


def _chinese_numbers(heard: Heard) -> Iterator[tuple[int, int, int]]:
    for index, token in enumerate(heard.tokens):
        if token.word != "第":
            continue
        first = quantity_at(heard, index + 1) if index + 1 < len(heard.tokens) else None
        joint = heard.at("joint", first.end) if first else None
        last = quantity_at(heard, joint.end) if joint and joint.end < len(heard.tokens) else first
        if first is None or last is None or last.value > 99 or heard.word(last.end) not in ("条", "條"):
            continue
        run = range(int(first.value), int(last.value) + 1) if joint and joint.value == "through" else (int(first.value), int(last.value))
        for number in dict.fromkeys(run):
            yield index, number, last.end + 1


def _types(heard: Heard) -> tuple[str, ...]:
    found = [(mark.start, mark.value) for mark in heard.all("type") if mark.value]
    found += [(start, "legislative_drafting") for start in _drafting(heard)]
    codes = list(dict.fromkeys(code for _, code in sorted(found)))
    if "workshop" in codes:
        codes.remove("workshop")
        if not codes or codes == ["other"]:
            codes = ["training"]
    if "legislative_drafting" in codes and "legal_advice" in codes and len(codes) == 2 and _only_legal_help(heard):
        codes.remove("legal_advice")
    return tuple(codes)


def _only_legal_help(heard: Heard) -> bool:
    """`Legal assistance to draft a law` asks for one thing."""
    starts: Collection[int] = heard.marks.get("draft", {})
    advice = [mark.start for mark in heard.all("type") if mark.value == "legal_advice"]
    return any(0 < start - place <= 4 for place in advice for start in starts)


def _drafting(heard: Heard) -> Iterator[int]:
    """A verb of drafting with a law within a few words."""
    verbs = [mark.start for mark in heard.all("draft") if mark.value == "verb"]
    laws = [mark.start for mark in heard.marks.get("draft", {}).values() if "law" in mark.values]
    near = 10 if heard.language == "zh" else _NEAR
    for verb in verbs:
        if any(0 < law - verb <= near for law in laws):
            yield verb
