"""What a person sees in answer, the same for every door: all the text in order, and what can be pressed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

Again = Literal["", "twice", "lost"]
"""How an event is delivered: once; twice; or again to the next process, since the first ended before its answer arrived."""

T = TypeVar("T")

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    """Text without the marks a door adds to keep it literal or apart, and with one space wherever there is white space."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


@dataclass(frozen=True, slots=True)
class Button:
    """`id` is the packed press; `how` is what its door needs to press it."""

    label: str
    id: str
    how: Any = None

    def is_called(self, wanted: str) -> bool:
        """Whether this is the button a transcript means: by label (which a door may have cut), or by the beginning of its id."""
        label, name = plain(self.label), plain(wanted)
        return label == name or self.id.startswith(wanted) or (label.endswith("…") and len(label) > 20 and name.startswith(label[:-1]))


@dataclass(frozen=True, slots=True)
class Seen:
    text: str = ""
    buttons: tuple[Button, ...] = ()

    def button(self, wanted: str) -> Button | None:
        return next((button for button in self.buttons if button.is_called(wanted)), None)


def together(parts: Iterable[Seen]) -> Seen:
    """Several messages as one."""
    seen = tuple(parts)
    return Seen(plain("\n".join(part.text for part in seen)), tuple(button for part in seen for button in part.buttons))


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody the demo does not know, as their platform introduces them."""

    handle: str = "newcomer"
    name: str = "Nadia Rahal"
    locale: str = "en-GB"
    zone: str = "Africa/Tunis"


@dataclass(slots=True)
class Sheet:
    """A form shown whole and not yet handed in."""

    how: Any
    values: dict[str, Any] = field(default_factory=dict)


async def delivered(send: Callable[[], Awaitable[T]], again: Again, restart: Callable[[], Awaitable[None]]) -> list[T]:
    """The answers to one event, as often as it is delivered."""
    answers = [await send()]
    if again == "lost":
        await restart()
    if again:
        answers.append(await send())
    return answers


class Door(Protocol):
    """One way to the house. People are named as on the command line."""

    url: str

    async def say(self, person: str, text: str, *, again: Again = "") -> Seen: ...

    async def press(self, person: str, button: Button, *, again: Again = "") -> Seen: ...

    async def fill(self, person: str, sheet: Button | None, values: Mapping[str, str], *, again: Again = "") -> Seen:
        """Hand in a form shown whole: the one `sheet` opens, else the one that is still shown with what was wrong."""
        ...

    async def inbox(self, person: str) -> Seen:
        """Do what is due; what this person was told since the last look, answers excepted."""
        ...

    async def move_clock(self, instant: datetime) -> None: ...

    async def restart(self) -> None:
        """End the process and start another one on the same database."""
        ...

    async def close(self) -> None: ...
