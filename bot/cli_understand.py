"""`liaison understand TEXT`: what the bot takes from a sentence, as JSON (DESIGN 8)."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from bot.settings import Settings, SettingsProblem
from handlers.understanding.understand import understand
from scheduler.clock import machine_now
from storage.reference import LANGUAGES


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("understand", help="what the bot takes from a sentence, as JSON")
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--lang", choices=LANGUAGES, help="the language of the sentence; guessed where it is left out")
    parser.add_argument("--now", metavar="ISO", help="the moment it is said, for example 2026-11-20T09:00+01:00")
    parser.add_argument("--json", action="store_true", help="as JSON, which is also what is printed without it")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    today = _moment(arguments.now).astimezone(ZoneInfo(settings.zone)).date()
    understood = understand(arguments.text, language=arguments.lang, today=today)
    out.write(json.dumps(understood.as_json(), ensure_ascii=False) + "\n")
    return 0


def _moment(iso: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(iso) if iso else machine_now()
    except ValueError:
        raise SettingsProblem((f"--now: {iso!r} is no moment such as 2026-11-20T09:00+01:00",)) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
