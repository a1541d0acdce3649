"""The composition root: the only place that knows everything, and chooses the real things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.house import House
from bot.settings import Settings
from bot.web.download import downloads
from bot.web.invitation import invitation
from handlers.capabilities import CAPABILITIES, OFFERS, RECORDS
from handlers.conversation.dispatch import Dispatcher
from handlers.conversation.press import press
from handlers.people.reception import reception
from handlers.understanding.ears import Ears
from scheduler.clock import BusinessClock, machine_now
from storage.database import Database
from storage.migrate import ready, writable
from storage.records import DEMO, setting

_STARTS = {intent: press("form.new", spec.name) for row in CAPABILITIES for spec in row.forms for intent in spec.intents} | {
    intent: press("intent.start", intent) for row in CAPABILITIES for intent in row.intents
}
"""The press that starts what an intent means, for the three likeliest meanings of a message nobody understood."""


def build(settings: Settings, *, machine: Callable[[], datetime] = machine_now) -> House:
    """A house on the database of the settings; StorageProblem when that is not at our schema or cannot be written to."""
    database = Database(settings.database_url)
    ready(database)
    writable(database)
    return assemble(settings, database, machine=machine)


def assemble(settings: Settings, database: Database, *, machine: Callable[[], datetime] = machine_now) -> House:
    """A house on a database that is known to be right."""
    with database.reading() as session:
        is_demo = bool(setting(session, DEMO))
    clock = BusinessClock(machine, movable=is_demo)
    ears = Ears()
    ears.warm()
    dispatcher = Dispatcher(
        database=database,
        capabilities=(*CAPABILITIES, invitation(settings), downloads(settings, RECORDS)),
        hearing=ears,
        reception=reception(OFFERS, _STARTS.get, zone=settings.zone),
        now=clock.now,
    )
    return House(settings=settings, database=database, dispatcher=dispatcher, clock=clock, is_demo=is_demo)
