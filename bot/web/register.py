"""The web chat's routes on the house's one server."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.house import House
from bot.web.desk import Desk
from bot.web.entrance import Entrance
from bot.web.shelf import Shelf
from bot.web.talk import Talk
from storage.database import StorageProblem

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def register(app: web.Application, house: House) -> None:
    """Put the web chat under `/chat`. What a person is sent waits in the database: the desk's mailbox marks it, the page reads it."""
    desk = Desk(house)
    chat = web.Application(middlewares=[_courteous])
    chat.on_response_prepare.append(_guard)
    chat.on_shutdown.append(desk.close)
    chat.add_routes([*_entrance(Entrance(desk)), *_talk(Talk(desk)), *_shelf(Shelf(desk)), web.static("/static", STATIC)])
    app.add_subapp("/chat", chat)


def _entrance(entrance: Entrance) -> tuple[web.RouteDef, ...]:
    return (
        web.get("", entrance.page),
        web.post("/as", entrance.pick),
        web.get("/link/{token}", entrance.link),
        web.post("/link/{token}", entrance.use_link),
        web.post("/leave", entrance.leave),
    )


def _talk(talk: Talk) -> tuple[web.RouteDef, ...]:
    return (
        web.post("/say", talk.say),
        web.post("/press", talk.press),
        web.post("/answers", talk.answers),
        web.post("/file", talk.file),
        web.get("/stream", talk.stream),
        web.get("/suggest", talk.suggest),
        web.post("/clock", talk.clock),
    )


def _shelf(shelf: Shelf) -> tuple[web.RouteDef, ...]:
    return (web.get("/file/{token}", shelf.file),)


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    if not request.path.startswith("/chat/static/"):
        response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def _courteous(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A database that cannot be used now asks the page to try again; a fault of ours shows a reference and nothing else."""
    try:
        return await handler(request)
    except StorageProblem as problem:
        log.warning("web chat waits for its database", extra={"code": problem.code})
        return web.Response(status=503, text=problem.code, headers={"Retry-After": "1"})
    except (web.HTTPException, asyncio.CancelledError, ConnectionError):
        raise
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("web chat failed", extra={"reference": reference, "path": request.path})
        return web.Response(status=500, text=reference)
