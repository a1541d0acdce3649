"""What somebody wants: rules over classes of words, the same for every language; the vocabularies say which words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from handlers.understanding.heard import Heard

INTENTS = (
    "need",
    "activity",
    "offer",
    "subscribe",
    "unsubscribe",
    "deadlines",
    "submit",
    "speaker",
    "credentials",
    "draft_resolution",
    "silence",
    "expert",
    "measure",
    "practice",
    "digest",
    "matrix",
    "documents",
    "help",
    "unknown",
)


class Rule(NamedTuple):
    """All of `classes` heard in one sentence, none of `without`, mean `intent`, with this confidence."""

    intent: str
    classes: frozenset[str]
    score: float
    without: frozenset[str] = frozenset()


def _rule(intent: str, classes: str, score: float, without: str = "") -> Rule:
    return Rule(intent, frozenset(classes.split()), score, frozenset(without.split()))


RULES = (
    _rule("unsubscribe", "stop", 0.97),
    _rule("unsubscribe", "halt alert", 0.968),
    _rule("subscribe", "tell need_noun", 0.97, "stop"),
    _rule("subscribe", "tell activity_noun", 0.968, "stop"),
    _rule("subscribe", "tell offer_noun", 0.968, "stop"),
    _rule("subscribe", "tell ask", 0.967, "stop"),
    _rule("subscribe", "tell type", 0.966, "stop"),
    _rule("subscribe", "tell aid", 0.966, "stop"),
    _rule("subscribe", "tell topic", 0.962, "stop"),
    _rule("subscribe", "tell place", 0.961, "stop"),
    _rule("subscribe", "tell", 0.72, "stop"),
    _rule("digest", "digest", 0.9),
    _rule("digest", "digest tell", 0.965, "stop"),
    _rule("silence", "silence", 0.965),
    _rule("deadlines", "due", 0.95, "ask fund offer"),
    _rule("deadlines", "due question", 0.975),
    _rule("deadlines", "when deadline", 0.98),
    _rule("deadlines", "question deadline", 0.97),
    _rule("deadlines", "show deadline", 0.97),
    _rule("deadlines", "tell deadline", 0.97),
    _rule("deadlines", "when credentials", 0.955),
    _rule("deadlines", "when resolution", 0.955),
    _rule("deadlines", "when speakers", 0.955),
    _rule("deadlines", "when submission", 0.945),
    _rule("deadlines", "when submit", 0.94),
    _rule("deadlines", "by_when", 0.965),
    _rule("deadlines", "when share", 0.94),
    _rule("deadlines", "deadline", 0.58, "ask fund offer money"),
    _rule("credentials", "credentials", 0.9),
    _rule("credentials", "submit credentials", 0.95),
    _rule("draft_resolution", "resolution", 0.89),
    _rule("draft_resolution", "submit resolution", 0.955),
    _rule("speaker", "speakers", 0.88),
    _rule("speaker", "speak", 0.92),
    _rule("speaker", "speak speakers", 0.96),
    _rule("speaker", "share speakers", 0.95),
    _rule("submit", "submit submission", 0.945),
    _rule("submit", "submit", 0.6),
    _rule("submit", "submission", 0.55),
    _rule("expert", "expert_base", 0.958),
    _rule("expert", "nominate specialist", 0.957, "tell fund"),
    _rule("expert", "nominate expert_topic", 0.957, "tell fund"),
    _rule("expert", "specialist", 0.45, "ask fund offer can can_you"),
    _rule("expert", "expert_topic", 0.8, "ask fund offer can can_you"),
    _rule("expert", "expert_topic show", 0.96, "ask fund offer can can_you"),
    _rule("expert", "expert_topic share", 0.96, "ask fund offer can can_you"),
    _rule("expert", "specialist show", 0.94, "ask fund offer can can_you"),
    _rule("expert", "specialist question", 0.92, "ask fund offer can can_you"),
    _rule("expert", "specialist share", 0.93, "ask fund offer can can_you"),
    _rule("expert", "expert_base show", 0.965),
    _rule("expert", "expert_base share", 0.965),
    _rule("measure", "measure", 0.72),
    _rule("measure", "measure show", 0.94),
    _rule("measure", "measure share", 0.945),
    _rule("measure", "measure submit", 0.948),
    _rule("measure", "share law", 0.92, "ask fund offer can can_you resolution tell"),
    _rule("practice", "practice", 0.8),
    _rule("practice", "practice share", 0.96),
    _rule("practice", "practice show", 0.95),
    _rule("practice", "practice submit", 0.95),
    _rule("matrix", "matrix", 0.93),
    _rule("matrix", "show need_noun", 0.957, "tell stop"),
    _rule("documents", "document", 0.66),
    _rule("documents", "document show", 0.945),
    _rule("documents", "document when", 0.75),
    _rule("need", "ask aid", 0.95, "stop"),
    _rule("need", "ask type", 0.955, "stop"),
    _rule("need", "ask place", 0.8, "stop"),
    _rule("need", "ask topic", 0.78, "stop"),
    _rule("need", "ask money", 0.8, "stop"),
    _rule("need", "ask", 0.5, "stop"),
    _rule("need", "can_you type", 0.952, "tell"),
    _rule("need", "can_you aid", 0.945, "tell"),
    _rule("need", "can_you give", 0.9, "tell"),
    _rule("need", "can_you fund", 0.9, "tell"),
    _rule("need", "type place", 0.71),
    _rule("need", "aid place", 0.62),
    _rule("need", "aid money", 0.71),
    _rule("need", "type money", 0.73),
    _rule("need", "money place", 0.55),
    _rule("need", "type date", 0.52),
    _rule("need", "type topic", 0.5),
    _rule("need", "type", 0.42),
    _rule("activity", "fund type", 0.965, "can_you"),
    _rule("activity", "fund aid", 0.957, "can_you"),
    _rule("activity", "fund activity_noun", 0.96, "can_you"),
    _rule("activity", "fund place", 0.85, "can_you"),
    _rule("activity", "fund", 0.68, "can_you"),
    _rule("activity", "activity_noun", 0.45),
    _rule("activity", "activity_noun type", 0.8, "ask offer can can_you tell show stop"),
    _rule("activity", "activity_noun place", 0.75, "ask offer can can_you tell show stop"),
    _rule("activity", "activity_noun share", 0.93),
    _rule("offer", "offer type", 0.97, "can_you"),
    _rule("offer", "offer aid", 0.962, "can_you"),
    _rule("offer", "offer money", 0.95, "can_you"),
    _rule("offer", "can give type", 0.953, "ask can_you question"),
    _rule("offer", "can give aid", 0.953, "ask can_you question"),
    _rule("offer", "can give money", 0.95, "ask can_you question"),
    _rule("offer", "can give place", 0.88, "ask can_you question"),
    _rule("offer", "offer place", 0.88, "can_you"),
    _rule("offer", "offer", 0.7, "can_you"),
    _rule("offer", "offer_noun", 0.45),
    _rule("help", "help", 0.5),
    _rule("help", "help question", 0.6),
    _rule("help", "greet", 0.41),
    _rule("help", "thanks", 0.41),
)

UNSURE = 0.4
"""Below this confidence nothing was understood."""

_ALSO = 0.8
_USUAL = ("need", "deadlines", "help")
_TEXT_END = frozenset(".?!;؟。?!;؛\n")


@dataclass(frozen=True, slots=True)
class Meaning:
    intent: str
    also: tuple[str, ...]
    confidence: float
    likely: tuple[str, ...]


def meaning(heard: Heard, facts: Mapping[int, Collection[str]]) -> Meaning:
    """The intent of a message, further intents of its other sentences, and the three likeliest.

    `facts` says at which token a place, a sum, a date or a topic was found: they are classes of words like the rest.
    """
    said = _classes(heard, facts)
    scored = [_scores(said, part, heard) for part in _sentences(heard)]
    whole = _scores(said, range(len(heard.tokens)), heard)
    leading = [max(scores.items(), key=lambda pair: pair[1], default=("unknown", 0.0)) for scores in scored]
    intent, confidence = _best(leading, whole)
    also = tuple(dict.fromkeys(other for other, score in leading if other != intent and score >= _ALSO and intent != "unknown"))
    ranked = _ranked(scored, whole)
    if confidence < UNSURE:
        return Meaning("unknown", (), round(min(confidence, 0.39), 2), ranked)
    return Meaning(intent, also, round(confidence, 2), ranked)


def _best(leading: Sequence[tuple[str, float]], whole: Mapping[str, float]) -> tuple[str, float]:
    """The first sentence that is clear; else what all of them say together."""
    for intent, score in leading:
        if score >= 0.75 and intent != "help":
            return intent, score
    if not whole:
        return "unknown", 0.0
    return max(whole.items(), key=lambda pair: pair[1])


def _ranked(scored: Sequence[Mapping[str, float]], whole: Mapping[str, float]) -> tuple[str, ...]:
    best: dict[str, float] = dict(whole)
    for scores in scored:
        for intent, score in scores.items():
            best[intent] = max(score, best.get(intent, 0.0))
    ranked = sorted(best, key=lambda intent: -best[intent])
    return tuple(dict.fromkeys([*ranked, *_USUAL]))[:3]


def _classes(heard: Heard, facts: Mapping[int, Collection[str]]) -> dict[int, set[str]]:
    """Token → classes of words that begin there; a word inside a longer phrase is only part of that phrase."""
    said: dict[int, set[str]] = {index: set(classes) for index, classes in facts.items()}
    reached = 0
    for start, mark in sorted(heard.marks.get("cue", {}).items()):
        if mark.end > reached:
            said.setdefault(start, set()).update(value for value in mark.values if value)
            reached = mark.end
    return said


def _sentences(heard: Heard) -> Iterator[range]:
    """Token ranges between full stops, question marks and line ends, and before `and when`."""
    start = 0
    for index in range(1, len(heard.tokens)):
        if _ends_before(heard, index) or heard.at("turn", index) is not None:
            yield range(start, index)
            start = index
    yield range(start, len(heard.tokens))


def _ends_before(heard: Heard, index: int) -> bool:
    """Whether a sentence ends before this token; the full stop of an abbreviation (art. 33, долл. США) ends none."""
    token = heard.tokens[index]
    if _TEXT_END.isdisjoint(token.gap):
        return False
    abbreviated = token.gap.startswith(".") and (len(heard.word(index - 1)) <= 4 and not token.capital)
    return not abbreviated and not (token.gap == "." and token.is_number)


def _scores(said: Mapping[int, set[str]], part: range, heard: Heard) -> dict[str, float]:
    present: set[str] = set()
    for index in part:
        present |= said.get(index, _NONE)
    if not present:
        return {}
    best: dict[str, float] = {}
    for rule in RULES:
        if rule.classes <= present and not rule.without & present:
            best[rule.intent] = max(best.get(rule.intent, 0.0), rule.score)
    return _tempered(_main_verb(best, said, part), present, part)


def _main_verb(best: dict[str, float], said: Mapping[int, set[str]], part: range) -> dict[str, float]:
    """Where a sentence asks and gives (`needs funding`, `funds what Kenya needs`), the first of its verbs says what it is about."""
    first = {intent: next((index for index in part if cues & said.get(index, _NONE)), None) for intent, cues in _VERBS.items()}
    heard = {intent: index for intent, index in first.items() if index is not None and intent in best}
    if len(heard) > 1:
        earliest = min(heard, key=lambda intent: heard[intent])
        for intent in heard:
            if intent != earliest:
                best[intent] -= 0.06
    return best


def _tempered(best: dict[str, float], present: Collection[str], part: range) -> dict[str, float]:
    """Few words make a bare `help` or greeting certain."""
    if "help" in present and len(part) <= 5:
        best["help"] = 0.97 if len(part) <= 2 else 0.93 if not {"type", "place", "topic"} & set(present) else 0.6
    if {"greet", "thanks"} & set(present) and len(part) <= 4:
        best["help"] = max(best.get("help", 0.0), 0.9 if len(best) <= 1 else 0.5)
    return best


_NONE: frozenset[str] = frozenset()
_VERBS = {"need": frozenset({"ask"}), "activity": frozenset({"fund"}), "offer": frozenset({"offer", "can"})}
