"""`liaison doctor`: configuration, database, clock, Slack and Teams credentials, each with how to mend it."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TextIO

import aiohttp
from sqlalchemy.exc import DBAPIError

from bot.settings import Settings, SlackSettings, TeamsSettings
from scheduler.clock import machine_now
from storage import backup, migrate
from storage.database import Database, StorageProblem, database_now, storage_problem

SECONDS = 10
SKEW = timedelta(seconds=120)
"""How far the clock may be off before signatures, which are good for five minutes, come near to failing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` is empty where all is well."""

    what: str
    says: str
    mend: str = ""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("doctor", help="check configuration, database, clock and credentials, and say how to mend each")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    findings = [*_configuration(settings), *_database(settings), *asyncio.run(_platforms(settings))]
    for finding in findings:
        out.write(f"{'!!' if finding.mend else 'ok'} {finding.what}: {finding.says}\n")
        if finding.mend:
            out.write(f"   {finding.mend}\n")
    return 1 if any(finding.mend for finding in findings) else 0


def _configuration(settings: Settings) -> Iterable[Finding]:
    if os.environ.get("LIAISON_SECRET_KEY"):
        yield Finding("LIAISON_SECRET_KEY", "set")
    else:
        yield Finding(
            "LIAISON_SECRET_KEY",
            "not set: sign-in links and sessions end with the process",
            "set it to the output of `openssl rand -hex 32`",
        )
    yield Finding("LIAISON_TIMEZONE", settings.zone)
    folder = settings.files_dir
    parent = folder if folder.exists() else folder.absolute().parent
    writable = os.access(parent, os.W_OK)
    yield Finding("LIAISON_FILES_DIR", str(folder), "" if writable else f"{parent} cannot be written to: change its rights or name another")


def _database(settings: Settings) -> Iterable[Finding]:
    shown = Database(settings.database_url)
    name = shown.url.render_as_string(hide_password=True)
    if shown.file is not None and not shown.file.exists():
        return [
            Finding("LIAISON_DATABASE_URL", f"{name} is not there yet", "run `liaison db upgrade`, or `liaison demo --prepare` for a demo")
        ]
    try:
        standing = migrate.state(shown)
        if standing != "current":
            return [Finding("LIAISON_DATABASE_URL", f"{name} is {standing}", "run `liaison db upgrade`; `liaison db check` says more")]
        broken = backup.integrity(shown)
        migrate.writable(shown)
        return [_whole(name, broken), _clock(shown)]
    except (StorageProblem, DBAPIError) as problem:
        found = problem if isinstance(problem, StorageProblem) else storage_problem(problem)
        code = getattr(found, "code", type(found).__name__)
        return [Finding("LIAISON_DATABASE_URL", code, "check the address, that the server runs, and the rights of the file")]
    finally:
        shown.close()


def _whole(name: str, broken: tuple[str, ...]) -> Finding:
    if broken:
        return Finding("database", f"{name}: {broken[0]}", "restore the last backup with `liaison db restore`")
    return Finding("database", f"{name} is whole and at this release")


def _clock(database: Database) -> Finding:
    with database.reading() as session:
        apart = abs(database_now(session) - machine_now())
    mend = "set both machines' clocks with NTP" if apart > SKEW else ""
    return Finding("clock", f"{apart.total_seconds():.1f} s from the database's", mend)


async def _platforms(settings: Settings) -> list[Finding]:
    checks: list[Callable[[aiohttp.ClientSession], Awaitable[Finding]]] = []
    if slack := settings.slack:
        checks.append(lambda http: _slack(http, slack))
    if teams := settings.teams:
        checks.append(lambda http: _teams(http, teams))
    if not checks:
        return [Finding("platforms", "none configured: web chat and terminal only")]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as http:
        return [await _asked(check, http) for check in checks]


async def _asked(check: Callable[[aiohttp.ClientSession], Awaitable[Finding]], http: aiohttp.ClientSession) -> Finding:
    try:
        return await check(http)
    except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
        return Finding("platform", f"does not answer ({type(problem).__name__})", "check the way out: proxy, firewall, DNS")


async def _slack(http: aiohttp.ClientSession, slack: SlackSettings) -> Finding:
    async with http.post(f"{slack.api_url}auth.test", headers={"Authorization": f"Bearer {slack.bot_token}"}) as response:
        skew = _skew(response.headers.get("Date"))
        said = await response.json()
    if not said.get("ok"):
        return Finding("SLACK_BOT_TOKEN", str(said.get("error")), "install the app again and copy its bot token from “OAuth & Permissions”")
    if skew > SKEW:
        return Finding(
            "Slack",
            f"this machine's clock is {skew.total_seconds():.0f} s off",
            "set the clock with NTP: signatures are good for five minutes",
        )
    return Finding("Slack", f"signed in as {said.get('user')} in {said.get('team')}")


def _skew(date: str | None) -> timedelta:
    try:
        told = parsedate_to_datetime(date) if date else machine_now()
    except ValueError:
        return timedelta(0)
    return abs(machine_now() - _aware(told))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _teams(http: aiohttp.ClientSession, teams: TeamsSettings) -> Finding:
    if teams.emulator:
        return Finding("LIAISON_TEAMS_EMULATOR", "no authentication; the server must listen on loopback")
    if teams.app_type == "UserAssignedMSI":
        return Finding("MICROSOFT_APP_TYPE", "managed identity: its token can be asked for only on the machine that holds it")
    form = {
        "grant_type": "client_credentials", "client_id": teams.app_id, "client_secret": teams.app_password,
        "scope": "https://api.botframework.com/.default",
    }  # fmt: skip
    async with http.post(f"https://login.microsoftonline.com/{teams.tenant_id}/oauth2/v2.0/token", data=form) as response:
        said = await response.json(content_type=None)
    if response.status != 200:
        return Finding("MICROSOFT_APP_PASSWORD", str(said.get("error")), "make a new client secret in Azure; check app id and tenant id")
    return Finding("Teams", "a token was given")
