"""What came in: one turn of one person in one place, in no platform's words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeVar, assert_never


@dataclass(frozen=True, slots=True)
class Said:
    """Free text, as typed, mentions of the bot taken off. At most `LONGEST` characters are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button, by the id it was given."""

    id: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Several answers at once, as a modal, a card or a web form hands in; values as the platform's widgets give them."""

    draft: str
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrived:
    """The person opened the conversation, or the bot was brought into this place, and nothing was said yet."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """Somebody's message, taken up from its menu to make a record of: `form` is the one to open with what `text` says."""

    form: str
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file somebody sent, kept by its door under `digest`; with a `problem` it was not kept, and the code says why."""

    name: str
    size: int = 0
    digest: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Files, and what was written with them."""

    files: tuple[File, ...]
    text: str = ""


MOST_FILES = 5
"""Files of one message that are taken."""

What = Said | Pressed | Answered | Arrived | TakenUp | Sent

LONGEST = 4000
"""Characters of one message that are read: what the speed promise is given for."""


@dataclass(frozen=True, slots=True)
class Who:
    """The account that speaks: `key` is unique on its door (workspace and user), `address` is what the door needs to write first."""

    key: str
    name: str = ""
    locale: str | None = None
    zone: str | None = None
    address: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Where:
    """The place of the conversation. In a `channel` or `group` others read along; `address` is opaque outside its door."""

    key: str
    kind: Literal["personal", "group", "channel"] = "personal"
    name: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """`event` is the platform's own id of the event, unique on its door. `answer_later`: the replies travel by the outbox."""

    event: str
    door: str
    who: Who
    where: Where
    what: What
    answer_later: bool = False


def as_heard(what: What) -> dict[str, Any]:
    """What was heard as the inbox keeps it: its kind and its parts, as plain JSON values."""
    return {"kind": type(what).__name__, **{k: dict(v) if isinstance(v, Mapping) else v for k, v in asdict(what).items()}}


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_V = TypeVar("_V")

LONGEST_KEY = 190
"""Characters of an event, account or place as the tables hold it, its door before it; a longer one is kept by its hash."""


def storable(value: _V) -> _V:
    """The value with every string fit for a database: no NUL, and no half of a surrogate pair."""
    cleaned: Any = value
    if isinstance(value, str):
        cleaned = _UNSTORABLE.sub(lambda found: "" if found.group() == "\x00" else "\ufffd", value)
    elif isinstance(value, Mapping):
        cleaned = {storable(key): storable(item) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        cleaned = [storable(item) for item in value]
    return cleaned  # type: ignore[no-any-return]


def fit(turn: Turn) -> Turn:
    """The turn as it can be kept, whatever a platform or a program sent."""
    who = replace(
        turn.who, key=_short(turn.who.key), name=storable(turn.who.name)[:200],
        locale=storable(turn.who.locale[:20]) if turn.who.locale else None, address=storable(turn.who.address),
    )  # fmt: skip
    where = replace(turn.where, key=_short(turn.where.key), name=storable(turn.where.name)[:200], address=storable(turn.where.address))
    return replace(turn, event=_short(turn.event), who=who, where=where, what=_fit(turn.what))


def _fit(what: What) -> What:
    match what:
        case Said(text):
            return Said(storable(text[:LONGEST]))
        case Pressed(packed):
            return Pressed(storable(packed))
        case Answered(draft, answers):
            return Answered(storable(draft)[:40], storable(answers))
        case TakenUp(form, text):
            return TakenUp(storable(form)[:40], storable(text[:LONGEST]))
        case Sent(files, text):
            named = tuple(replace(file, name=_file_name(file.name)) for file in files[:MOST_FILES])
            return Sent(named, storable(text[:LONGEST]))
        case Arrived():
            return what
        case _:
            assert_never(what)


_NO_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')


def _file_name(name: str) -> str:
    """A name that can be shown and saved anywhere: no path, no control, nothing that turns its ending round."""
    clean = _NO_NAME.sub("_", storable(name)).strip(" .") or "file"
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: 180 - len(ending)]}.{ending[:20]}" if dot else clean[:180]


def _short(key: str) -> str:
    clean = storable(key)
    return clean if len(clean) <= LONGEST_KEY else hashlib.sha256(clean.encode()).hexdigest()
