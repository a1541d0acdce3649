"""What is due: for a focal point, their own party's deadlines and what it has handed in; for everybody else, the session's list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from handlers.conference.handed_in import parties_settled, prolongs_another, receipts_for
from handlers.conference.standing import asked_of_parties, closes_shown, contact_of, named, opens_shown, party_for, session_named, standing
from handlers.conversation.access import Refused
from handlers.conversation.capability import Capability, Offer
from handlers.conversation.context import Context
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Listing, Replies
from handlers.conversation.text import Code, Moment, T, Text
from storage.conference import ConferenceSession, Deadline, Submission, deadlines_of, next_session
from storage.people import parties_with_focal_point


def on_deadlines(context: Context, understood: Understood) -> Replies:
    return what_is_due(context)


def _on_command(context: Context, rest: str) -> Replies:
    return what_is_due(context)


def _on_press(context: Context, args: tuple[str, ...]) -> Replies:
    return what_is_due(context)


def what_is_due(context: Context) -> Replies:
    """The deadlines of the coming session as far as they concern this person. Where others read along, nothing of any party's own."""
    context.require("deadline.read")
    conference = next_session(context.session, context.now)
    if conference is None:
        raise Refused("no_session")
    party = party_for(context.actor, conference) if context.turn.where.kind == "personal" else None
    if party:
        items = own_items(context.session, conference, party, context.now)
        heading = T("deadline.own", party=Code("party", party), session=session_named(conference))
    else:
        items = _session_items(context, conference)
        heading = T("deadline.session", session=session_named(conference))
    return (Listing(text=heading if items else T("deadline.none", session=session_named(conference)), items=items),)


def own_items(session: Session, conference: ConferenceSession, party: str, now: datetime) -> tuple[Item, ...]:
    """One item for each deadline that concerns a party: those still to come first, closed ones last. Also what an own page shows."""
    deadlines = _closed_last(asked_of_parties(session, conference), now)
    return tuple(_own_item(conference, d, [s for s in receipts_for(session, d) if s.party == party], now) for d in deadlines)


def _closed_last(deadlines: Sequence[Deadline], now: datetime) -> list[Deadline]:
    return sorted(deadlines, key=lambda d: (d.closes_at <= now, d.closes_at, d.id or 0))


def _own_item(conference: ConferenceSession, deadline: Deadline, handed_in: Sequence[Submission], now: datetime) -> Item:
    receipts = tuple(_receipt(s, deadline, conference) for s in handed_in)
    where = standing(deadline, now)
    details = (*receipts, *_details(conference, deadline, now))
    if where == "closed" and not handed_in:
        details = (*details, T("deadline.contact", contact=contact_of(deadline, conference)))
    actions = (_hand_in(deadline, again=bool(handed_in)),) if where == "open" else ()
    return Item(text=_line(conference, deadline, now), details=details, actions=actions)


def _receipt(submission: Submission, deadline: Deadline, conference: ConferenceSession) -> Text:
    if submission.deadline_id != deadline.id:
        return T("deadline.met_by", ref=submission.ref)
    return T("deadline.received", ref=submission.ref, at=Moment(submission.received_at, conference.zone))


def _line(conference: ConferenceSession, deadline: Deadline, now: datetime) -> Text:
    key = {"open": "deadline.item_open", "not_yet_open": "deadline.item_not_yet", "closed": "deadline.item_closed"}[standing(deadline, now)]
    opens = opens_shown(deadline, conference.zone)
    return T(key, what=named(deadline), closes=closes_shown(deadline, conference.zone), **({"opens": opens} if opens else {}))


def _details(conference: ConferenceSession, deadline: Deadline, now: datetime) -> tuple[Text, ...]:
    """Whether it is expected of each party, while that still matters."""
    if standing(deadline, now) == "closed":
        return ()
    return (T("expectation.provisional" if prolongs_another(deadline) else f"expectation.{deadline.expectation}"),)


def _hand_in(deadline: Deadline, *, again: bool) -> Action:
    label = T("deadline.hand_in_again" if again else "deadline.hand_in")
    return Action(id=press("submission.start", deadline.id or 0), label=label, style="plain" if again else "primary")


def _session_items(context: Context, conference: ConferenceSession) -> tuple[Item, ...]:
    """Every deadline of the session; the secretariat also reads how many parties have handed in, and its own deadlines."""
    everything = context.actor.holds("secretariat") and context.turn.where.kind == "personal"
    known = deadlines_of(context.session, conference.id or 0) if everything else asked_of_parties(context.session, conference)
    addressed = len(parties_with_focal_point(context.session, conference.convention)) if everything else 0
    return tuple(_session_item(context, conference, d, addressed if everything else None) for d in _closed_last(known, context.now))


def _session_item(context: Context, conference: ConferenceSession, deadline: Deadline, addressed: int | None) -> Item:
    counted: tuple[Text, ...] = ()
    if addressed is not None:
        counted = (_counted(context.session, deadline, addressed) if deadline.addressee == "parties" else T("deadline.of_secretariat"),)
    details = (*counted, *(_details(conference, deadline, context.now) if deadline.addressee == "parties" else ()))
    return Item(text=_line(conference, deadline, context.now), details=details)


def _counted(session: Session, deadline: Deadline, addressed: int) -> Text:
    count = len(parties_settled(session, deadline))
    return T("deadline.counted", n=count, of=max(addressed, count))


CAPABILITY = Capability(
    name="deadlines",
    intents={"deadlines": on_deadlines},
    commands={"deadlines": _on_command},
    presses={"deadline.list": _on_press},
    offers=(Offer("deadlines", press("deadline.list"), lambda actor: bool(actor.roles)),),
    interrupts=("deadlines",),
    in_public=("deadlines", "deadline.list"),
)
