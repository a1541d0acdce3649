"""`liaison deliveries`: what waits, what was given up, and what to do about it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from bot.settings import Settings
from handlers.conversation.text import T, Text
from handlers.conversation.words import Reader, say
from storage import backlog
from storage.backlog import STATES, Waiting
from storage.database import Database
from storage.migrate import ready

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

READER = Reader("en", "UTC")
HEADS = ("id", "state", "due_at", "attempts", "retry_at", "kind", "to", "key", "last_error")
WIDEST = 48


def add_parser(subparsers: Subparsers) -> argparse.ArgumentParser:
    parser = subparsers.add_parser("deliveries", help=say(T("delivery.cli.help"), READER))
    parser.add_argument("--state", choices=STATES, help=say(T("delivery.cli.state"), READER))
    parser.add_argument("--limit", type=int, default=50, metavar="N", help=say(T("delivery.cli.limit"), READER))
    parser.add_argument("--requeue", type=int, nargs="+", default=[], metavar="ID", help=say(T("delivery.cli.requeue"), READER))
    parser.add_argument("--cancel", type=int, nargs="+", default=[], metavar="ID", help=say(T("delivery.cli.cancel"), READER))
    parser.add_argument("--json", action="store_true", help=say(T("delivery.cli.json"), READER))
    switch = parser.add_mutually_exclusive_group()
    switch.add_argument("--stop", action="store_true", help=say(T("delivery.cli.stop"), READER))
    switch.add_argument("--start", action="store_true", help=say(T("delivery.cli.start"), READER))
    parser.set_defaults(run=run_on_settings)
    return parser


def run_on_settings(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    """`run` on the database the environment names."""
    database = Database(settings.database_url)
    ready(database)
    return run(arguments, database, out)


def run(args: argparse.Namespace, database: Database, out: TextIO) -> int:
    """Do what was asked, then list. 1 when a row to requeue or cancel was not there in a state that allows it, else 0."""
    with database.transaction() as session:
        connection = session.connection()
        if args.stop or args.start:
            backlog.stop(session, args.stop)
        requeued = backlog.requeue(connection, args.requeue) if args.requeue else 0
        cancelled = backlog.cancel(connection, args.cancel) if args.cancel else 0
        rows = backlog.listed(connection, state=args.state, limit=args.limit)
        stopped = backlog.is_stopped(connection)
    if args.json:
        json.dump([_plain(row) for row in rows], out, ensure_ascii=False, indent=2)
        out.write("\n")
    else:
        _print(
            out,
            rows,
            [T("delivery.cli.requeued", n=requeued)] * bool(args.requeue) + [T("delivery.cli.cancelled", n=cancelled)] * bool(args.cancel),
        )
        _print_switch(out, stopped, asked=args.stop or args.start)
    return 0 if requeued == len(set(args.requeue)) and cancelled == len(set(args.cancel)) else 1


def _plain(row: Waiting) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(row).items()}


def _print(out: TextIO, rows: Sequence[Waiting], done: Sequence[Text]) -> None:
    for text in done:
        out.write(say(text, READER) + "\n")
    if not rows:
        out.write(say(T("delivery.cli.none"), READER) + "\n")
        return
    cells = [HEADS, *(tuple(_cell(getattr(row, head)) for head in HEADS) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADS))]
    for line in cells:
        out.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    shown = "" if value is None else " ".join(str(value).split())
    return shown if len(shown) <= WIDEST else f"{shown[: WIDEST - 1]}…"


def _print_switch(out: TextIO, stopped: bool, *, asked: bool) -> None:
    if stopped or asked:
        out.write(say(T("delivery.cli.stopped" if stopped else "delivery.cli.started"), READER) + "\n")
