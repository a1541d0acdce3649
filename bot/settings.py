"""Settings from the environment: each value checked once, each mistake one clear line with the variable's name."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

APP_TYPES = ("SingleTenant", "UserAssignedMSI")


class SettingsProblem(Exception):
    """What is wrong with the environment, a line each, beginning with the variable's name."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class SlackSettings:
    bot_token: str
    signing_secret: str
    app_token: str | None = None
    api_url: str = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class TeamsSettings:
    """`emulator` is for tests and Microsoft's Agents Playground: no authentication, loopback only."""

    app_id: str = ""
    app_password: str = ""
    app_type: str = "SingleTenant"
    tenant_id: str = ""
    emulator: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    secret_key: str
    zone: str
    base_url: str
    files_dir: Path
    slack: SlackSettings | None = None
    teams: TeamsSettings | None = None


def from_environment(environment: Mapping[str, str]) -> Settings:
    """SettingsProblem with every mistake at once."""
    wrong: list[str] = []
    settings = Settings(
        database_url=environment.get("LIAISON_DATABASE_URL") or "sqlite:///liaison.sqlite",
        secret_key=_secret(environment, wrong),
        zone=_zone(environment, wrong),
        base_url=_base_url(environment, wrong),
        files_dir=_files_dir(environment, wrong),
        slack=_slack(environment, wrong),
        teams=_teams(environment, wrong),
    )
    if wrong:
        raise SettingsProblem(tuple(wrong))
    return settings


def _secret(environment: Mapping[str, str], wrong: list[str]) -> str:
    """Signs sign-in links and sessions; made up for this one process where none is set, so links end with it."""
    given = environment.get("LIAISON_SECRET_KEY", "")
    if given and len(given) < 16:
        wrong.append("LIAISON_SECRET_KEY: at least 16 characters, for example the output of `openssl rand -hex 32`")
    return given or secrets.token_hex(32)


def _zone(environment: Mapping[str, str], wrong: list[str]) -> str:
    name = environment.get("LIAISON_TIMEZONE") or "Europe/Vienna"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        wrong.append(f"LIAISON_TIMEZONE: {name!r} is no time zone; use a name such as Europe/Vienna")
    return name


def _base_url(environment: Mapping[str, str], wrong: list[str]) -> str:
    url = (environment.get("LIAISON_BASE_URL") or "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        wrong.append(f"LIAISON_BASE_URL: {url!r} is no address; it begins with https://")
    return url


def _files_dir(environment: Mapping[str, str], wrong: list[str]) -> Path:
    folder = Path(environment.get("LIAISON_FILES_DIR") or "files")
    standing = next((path for path in (folder, *folder.absolute().parents) if path.exists()), folder)
    if not standing.is_dir():
        wrong.append(f"LIAISON_FILES_DIR: {standing} is a file; name a folder")
    return folder


def _slack(environment: Mapping[str, str], wrong: list[str]) -> SlackSettings | None:
    token, secret = environment.get("SLACK_BOT_TOKEN", ""), environment.get("SLACK_SIGNING_SECRET", "")
    app_token = environment.get("SLACK_APP_TOKEN") or None
    if not token and not secret and not app_token:
        return None
    if not token.startswith("xoxb-"):
        wrong.append("SLACK_BOT_TOKEN: the bot token of the app's “OAuth & Permissions” page; it begins with xoxb-")
    if not secret:
        wrong.append("SLACK_SIGNING_SECRET: missing; it is on the app's “Basic Information” page")
    if app_token and not app_token.startswith("xapp-"):
        wrong.append("SLACK_APP_TOKEN: an app-level token; it begins with xapp-")
    url = environment.get("SLACK_API_URL") or "https://slack.com/api/"
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        wrong.append(f"SLACK_API_URL: {url!r} is no address; leave it out, or name one such as https://slack-gov.com/api/")
    return SlackSettings(token, secret, app_token, url if url.endswith("/") else f"{url}/")


def _teams(environment: Mapping[str, str], wrong: list[str]) -> TeamsSettings | None:
    emulator = environment.get("LIAISON_TEAMS_EMULATOR", "")
    if emulator not in ("", "0", "1"):
        wrong.append("LIAISON_TEAMS_EMULATOR: 1 for the emulator, else leave it out")
    names = ("MICROSOFT_APP_ID", "MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TYPE", "MICROSOFT_APP_TENANT_ID")
    app_id, password, app_type, tenant = (environment.get(name, "") for name in names)
    if emulator == "1":
        return TeamsSettings(emulator=True)
    if not any((app_id, password, app_type, tenant)):
        return None
    wrong += [f"{name}: missing; it is on the bot's “Configuration” page in Azure" for name in _missing_teams(environment, app_type)]
    if app_type and app_type not in APP_TYPES:
        wrong.append(f"MICROSOFT_APP_TYPE: {app_type!r} is not one of {', '.join(APP_TYPES)}")
    return TeamsSettings(app_id, password, app_type or "SingleTenant", tenant)


def _missing_teams(environment: Mapping[str, str], app_type: str) -> list[str]:
    needed = ["MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID"] + ([] if app_type == "UserAssignedMSI" else ["MICROSOFT_APP_PASSWORD"])
    return [name for name in needed if not environment.get(name)]


def is_loopback(host: str) -> bool:
    """Whether a server on `host` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
