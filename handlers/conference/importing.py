"""A session from its import agenda (DESIGN 8): session, agenda, organization of work, documents and deadlines, planned at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from handlers.conference import moments, reminders
from handlers.conference.standing import DeadlineKind, frame_of
from storage import turns
from storage.conference import AgendaItem, ConferenceSession, Deadline, Document, Meeting

Row = Mapping[str, Any]

_OPTIONAL = (DeadlineKind.DRAFT_RESOLUTIONS, DeadlineKind.SPEAKERS_LIST, DeadlineKind.HIGH_LEVEL_SPEAKERS, DeadlineKind.COMMENTS)
"""What nobody is expected to hand in, where the agenda does not say."""

_CONVENTIONS = {"COSP": "UNCAC"}


def import_session(session: Session, data: Row, now: datetime) -> ConferenceSession:
    """Create what an import agenda describes, and plan its reminders; a session that is known already is returned unchanged.

    `data` is the import agenda of DESIGN 8; it may add `title`, `place`, `contact` of the session, and of each deadline `title`,
    `wall`, `opens_wall`, `opens_time_stated`, `expectation`, `addressee` and `contact`.  Names are text, or text by language.
    KeyError or ValueError where a moment lacks or is none.
    """
    if known := session_known(session, data):
        return known
    conference = _conference(data, now)
    session.add(conference)
    session.flush()
    session.add_all(_agenda(data, conference))
    deadlines = [_deadline(row, conference, now) for row in data["deadlines"]]
    session.add_all(deadlines)
    session.flush()
    for deadline in deadlines:
        reminders.replan(session, deadline, now)
    turns.note(
        session.connection(), at=now, person_id=None, door="import", event=None, action="session.imported",
        subject=f"session:{conference.id}", outcome="done", before=None, after={"symbol": conference.symbol},
    )  # fmt: skip
    return conference


def session_known(session: Session, data: Row) -> ConferenceSession | None:
    """The session an agenda is about, if it is there already: a body has one session of a number."""
    same = select(ConferenceSession).where(ConferenceSession.body == data["body"], ConferenceSession.number == data["session"])
    return session.exec(same).first()


def _names(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {"en": value} if value else {}
    return dict(value or {})


def _conference(data: Row, now: datetime) -> ConferenceSession:
    return ConferenceSession(
        body=data["body"], number=data["session"], symbol=data["symbol"], title=_names(data.get("title")), place=_names(data.get("place")),
        convention=data.get("convention") or _CONVENTIONS.get(data["body"], "UNTOC"), zone=data["zone"], contact=_contact(data),
        opens_at=datetime.fromisoformat(data["opens"]), closes_at=datetime.fromisoformat(data["closes"]), created_at=now,
    )  # fmt: skip


def _contact(row: Row) -> str:
    """An address; a phrase that only points to the invitations is said by the house, in each reader's language."""
    said = str(row.get("contact") or "")
    return said if "@" in said or any(character.isdecimal() for character in said) else ""


def _agenda(data: Row, conference: ConferenceSession) -> Sequence[AgendaItem | Meeting | Document]:
    of = conference.id or 0
    items = (AgendaItem(session_id=of, position=at, number=i["number"], title=_names(i["title"])) for at, i in enumerate(data["items"]))
    meetings = (
        Meeting(
            session_id=of, starts_at=datetime.fromisoformat(m["start"]), ends_at=datetime.fromisoformat(m["end"]),
            items=list(m["items"]), title=_names(m.get("title")),
        )
        for m in data["meetings"]
    )  # fmt: skip
    documents = (Document(session_id=of, symbol=d["symbol"], title=d["title"], items=list(d["items"])) for d in data["documents"])
    return [*items, *meetings, *documents]


def _deadline(row: Row, conference: ConferenceSession, now: datetime) -> Deadline:
    kind, frame = row["kind"], frame_of(conference)
    closes_said, opens_said = _closes_said(row, conference.zone), _opens_said(row, conference.zone)
    return Deadline(
        session_id=conference.id or 0, kind=kind, title=_names(row.get("title")), source=row.get("source") or "", contact=_contact(row),
        expectation=row.get("expectation") or ("optional" if kind in _OPTIONAL else "expected"),
        addressee=row.get("addressee") or ("secretariat" if kind == DeadlineKind.BUDGET else "parties"),
        closes_said=closes_said, closes_at=moments.closing(closes_said, frame),
        opens_said=opens_said, opens_at=moments.opening(opens_said, frame) if opens_said else None, created_at=now,
    )  # fmt: skip


def _closes_said(row: Row, zone: str) -> dict[str, Any]:
    stated = bool(row["time_stated"])
    if row.get("offset"):
        offset = dict(row["offset"])
        if stated and offset["unit"] != "hours":
            offset["hour"] = _wall(row["at"], zone)[11:]
        return {"offset": offset}
    if row.get("wall"):
        return _said(str(row["wall"]), stated)
    if stated:
        return _said(_wall(row["at"], zone), stated)
    last_minute = datetime.fromisoformat(row["at"]) - timedelta(minutes=1)
    return _said(_wall(last_minute.isoformat(), zone), stated)


def _opens_said(row: Row, zone: str) -> dict[str, Any] | None:
    if not row.get("opens_at"):
        return None
    return _said(str(row.get("opens_wall") or _wall(row["opens_at"], zone)), bool(row.get("opens_time_stated")))


def _said(wall: str, stated: bool) -> dict[str, Any]:
    return {"wall": wall if stated else wall[:10], "hour_stated": stated}


def _wall(instant: str, zone: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
