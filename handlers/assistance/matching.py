"""Whether a need and somebody who may help fit, from 0 to 100, and why: reasons as codes that `reasons` puts into words.

Weights: where it is (35), what it is about (30), which assistance (25), when (10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from storage.fitting import Subject
from storage.matching import topics_followed
from storage.reference import members

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something fits, or does not: a code with plain JSON values. Words: `reason.<code>`."""

    code: str
    params: Params = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Fit:
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """The filters of a subscription; an empty one is any."""

    places: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Running:
    """An activity as the rules weigh it."""

    ref: str
    title: str
    subject: Subject
    starts_on: date | None = None
    ends_on: date | None = None


def fit_of_wish(need: Subject, needed_by: date | None, wish: Wish) -> Fit:
    """How a need fits what somebody asked to hear of; that it matches at all was found before."""
    [party] = need.places
    place = narrowest(party, wish.places)
    where = _followed(party, place)
    topics = topics_followed(wish.instruments, wish.articles)
    topic, about = _topic(need, topics or need.topics)
    shared = [kind for kind in need.types if not wish.types or kind in wish.types]
    when = [Reason("by", {"date": needed_by.isoformat()})] if needed_by else []
    score = _place_score(party, place) + (topic if topics else 12) + _type_score(need, shared, chosen=bool(wish.types))
    score += 5 if needed_by else 0
    return Fit(score, (where, *about, *_types(shared), *when))


def fit_of_activity(need: Subject, needed_by: date | None, activity: Running) -> Fit:
    """How a need fits what somebody already does or plans, with what does not fit."""
    [party] = need.places
    subject = activity.subject
    place = narrowest(party, subject.places)
    topic, about = _topic(need, subject.topics)
    shared = [kind for kind in need.types if kind in subject.types]
    missing = [kind for kind in need.types if kind not in subject.types]
    score, when = _time(needed_by, activity)
    score += _place_score(party, place) + topic + _type_score(need, shared, chosen=True)
    lacking = [Reason("lacking", {"ref": activity.ref, "types": missing})] if missing else []
    return Fit(score, (_serves(party, place, activity), *about, *_types(shared), *lacking, *when))


def narrowest(party: str, places: Iterable[str]) -> str | None:
    """The smallest of the places that hold the party; None where none does."""
    around = [place for place in places if party in members(place)]
    return min(around, key=lambda place: (len(members(place)), place), default=None)


def combined(fits: Sequence[Fit]) -> Fit:
    """One match for several grounds: the best score and every reason once, lists of one kind joined, the narrowest place followed."""
    kept: dict[str, Reason] = {}
    for reason in (reason for fit in fits for reason in fit.reasons):
        key = reason.code if reason.code in _JOINED else f"{reason.code} {sorted(reason.params.items())}"
        kept[key] = _joined(kept[key], reason) if key in kept else reason
    followed = sorted((reason for reason in kept.values() if reason.code in _FOLLOWED), key=lambda reason: ORDER.index(reason.code))
    others = [reason for reason in kept.values() if reason.code not in _FOLLOWED]
    return Fit(max(fit.score for fit in fits), tuple(sorted((*followed[:1], *others), key=lambda reason: ORDER.index(reason.code))))


_JOINED = ("articles", "instruments", "types")
_FOLLOWED = ("party", "region", "anywhere")


def _joined(one: Reason, other: Reason) -> Reason:
    return Reason(one.code, {name: list(dict.fromkeys((*codes, *other.params[name]))) for name, codes in one.params.items()})


ORDER = (
    "party", "region", "anywhere", "serves", "serves_region", "articles", "instruments", "types", "lacking",
    "by", "in_time", "ends_before", "starts_after",
)  # fmt: skip
"""Every reason there is, in the order in which they are told."""


def _followed(party: str, place: str | None) -> Reason:
    if place is None:
        return Reason("anywhere", {"party": party})
    return Reason("party", {"party": party}) if place == party else Reason("region", {"party": party, "place": place})


def _serves(party: str, place: str | None, activity: Running) -> Reason:
    what = {"ref": activity.ref, "title": activity.title, "party": party}
    return Reason("serves", what) if place in (party, None) else Reason("serves_region", what | {"place": place})


def _place_score(party: str, place: str | None) -> int:
    return 12 if place is None else 35 if place == party else 25


def _topic(need: Subject, topics: Sequence[str]) -> tuple[int, list[Reason]]:
    """An article in common says more than an instrument in common, and stands for it."""
    articles = [code for code in need.articles if code in topics]
    parted = {code.partition(".")[0] for code in articles}
    instruments = [code for code in need.instruments if code in topics and code not in parted]
    reasons = [Reason("articles", {"articles": articles})] if articles else []
    reasons += [Reason("instruments", {"instruments": instruments})] if instruments else []
    return (30 if articles else 22 if instruments else 0), reasons


def _type_score(need: Subject, shared: Sequence[str], *, chosen: bool) -> int:
    return round(25 * len(shared) / max(len(need.types), 1)) if chosen else 12


def _types(shared: Sequence[str]) -> list[Reason]:
    return [Reason("types", {"types": list(shared)})] if shared else []


def _time(needed_by: date | None, activity: Running) -> tuple[int, list[Reason]]:
    if needed_by is None:
        return 5, []
    what = {"ref": activity.ref, "date": needed_by.isoformat()}
    if activity.starts_on and activity.starts_on > needed_by:
        return 0, [Reason("starts_after", what | {"starts": activity.starts_on.isoformat()})]
    if activity.ends_on and activity.ends_on < needed_by:
        return 4, [Reason("ends_before", what | {"ends": activity.ends_on.isoformat()})]
    return 10, [Reason("in_time", what)]
