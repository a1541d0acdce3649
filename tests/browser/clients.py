"""The real clients the browser tests drive, each on a free loopback port and ended by its process id.

`start_local_slack` is a local Slack (signed events, commands, buttons, modals, Home; `/_control/*` drives it without a browser);
`start_playground` is Microsoft's Agents Playground, which speaks to a bot as Teams does. Both come from `package-lock.json`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

BOT_TOKEN = "xoxb-test-token"
APP_TOKEN = "xapp-test-token"
SIGNING_SECRET = "test-signing-secret"
TEAM_ID = "T01TEST"
BOT_USER = "U0BOT"

ALICE = {"id": "U01ALICE", "name": "alice", "real_name": "Alice Anderson", "email": "alice@example.com"}
BOB = {"id": "U02BOB", "name": "bob", "real_name": "Bob Brown", "email": "bob@example.com"}
GENERAL = "C01GEN"

MARIA = {"id": "mgr-1", "name": "Maria Manager", "aadObjectId": "00000000-0000-0000-0000-000000000099"}
COLLEAGUES = tuple(
    {"id": f"user-id-{number}", "name": name, "aadObjectId": f"00000000-0000-0000-0000-00000000002{number}"}
    for number, name in enumerate(("Megan Bowen", "Adele Vance", "Isaiah Langer", "Patti Fernandez", "Lynne Robbins"), 1)
)
"""The other members of the playground's team; it ends without a word when given fewer than five."""

PLAYGROUND_READY = "conversationUpdate"
"""Shown in the playground's log once it has told the bot of the conversation; what is typed before is lost."""
PLAYGROUND_COMPOSER = "[role=textbox][data-lexical-editor]"


class ClientMissing(Exception):
    """A program the browser tests need is not on this machine; the message says which and how to get it."""


class ClientSilent(Exception):
    """A client ended, or did not answer in time; the message holds the end of its log."""


@dataclass(frozen=True)
class LocalSlack:
    """A running local Slack; `api_url` is what SLACK_API_URL should say."""

    url: str
    pid: int
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    signing_secret: str = SIGNING_SECRET

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def environment(self) -> dict[str, str]:
        """What the server needs in its environment to speak with this Slack."""
        return {"SLACK_API_URL": self.api_url, "SLACK_BOT_TOKEN": self.bot_token, "SLACK_SIGNING_SECRET": self.signing_secret}

    def control(self, path: str, body: Mapping[str, object] | None = None) -> object:
        """GET or POST `/_control/PATH` (`state`, `messages/CHANNEL`, `command`, `interact`, `open-home`, `reset`); the JSON it answers."""
        return _json_answer(f"{self.url}/_control/{path}", body)


@dataclass(frozen=True)
class Playground:
    """A running Agents Playground; `url` is its page."""

    url: str
    pid: int


def free_port() -> int:
    """A loopback TCP port nobody listens on now, below those the system gives to outgoing connections, which would take it meanwhile."""
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def chromium_path() -> str:
    """Where Chromium is: LIAISON_CHROMIUM if set, else the first of its usual names on PATH. Raises ClientMissing."""
    named = os.environ.get("LIAISON_CHROMIUM")
    found = named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise ClientMissing("Chromium is not installed (Debian: apt-get install chromium)")
    return found


def node_path() -> str:
    """Where node is. Raises ClientMissing."""
    found = shutil.which("node")
    if found is None:
        raise ClientMissing("node is not installed (Debian: apt-get install nodejs npm)")
    return found


def module_path(relative: str) -> Path:
    """A file that `npm ci` put into node_modules. Raises ClientMissing."""
    path = MODULES / relative
    if not path.exists():
        raise ClientMissing(f"{relative} is not installed; `make test` installs it")
    return path


@contextmanager
def start_local_slack(
    port: int = 0,
    request_url: str = "",
    *,
    folder: Path,
    users: Sequence[Mapping[str, str]] = (ALICE, BOB),
    channels: Mapping[str, str] | None = None,
    mode: str = "events",
) -> Iterator[LocalSlack]:
    """A local Slack that sends its signed events to `request_url`; port 0 picks a free one, `channels` maps id to name.

    Every user and the bot are members of every channel. `mode` is `events` or `socket`.
    """
    program = module_path("local-slack-linux-x64/bin/local-slack")
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    (folder / "files").mkdir(parents=True, exist_ok=True)
    config = folder / "local-slack.json"
    config.write_text(json.dumps(_workspace(request_url, users=users, channels=channels or {GENERAL: "general"}, mode=mode)), "utf-8")
    command = [str(program), "--config", str(config), "--port", str(port), "--base-host", "127.0.0.1", "--files-dir", str(folder / "files")]
    with _running(command, folder=folder, log=folder / "local-slack.log", answers_at=f"{url}/_control/state") as pid:
        yield LocalSlack(url=url, pid=pid)


@contextmanager
def start_playground(
    port: int = 0,
    endpoint: str = "http://127.0.0.1:3978/api/messages",
    folder: Path | None = None,
    *,
    user: Mapping[str, str] = MARIA,
    others: Sequence[Mapping[str, str]] = COLLEAGUES,
) -> Iterator[Playground]:
    """An Agents Playground in which `user` talks to the bot at `endpoint`; one folder and one port for each user."""
    if folder is None:
        raise ValueError("a playground needs a folder of its own")
    program = module_path("@microsoft/m365agentsplayground/cli.js")
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".m365agentsplayground.yml").write_text(json.dumps(_tenant(user, others)), "utf-8")
    command = [node_path(), str(program), "start", "-e", endpoint, "-c", "msteams", "-p", str(port), "--disable-telemetry"]
    url = f"http://127.0.0.1:{port}"
    with _running(command, folder=folder, log=folder / "playground.log", answers_at=url) as pid:
        yield Playground(url=url, pid=pid)


@contextmanager
def _running(command: list[str], *, folder: Path, log: Path, answers_at: str) -> Iterator[int]:
    """The command, from the moment its address answers until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_answers(process, answers_at, log)
        yield process.pid
    finally:
        _end(process)


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path, *, seconds: float = 30.0) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise ClientSilent(f"{process.args!r} ended with {process.returncode}: {_tail(log)}")
        if _answers(url):
            return
        time.sleep(0.05)
    raise ClientSilent(f"{url} did not answer within {seconds:.0f} s: {_tail(log)}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            status: int = answer.status
            return status < 500
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code < 500
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-800:]


def _json_answer(url: str, body: Mapping[str, object] | None) -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=15) as answer:
        value: object = json.load(answer)
        return value


def _workspace(request_url: str, *, users: Sequence[Mapping[str, str]], channels: Mapping[str, str], mode: str) -> dict[str, object]:
    members = [*(user["id"] for user in users), BOT_USER]
    return {
        "workspace": {"name": "Test Workspace", "domain": "test-workspace", "teamId": TEAM_ID},
        "app": {
            "appId": "A01APP",
            "botUserId": BOT_USER,
            "botName": "liaison",
            "botToken": BOT_TOKEN,
            "appToken": APP_TOKEN,
            "signingSecret": SIGNING_SECRET,
            "mode": mode,
            "requestUrl": request_url,
        },
        "users": [dict(user) for user in users],
        "channels": [{"id": channel, "name": name, "members": members} for channel, name in channels.items()],
    }


def _tenant(user: Mapping[str, str], others: Sequence[Mapping[str, str]]) -> dict[str, object]:
    return {
        "version": "0.1.1",
        "tenantId": "00000000-0000-0000-0000-000000000001",
        "bot": {"id": "00000000-0000-0000-0000-000000000011", "name": "Liaison"},
        "currentUser": _member(user),
        "users": [_member(other) for other in others],
        "personalChat": {"id": f"pc-{user['id']}"},
        "groupChat": {"id": "gc-1", "name": "Drafting group"},
        "team": {
            "id": "team-id",
            "name": "Secretariat",
            "aadGroupId": "00000000-0000-0000-0000-000000000031",
            "channels": [{"id": "channel-announcements-id", "name": "Announcements"}],
        },
    }


def _member(user: Mapping[str, str]) -> dict[str, str]:
    given, _, surname = user["name"].partition(" ")
    mail = f"{user['id']}@example.com"
    return {**user, "userPrincipleName": mail, "email": mail, "givenName": given, "surname": surname}
