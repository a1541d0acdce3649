"""Reminders as rows, planned in the same transaction as whatever changes them (DESIGN 4).

`plan` is pure; `replan` brings the rows of a deadline in line with it: when the deadline is set or moves, when a party hands in or
withdraws, when an appointment or a person's hours change, and when the policy does.  Planning twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from handlers.conference.falling_due import BATCH, fall_due, told_as
from handlers.conference.handed_in import parties_settled, prolonged_by, settled_by
from handlers.conference.planning import NOTICE, USUAL_STEPS, Due, Planned, Reached, plan
from handlers.conference.quiet import Hours
from storage.conference import ConferenceSession, Deadline, deadlines_of
from storage.people import Person, parties_with_focal_point
from storage.recall import call_back
from storage.records import set_setting, setting

__all__ = [
    "BATCH", "POLICY", "drop", "fall_due", "plan", "policy_of", "replan", "replan_open", "replan_party", "set_steps",
    "take_up_again",
]  # fmt: skip

POLICY = "reminders.policy"
"""The setting of the steps: `{"default": ["14d", …], "credentials": […]}`."""

_REMINDER = SQLModel.metadata.tables["reminder"]

Key = tuple[str, str]
"""A party and a step."""


class Row(NamedTuple):
    """A reminder of the deadline's present revision as it is stored."""

    id: int
    party: str
    step: str
    due_at: datetime
    state: str


def policy_of(session: Session, kind: str) -> tuple[str, ...]:
    """The steps for a kind of deadline: its own, else the house's, else the usual ones."""
    named = setting(session, POLICY) or {}
    return tuple(named.get(kind, named.get("default", USUAL_STEPS)))


def set_steps(session: Session, kind: str, steps: tuple[str, ...]) -> None:
    """The steps for a kind of deadline, or, for `default`, for all kinds without steps of their own; nothing is replanned yet."""
    set_setting(session, POLICY, {**(setting(session, POLICY) or {}), kind: list(steps)})


def replan(session: Session, deadline: Deadline, now: datetime, *, only: Collection[str] | None = None) -> None:
    """Bring the reminders of a deadline, or only those of some parties, in line with what it asks for now.

    Reminders of an older revision are `superseded`, those of a party that has handed in `dropped`; what was sent stays sent, and
    what is overdue stays with `fall_due`.  A party that was told anything about a deadline gets no further notice of it.  What is in
    the outbox and wanted no more is called back.
    """
    session.flush()
    _supersede_older(session, deadline, now)
    conference = session.get_one(ConferenceSession, deadline.session_id)
    stored = [row for row in _rows(session, deadline) if only is None or row.party in only]
    handed_in = parties_settled(session, deadline)
    if deadline.cancelled_at is not None or deadline.addressee != "parties":
        _settle(session, [row.id for row in stored if row.state == "planned"], "superseded", now)
        _call_back(session, _REMINDER.c.deadline_id == deadline.id)
        return
    _settle(session, [row.id for row in stored if row.state == "planned" and row.party in handed_in], "dropped", now)
    _call_back(session, sa.and_(_REMINDER.c.deadline_id == deadline.id, _REMINDER.c.party.in_(handed_in)))
    parties = [r for r in _reached(session, conference) if r.party not in handed_in and (only is None or r.party in only)]
    others = deadlines_of(session, deadline.session_id)
    first = prolonged_by(deadline, others)
    after = first.closes_at if first else None
    due = Due(conference.zone, deadline.closes_at, deadline.opens_at, deadline.expectation == "expected", after)
    wanted = plan(due, parties, policy_of(session, deadline.kind), now=now)
    _bring_in_line(session, deadline, {(p.party, p.step): p for p in wanted}, {(r.party, r.step): r for r in stored}, now)
    for prolonging in settled_by(deadline, others)[1:]:
        replan(session, prolonging, now, only=only)


def replan_open(session: Session, now: datetime, *, convention: str | None = None, only: Collection[str] | None = None) -> None:
    """Replan every deadline that is not over, of all sessions or those of one convention."""
    query = select(Deadline).join(ConferenceSession).where(Deadline.closes_at > now, col(Deadline.cancelled_at).is_(None))
    if convention:
        query = query.where(ConferenceSession.convention == convention)
    for deadline in session.exec(query.order_by(col(Deadline.id))).all():
        replan(session, deadline, now, only=only)


def replan_party(session: Session, party: str, now: datetime) -> None:
    """Replan a party's reminders: another person acts for it, or the one who does keeps other hours."""
    replan_open(session, now, only={party})


def drop(session: Session, deadline: Deadline, party: str, now: datetime) -> None:
    """Stop a party's reminders, those on their way included: it has handed in at this deadline."""
    session.flush()
    ids = [d.id for d in settled_by(deadline, deadlines_of(session, deadline.session_id))]
    theirs = sa.and_(_REMINDER.c.deadline_id.in_(ids), _REMINDER.c.party == party)
    planned = sa.and_(theirs, _REMINDER.c.state == "planned")
    session.connection().execute(sa.update(_REMINDER).where(planned).values(state="dropped", settled_at=now))
    _call_back(session, theirs)


def take_up_again(session: Session, deadline: Deadline, party: str, now: datetime) -> None:
    """Plan a party's reminders again: it has withdrawn what it handed in."""
    for settled in settled_by(deadline, deadlines_of(session, deadline.session_id)):
        replan(session, settled, now, only={party})


def _supersede_older(session: Session, deadline: Deadline, now: datetime) -> None:
    older = sa.and_(_REMINDER.c.deadline_id == deadline.id, _REMINDER.c.revision < deadline.revision)
    planned = sa.and_(older, _REMINDER.c.state == "planned")
    session.connection().execute(sa.update(_REMINDER).where(planned).values(state="superseded", settled_at=now))
    _call_back(session, older)


def _call_back(session: Session, which: sa.ColumnElement[bool]) -> None:
    """Keep back what these reminders put into the outbox and nobody sent yet; the reminders stay as they were settled."""
    columns = (_REMINDER.c[name] for name in ("deadline_id", "revision", "party", "step"))
    told = session.connection().execute(sa.select(*columns).where(which, _REMINDER.c.state == "sent"))
    call_back(session.connection(), [told_as(*row) for row in told])


def _rows(session: Session, deadline: Deadline) -> list[Row]:
    columns = (_REMINDER.c[name] for name in Row._fields)
    mine = sa.and_(_REMINDER.c.deadline_id == deadline.id, _REMINDER.c.revision == deadline.revision)
    return [Row(*row) for row in session.connection().execute(sa.select(*columns).where(mine))]


def _reached(session: Session, conference: ConferenceSession) -> list[Reached]:
    return [Reached(party, hours_of(person)) for party, person in parties_with_focal_point(session, conference.convention)]


def hours_of(person: Person) -> Hours:
    return Hours(person.zone, person.quiet_from, person.quiet_until)


def _bring_in_line(session: Session, deadline: Deadline, wanted: Mapping[Key, Planned], stored: Mapping[Key, Row], now: datetime) -> None:
    known = _told(session, deadline) | {r.party for r in stored.values() if r.state == "planned" and r.due_at <= now}
    news = {key: p for key, p in wanted.items() if p.step != NOTICE or not _opened(deadline, now) or p.party not in known}
    _insert(session, deadline, (p for key, p in news.items() if key not in stored), now)
    _postpone(session, list(_moved(news, stored)))
    planned_for = {party for party, _ in wanted}
    unwanted = (r for key, r in stored.items() if key not in wanted and r.party in planned_for and r.step != NOTICE)
    _settle(session, [r.id for r in unwanted if r.state == "planned" and r.due_at > now], "superseded", now)


def _told(session: Session, deadline: Deadline) -> set[str]:
    """Parties that this deadline was brought to, in any revision."""
    told = sa.and_(_REMINDER.c.deadline_id == deadline.id, _REMINDER.c.state == "sent")
    return set(session.connection().execute(sa.select(_REMINDER.c.party).where(told)).scalars())


def _opened(deadline: Deadline, now: datetime) -> bool:
    return deadline.opens_at is None or deadline.opens_at <= now


def _moved(wanted: Mapping[Key, Planned], stored: Mapping[Key, Row]) -> Iterator[tuple[int, datetime]]:
    for key, planned in wanted.items():
        row = stored.get(key)
        if row and row.state != "sent" and not planned.missed and (row.state, row.due_at) != ("planned", planned.due_at):
            yield row.id, planned.due_at


def _insert(session: Session, deadline: Deadline, planned: Iterable[Planned], now: datetime) -> None:
    fixed: dict[str, Any] = {"deadline_id": deadline.id, "revision": deadline.revision}
    fate: dict[bool, dict[str, Any]] = {False: {"state": "planned", "settled_at": None}, True: {"state": "missed", "settled_at": now}}
    rows = [{**fixed, **fate[p.missed], "party": p.party, "step": p.step, "due_at": p.due_at} for p in planned]
    if rows:
        session.connection().execute(sa.insert(_REMINDER), rows)


def _postpone(session: Session, moved: list[tuple[int, datetime]]) -> None:
    statement = sa.update(_REMINDER).where(_REMINDER.c.id == sa.bindparam("b_id"))
    statement = statement.values(due_at=sa.bindparam("b_due"), state="planned", settled_at=None)
    if moved:
        session.connection().execute(statement, [{"b_id": id_, "b_due": at} for id_, at in moved])


def _settle(session: Session, ids: list[int], state: str, now: datetime) -> None:
    if ids:
        session.connection().execute(sa.update(_REMINDER).where(_REMINDER.c.id.in_(ids)).values(state=state, settled_at=now))
