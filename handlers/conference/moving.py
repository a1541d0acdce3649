"""Moving a session: relative deadlines move with it, absolute ones stay and are flagged, everyone affected is told (DOMAIN)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import select

from handlers.conference import moments, reminders
from handlers.conference.affected import others_affected, tell_affected
from handlers.conference.moments import Frame, first_showing
from handlers.conference.standing import closes_shown, frame_of, named, session_named
from handlers.conversation.access import Refused
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing, Replies, Say
from handlers.conversation.text import Moment, T
from storage.conference import ConferenceSession, Deadline, Meeting, deadlines_of, next_revision, next_session

_STAMP = "%Y%m%dT%H%MZ"


@dataclass(frozen=True, slots=True)
class Move:
    """A session's new opening and closing, and by how many days its meetings move."""

    opens_at: datetime
    closes_at: datetime
    days: int


def moved_to(conference: ConferenceSession, day: date, hour: time | None) -> Move:
    """The session opened on another day, at the same hour unless one is said; it closes as many days later at the same hour."""
    there = ZoneInfo(conference.zone)
    opened, closed = (at.astimezone(there).replace(tzinfo=None) for at in (conference.opens_at, conference.closes_at))
    days = (day - opened.date()).days
    opens_at = first_showing(datetime.combine(day, hour or opened.time()), conference.zone)
    return Move(opens_at, first_showing(closed + timedelta(days=days), conference.zone), days)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move makes of one deadline: new instants, or the same for one that does not move; `opened` is the opening so far."""

    deadline: Deadline
    opens_at: datetime | None
    closes_at: datetime
    opened: datetime

    @property
    def relative(self) -> bool:
        return moments.is_relative(self.deadline.closes_said) or moments.is_relative(self.deadline.opens_said)


def consequences(deadlines: list[Deadline], conference: ConferenceSession, move: Move, now: datetime) -> Iterator[Moved]:
    """Each deadline that is not over, as it would be after the move: what has closed stays as it was."""
    frame = Frame(conference.zone, move.opens_at, move.closes_at)
    for deadline in (deadline for deadline in deadlines if deadline.closes_at > now):
        opens = moments.opening(deadline.opens_said, frame) if deadline.opens_said else deadline.opens_at
        yield Moved(deadline, opens, moments.closing(deadline.closes_said, frame), conference.opens_at)


def on_move(context: Context, rest: str) -> Replies:
    """`move session to 19 October 2020`: what would move and what would not, and a button that does it."""
    context.require("session.manage")
    conference = next_session(context.session, context.now)
    if conference is None:
        raise Refused("no_session")
    found = context.hearing.moment(rest, language=context.reader.language, today=context.today)
    tomorrow = context.hearing.moment(rest, language=context.reader.language, today=context.today + timedelta(days=1))
    if len(found.values) != 1 or not found.sure or tomorrow.values != found.values:
        raise Refused("move_to_when")  # "one week later" counts from today, and nobody moves a session by today
    move = _heard_move(conference, *found.values[0])
    if move.opens_at <= context.now:
        raise Refused("move_into_past", opens=Moment(move.opens_at, conference.zone))
    if move.opens_at == conference.opens_at:
        raise Refused("opens_then_already", opens=Moment(conference.opens_at, conference.zone))
    return (_preview(context, conference, move, list(_consequences(context, conference, move))),)


def _heard_move(conference: ConferenceSession, day: date, hour: str | None) -> Move:
    """The move to a day and, where one was said, an hour; 24:00 is 00:00 of the day after."""
    if hour == "24:00":
        return moved_to(conference, day + timedelta(days=1), time(0))
    return moved_to(conference, day, time.fromisoformat(hour) if hour else None)


def _consequences(context: Context, conference: ConferenceSession, move: Move) -> Iterator[Moved]:
    return consequences(list(deadlines_of(context.session, conference.id or 0)), conference, move, context.now)


def _preview(context: Context, conference: ConferenceSession, move: Move, changes: list[Moved]) -> Listing:
    stamp = move.opens_at.astimezone(UTC).strftime(_STAMP)
    confirm = Action(id=press("session.move", conference.id or 0, conference.revision, stamp), label=T("session.move"), style="primary")
    opens = Moment(conference.opens_at, conference.zone), Moment(move.opens_at, conference.zone)
    text = T("session.would_move", session=session_named(conference), before=opens[0], after=opens[1])
    keep = Action(id=press("session.keep"), label=T("session.keep"))
    told = Item(text=T("session.would_tell", n=len(others_affected(context, conference))))
    return Listing(text=text, items=(_closing(conference, move), *_items(conference, move, changes), told), actions=(confirm, keep))


def _closing(conference: ConferenceSession, move: Move) -> Item:
    before, after = Moment(conference.closes_at, conference.zone), Moment(move.closes_at, conference.zone)
    return Item(text=T("session.closing", before=before, after=after))


def keep_it(context: Context, args: tuple[str, ...]) -> Replies:
    """The other button of a preview: nothing moves."""
    return (Say(text=T("session.kept")),)


def _items(conference: ConferenceSession, move: Move, changes: list[Moved], *, done: bool = False) -> tuple[Item, ...]:
    return tuple(_item(change, conference.zone, move, done) for change in sorted(changes, key=lambda c: (not c.relative, c.closes_at)))


def _item(change: Moved, zone: str, move: Move, done: bool) -> Item:
    """`done`: as everyone affected reads it afterwards. A fixed date that the opening would overtake is called out before."""
    before = closes_shown(change.deadline, zone)
    if not change.relative:
        overtaken = change.deadline.closes_at > change.opened and before.instant < move.opens_at
        key = "session.stays_told" if done else "session.overtaken" if overtaken else "session.stays"
        return Item(text=T(key, what=named(change.deadline), closes=before))
    after = Moment(change.closes_at, zone, ends_day=before.ends_day, assumed=before.assumed)
    return Item(text=T("session.moved_with" if done else "session.moves", what=named(change.deadline), before=before, after=after))


def confirm_move(context: Context, args: tuple[str, ...]) -> Replies:
    """Move it as shown; Refused when the session was changed since, so that nothing moves that was not seen."""
    context.require("session.manage")
    session_id, revision, stamp = _read(args)
    conference = next_revision(context.session, session_id, seen=revision)
    if conference is None:
        raise Refused("session_changed")
    opened = stamp.astimezone(ZoneInfo(conference.zone))
    move = moved_to(conference, opened.date(), opened.time())
    changes = list(_consequences(context, conference, move))
    before = frame_of(conference)
    listing = _announcement(conference, move, changes)
    _apply(context, conference, move, changes)
    after = {"opens_at": move.opens_at.isoformat(), "revision": conference.revision}
    context.audit("session.moved", f"session:{conference.id}", before={"opens_at": before.opens_at.isoformat()}, after=after)
    told = tell_affected(context, conference, (listing,), key=f"session:{conference.id}:{conference.revision}")
    return (Listing(text=T("session.moved_told", n=told), items=listing.items),)


def _read(args: tuple[str, ...]) -> tuple[int, int, datetime]:
    try:
        session_id, revision, stamp = args
        return int(session_id), int(revision), datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError as wrong:
        raise Refused("unknown_button") from wrong


def _announcement(conference: ConferenceSession, move: Move, changes: list[Moved]) -> Listing:
    """What everyone affected is told, in instants and words that hold after the move as well."""
    before, after = Moment(conference.opens_at, conference.zone), Moment(move.opens_at, conference.zone)
    theirs = [change for change in changes if change.deadline.addressee == "parties"]
    items = _items(conference, move, theirs, done=True)
    return Listing(text=T("session.moved", session=session_named(conference), before=before, after=after), items=items)


def _apply(context: Context, conference: ConferenceSession, move: Move, changes: list[Moved]) -> None:
    conference.opens_at, conference.closes_at = move.opens_at, move.closes_at
    context.session.add(conference)
    _move_meetings(context, conference, move.days)
    for change in changes:
        if change.relative and (change.deadline.opens_at, change.deadline.closes_at) != (change.opens_at, change.closes_at):
            change.deadline.opens_at, change.deadline.closes_at = change.opens_at, change.closes_at
            change.deadline.revision += 1
            context.session.add(change.deadline)
            reminders.replan(context.session, change.deadline, context.now)


def _move_meetings(context: Context, conference: ConferenceSession, days: int) -> None:
    for meeting in context.session.exec(select(Meeting).where(Meeting.session_id == conference.id)).all():
        meeting.starts_at = moments.days_before(meeting.starts_at, -days, conference.zone)
        meeting.ends_at = moments.days_before(meeting.ends_at, -days, conference.zone)
        context.session.add(meeting)
