"""Coming in and going out: the page itself, picking a person on a demo, one-time links elsewhere."""

from __future__ import annotations

from aiohttp import web
from sqlmodel import Session

from bot.web import links, pages, people, stream
from bot.web.desk import Desk, page_response
from bot.web.history import conversation, history
from bot.web.read import arrival_of
from bot.web.session import Visit, sign_in, sign_out, token_of
from handlers.conversation.words import Reader


class Entrance:
    """Whether a person may be picked depends on the database being a demo, never on the address the request came from."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.house = desk.house

    async def page(self, request: web.Request) -> web.StreamResponse:
        visit = self.desk.visit(request)
        if visit.person_id is not None:
            chat = await self.desk.reading(self._chat_page, visit)
            if chat is not None:
                return page_response(pages.chat_page(chat))
        elif request.headers.get("Sec-Fetch-Site") == "cross-site":
            return page_response(pages.returning_page())
        return await self._front(request, visit)

    def _chat_page(self, session: Session, visit: Visit) -> pages.ChatPage | None:
        face = people.face(session, visit.person_id or 0)
        if face is None:
            return None
        after = stream.standing(session, face.id)  # before the history: what is sent between the two is shown once, by its key
        shown = conversation(history(session, face.id), Reader(face.language, face.zone))
        now = self.house.clock.now(session) if self.house.is_demo else None
        return pages.ChatPage(face, token_of(visit, self.desk.secret), shown, str(after), now)

    async def _front(self, request: web.Request, visit: Visit) -> web.Response:
        view = self.desk.stranger(request)
        if not self.house.is_demo:
            return page_response(pages.sign_in_page(view))
        faces = await self.desk.reading(people.faces)
        return self.desk.with_visit(visit, lambda token: pages.pick_page(faces, view, token))

    async def pick(self, request: web.Request) -> web.StreamResponse:
        """Become a person, on a demo."""
        if not self.house.is_demo:
            raise web.HTTPForbidden(text="a person can be picked on a demo only")
        wanted = (await self.desk.form(request)).get("person", "")
        person_id = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0
        return await self._come_in(person_id, how="demo")

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Show the button that uses the link. It came from another site, so no session cookie came along: a new visit begins."""
        address = f"/chat/link/{request.match_info['token']}"
        view = self.desk.stranger(request)
        return self.desk.with_visit(Visit(""), lambda token: pages.link_page(view, address=address, token=token))

    async def use_link(self, request: web.Request) -> web.StreamResponse:
        await self.desk.form(request)
        person_id = await self.desk.writing(links.spend, request.match_info["token"], secret=self.desk.secret)
        if person_id is None:
            return page_response(pages.sign_in_page(self.desk.stranger(request), problem="sign_in.spent"), status=403)
        return await self._come_in(person_id, how="link")

    async def _come_in(self, person_id: int, *, how: str) -> web.StreamResponse:
        await self.desk.writing(self._note, person_id, how)
        await self.house.hear(arrival_of(person_id))
        response = web.Response(status=303, headers={"Location": "/chat"})
        sign_in(response, self.desk.secret, person_id, now=self.house.clock.machine(), secure=self.desk.secure)
        return response

    def _note(self, session: Session, person_id: int, how: str) -> None:
        if people.face(session, person_id) is None:
            raise web.HTTPBadRequest(text="there is no such person")
        people.note_sign_in(session, person_id, how=how, now=self.house.clock.now(session))

    async def leave(self, request: web.Request) -> web.StreamResponse:
        await self.desk.form(request)
        response = web.Response(status=303, headers={"Location": "/chat"})
        sign_out(response)
        return response
