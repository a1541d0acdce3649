"""The terminal as a program drives it: a real process of `liaison chat --json`, a line in, JSON objects out."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from handlers.conversation.press import press, unpack
from tests.doors.seen import Again, Button, Seen, delivered, plain

ROOT = Path(__file__).parents[2]
_LINE_BYTES = 4 * 1024 * 1024
_ANSWER_SECONDS = 60

Reply = dict[str, Any]


def environment(url: str, **more: str) -> dict[str, str]:
    """Nothing of the caller's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "LIAISON_DATABASE_URL": url,
        "LIAISON_FILES_DIR": str(Path(url.removeprefix("sqlite:///")).parent / "files") if url else "files",
        "PYTHONWARNINGS": "error",
        "PYTHONUTF8": "1",
        **more,
    }


class Terminal:
    """One process of `liaison chat --demo --json`; `/as` changes who speaks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.person = ""
        self.process: asyncio.subprocess.Process | None = None
        self.sheet: dict[str, str] = {}

    async def _started(self, person: str) -> asyncio.subprocess.Process:
        if self.process is None:
            self.person = person
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "chat", "--as", person, "--demo", "--json", cwd=ROOT, env=environment(self.url),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=_LINE_BYTES,
            )  # fmt: skip
        return self.process

    async def line(self, person: str, text: str) -> list[Reply]:
        """Type one line as `person`; the objects that answer it, without the last, `done`."""
        process = await self._started(person)
        if person != self.person:
            self.person = person
            assert await self._typed(process, f"/as {person}") == []
        return await self._typed(process, text)

    async def _typed(self, process: asyncio.subprocess.Process, text: str) -> list[Reply]:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(f"{text}\n".encode())
        await process.stdin.drain()
        replies: list[Reply] = []
        async with asyncio.timeout(_ANSWER_SECONDS):
            while True:
                line = await process.stdout.readline()
                assert line, f"the chat ended at {text!r}: {(await process.stderr.read()).decode()[-2000:]}"
                reply: Reply = json.loads(line)
                if reply == {"kind": "done"}:
                    return replies
                replies.append(reply)

    async def _event(self, person: str, what: Mapping[str, Any], again: Again) -> Seen:
        line = json.dumps({**what, "event_id": uuid.uuid4().hex}, ensure_ascii=False)
        first, *more = await delivered(lambda: self.line(person, line), again, self.restart)
        assert all(replies == first for replies in more), (first, more)
        return seen(first)

    async def say(self, person: str, text: str, *, again: Again = "") -> Seen:
        return await self._event(person, {"text": text}, again) if again else seen(await self.line(person, text))

    async def press(self, person: str, button: Button, *, again: Again = "") -> Seen:
        if again:
            return await self._event(person, {"action": button.id}, again)
        return seen(await self.line(person, f"/press {button.id}"))

    async def fill(self, person: str, sheet: Button | None, values: Mapping[str, str], *, again: Again = "") -> Seen:
        """Every field of the form as it was shown, those of `values` changed: as a program that draws the whole form hands it in."""
        if sheet is not None:
            [form] = await self.line(person, f"/press {sheet.id}")
            assert form["kind"] == "form", form
            self.sheet = {field["name"]: field["value"] for field in form["fields"]}
        assert values.keys() <= self.sheet.keys(), (values.keys(), self.sheet.keys())
        self.sheet |= values
        return await self._event(person, {"answers": self.sheet}, again)

    async def inbox(self, person: str) -> Seen:
        return seen(await self.line(person, "/inbox"))

    async def move_clock(self, instant: datetime) -> None:
        assert await self.line(self.person or "sec", f"/now {instant.isoformat()}") == []

    async def restart(self) -> None:
        """By SIGKILL: nothing is finished, nothing said goodbye to."""
        if self.process is not None:
            self.process.kill()
            await self.process.communicate()
            self.process = None

    async def close(self) -> None:
        if self.process is not None:
            _, complaints = await asyncio.wait_for(self.process.communicate(b""), _ANSWER_SECONDS)
            self.process = None
            assert not complaints, complaints.decode()[-2000:]


def seen(replies: list[Reply]) -> Seen:
    """Replies of the contract as what is seen."""
    text = [part for reply in replies for part in _words(reply)]
    return Seen(plain("\n".join(text)), tuple(button for reply in replies for button in _buttons(reply)))


def _words(reply: Reply) -> list[str]:
    """The text, and the fields under its first line: what else the text of a review says stands below them at the other doors."""
    first, _, rest = str(reply["text"]).partition("\n")
    fields = [f"{field['label']} {field['value']}" for field in reply.get("fields", ())]
    return [first, *([str(reply["ref"])] if "ref" in reply else []), *fields, rest]


def _buttons(reply: Reply) -> list[Button]:
    actions = [Button(action["label"], action["id"]) for action in reply.get("actions", ())]
    asked = reply.get("ask", {})
    draft = draft_of(reply)
    chosen = asked.get("choices", ()) if draft else ()
    return [*(Button(choice["label"], press("form.pick", draft, asked["field"], choice["value"])) for choice in chosen), *actions]


def draft_of(reply: Reply) -> str:
    """The draft a question belongs to, as its buttons name it."""
    return next((unpack(action["id"]).args[0] for action in reply.get("actions", ()) if action["id"].startswith("form.")), "")
