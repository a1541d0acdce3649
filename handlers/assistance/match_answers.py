"""What a donor says to an alert: interested, not for us, we already do this; and how the other side hears of it."""

from __future__ import annotations

from hashlib import sha256

from handlers.assistance.alerts import ANSWERS, answers
from handlers.assistance.contacts import contact_of, focal_points, named
from handlers.assistance.need_reading import seen
from handlers.assistance.needs import card
from handlers.conversation.access import Owner, Refused, may, sees
from handlers.conversation.capability import Capability, PressHandler
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Replies, Say
from handlers.conversation.text import Code, T, Text
from storage.fitting import need_subjects
from storage.matches import Match, match_by_ref, match_of
from storage.needs import Need
from storage.records import locked

_TELLS = ("interested", "already")
"""Answers that the focal point hears of; a refusal only where it takes one of these back."""


def answer(context: Context, need_ref: str, said: str) -> Replies:
    """Keep an answer; a second one changes the first and says so, the same again changes nothing."""
    need = seen(context, need_ref)
    need = locked(context.session, Need, need.id or 0) or need  # it may be withdrawn this moment
    match = match_of(context.session, need.id or 0, context.actor.id)
    if match is None:
        raise Refused("not_your_match", ref=need.ref)
    context.require("match.answer", Owner(person_id=match.person_id))
    if need.status != "open":
        raise Refused("need_not_open", ref=need.ref, status=T(f"need_status.{need.status}"))
    before = match.state
    if before == said:
        return (Say(text=T("match.said_already", answer=T(f"match.{said}.button"), ref=need.ref), actions=answers(need.ref, but=said)),)
    _keep(context, need, match, said)
    _tell(context, need, match, before)
    changed = T("match.changed", before=T(f"match.{before}.button"), now=T(f"match.{said}.button")) if before in ANSWERS else None
    thanks = T("match.taken_back", ref=need.ref) if said == "declined" and before in _TELLS else _thanks(context, need, said)
    return (*((Say(text=changed),) if changed else ()), Say(text=thanks, actions=_next(context, need, said)))


def _keep(context: Context, need: Need, match: Match, said: str) -> None:
    before, match.state = match.state, said
    match.answered_at = context.now
    context.session.add(match)
    context.audit(f"match.{said}", match.ref, before={"state": before}, after={"state": said, "need": need.ref})


def _tell(context: Context, need: Need, match: Match, before: str) -> None:
    if match.state not in _TELLS and before not in _TELLS:
        return
    instruments = need_subjects(context.session, [need.id or 0])[need.id or 0].instruments
    told = [person.id for person in focal_points(context.session, need.party, instruments)] or [need.owner_id]
    news = T(f"match.{match.state}_told", who=named(context.actor), ref=need.ref, title=need.title, contact=context.actor.name)
    show = Action(id=press("need.show", need.ref), label=T("action.show_need"))
    event = sha256(f"{context.turn.door}:{context.turn.event}".encode()).hexdigest()[:12]
    for person_id in told:
        if person_id is not None:
            context.tell(person_id, (Say(text=news, actions=(show,)),), key=f"answer-to:{match.ref}:{event}:{person_id}", kind="news")


def _thanks(context: Context, need: Need, said: str) -> Text:
    if said != "interested":
        return T(f"match.{said}.thanks", ref=need.ref)
    instruments = need_subjects(context.session, [need.id or 0])[need.id or 0].instruments
    contact = contact_of(context.session, need.party, instruments)
    who = T("need.focal_point_is", name=contact.name) if contact else T("need.no_focal_point")
    return T("match.interested.thanks", ref=need.ref, party=Code("party", need.party), who=who)


def _next(context: Context, need: Need, said: str) -> tuple[Action, ...]:
    begin = Action(id=press("activity.from_need", need.ref), label=T("action.activity_from_need"), style="primary")
    first = (begin,) if said in _TELLS and may(context.actor, "activity.write") else ()
    return (*first, *(action for action in answers(need.ref, but=said) if said == "declined" or "declined" in action.id))


def _saying(said: str) -> PressHandler:
    return lambda context, args: answer(context, args[0] if args else "", said)


def _shown(context: Context, ref: str) -> Replies:
    """A match is shown as the need it is about; refused by the reference that was typed where that need may not be seen."""
    match = match_by_ref(context.session, ref)
    need = context.session.get(Need, match.need_id) if match else None
    if need is None or not sees(context.actor, need.visibility, Owner(party=need.party)):
        raise Refused("no_such_record", ref=ref.upper())
    return card(context, need.ref)


CAPABILITY = Capability(name="match", presses={f"match.{said}": _saying(said) for said in ANSWERS}, references={"M": _shown})
