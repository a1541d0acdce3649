"""One process, one aiohttp application: every door that is configured, the clock, and the paths for those who watch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import slack, statements, teams
from bot import web as web_chat
from bot.house import House
from bot.listening import HOST
from bot.mailbox import MailboxDoor
from bot.metrics import observe
from bot.post import delivery
from bot.settings import Settings
from handlers.chores import CHORES
from scheduler.door import Door
from scheduler.metronome import Metronome
from scheduler.watcher import overdue
from storage.backlog import backlog
from storage.database import StorageProblem

Register = Callable[[web.Application, House], Door]
BODY_LIMIT = 1024 * 1024
"""Bytes of a request body; above it 413. Slack and Teams stay far below."""

HOUSE = web.AppKey("house", House)
METRONOME = web.AppKey("metronome", Metronome)


def doors_of(settings: Settings) -> tuple[Register, ...]:
    """The platforms that are configured; the web chat and its desk are always there."""
    rows: tuple[tuple[object | None, Register], ...] = ((settings.slack, slack.register), (settings.teams, teams.register))
    return tuple(register for configured, register in rows if configured)


def application(house: House, *, host: str) -> web.Application:
    """Everything behind one port. `host` is what the server listens on: the emulator door insists on loopback."""
    app = web.Application(client_max_size=BODY_LIMIT)
    app[HOUSE], app[HOST] = house, host
    platforms = tuple(register(app, house) for register in doors_of(house.settings))
    web_chat.register(app, house)
    statements.register(app)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", _metrics)
    _wind_up(app, house, (*platforms, MailboxDoor()))
    return app


def _wind_up(app: web.Application, house: House, doors: tuple[Door, ...]) -> None:
    post = delivery(house, doors)
    metronome = app[METRONOME] = Metronome(house.database, CHORES, house.clock, post)
    house.wake = metronome.wake

    async def start(_: web.Application) -> None:
        metronome.start()

    async def stop(_: web.Application) -> None:
        await metronome.stop()
        for door in doors:
            await door.close()

    app.on_startup.append(start)
    app.on_cleanup.append(stop)


async def _healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _readyz(request: web.Request) -> web.Response:
    """200 while the database answers and nothing due is unsent; 503 with the reason otherwise.

    A house that was stopped on purpose is ready, and a dead letter is for `liaison deliveries`, not for a load balancer.
    """
    house = request.app[HOUSE]
    try:
        with house.database.reading() as session:
            late = overdue(session, house.clock.now(session))
    except StorageProblem as problem:
        return web.json_response({"status": "not ready", "why": problem.code}, status=503)
    if late.unsent and not late.stopped:
        return web.json_response({"status": "not ready", "why": "overdue", "unsent": late.unsent}, status=503)
    return web.json_response({"status": "ready"})


async def _metrics(request: web.Request) -> web.Response:
    house = request.app[HOUSE]
    with suppress(StorageProblem), house.database.reading() as session:
        observe(backlog(session.connection(), business_now=house.clock.now(session)), house.clock.now(session))
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
