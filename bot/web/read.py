"""What the page posts, as turns of the person who is signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from handlers.conversation.press import MOST
from handlers.conversation.turn import Answered, Arrived, Pressed, Said, Turn, What, Where, Who
from storage.people import DESK

LARGEST = 64 * 1024
"""Bytes of one post."""


def _without_nul(text: str) -> str:
    return text.replace("\x00", "")


Typed = Annotated[str, AfterValidator(_without_nul)]
Event = Annotated[str, Field(pattern=r"^[0-9a-zA-Z-]{8,64}$")]


class Post(BaseModel):
    """Anything posted by the script; `event` is made by it, once for each thing the person did, however often it is sent."""

    model_config = ConfigDict(extra="ignore")


class SayPost(Post):
    event: Event
    text: Typed


class PressPost(Post):
    event: Event
    id: Annotated[Typed, Field(min_length=1, max_length=MOST)]


class AnswersPost(Post):
    event: Event
    draft: Annotated[Typed, Field(max_length=40)]
    answers: dict[Typed, Typed | bool | list[Typed] | None]


class FilePost(Post):
    """What is said of a file in the address; the file itself is the body."""

    event: Event
    name: Annotated[Typed, Field(min_length=1, max_length=400)]


class ClockPost(Post):
    """Either so many hours on, or to a wall time in the person's own zone."""

    hours: Annotated[int, Field(gt=0, le=24 * 366)] | None = None
    to: datetime | None = None


P = TypeVar("P", bound=Post)


def posted(raw: bytes, kind: type[P]) -> P:
    """The body as `kind`; 400 when it is not."""
    return _checked(kind, lambda: kind.model_validate_json(raw))


def checked(kind: type[P], values: Mapping[str, object]) -> P:
    """Values of the address as `kind`; 400 when they are not."""
    return _checked(kind, lambda: kind.model_validate(values))


def _checked(kind: type[P], read: Callable[[], P]) -> P:
    try:
        return read()
    except ValidationError as problem:
        raise web.HTTPBadRequest(text=f"the body is not what {kind.__name__} should be") from problem


async def body_of(request: web.Request) -> bytes:
    """The bytes of a post; 413 as soon as they are too many."""
    if (request.content_length or 0) > LARGEST:
        raise web.HTTPRequestEntityTooLarge(max_size=LARGEST, actual_size=request.content_length or 0)
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > LARGEST:
            raise web.HTTPRequestEntityTooLarge(max_size=LARGEST, actual_size=len(body))
    return bytes(body)


def what_of(post: Post) -> What:
    match post:
        case SayPost():
            return Said(post.text)
        case PressPost():
            return Pressed(post.id)
        case AnswersPost():
            return Answered(post.draft, post.answers)
        case _:
            raise TypeError(type(post).__name__)


def key_of(person_id: int) -> str:
    return f"person:{person_id}"


def turn_of(person_id: int, event: str, what: What) -> Turn:
    """A turn at this person's desk. The event is theirs alone, so that nobody is answered with what was said to somebody else."""
    key, address = key_of(person_id), {"person": person_id}
    return Turn(
        event=f"{person_id}:{event}", door=DESK, who=Who(key=key, address=address), where=Where(key=key, address=address), what=what
    )


def arrival_of(person_id: int) -> Turn:
    """The first time this person comes to the page; heard once, whoever comes again finds it in the history."""
    return turn_of(person_id, "arrived", Arrived())
