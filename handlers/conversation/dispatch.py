"""A message's way through the house: one turn, one transaction (DESIGN 2).

Order of hearing: typed action · control word or command · open draft → answer · free text → intent · help.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

import sqlalchemy as sa
from sqlmodel import Session

from handlers.conversation import controls, filling
from handlers.conversation.access import Actor, Refused, Role
from handlers.conversation.capability import Capability, FormSpec
from handlers.conversation.codec import decode, encode
from handlers.conversation.context import Context, place_key
from handlers.conversation.forms import Problem
from handlers.conversation.hearing import Hearing, Understood, may_be_question
from handlers.conversation.named import record_named, shown_to_all
from handlers.conversation.press import unpack
from handlers.conversation.references import reference_alone
from handlers.conversation.reply import Refusal, Replies, Say
from handlers.conversation.routes import routes
from handlers.conversation.text import T
from handlers.conversation.turn import Answered, Arrived, Pressed, Said, Sent, TakenUp, Turn, Where, as_heard, fit
from handlers.conversation.words import Reader
from storage import turns
from storage.database import Database, attempt
from storage.turns import DraftState, Speaker

log = logging.getLogger(__name__)

CLEAR = 0.6
"""Confidence from which free text in the middle of a form is taken for a question of its own."""

SEEN_EVERY = timedelta(minutes=10)
"""How often it is written down that an account is still in use."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to a turn: replies with the reader they are for; `again` when the event had been heard before."""

    replies: Replies
    reader: Reader
    person_id: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Reception:
    """How the house receives somebody: who a new account is, what a newcomer is told, what is said when nothing was understood."""

    enrol: Callable[[Session, Turn, datetime], Speaker]
    welcome: Callable[[Context], Replies]
    likeliest: Callable[[Context, Understood], Replies]


class Dispatcher:
    """`dispatch(turn)` for every door. Safe to call from many threads; one turn a (place, person) at a time is the caller's lock."""

    def __init__(
        self,
        *,
        database: Database,
        capabilities: tuple[Capability, ...],
        hearing: Hearing,
        reception: Reception,
        now: Callable[[Session], datetime],
    ) -> None:
        self.database = database
        self.hearing = hearing
        self.reception = reception
        self.now = now
        self.routes = routes(capabilities)

    @property
    def specs(self) -> Mapping[str, FormSpec]:
        """The forms of the house by name."""
        return self.routes.specs

    def dispatch(self, turn: Turn) -> Heard:
        """Hear one turn: effects, outbox rows and replies are committed together before this returns."""
        turn = fit(turn)
        with self.database.transaction() as session:
            connection = session.connection()
            turns.lock(connection, f"{turn.door}:{turn.who.key}")
            now = self.now(session)
            event = f"{turn.door}:{turn.event}"
            if not turns.hear(connection, event=event, door=turn.door, place=place_key(turn), said=as_heard(turn.what), now=now):
                return self._again(session, turn, event)
            return self._first_time(session, turn, event, now)

    def _again(self, session: Session, turn: Turn, event: str) -> Heard:
        stored, person_id = turns.heard(session.connection(), event)
        speaker = turns.speaker(session.connection(), turn.door, turn.who.key)
        reader = Reader(speaker.language, speaker.zone) if speaker else Reader("en", "UTC")
        if speaker is None or person_id not in (None, speaker.person_id):
            return Heard((Refusal(code="unknown_button", text=T("refused.unknown_button")),), reader, 0, again=True)
        return Heard(decode(stored), reader, person_id or 0, again=True)

    def _first_time(self, session: Session, turn: Turn, event: str, now: datetime) -> Heard:
        connection = session.connection()
        speaker = self._speaker(session, turn, now)
        actor = actor_of(connection, speaker)
        context = Context(session, actor, turn, now, self.hearing)
        shown = self._named_to_all(context)
        private = None if shown else self._privately(context)
        replies = shown or self._safely(private or context)
        if private and replies:
            private.tell(actor.id, replies, key=f"private:{event}", kind="answer")
            replies = (Say(text=T("channel.answered_privately")),)
        elif not speaker.welcomed and not isinstance(turn.what, Arrived):
            replies = (*self.reception.welcome(context), *replies)
        context = self._reread(context)
        turns.answered(connection, event=event, person_id=actor.id, replies=encode(replies))
        if turn.answer_later and replies:
            self._answer_later(context, event, replies)
        return Heard(replies, context.reader, actor.id)

    def _privately(self, context: Context) -> Context | None:
        """Where others read along, only what is public is answered in place; all else goes on in a direct message (DESIGN 2.6)."""
        turn = context.turn
        if turn.where.kind == "personal" or isinstance(turn.what, Arrived) or self._about(context) & self.routes.in_public:
            return None
        return replace(context, turn=replace(turn, where=Where(key=turn.who.key, address=turn.who.address)))

    def _named_to_all(self, context: Context) -> Replies | None:
        """The card of a public record that a message in a shared place names and says nothing else of that would be heard."""
        what, heard_as = context.turn.what, self.routes.opening | self.routes.commands.keys()
        if context.turn.where.kind == "personal" or not isinstance(what, Said) or self._about(context) & heard_as:
            return None
        return shown_to_all(context, self.routes.references, what.text)

    def _about(self, context: Context) -> set[str]:
        match context.turn.what:
            case Pressed(packed):
                return {unpack(packed).verb}
            case Said(text):
                command = self.routes.command(text, whole=False)
                heard = self.hearing.understand(text, language=None, today=context.today)
                return {command.name} if command else {heard.intent}
            case _:
                return set()

    def _speaker(self, session: Session, turn: Turn, now: datetime) -> Speaker:
        speaker = turns.speaker(session.connection(), turn.door, turn.who.key)
        if speaker is None:
            return self.reception.enrol(session, turn, now)
        turns.lock(session.connection(), f"person:{speaker.person_id}")  # one person on two doors is heard one turn at a time
        stale = now - speaker.last_seen_at > SEEN_EVERY
        if stale or speaker.unreachable or dict(speaker.address) != dict(turn.who.address):
            turns.seen(session.connection(), identity_id=speaker.identity_id, address=turn.who.address, now=now)
        return speaker

    def _reread(self, context: Context) -> Context:
        """The person as they are now: a turn may change one's own language, and its receipt is already in the new one."""
        if "language" not in context.notes:
            return context
        return replace(
            context, actor=replace(context.actor, language=context.notes["language"], zone=context.notes.get("zone", context.actor.zone))
        )

    def _answer_later(self, context: Context, event: str, replies: Replies) -> None:
        turns.tell(
            context.connection, key=f"answer:{event}", kind="answer", person_id=context.actor.id, channel_id=None, door=context.turn.door,
            address=dict(context.turn.where.address), body=encode(replies), due_at=context.now, created_at=context.now,
        )  # fmt: skip

    def _safely(self, context: Context) -> Replies:
        """Route inside a savepoint: a refusal, or a fault of ours, undoes the turn's effects and nothing else."""
        try:
            with attempt(context.session):
                return self._route(context)
        except Refused as refused:
            return self._refused(context, refused)
        except turns.StaleDraft as stale:
            return self._refused(context, filling.moved_on(context, str(stale)))
        except (sa.exc.OperationalError, sa.exc.InternalError):
            raise
        except Exception:
            reference = hashlib.sha256(context.turn.event.encode()).hexdigest()[:8]
            log.exception("turn failed", extra={"reference": reference, "event": context.turn.event, "door": context.turn.door})
            return (Refusal(code="unexpected", text=T("refused.unexpected", reference=reference)),)

    def _refused(self, context: Context, refused: Refused) -> Replies:
        turns.note(
            context.connection, at=context.now, person_id=context.actor.id, door=context.turn.door, event=context.turn.event,
            action=f"refused.{refused.code}", subject=None, outcome="refused", before=None, after=as_heard(context.turn.what),
        )  # fmt: skip
        refusal: Replies = (Refusal(code=refused.code, text=refused.text, actions=refused.actions),)
        if not isinstance(context.turn.what, Said):
            return refusal
        return self._and_go_on(context, refusal, turns.open_draft(context.connection, context.actor.id, context.place))

    def _route(self, context: Context) -> Replies:
        match context.turn.what:
            case Pressed(packed):
                return self.press(context, packed)
            case Answered(draft_id, answers):
                spec, draft = filling.mine(context, self.specs, draft_id)
                return filling.answer_all(context, spec, draft, answers)
            case Arrived():
                return self.reception.welcome(context)
            case Said(text):
                return self._said(context, text)
            case TakenUp(form, text):
                return self._taken_up(context, form, text)
            case Sent(_, text) as sent:
                return self._sent(context, sent, text)
            case _:
                assert_never(context.turn.what)

    def _sent(self, context: Context, sent: Sent, text: str) -> Replies:
        """What was written with files is heard first: it may open the form, or name the record, they belong to."""
        heard = self._said(context, text) if text and not reference_alone(text) else ()
        taken = self.routes.sent(context, sent) if self.routes.sent else ()
        return (*heard[:-1], *taken, *heard[-1:])

    def _taken_up(self, context: Context, form: str, text: str) -> Replies:
        spec = self.specs.get(form)
        if spec is None:
            raise Refused("unknown_button")
        return filling.begin(context, spec, self.hearing.understand(text, language=None, today=context.today))

    def press(self, context: Context, packed: str) -> Replies:
        """Do what a button says. A button of another release that no longer means anything is refused in words."""
        pressed = unpack(packed)
        if pressed.verb.startswith("form."):
            if pressed.verb == "form.new" and (not pressed.args or pressed.args[0] not in self.specs):
                raise Refused("unknown_button")
            return controls.pressed(context, self.specs, pressed.verb, pressed.args)
        if pressed.verb == "intent.start" and pressed.args[:1] and pressed.args[0] in self.routes.intents:
            nothing_said = self.hearing.understand("", language=context.actor.language, today=context.today)
            return self.routes.intents[pressed.args[0]](context, nothing_said)
        handler = self.routes.presses.get(pressed.verb)
        if handler is None:
            raise Refused("unknown_button")
        return handler(context, pressed.args)

    def _said(self, context: Context, text: str) -> Replies:
        draft = turns.open_draft(context.connection, context.actor.id, context.place)
        control = controls.control_word(text)
        if control and (replies := controls.heard(context, self.specs, draft, control)) is not None:
            return replies
        if (replies := self._commanded(context, text, draft, whole=draft is not None)) is not None:
            return replies
        if draft is not None and draft.form in self.specs:
            return self._in_form(context, draft, text)
        return self._free(context, text)

    def _commanded(self, context: Context, text: str, draft: DraftState | None, *, whole: bool) -> Replies | None:
        command = self.routes.command(text, whole=whole)
        replies = command.handler(context, command.rest) if command else None
        return None if replies is None else self._and_go_on(context, replies, draft)

    def _and_go_on(self, context: Context, replies: Replies, draft: DraftState | None) -> Replies:
        """After an interruption, the open question again."""
        if draft is None:
            return replies
        standing = turns.open_draft(context.connection, context.actor.id, context.place)
        if standing is None or standing.id != draft.id:
            return replies
        return (*replies, *filling.show(context, self.specs[standing.form], standing, lead=(T("form.going_on"),)))

    def _in_form(self, context: Context, draft: DraftState, text: str) -> Replies:
        spec = self.specs[draft.form]
        asked = filling.asked_now(context, spec, draft)
        listens = asked is None or may_be_question(asked.kind, text)
        if listens and (interrupted := self._interrupted(context, draft, text)) is not None:
            return interrupted
        if asked is None:
            return controls.at_review(context, spec, draft, text)
        if (corrected := controls.corrected(context, spec, draft, text)) is not None:
            return corrected
        outcome = filling.try_answer(context, spec, draft, asked, text)
        if not isinstance(outcome, Problem):
            return outcome
        commanded = self._commanded(context, text, draft, whole=False)  # "quiet hours 21:00-07:00" is no date
        otherwise = commanded if commanded is not None else self._interrupted(context, draft, text)
        return otherwise if otherwise is not None else filling.show(context, spec, draft, problem=outcome)

    def _interrupted(self, context: Context, draft: DraftState, text: str) -> Replies | None:
        """The answer to a question in the middle of a form, and the form again; None where the text is none."""
        understood = self.hearing.understand(text, language=None, today=context.today)
        intent = understood.intent
        if intent not in self.routes.interrupts or intent not in self.routes.intents or understood.confidence < CLEAR:
            return None
        return self._and_go_on(context, self.routes.intents[intent](context, understood), draft)

    def _free(self, context: Context, text: str) -> Replies:
        ref = reference_alone(text)
        if ref and (shown := self.routes.references.get(ref.partition("-")[0])):
            return shown(context, ref)
        if packed := self.routes.offered.get(text.strip().strip(".!?。！？؟ ").casefold()):
            return self.press(context, packed)
        understood = self.hearing.understand(text, language=None, today=context.today)
        if understood.intent not in self.routes.opening and (card := record_named(context, self.routes.references, text)):
            return card
        handler = self.routes.intents.get(understood.intent)
        if handler is None:
            return self.reception.likeliest(context, understood)
        replies = handler(context, understood)
        also = next((self.routes.intents[i] for i in understood.also if i in self.routes.interrupts and i in self.routes.intents), None)
        return (*also(context, understood), *replies) if also else replies


def actor_of(connection: sa.Connection, speaker: Speaker) -> Actor:
    """The person as the rules see them, with the appointments in force now."""
    roles = tuple(
        Role(h.role, h.party, h.organization_id, h.organization, h.convention, h.standing)
        for h in turns.held(connection, speaker.person_id)
    )
    return Actor(speaker.person_id, speaker.name, speaker.language, speaker.zone, roles, speaker.handle)
