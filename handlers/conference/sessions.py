"""What the secretariat does with a session: set and change its deadlines, move it, and say how early parties are reminded."""

from __future__ import annotations

from handlers.conference.deadline_form import SPEC, on_set_deadline
from handlers.conference.moving import confirm_move, keep_it, on_move
from handlers.conference.policy import on_policy
from handlers.conversation.access import Actor, may
from handlers.conversation.capability import Capability, Offer
from handlers.conversation.press import press


def _suits(actor: Actor) -> bool:
    return may(actor, "session.manage")


CAPABILITY = Capability(
    name="sessions",
    commands={"set_deadline": on_set_deadline, "move_session": on_move, "reminder_policy": on_policy},
    presses={"session.move": confirm_move, "session.keep": keep_it},
    forms=(SPEC,),
    offers=(Offer("deadline", press("form.new", "deadline"), _suits),),
)
