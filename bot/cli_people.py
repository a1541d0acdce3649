"""`liaison people …`: the first secretariat member, one-time codes, who is there (DESIGN 6)."""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import Session, col, select

from bot.settings import Settings, SettingsProblem
from handlers.conversation.access import ROLES
from handlers.people.appointing import Ending, appoint, end_appointments, held_by
from handlers.people.linking import LASTS, keep_code
from scheduler.clock import BusinessClock, machine_now
from storage.database import Database
from storage.migrate import ready
from storage.people import Appointment, Person, RoleRequest, add_person, appointments_of, person_named
from storage.records import DEMO, setting
from storage.reference import LANGUAGES, parties

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("people", help="people: add the first ones, give codes, list them")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="add a person; prints a one-time code that links their account")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--handle", help="short name for the command line; made from the name where it is left out")
    add.add_argument("--role", choices=ROLES, required=True)
    add.add_argument("--party", metavar="CODE", help="for a focal point: ISO 3166-1 alpha-2 code of the party")
    add.add_argument("--convention", choices=("UNTOC", "UNCAC", "both"), default="both", help="for a focal point")
    add.add_argument("--organization", metavar="NAME", help="for a donor or observer")
    add.add_argument("--authority", metavar="TEXT", help="reference of the note verbale or letter")
    add.add_argument("--language", choices=LANGUAGES, default="en")
    add.add_argument("--zone", default=None, help="time zone, for example Africa/Nairobi; that of LIAISON_TIMEZONE if left out")
    add.set_defaults(run=run_add)
    code = actions.add_parser("code", help="print a new one-time code for a person")
    code.add_argument("handle", metavar="PERSON")
    code.set_defaults(run=run_code)
    end = actions.add_parser("end", help="end a person's appointments: all of them, or those named")
    end.add_argument("handle", metavar="PERSON")
    end.add_argument("--role", choices=ROLES, help="only appointments to this role")
    end.add_argument("--party", metavar="CODE", help="only appointments for this party")
    end.set_defaults(run=run_end)
    listing = actions.add_parser("list", help="who is there")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=run_list)


def run_add(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    _check(arguments)
    now = machine_now()
    with _opened(settings) as database, database.transaction() as session:
        handle = arguments.handle or _handle(session, arguments.name)
        if person_named(session, handle):
            raise SettingsProblem((f"--handle: somebody is called {handle!r} already",))
        person = add_person(
            session,
            Person(handle=handle, name=arguments.name, language=arguments.language, zone=arguments.zone or settings.zone, created_at=now),
        )
        request = RoleRequest(
            person_id=person.id or 0, role=arguments.role, party=arguments.party, organization=arguments.organization,
            convention=arguments.convention, authority=arguments.authority, created_at=now,
        )  # fmt: skip
        appoint(session, request, approved_by=None, now=now)
        code = _new_code(session, person)
    out.write(f"{handle}\n{_how(code)}")
    return 0


def _check(arguments: argparse.Namespace) -> None:
    wrong = []
    if arguments.role == "focal_point" and arguments.party not in parties():
        wrong.append(f"--party: {arguments.party!r} is no party; use its ISO 3166-1 alpha-2 code, such as KE")
    if arguments.role in ("donor", "observer") and not arguments.organization:
        wrong.append("--organization: a donor or observer belongs to one")
    if arguments.zone:
        try:
            ZoneInfo(arguments.zone)
        except (ZoneInfoNotFoundError, ValueError):
            wrong.append(f"--zone: {arguments.zone!r} is no time zone; use a name such as Africa/Nairobi")
    if wrong:
        raise SettingsProblem(tuple(wrong))


def _handle(session: Session, name: str) -> str:
    base = "".join(ch for ch in name.casefold().replace(" ", "-") if ch.isalnum() or ch == "-")[:30] or "person"
    number, handle = 1, base
    while person_named(session, handle):
        number += 1
        handle = f"{base}-{number}"
    return handle


def run_code(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    with _opened(settings) as database, database.transaction() as session:
        person = person_named(session, arguments.handle)
        if person is None:
            raise SettingsProblem((f"PERSON: nobody is called {arguments.handle!r}; see `liaison people list`",))
        code = _new_code(session, person)
    out.write(_how(code))
    return 0


def run_end(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    """0 when something was ended, 1 when the person holds nothing that was named."""
    with _opened(settings) as database, database.transaction() as session:
        person = person_named(session, arguments.handle)
        if person is None:
            raise SettingsProblem((f"PERSON: nobody is called {arguments.handle!r}; see `liaison people list`",))
        held = held_by(session, person.id or 0, role=arguments.role, party=arguments.party)
        end_appointments(session, held, Ending("terminal"), now=BusinessClock(movable=bool(setting(session, DEMO))).now(session))
        said = [f"ended: {_held(appointment)}\n" for appointment in held]
    out.write("".join(said) or f"nothing to end: {arguments.handle} holds no such appointment\n")
    return 0 if said else 1


def _new_code(session: Session, person: Person) -> str:
    code = "".join(secrets.choice(_LETTERS) for _ in range(12))
    keep_code(session, code, person_id=person.id or 0, now=machine_now())
    return code


def _how(code: str) -> str:
    return f"code: {code}\nType `link {code}` to the bot within {LASTS.days} days; it works once.\n"


def run_list(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    with _opened(settings) as database, database.reading() as session:
        rows = [_row(session, person) for person in session.exec(select(Person).order_by(col(Person.id))).all()]
    if arguments.json:
        out.write(json.dumps(rows, ensure_ascii=False) + "\n")
        return 0
    for row in rows:
        out.write(f"{row['handle'] or row['id']:<14} {row['name']:<40} {', '.join(row['roles']) or '-'}\n")
    return 0


def _row(session: Session, person: Person) -> dict[str, Any]:
    held = appointments_of(session, person.id or 0)
    roles = [_held(appointment) for appointment in held]
    return {"id": person.id, "handle": person.handle, "name": person.name, "language": person.language, "zone": person.zone, "roles": roles}


def _held(appointment: Appointment) -> str:
    return " ".join(part for part in (appointment.role, appointment.party, appointment.convention) if part)


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        ready(database)
        yield database
    finally:
        database.close()
