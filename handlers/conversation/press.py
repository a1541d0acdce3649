"""What a button carries: a verb and a few arguments, packed into one short id that every platform takes."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from handlers.conversation.turn import storable

MOST = 200
"""Characters a packed press may have: the shortest limit of the platforms, with room to spare."""


@dataclass(frozen=True, slots=True)
class Press:
    verb: str
    args: tuple[str, ...] = ()


def press(verb: str, *args: str | int) -> str:
    """`press("form.skip", draft, "title")` → `form.skip:3f2a…:title`; ValueError over `MOST` characters."""
    packed = ":".join((verb, *(quote(str(arg), safe="-_.*") for arg in args)))
    if len(packed) > MOST:
        raise ValueError(f"a press of {len(packed)} characters: {packed[:40]}")
    return packed


def unpack(packed: str) -> Press:
    verb, *args = packed[:MOST].split(":")
    return Press(verb, tuple(storable(unquote(arg)) for arg in args))


def number_in(args: tuple[str, ...]) -> int | None:
    """The number a button carries first, or None where it carries none that could be one of ours."""
    return int(args[0]) if args and args[0].isascii() and args[0].isdigit() and len(args[0]) < 10 else None
