"""What every route needs: who is at the page, what they posted, and the database in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

from aiohttp import web
from sqlmodel import Session
from yarl import query_to_pairs

from bot.house import House
from bot.web.fields import View
from bot.web.read import body_of
from bot.web.session import Visit, begin_visit, brings_token, sign_out, token_of, visit_of
from handlers.conversation.words import Reader
from storage.reference import LANGUAGES

T = TypeVar("T")
P = ParamSpec("P")


def page_response(text: str, *, status: int = 200) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html", charset="utf-8")


class Desk:
    """The house as the routes use it; `closing` ends the open streams, so that the server need not wait for them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.secret = house.settings.secret_key
        self.secure = house.settings.base_url.startswith("https:")
        self.closing = asyncio.Event()

    async def close(self, app: web.Application) -> None:
        self.closing.set()

    def visit(self, request: web.Request) -> Visit:
        return visit_of(request, self.secret, now=self.house.clock.machine())

    def person(self, request: web.Request) -> int:
        """Who is signed in; 401 when nobody is."""
        person_id = self.visit(request).person_id
        if person_id is None:
            raise web.HTTPUnauthorized(text="signed out")
        return person_id

    def poster(self, request: web.Request) -> int:
        """Who posts something that is read piece by piece; refused unless the page's own script did it."""
        person_id = self.person(request)
        self._own(request.headers.get("X-Liaison-Token", ""), request)
        return person_id

    async def posted(self, request: web.Request) -> tuple[int, bytes]:
        """Who posts, and what; refused before it is read unless the page's own script did it."""
        return self.poster(request), await body_of(request)

    async def form(self, request: web.Request) -> Mapping[str, str]:
        """The fields of a form of one of our pages."""
        fields = dict(query_to_pairs((await body_of(request)).decode("utf-8", "replace"), max_fields=20))
        self._own(fields.get("token", ""), request)
        return fields

    def _own(self, token: str, request: web.Request) -> None:
        if not brings_token(token, self.visit(request), self.secret):
            raise web.HTTPForbidden(text="the token of the page is missing")

    def stranger(self, request: web.Request) -> View:
        """The language of somebody who is not signed in: the one they picked, else their browser's."""
        accepted = request.headers.get("Accept-Language", "").split(",")
        asked = [request.query.get("lang", ""), *(part.strip()[:2].lower() for part in accepted)]
        language = next((code for code in asked if code in LANGUAGES), "en")
        return View(Reader(language, self.house.settings.zone))

    def with_visit(self, visit: Visit, page: Callable[[str], str]) -> web.Response:
        """A page with a form on it: the visitor is given a cookie for the form's token to be bound to."""
        response = page_response("")
        if not visit.cookie or visit.person_id is not None:
            sign_out(response)
            visit = begin_visit(response, self.secret, secure=self.secure)
        response.text = page(token_of(visit, self.secret))
        return response

    async def in_thread(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.house.threads, lambda: work(*given, **named))

    async def reading(self, work: Callable[Concatenate[Session, P], T], *given: P.args, **named: P.kwargs) -> T:
        def read() -> T:
            with self.house.database.reading() as session:
                return work(session, *given, **named)

        return await self.in_thread(read)

    async def writing(self, work: Callable[Concatenate[Session, P], T], *given: P.args, **named: P.kwargs) -> T:
        """One transaction, undone when `work` raises."""

        def write() -> T:
            with self.house.database.transaction() as session:
                return work(session, *given, **named)

        return await self.in_thread(write)
