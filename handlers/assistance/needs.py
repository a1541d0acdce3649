"""Needs in conversation: the form, one's own needs, one need's card, withdrawing and taking that back."""

from __future__ import annotations

from handlers.assistance import need_form, need_saving
from handlers.assistance.alerts import answers, facts
from handlers.assistance.changes import history_of, ways_to_change
from handlers.assistance.contacts import contact_of
from handlers.assistance.files import listed
from handlers.assistance.need_form import NeedForm
from handlers.assistance.need_reading import KEPT, decided_on, open_to_change, own, owner_of, seen
from handlers.assistance.why import why
from handlers.conversation import filling
from handlers.conversation.access import Actor, Owner, Refused, may
from handlers.conversation.capability import Capability, FormSpec, Offer
from handlers.conversation.context import Context
from handlers.conversation.lately import last_reference, means_it
from handlers.conversation.press import press
from handlers.conversation.references import reference_in
from handlers.conversation.reply import Action, Item, Listing, Replies, Say
from handlers.conversation.text import Code, T, Text
from handlers.conversation.turn import Said
from storage.fitting import need_subjects
from storage.matches import Match, hold_alerts, match_of, matches_of_need, release_alerts
from storage.needs import Need, lines_of, needs_of
from storage.people import Person

MOST_LISTED = 10


def card(context: Context, ref: str) -> Replies:
    """Everything about one need."""
    need = seen(context, ref)
    subject = need_subjects(context.session, [need.id or 0])[need.id or 0]
    lines = tuple(_line(line.assistance_type, line.status) for line in lines_of(context.session, need.id or 0))
    items = [Item(text=T("match.need", title=need.title), details=(*facts(need, subject), *_about(context, need)), ref=need.ref)]
    items += [Item(text=T("need.described", description=need.description))] if need.description else []
    items += [Item(text=T("need.lines"), details=lines)]
    items += listed(context, need.ref, own=need.status == "open" and may(context.actor, "need.write", owner_of(context, need)))
    mine = match_of(context.session, need.id or 0, context.actor.id)
    if mine:
        items.append(Item(text=T("match.why"), details=why(context, mine)))
    heading = T("need.card", ref=need.ref, party=Code("party", need.party))
    return (Listing(text=heading, items=tuple(items), ref=need.ref, actions=_ways(context, need, mine)),)


def _about(context: Context, need: Need) -> tuple[Text, ...]:
    contact = contact_of(context.session, need.party, need_subjects(context.session, [need.id or 0])[need.id or 0].instruments)
    status = T("need.fact.status", status=T(f"need_status.{need.status}"))
    about = (status, T("need.fact.visibility", visibility=T(f"visibility.{need.visibility}")))
    return (*about, T("need.fact.contact", contact=contact.name)) if contact else about


def _ways(context: Context, need: Need, mine: Match | None) -> tuple[Action, ...]:
    if may(context.actor, "need.write", owner_of(context, need)):
        return _own_ways(need)
    if mine and need.status == "open" and may(context.actor, "match.answer", Owner(person_id=context.actor.id)):
        return answers(need.ref, but=mine.state)
    return ()


def _own_ways(need: Need) -> tuple[Action, ...]:
    if need.status == "withdrawn":
        return (Action(id=press("need.restore", need.ref), label=T("action.undo")),)
    see = Action(id=press("need.matches", need.ref), label=T("action.see_matches"))
    withdraw = Action(id=press("need.withdraw", need.ref), label=T("action.withdraw"), style="danger")
    return (see, *ways_to_change(need.ref), withdraw) if need.status == "open" else (see, history_of(need.ref))


def mine(context: Context, rest: str) -> Replies:
    """The needs of the parties one speaks for, open ones first."""
    context.require("need.write")
    needs = needs_of(context.session, context.actor.parties)
    if not needs:
        return (Say(text=T("need.none_yet"), actions=(Action(id=press("form.new", "need"), label=T("offer.need"), style="primary"),)),)
    items = tuple(_listed(context, need) for need in needs[:MOST_LISTED])
    return (Listing(text=T("need.mine", n=len(needs)), items=items),)


def _listed(context: Context, need: Need) -> Item:
    lines = tuple(_line(line.assistance_type, line.status) for line in lines_of(context.session, need.id or 0))
    interested = len(matches_of_need(context.session, need.id or 0, "interested", "already"))
    heading = T("need.listed", ref=need.ref, title=need.title, status=T(f"need_status.{need.status}"))
    show = Action(id=press("need.show", need.ref), label=T("action.show_need"))
    details = (*lines, T("need.heard_from", n=interested))
    return Item(text=heading, details=details, ref=need.ref, actions=(show, *_ways(context, need, None)[-1:]))


def _line(kind: str, status: str) -> Text:
    return T("need.line", type=Code("assistance_type", kind), status=T(f"line_status.{status}"))


def matches(context: Context, args: tuple[str, ...]) -> Replies:
    """Who may help with a need of one's own: how many, and what those who answered said."""
    need = own(context, args[0] if args else "")
    found = matches_of_need(context.session, need.id or 0)
    items = tuple(_answered(context, match) for match in found if match.state in ("interested", "already"))
    return (Listing(text=T("need.matches", ref=need.ref, n=len(found)), items=items[:MOST_LISTED], ref=need.ref),)


def _answered(context: Context, match: Match) -> Item:
    person = context.session.get(Person, match.person_id)
    return Item(text=T(f"match.{match.state}.listed", name=person.name if person else ""), details=why(context, match))


def withdraw(context: Context, args: tuple[str, ...]) -> Replies:
    """Take a need off the register; who said they were interested is told."""
    need = open_to_change(context, args[0] if args else "")
    _turn(context, need, "withdrawn")
    hold_alerts(context.session, need.ref)
    undo = Action(id=press("need.restore", need.ref), label=T("action.undo"))
    return (Say(text=T("need.withdrawn", ref=need.ref), actions=(undo,)),)


def restore(context: Context, args: tuple[str, ...]) -> Replies:
    """Undo a withdrawal."""
    need = decided_on(context, args[0] if args else "")
    if need.status != "withdrawn":
        raise Refused("need_not_withdrawn", ref=need.ref)
    _turn(context, need, "open")
    release_alerts(context.session, need.ref)
    return (Say(text=T("need.restored", ref=need.ref), actions=_own_ways(need)),)


def _turn(context: Context, need: Need, status: str) -> None:
    before, need.status = need.status, status
    need.version, need.updated_at = need.version + 1, context.now
    context.session.add(need)
    context.audit(f"need.{status}", need.ref, before={"status": before}, after={"status": status})
    for match in matches_of_need(context.session, need.id or 0, "interested", "already"):
        news = Say(text=T(f"need.{status}_told", ref=need.ref, title=need.title, party=Code("party", need.party)))
        context.tell(match.person_id, (news,), key=f"need:{need.ref}:{need.version}:{match.person_id}", kind="news")


def _withdraw_named(context: Context, rest: str) -> Replies:
    ref = reference_in(rest) or (last_reference(context, "N") if means_it(rest) else None)
    return withdraw(context, (ref,)) if ref else mine(context, rest)


def _matches_named(context: Context, rest: str) -> Replies:
    """`who got my need?`: of the need named, or spoken of last, or the only one; else the list to choose from."""
    context.require("need.write")
    ref = reference_in(rest) or last_reference(context, "N")
    own_ones = [need.ref for need in needs_of(context.session, context.actor.parties) if need.status == "open"]
    ref = ref or (own_ones[0] if len(own_ones) == 1 else None)
    return matches(context, (ref,)) if ref else mine(context, rest)


def _my_needs(context: Context, rest: str) -> Replies:
    """`our needs` lists them; `our needs are training and …` goes on to say one."""
    what = context.turn.what
    heard = context.hearing.understand(what.text, language=None, today=context.today) if rest and isinstance(what, Said) else None
    return filling.begin(context, SPEC, heard) if heard and heard.intent == "need" else mine(context, rest)


def _asks_for_help(actor: Actor) -> bool:
    return actor.holds("focal_point")


SPEC = FormSpec(NeedForm, need_form.begin, need_saving.save, intents=("need",), sources=need_form.sources, kept=KEPT)
CAPABILITY = Capability(
    name="need",
    commands={"my_needs": _my_needs, "withdraw": _withdraw_named, "matches": _matches_named},
    presses={
        "need.show": lambda context, args: card(context, args[0] if args else ""),
        "need.matches": matches,
        "need.withdraw": withdraw,
        "need.restore": restore,
    },
    references={"N": card},
    forms=(SPEC,),
    offers=(Offer("need", press("form.new", "need"), _asks_for_help),),
)
