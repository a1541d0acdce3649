"""Reminders that fall due: what the clock's chore does with them (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlmodel import Session, col, select

from handlers.conference.drafting import parties_drafting
from handlers.conference.handed_in import parties_settled
from handlers.conference.planning import NOTICE
from handlers.conference.standing import closes_shown, named, opens_shown, standing
from handlers.conversation.context import tell
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import Code, T, Text
from storage.conference import ConferenceSession, Deadline, Reminder
from storage.people import Person, parties_with_focal_point

BATCH = 200
"""Reminders settled in one transaction: few enough that nobody's turn waits for it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A deadline as it is now: who acts for each party, who has handed in, and whose people are writing something for it."""

    deadline: Deadline
    conference: ConferenceSession
    acting: Mapping[str, Person]
    handed_in: frozenset[str]
    drafting: frozenset[str]

    def concerns(self, reminder: Reminder) -> bool:
        """Whether anybody is to be told: expected, or optional and begun; a notice goes to everybody."""
        wanted = self.deadline.expectation == "expected" or reminder.step == NOTICE or reminder.party in self.drafting
        return wanted and reminder.party in self.acting and reminder.party not in self.handed_in


def fall_due(session: Session, now: datetime) -> int:
    """Settle up to `BATCH` reminders whose moment has come; how many there were; call it until there are none.

    - Planned: a reminder that is met on time goes to whoever acts for the party *now*, once (its outbox key is its own).
    - Late, after downtime: it goes at once, whatever the hour there, since the deadline does not wait; of several steps of one
      deadline and party only the latest goes, the others are `missed`.
    - `missed` too when the deadline has closed; `superseded` when it moved; `dropped` when the party has handed in, nobody acts for
      it, or the deadline is optional and its people are not writing anything for it.
    """
    rows = _overdue(session, now)
    asked = {deadline_id: _asked(session, deadline_id) for deadline_id in {row.deadline_id for row in rows}}
    for (deadline_id, _), steps in groupby(rows, key=lambda row: (row.deadline_id, row.party)):
        _settle(session, asked[deadline_id], list(steps), now)
    session.flush()
    return len(rows)


def _overdue(session: Session, now: datetime) -> Sequence[Reminder]:
    """By deadline, party and moment, so that the steps of one party stay together; a party cut off by the batch is left to the next."""
    query = select(Reminder).where(Reminder.state == "planned", Reminder.due_at <= now)
    query = query.order_by(col(Reminder.deadline_id), col(Reminder.party), col(Reminder.due_at), col(Reminder.id))
    rows = session.exec(query.limit(BATCH).with_for_update(skip_locked=True).execution_options(populate_existing=True)).all()
    if len(rows) < BATCH:
        return rows
    last = rows[-1]
    whole = [row for row in rows if (row.deadline_id, row.party) != (last.deadline_id, last.party)]
    return whole or rows


def _asked(session: Session, deadline_id: int) -> Asked:
    deadline = session.get_one(Deadline, deadline_id)
    conference = session.get_one(ConferenceSession, deadline.session_id)
    optional = deadline.expectation != "expected"
    return Asked(
        deadline,
        conference,
        dict(parties_with_focal_point(session, conference.convention)),
        parties_settled(session, deadline),
        parties_drafting(session, deadline_id, conference.convention) if optional else frozenset(),
    )


def _settle(session: Session, asked: Asked, steps: list[Reminder], now: datetime) -> None:
    concerned = [row for row in steps if row.revision == asked.deadline.revision and asked.concerns(row)]
    for row in steps:
        row.state = _outcome(row, asked, row is concerned[-1] if concerned else False, now)
        row.settled_at = now
        session.add(row)
        if row.state == "sent":
            _remind(session, row, asked, now)


def _outcome(row: Reminder, asked: Asked, latest: bool, now: datetime) -> str:
    if row.revision != asked.deadline.revision or asked.deadline.cancelled_at is not None:
        return "superseded"
    if standing(asked.deadline, now) == "closed":
        return "missed"
    if not asked.concerns(row):
        return "dropped"
    return "sent" if latest else "missed"


def _remind(session: Session, row: Reminder, asked: Asked, now: datetime) -> None:
    person = asked.acting[row.party]
    assert person.id is not None
    key, said = told_as(row.deadline_id, row.revision, row.party, row.step), reminder(asked.deadline, asked.conference, row, now)
    tell(session, person.id, said, key=key, kind="reminder", due=now, now=now, not_after=asked.deadline.closes_at)


def told_as(deadline_id: int, revision: int, party: str, step: str) -> str:
    """The key under which a reminder is told."""
    return f"reminder:{deadline_id}:{revision}:{party}:{step}"


def reminder(deadline: Deadline, conference: ConferenceSession, row: Reminder, now: datetime) -> Replies:
    """What a party is told: what, until when in both zones, how long that is, and a button to hand it in."""
    what, closes, opens = named(deadline), closes_shown(deadline, conference.zone), opens_shown(deadline, conference.zone)
    if opens and standing(deadline, now) == "not_yet_open":
        return (Say(text=T("reminder.opens", what=what, opens=opens, closes=closes), actions=(_see_all(),)),)
    text = T(_words(deadline, row), what=what, closes=closes, left=left(deadline.closes_at - now), party=Code("party", row.party))
    return (Say(text=text, actions=(_hand_in(deadline), _see_all())),)


def _words(deadline: Deadline, row: Reminder) -> str:
    if deadline.expectation == "expected":
        return "reminder.expected"
    return "reminder.open" if row.step == NOTICE else "reminder.drafting"


def _hand_in(deadline: Deadline) -> Action:
    return Action(id=press("submission.start", deadline.id or 0), label=T("deadline.hand_in"), style="primary")


def _see_all() -> Action:
    return Action(id=press("deadline.list"), label=T("deadline.see_all"))


def left(time: timedelta) -> Text:
    """How long is left, in whole days from two days on (an hour less is not counted: a beat may be late), else in hours, rounded."""
    if time >= timedelta(hours=47, minutes=30):
        return T("reminder.left.days", n=(time + timedelta(hours=1)) // timedelta(days=1))
    return T("reminder.left.hours", n=max(1, round(time / timedelta(hours=1))))
