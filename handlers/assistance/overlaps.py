"""Overlaps: what others already do or plan for the same party, instrument or article, type and time; shown neutrally, before saving."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from handlers.assistance.reasons import cited, coded
from handlers.conversation.access import Owner, sees
from handlers.conversation.context import Context
from handlers.conversation.forms import Answers
from handlers.conversation.text import T, Text
from storage.activities import Activity
from storage.fitting import Subject, activities_about, activity_subjects
from storage.reference import members

MOST_SHOWN = 3


def notes(context: Context, answers: Answers) -> tuple[Text, ...]:
    """What to know before an activity is saved; records this person may not see are only counted (DOMAIN: overlap)."""
    subject = _subject(answers)
    if not (subject.places and subject.topics and subject.types):
        return ()
    found = overlapping(context, subject, _day(answers.get("starts_on")), _day(answers.get("ends_on")))
    shown = [pair for pair in found if _seen(context, pair[0])]
    lines = tuple(_line(activity, about, subject) for activity, about in shown[:MOST_SHOWN])
    more = (T("overlap.more", n=len(shown) - MOST_SHOWN),) if len(shown) > MOST_SHOWN else ()
    hidden = (T("overlap.hidden", n=len(found) - len(shown)),) if len(found) > len(shown) else ()
    return (*((T("overlap.some"),) if lines else ()), *lines, *more, *hidden)


def overlapping(context: Context, subject: Subject, starts: date | None, ends: date | None) -> list[tuple[Activity, Subject]]:
    """Planned or running activities that overlap, oldest first."""
    found = [activity for activity in activities_about(context.session, subject) if same_time(activity, starts, ends)]
    about = activity_subjects(context.session, [activity.id or 0 for activity in found])
    return [(activity, about[activity.id or 0]) for activity in found]


def same_time(activity: Activity, starts: date | None, ends: date | None) -> bool:
    """Whether two stretches of time touch; a side that was not said is open."""
    before = ends is not None and activity.starts_on is not None and ends < activity.starts_on
    after = starts is not None and activity.ends_on is not None and starts > activity.ends_on
    return not (before or after)


def _subject(answers: Answers) -> Subject:
    return Subject(*(tuple(answers.get(name) or ()) for name in ("recipients", "instruments", "articles", "assistance_types")))


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def owner_of(activity: Activity) -> Owner:
    """Whose record an activity is: its organization's, the party's that reported it, or else that of whoever registered it."""
    nobodys = activity.organization_id is None and activity.reported_by is None
    person_id = activity.owner_id if nobodys else None
    return Owner(party=activity.reported_by, organization_id=activity.organization_id, person_id=person_id)


def _seen(context: Context, activity: Activity) -> bool:
    return sees(context.actor, activity.visibility, owner_of(activity))


def _line(activity: Activity, about: Subject, subject: Subject) -> Text:
    articles = [code for code in subject.articles if code in about.articles]
    instruments = [code for code in subject.instruments if code in about.instruments]
    return T(
        "overlap.one", ref=activity.ref, title=activity.title, provider=activity.provider,
        places=coded("place", shared_places(about.places, subject.places)),
        topics=cited(articles) if articles else coded("instrument", instruments),
        types=coded("assistance_type", [code for code in subject.types if code in about.types]), when=span(activity),
    )  # fmt: skip


def shared_places(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """For each place of one that meets a place of the other, the smaller of the two."""
    pairs = ((a, b) for a in one for b in other if members(a) & members(b))
    return list(dict.fromkeys(min(pair, key=lambda place: len(members(place))) for pair in pairs))


def span(activity: Activity) -> Text:
    """When an activity runs, as far as it is said."""
    match activity.starts_on, activity.ends_on:
        case date() as starts, date() as ends:
            return T("overlap.from_to", starts=starts, ends=ends)
        case date() as starts, None:
            return T("overlap.from", starts=starts)
        case None, date() as ends:
            return T("overlap.until", ends=ends)
        case _:
            return T("overlap.undated")
