"""Setting a deadline: a moment, or an offset from the opening or closing; and changing one, with everyone affected told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import select

from handlers.conference import moments, reminders
from handlers.conference.affected import tell_affected
from handlers.conference.standing import DeadlineKind, Expectation, closes_shown, frame_of, kind_named, named, session_named
from handlers.conversation import dialog, filling
from handlers.conversation.access import Refused
from handlers.conversation.answers import wall
from handlers.conversation.capability import FormSpec
from handlers.conversation.context import Context
from handlers.conversation.forms import Answers, Ask, Choices, Form, check
from handlers.conversation.hearing import Understood
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Choice, Item, Listing, Replies, Say
from handlers.conversation.text import Moment, T, Text
from storage import turns
from storage.conference import ConferenceSession, Deadline, next_session
from storage.records import locked
from storage.turns import DraftState


class SaidOffset(BaseModel):
    """So long before the opening or closing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    count: Annotated[int, Field(ge=0, le=400)]
    unit: Literal["days", "hours", "weeks"]
    anchor: Literal["opening", "closing"]


class SaidMoment(BaseModel):
    """A moment as it was said: see `handlers.conference.moments`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    wall: str | None = None
    hour_stated: bool = False
    offset: SaidOffset | None = None

    @field_validator("wall")
    @classmethod
    def _is_wall_time(cls, value: str | None) -> str | None:
        try:
            date.fromisoformat((value or "2000-01-01")[:10])
            hour = (value or "")[11:]
            time.fromisoformat(hour if hour and hour != "24:00" else "00:00")
        except ValueError as wrong:
            raise PydanticCustomError("not_a_moment", "no wall time") from wrong
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.wall is None) == (self.offset is None):
            raise PydanticCustomError("not_a_moment", "neither a wall time nor an offset")
        return self

    def said(self) -> dict[str, Any]:
        if self.offset is not None:
            return {"offset": self.offset.model_dump()}
        return {"wall": self.wall, "hour_stated": self.hour_stated}


class DeadlineForm(Form):
    """What the secretariat sets: which deadline of which session, when it closes, and what is expected of whom."""

    form_name: ClassVar[str] = "deadline"
    session: Annotated[str, Ask(source="sessions", found=True)]
    kind: DeadlineKind
    title: Annotated[str | None, Field(max_length=200), Ask(when=lambda answers: answers.get("kind") == DeadlineKind.OTHER)] = None
    closes: SaidMoment
    expectation: Expectation
    opens: SaidMoment | None = None
    contact: Annotated[str | None, Field(max_length=200)] = None


@dataclass(frozen=True, slots=True)
class Window:
    """When a deadline opens, if it does, and closes."""

    opens_at: datetime | None
    closes_at: datetime


def _begin(context: Context, understood: Understood | None) -> Answers:
    context.require("session.manage")
    return {"session": str(_next(context).id)}


def _next(context: Context) -> ConferenceSession:
    conference = next_session(context.session, context.now)
    if conference is None:
        raise Refused("no_session")
    return conference


def _sources(context: Context, answers: Answers) -> Mapping[str, Choices]:
    known = context.session.exec(select(ConferenceSession)).all()
    return {"sessions": tuple(Choice(value=str(c.id), label=session_named(c)) for c in known)}


def _notes(context: Context, answers: Answers) -> tuple[Text, ...]:
    """The instant that what was said comes to, and what the change would replace."""
    form = check(DeadlineForm, answers, now=context.now).value
    if not isinstance(form, DeadlineForm):
        return ()
    conference = context.session.get_one(ConferenceSession, int(form.session))
    closes_at = _window(form, conference).closes_at
    said = form.closes.said()
    assumed = not moments.hour_stated(said)
    shown = Moment(closes_at, conference.zone, ends_day=assumed or moments.ends_day(said), assumed=assumed)
    notes = [T("deadline.will_close", closes=shown)]
    if closes_at <= context.now:
        notes.append(T("deadline.is_past"))
    standing_one = _standing_one(context, conference, form.kind)
    if standing_one:
        notes.append(T("deadline.replaces", closes=closes_shown(standing_one, conference.zone)))
    return tuple(notes)


def _window(form: DeadlineForm, conference: ConferenceSession) -> Window:
    frame = frame_of(conference)
    opens_at = moments.opening(form.opens.said(), frame) if form.opens else None
    return Window(opens_at, moments.closing(form.closes.said(), frame))


def _standing_one(context: Context, conference: ConferenceSession, kind: str) -> Deadline | None:
    """The deadline of this kind that the session has; of `other` and `comments` there may be many, so none is meant."""
    if kind in (DeadlineKind.OTHER, DeadlineKind.COMMENTS):
        return None
    query = select(Deadline).where(Deadline.session_id == conference.id, Deadline.kind == kind).execution_options(populate_existing=True)
    return next((d for d in context.session.exec(query).all() if d.cancelled_at is None), None)


def _save(context: Context, form: DeadlineForm, draft: DraftState) -> Replies:
    context.require("session.manage")
    conference = locked(context.session, ConferenceSession, int(form.session))
    assert conference is not None
    window = _window(form, conference)
    if window.opens_at and window.opens_at >= window.closes_at:
        opens, closes = (Moment(at, conference.zone) for at in (window.opens_at, window.closes_at))
        raise Refused("closes_before_opens", opens=opens, closes=closes)
    deadline = _standing_one(context, conference, form.kind)
    before = _facts(deadline) if deadline else None
    deadline = _written(deadline, form, window, conference, context)
    context.session.add(deadline)
    context.session.flush()
    reminders.replan(context.session, deadline, context.now)
    context.audit("deadline.set", f"deadline:{deadline.id}", before=before, after=_facts(deadline))
    if before and before["revision"] != deadline.revision:
        _tell(context, conference, deadline)
    text = T("deadline.set", what=named(deadline), closes=closes_shown(deadline, conference.zone))
    return (Say(text=text, actions=(Action(id=press("deadline.list"), label=T("deadline.see_all")),)),)


def _written(known: Deadline | None, form: DeadlineForm, window: Window, conference: ConferenceSession, context: Context) -> Deadline:
    """The row with what the form says; a revision more when its moments changed."""
    deadline = known or Deadline(
        session_id=conference.id or 0, kind=form.kind, closes_at=window.closes_at, opens_at=window.opens_at, created_at=context.now,
        addressee="secretariat" if form.kind == DeadlineKind.BUDGET else "parties",
    )  # fmt: skip
    if known and (known.opens_at, known.closes_at) != (window.opens_at, window.closes_at):
        deadline.revision += 1
    deadline.opens_at, deadline.closes_at = window.opens_at, window.closes_at
    deadline.opens_said = form.opens.said() if form.opens else None
    deadline.closes_said = form.closes.said()
    deadline.expectation = form.expectation
    deadline.contact = form.contact or ""
    if form.title:
        deadline.title = {context.actor.language: form.title}
    return deadline


def _facts(deadline: Deadline) -> dict[str, Any]:
    opens = deadline.opens_at.isoformat() if deadline.opens_at else None
    return {"kind": deadline.kind, "opens_at": opens, "closes_at": deadline.closes_at.isoformat(), "revision": deadline.revision}


def _tell(context: Context, conference: ConferenceSession, deadline: Deadline) -> None:
    text = T("deadline.changed", what=named(deadline), closes=closes_shown(deadline, conference.zone))
    replies = (Listing(text=text, items=(Item(text=T(f"expectation.{deadline.expectation}")),)),)
    tell_affected(context, conference, replies, key=f"deadline:{deadline.id}:{deadline.revision}")


def on_set_deadline(context: Context, rest: str) -> Replies:
    """`set deadline`, `change deadline credentials to 15 October 18:00`: the form, with what was said and what stands filled in."""
    context.require("session.manage")
    conference = _next(context)
    kind = kind_named(rest)
    said = said_moments(context, rest)
    closes = {"closes": said[0]} if len(said) == 1 else {"closes": None, "~closes": list(said)} if said else {}
    known = _standing_one(context, conference, kind) if kind else None
    answers = {**(_answers(known) if known else {}), **({"kind": kind} if kind else {}), **closes}
    replies = filling.begin(context, SPEC, answers=answers)
    draft = turns.open_draft(context.connection, context.actor.id, context.place)
    if known is None or draft is None:
        return replies
    draft = turns.keep_draft(context.connection, dialog.rest_skipped(draft, filling.checked_now(context, SPEC, draft)), now=context.now)
    return filling.show(context, SPEC, draft)


def said_moments(context: Context, text: str) -> tuple[dict[str, Any], ...]:
    """What a message may mean by its moment: an offset, or a day with or without an hour; several where it has to be asked."""
    language = context.reader.language
    offset = context.hearing.offset(text, language=language)
    if offset.values and offset.sure:
        count, unit, anchor = offset.values[0]
        return ({"offset": {"count": count, "unit": unit, "anchor": anchor}},)
    found = context.hearing.moment(text, language=language, today=context.today)
    return tuple(wall(day, hour) for day, hour in found.values)


def _answers(deadline: Deadline) -> dict[str, Any]:
    """What stands, as the answers that would set it."""
    return {
        "kind": deadline.kind, "closes": dict(deadline.closes_said), "expectation": deadline.expectation,
        "opens": dict(deadline.opens_said) if deadline.opens_said else None, "contact": deadline.contact or None,
    }  # fmt: skip


SPEC = FormSpec(DeadlineForm, _begin, _save, sources=_sources, notes=_notes)
