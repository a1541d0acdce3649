"""`liaison demo`: a throwaway house to try everything in, or a demo database to keep."""

from __future__ import annotations

import argparse
import socket
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from bot.app import build
from bot.cli_serve import listening, serve
from bot.demo.prepare import prepare
from bot.settings import Settings, SettingsProblem
from storage.database import Database


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("demo", help="try it: people, the tenth session and some records, on a clock you can move")
    parser.add_argument("--prepare", action="store_true", help="make a demo database at LIAISON_DATABASE_URL, and stop")
    parser.add_argument("--port", type=int, default=8000, help="port of the web chat (8000; the next free one if it is taken)")
    parser.set_defaults(run=run)


NEXT = 20
"""Ports that are tried after one that is taken."""


def _next_free(port: int) -> socket.socket:
    for candidate in range(port, port + NEXT):
        with suppress(SettingsProblem):
            return listening("127.0.0.1", candidate)
    return listening("127.0.0.1", port)


def run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    if arguments.prepare:
        people = prepare(Database(settings.database_url))
        out.write(f"a demo with {people} people is ready\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="liaison-demo-") as folder:
        throwaway = replace(settings, database_url=f"sqlite:///{Path(folder) / 'demo.sqlite'}", slack=None, teams=None)
        prepare(Database(throwaway.database_url))
        listen = _next_free(arguments.port)
        out.write("A demo of Liaison: it is 24 August 2020, seven weeks before the tenth session. Ctrl-C ends it and leaves nothing.\n")
        serve(build(throwaway), listen, host="127.0.0.1", out=out)
    return 0
