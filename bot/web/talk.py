"""The conversation's routes: what the person does, what arrives, what they may mean, and a demo's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlmodel import Session

from bot.files import PIECE, take
from bot.web import people, stream, suggest
from bot.web.desk import Desk
from bot.web.fields import View
from bot.web.history import answer
from bot.web.read import AnswersPost, ClockPost, FilePost, PressPost, SayPost, checked, posted, turn_of, what_of
from handlers.conversation.turn import File, Sent, What
from handlers.conversation.words import Reader
from scheduler.clock import OutOfTime
from storage import turns
from storage.files import LARGEST
from storage.people import DESK

FURTHEST = timedelta(days=366)
"""How far a demo's clock goes in one step."""


class Talk:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.house = desk.house

    async def say(self, request: web.Request) -> web.StreamResponse:
        person_id, body = await self.desk.posted(request)
        return await self._hear(person_id, posted(body, SayPost))

    async def press(self, request: web.Request) -> web.StreamResponse:
        person_id, body = await self.desk.posted(request)
        return await self._hear(person_id, posted(body, PressPost))

    async def answers(self, request: web.Request) -> web.StreamResponse:
        person_id, body = await self.desk.posted(request)
        return await self._hear(person_id, posted(body, AnswersPost))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file as the page sends it, in the body; its name and the event's id are in the address."""
        person_id = self.desk.poster(request)
        named = checked(FilePost, {"event": request.query.get("event"), "name": request.query.get("name")})
        if (request.content_length or 0) > LARGEST:
            file = File(named.name, problem="file_too_large")
        else:
            file = await take(self.house.settings.files_dir, named.name, request.content.iter_chunked(PIECE))
        return await self._answer(person_id, named.event, Sent((file,)), {})

    async def _hear(self, person_id: int, post: SayPost | PressPost | AnswersPost) -> web.Response:
        return await self._answer(person_id, post.event, what_of(post), post.answers if isinstance(post, AnswersPost) else {})

    async def _answer(self, person_id: int, event: str, what: What, typed: Mapping[str, object]) -> web.Response:
        heard = await self.house.hear(turn_of(person_id, event, what))
        view = View(heard.reader, key=f"t-{event}", typed=typed)
        html = answer(heard.replies, view)
        return web.json_response({"key": view.key, "html": html, "language": heard.reader.language, "again": heard.again})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        person_id = self.desk.person(request)
        cursor = stream.cursor_in(request.headers.get("Last-Event-ID") or request.query.get("after", "0"))
        if cursor is None:
            raise web.HTTPBadRequest(text="after: no such place in the stream")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        async for event in stream.events(self.house, person_id, cursor, lambda seconds: self._left(request, seconds)):
            await response.write(event)
        return response

    async def _left(self, request: web.Request, seconds: float) -> bool:
        """Wait, and say whether the page is gone or the house closes."""
        try:
            await asyncio.wait_for(self.desk.closing.wait(), seconds)
        except TimeoutError:
            return request.transport is None or request.transport.is_closing()
        return True

    async def suggest(self, request: web.Request) -> web.StreamResponse:
        person_id = self.desk.person(request)
        draft, field, typed = (request.query.get(name, "")[:100] for name in ("draft", "field", "q"))
        found = await self.desk.in_thread(suggest.suggestions, self.house, person_id, draft=draft, field=field, typed=typed)
        if found is None:
            raise web.HTTPNotFound(text="no such question")
        return web.json_response({"options": found})

    async def clock(self, request: web.Request) -> web.StreamResponse:
        """Move a demo's clock on; what falls due then arrives."""
        person_id, body = await self.desk.posted(request)
        if not self.house.is_demo:
            raise web.HTTPForbidden(text="only a demo's clock can be moved")
        reader, now = await self.desk.writing(self._move, person_id, posted(body, ClockPost))
        self.house.wake()
        return web.json_response({"now": now.isoformat(), "text": View(reader).say(now)})

    def _move(self, session: Session, person_id: int, post: ClockPost) -> tuple[Reader, datetime]:
        face = people.face(session, person_id)
        if face is None:
            raise web.HTTPUnauthorized(text="signed out")
        now = self.house.clock.now(session)
        then = _moved(now, post, face.zone)
        if not now < then <= now + FURTHEST:
            raise web.HTTPUnprocessableEntity(text="a demo's clock goes on by a year at most, and never back")
        try:
            self.house.clock.move_to(session, then)
        except OutOfTime as problem:
            raise web.HTTPUnprocessableEntity(text=str(problem)) from problem
        turns.note(
            session.connection(), at=then, person_id=person_id, door=DESK, event=None, action="demo.clock", subject=None, outcome="done",
            before={"now": now.isoformat()}, after={"now": then.isoformat()},
        )  # fmt: skip
        return Reader(face.language, face.zone), then


def _moved(now: datetime, post: ClockPost, zone: str) -> datetime:
    if post.to is not None:
        return post.to if post.to.tzinfo else post.to.replace(tzinfo=ZoneInfo(zone))
    return now + timedelta(hours=post.hours or 0)
