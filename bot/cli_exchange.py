"""`liaison export KIND`, `liaison import KIND FILE`: records out and in, the same rows either way (DESIGN 8)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from bot.settings import Settings, SettingsProblem
from handlers.assistance.importing import in_words
from handlers.conference.importing import import_session, session_known
from handlers.conversation.words import Reader, say
from scheduler.clock import BusinessClock
from storage.database import Database
from storage.exchange.incoming import Report, import_
from storage.exchange.records import EXPORTS, export
from storage.migrate import ready
from storage.people import people_appointed
from storage.records import DEMO, setting

FORMATS = ("json", "csv", "xlsx")
AGENDA = "agenda"
READER = Reader("en", "UTC")


def add_parser(subparsers: Any) -> None:
    out = subparsers.add_parser("export", help="write records to standard output")
    out.add_argument("kind", choices=sorted(EXPORTS), metavar="KIND", help=", ".join(sorted(EXPORTS)))
    out.add_argument("--format", choices=FORMATS, default="json")
    out.set_defaults(run=run_export)
    into = subparsers.add_parser("import", help="read records from a file: new ones are added, known ones changed, none doubled")
    into.add_argument("kind", choices=[AGENDA, *sorted(EXPORTS)], metavar="KIND", help=", ".join([AGENDA, *sorted(EXPORTS)]))
    into.add_argument("file", type=Path, metavar="FILE", help="JSON, CSV or XLSX, told by its ending; an agenda in JSON")
    into.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
    into.add_argument("--json", action="store_true", help="the report as JSON")
    into.set_defaults(run=run_import)


def run_export(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    with _opened(settings) as database, database.reading() as session:
        data = export(arguments.kind, arguments.format, session)
    if out is sys.stdout:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        out.write(data.decode("utf-8"))
    return 0


def run_import(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    """0 when every row was kept, 1 when some were not; they are named, and the others are kept."""
    if arguments.kind == AGENDA:
        return _run_agenda(arguments, settings, out)
    ending = arguments.file.suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        raise SettingsProblem((f"FILE: {arguments.file} does not end in .json, .csv or .xlsx",))
    report = _imported(settings, arguments.kind, _read(arguments.file), ending, dry_run=arguments.dry_run)
    if any(problem.code == "not_readable" for problem in report.problems):
        raise SettingsProblem((f"FILE: {arguments.file} cannot be read as {ending}",))
    _tell(report, out, as_json=arguments.json)
    return 1 if report.problems else 0


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise SettingsProblem((f"FILE: {file} cannot be read ({problem.strerror})",)) from None


def _run_agenda(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    """A session with its agenda, organization of work, documents and deadlines; one that is there already is never doubled."""
    try:
        agenda = json.loads(_read(arguments.file))
        with _opened(settings) as database, database.transaction() as session:
            now = BusinessClock(movable=bool(setting(session, DEMO))).now(session)
            known = session_known(session, agenda)
            if not arguments.dry_run and not known:
                import_session(session, agenda, now)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SettingsProblem((f"FILE: {arguments.file} is no agenda in JSON: body, session, symbol, opens, closes, zone",)) from None
    if arguments.json:
        out.write(json.dumps(agenda, ensure_ascii=False) + "\n")
    else:
        out.write(f"{agenda['symbol']}: {'known already, nothing changed' if known else 'one session'}\n")
    return 1 if known else 0


def _imported(settings: Settings, kind: str, data: bytes, ending: str, *, dry_run: bool) -> Report:
    with _opened(settings) as database, database.transaction() as session:
        secretariat = people_appointed(session, "secretariat")
        if not secretariat:
            raise SettingsProblem(("import: imported records are the secretariat's to answer for; run `liaison people add` first",))
        now = BusinessClock(movable=bool(setting(session, DEMO))).now(session)
        return import_(kind, data, ending, session, now=now, owner_id=secretariat[0].id or 0, dry_run=dry_run)


def _tell(report: Report, out: TextIO, *, as_json: bool) -> None:
    problems = [say(in_words(problem), READER) for problem in report.problems]
    if as_json:
        counts = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
        out.write(json.dumps(counts | {"problems": problems}, ensure_ascii=False) + "\n")
        return
    out.write(f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {len(problems)} not taken\n")
    out.write("".join(f"{problem}\n" for problem in problems))


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        ready(database)
        yield database
    finally:
        database.close()
