"""`liaison chat`, `liaison tick`: the terminal door, and the clock by hand."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from bot.app import build
from bot.demo.prepare import prepare
from bot.house import House
from bot.post import deliver_all
from bot.settings import Settings
from bot.terminal.chat import Chat, NobodyThere, person_id_of
from storage.database import Database
from storage.migrate import state
from storage.records import DEMO, setting

TICK = "do once what the clock would: reminders, digests, delivery; what goes to Slack or Teams is left to the server"


def add_parser(subparsers: Any) -> None:
    chat = subparsers.add_parser("chat", help="talk to the bot on this terminal")
    chat.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who speaks, by their short name: ke, donor-no, sec …")
    chat.add_argument("--demo", action="store_true", help="on the demo database of LIAISON_DATABASE_URL, or on a throwaway one")
    chat.add_argument("--json", action="store_true", help='one line in, replies out as one JSON object a line, then {"kind": "done"}')
    chat.set_defaults(run=run_chat)
    tick = subparsers.add_parser("tick", help=TICK)
    tick.set_defaults(run=run_tick)


def run_chat(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    with _house(settings, demo=arguments.demo) as house:
        try:
            person_id = person_id_of(house, arguments.person)
        except NobodyThere as problem:
            out.write(f"{problem}\n")
            return 2
        Chat(house, out, arguments.json, person_id).run(_lines(arguments.json, out))
    return 0


def _lines(quiet: bool, out: TextIO) -> Iterator[str]:
    """Lines as they are typed; a prompt only where a person sits."""
    prompt = not quiet and sys.stdin.isatty()
    while True:
        if prompt:
            out.write("> ")
            out.flush()
        line = sys.stdin.readline()
        if not line:
            return
        yield line


@contextmanager
def _house(settings: Settings, *, demo: bool) -> Iterator[House]:
    if demo and not _is_demo(settings.database_url):
        with tempfile.TemporaryDirectory(prefix="liaison-demo-") as folder:
            throwaway = replace(settings, database_url=f"sqlite:///{Path(folder) / 'demo.sqlite'}")
            prepare(Database(throwaway.database_url))
            yield from _opened(throwaway)
    else:
        yield from _opened(settings)


def _opened(settings: Settings) -> Iterator[House]:
    house = build(settings)
    try:
        yield house
    finally:
        house.close()


def _is_demo(url: str) -> bool:
    """Whether a database is there and is a demo; a SQLite file that is not there is not made by asking."""
    database = Database(url)
    if database.file is not None and not database.file.exists():
        return False
    if state(database) != "current":
        return False
    with database.reading() as session:
        found = bool(setting(session, DEMO))
    database.close()
    return found


def run_tick(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    house = build(settings)
    sent = asyncio.run(deliver_all(house))
    house.close()
    out.write(f"{sent} delivered\n")
    return 0
