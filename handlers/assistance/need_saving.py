"""A checked need becomes a record: rows, reference, audit, matches and alerts, in the turn's one transaction."""

from __future__ import annotations

from handlers.assistance import need_form
from handlers.assistance.announcing import Announced, announce
from handlers.assistance.choices import with_their_instruments
from handlers.assistance.contacts import conventions
from handlers.assistance.need_form import NeedForm
from handlers.assistance.overlaps import owner_of
from handlers.conversation import present
from handlers.conversation.access import Owner, sees
from handlers.conversation.context import Context
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Item, Line, Listing, Receipt, Replies
from handlers.conversation.text import Code, T
from storage.needs import Need, set_lines, set_tags
from storage.records import next_reference
from storage.turns import DraftState

MOST_FITTING = 3
"""Activities shown with the receipt."""


def save(context: Context, value: NeedForm, draft: DraftState) -> Replies:
    """Receipt, and the activities that may fit where there are some to see."""
    concerned = conventions(with_their_instruments(value.instruments, value.articles))
    context.require("need.write", Owner(party=value.party, conventions=concerned))
    need = _keep(context, value)
    context.audit("need.saved", need.ref, after=value.model_dump(mode="json"))
    announced = announce(context, need)
    fields = present.lines(NeedForm, draft, need_form.sources(context, draft.answers))
    told = Line(name="matched", label=T("need.matched.label"), value=T("need.matched", n=announced.people))
    saved = T("need.saved", ref=need.ref, party=Code("party", need.party))
    receipt = Receipt(text=saved, ref=need.ref, fields=(*fields, told), actions=_next(need))
    return (receipt, *_fitting(context, announced))


def _keep(context: Context, value: NeedForm) -> Need:
    need = Need(
        ref=next_reference(context.session, "N", context.now), party=value.party, title=value.title, description=value.description,
        beneficiary=value.beneficiary, amount=value.amount, currency=value.currency if value.amount else None, needed_by=value.needed_by,
        priority=value.priority.value, visibility=value.visibility.value, language=context.actor.language, owner_id=context.actor.id,
        created_at=context.now, updated_at=context.now,
    )  # fmt: skip
    context.session.add(need)
    context.session.flush()
    assert need.id is not None
    set_lines(context.session, need.id, value.assistance_types)
    set_tags(context.session, need.id, "instrument", with_their_instruments(value.instruments, value.articles))
    set_tags(context.session, need.id, "article", value.articles)
    return need


def _next(need: Need) -> tuple[Action, ...]:
    return (
        Action(id=press("need.matches", need.ref), label=T("action.see_matches")),
        Action(id=press("need.withdraw", need.ref), label=T("action.withdraw"), style="danger"),
    )


def _fitting(context: Context, announced: Announced) -> Replies:
    """Activities that may fit, within their visibility."""
    seen = [activity for activity, _ in announced.fitting if sees(context.actor, activity.visibility, owner_of(activity))]
    if not seen:
        return ()
    items = tuple(
        Item(
            text=T("need.fitting_activity", ref=activity.ref, title=activity.title, provider=activity.provider), ref=activity.ref,
            actions=(Action(id=press("activity.show", activity.ref), label=T("action.show_activity")),),
        )
        for activity in seen[:MOST_FITTING]
    )  # fmt: skip
    return (Listing(text=T("need.fitting", n=len(seen)), items=items),)
