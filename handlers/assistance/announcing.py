"""A need is matched as it is saved: with subscriptions and with activities; one match a person, one alert for those who hear at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from handlers.assistance.alerts import alert
from handlers.assistance.contacts import seen_by
from handlers.assistance.matching import Fit, Running, Wish, combined, fit_of_activity, fit_of_wish
from handlers.conversation.codec import encode
from handlers.conversation.context import Context
from storage.activities import Activity
from storage.fitting import Subject, activities_about, activity_subjects, donors_among, officers_of
from storage.matches import Match, matches_of_need
from storage.matching import Sought, followers
from storage.needs import Need
from storage.recall import call_back, reword
from storage.records import next_references
from storage.subscriptions import Subscription


@dataclass(slots=True)
class Grounds:
    """Why one person hears of a need."""

    fits: list[Fit] = field(default_factory=list)
    subscription_id: int | None = None
    activity_id: int | None = None
    at_once: bool = True


@dataclass(frozen=True, slots=True)
class Announced:
    """How many were matched, and the activities that fit, whoever may see them, best first."""

    people: int
    fitting: tuple[tuple[Activity, Fit], ...]


def announce(context: Context, need: Need, subject: Subject) -> Announced:
    """Match a need that was just saved or changed and put the alerts into the outbox. Nobody is matched or told twice."""
    grounds: dict[int, Grounds] = {}
    _by_subscription(context.session, need, subject, grounds)
    fitting = _by_activity(context.session, need, subject, grounds)
    donors = donors_among(context.session, grounds) if grounds else {}
    for match in keep_matches(context, need, grounds) if grounds else ():
        if match.state == "told":
            news = alert(need, subject, match, answerable=match.person_id in donors)
            key = alert_key(need, match.person_id)
            if not context.tell(match.person_id, news, key=key, kind="alert"):
                reword(context.connection, key, encode(news))
    _call_back_others(context, need, grounds)
    return Announced(len(grounds), tuple(fitting))


def alert_key(need: Need, person_id: int) -> str:
    return f"alert:{need.ref}:{person_id}"


def _call_back_others(context: Context, need: Need, grounds: Mapping[int, Grounds]) -> None:
    """Whom a need that was changed does not concern any more is not told of it, if they were not told yet."""
    if need.version > 1:
        told = matches_of_need(context.session, need.id or 0, "told")
        call_back(context.connection, [alert_key(need, match.person_id) for match in told if match.person_id not in grounds])


def keep_matches(context: Context, need: Need, grounds: Mapping[int, Grounds]) -> list[Match]:
    """The matches of a need with these people, new or with their reasons brought up to date; an answer given stays."""
    standing = {match.person_id: match for match in matches_of_need(context.session, need.id or 0)}
    fresh = [person_id for person_id in grounds if person_id not in standing]
    refs = dict(zip(fresh, next_references(context.session, "M", context.now, len(fresh)), strict=True))
    kept = [standing.get(person_id) or _new(context, need, person_id, ground, refs[person_id]) for person_id, ground in grounds.items()]
    for match, ground in zip(kept, grounds.values(), strict=True):
        fit = combined(ground.fits)
        match.score, match.reasons = fit.score, [reason.plain() for reason in fit.reasons]
        match.subscription_id = ground.subscription_id or match.subscription_id
        match.activity_id = ground.activity_id or match.activity_id
    context.session.add_all(kept)
    context.session.flush()
    return kept


def _new(context: Context, need: Need, person_id: int, ground: Grounds, ref: str) -> Match:
    state = "told" if ground.at_once else "suggested"
    return Match(ref=ref, need_id=need.id or 0, person_id=person_id, state=state, reasons=[], created_at=context.now)


def _by_subscription(session: Session, need: Need, subject: Subject, grounds: dict[int, Grounds]) -> None:
    sought = Sought(need.party, subject.topics, subject.types, need.owner_id, seen_by(need.visibility))
    found = followers(session, sought)
    wishes = _wishes(session, [follower.subscription_id for follower in found])
    for follower in found:
        ground = grounds.setdefault(follower.person_id, Grounds(at_once=False))
        ground.at_once = ground.at_once or follower.frequency == "at_once"
        ground.subscription_id = ground.subscription_id or follower.subscription_id
        ground.fits.append(fit_of_wish(subject, need.needed_by, wishes[follower.subscription_id]))


def _wishes(session: Session, ids: list[int]) -> dict[int, Wish]:
    """The filters of subscriptions, read in pieces: a database takes only so many parameters."""
    found: dict[int, Wish] = {}
    for start in range(0, len(ids), 500):
        for row in session.exec(select(Subscription).where(col(Subscription.id).in_(ids[start : start + 500]))).all():
            found[row.id or 0] = Wish(tuple(row.places), tuple(row.instruments), tuple(row.articles), tuple(row.assistance_types))
    return found


def _by_activity(session: Session, need: Need, subject: Subject, grounds: dict[int, Grounds]) -> list[tuple[Activity, Fit]]:
    activities = activities_about(session, subject)
    if not activities:
        return []
    about = activity_subjects(session, [activity.id or 0 for activity in activities])
    officers = officers_of(session, {activity.organization_id for activity in activities if activity.organization_id})
    seeing = seen_by(need.visibility)
    fitting = []
    for activity in activities:
        fit = fit_of_activity(subject, need.needed_by, running(activity, about[activity.id or 0]))
        fitting.append((activity, fit))
        told: Iterable[int] = officers.get(activity.organization_id or 0, ()) if seeing is None or "donor" in seeing else ()
        for person_id in told:
            ground = grounds.setdefault(person_id, Grounds())
            ground.activity_id = ground.activity_id or activity.id
            ground.fits.append(fit)
    return sorted(fitting, key=lambda pair: -pair[1].score)


def running(activity: Activity, subject: Subject) -> Running:
    """An activity as the rules weigh it."""
    return Running(activity.ref, activity.title, subject, activity.starts_on, activity.ends_on)
