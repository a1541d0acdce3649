"""One line typed, or one JSON object, as a turn or as a command of the terminal itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from handlers.conversation.turn import Answered, Pressed, Said, Turn, What, Where, Who
from storage.people import DESK


@dataclass(frozen=True, slots=True)
class Order:
    """A command of the chat itself: `/as`, `/inbox`, `/tick`, `/now`, `/quit`."""

    name: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something for the house: what, and under which event id; None makes a new one."""

    what: What
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of this machine, by its path, and what is said with it."""

    path: str
    text: str = ""
    event: str | None = None


class NotUnderstood(Exception):
    """The line is neither text nor one of the JSON objects of the contract."""


ORDERS = ("as", "inbox", "tick", "now", "quit")


def read_line(line: str, buttons: tuple[str, ...], draft: str | None) -> Order | Heard | Attached:
    """NotUnderstood for a JSON object that is none of ours. `buttons` are the last numbered ones, `draft` the form being asked."""
    text = line.strip()
    if text.startswith("{"):
        return _object(text, draft)
    if not text.startswith("/"):
        return Heard(Said(text))
    name, _, rest = text[1:].partition(" ")
    if name == "file":
        return Attached(rest.strip())
    if name == "press":
        return Heard(Pressed(rest.strip()))
    if name.isdigit() and 0 < int(name) <= len(buttons):
        return Heard(Pressed(buttons[int(name) - 1]))
    return Order(name, rest.strip()) if name in ORDERS else Heard(Said(text))


def _object(text: str, draft: str | None) -> Heard | Attached:
    try:
        said: Any = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise NotUnderstood("this line begins like JSON and is none") from problem
    event = said.get("event_id")
    if event is not None and not isinstance(event, str):
        raise NotUnderstood("event_id is text")
    match said:
        case {"file": str(path)}:
            return Attached(path, str(said.get("text") or ""), event)
        case {"text": str(words)}:
            return Heard(Said(words), event)
        case {"action": str(action)}:
            return Heard(Pressed(action), event)
        case {"answers": dict(answers)} if draft or isinstance(said.get("draft"), str):
            return Heard(Answered(str(said.get("draft") or draft), answers), event)
    raise NotUnderstood("a JSON line has text, action, answers or file")


def turn(heard: Heard, *, person_id: int, event: str) -> Turn:
    """The turn of a person at their desk."""
    key, address = f"person:{person_id}", {"person": person_id}
    own = f"{person_id}:{heard.event}" if heard.event else event  # an id is the speaker's own, as every account's is
    return Turn(event=own, door=DESK, who=Who(key=key, address=address), where=Where(key=key, address=address), what=heard.what)
