"""An activity as it comes over the wire, read into a model at the door: what is not named here is not looked at."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from handlers.conversation.turn import MOST_FILES, storable

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""An opaque id. Never parsed: ids that look like UUIDs need not be any."""


class Malformed(Exception):
    """The payload is no activity this door can read; the sender gets 400 and nothing else."""


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class Account(_Wire):
    id: Id
    name: str | None = None
    aad_object_id: Id | None = None


class Conversation(_Wire):
    id: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    conversation_type: Literal["personal", "groupChat", "channel"] | None = None
    is_group: bool | None = None
    tenant_id: Id | None = None
    name: str | None = None


class Named(_Wire):
    id: Id | None = None
    name: str | None = None


class ChannelData(_Wire):
    tenant: Named | None = None
    team: Named | None = None
    channel: Named | None = None


class Entity(_Wire):
    """A mention (`mentioned`, `text`) or what the client says of itself (`locale`, `timezone`)."""

    type: str = ""
    mentioned: Named | None = None
    text: str | None = None
    locale: str | None = None
    timezone: str | None = None


class Download(_Wire):
    """Where a file that was sent in a personal chat can be fetched, for some minutes and without a token."""

    download_url: Annotated[str, StringConstraints(max_length=4000)]


class Attached(_Wire):
    content_type: str = ""
    name: str | None = None
    content: Any = None


class Incoming(_Wire):
    """One activity. `value` is what a card's button carries, together with the card's inputs."""

    type: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    id: Id
    service_url: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    channel_id: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "msteams"
    conversation: Conversation
    sender: Account = Field(alias="from")
    recipient: Account
    name: str | None = None
    text: str | None = None
    value: Any = None
    locale: str | None = None
    local_timezone: str | None = None
    timestamp: str | None = None
    action: str | None = None
    members_added: tuple[Named, ...] | None = None
    entities: tuple[Any, ...] | None = None
    attachments: tuple[Any, ...] | None = None
    channel_data: ChannelData | None = None

    @property
    def tenant(self) -> str:
        """The tenant's id: the SDK loses the one of the conversation, so the channel's own data is asked first."""
        told = self.channel_data.tenant.id if self.channel_data and self.channel_data.tenant else None
        return told or self.conversation.tenant_id or ""

    @property
    def known_entities(self) -> tuple[Entity, ...]:
        """The entities that have the expected shape; there are many kinds, and most are of no use here."""
        found = []
        for given in self.entities or ():
            try:
                found.append(Entity.model_validate(given))
            except ValidationError:
                continue
        return tuple(found)


FILE = "application/vnd.microsoft.teams.file.download.info"
"""The content type of an attachment that is a file; a message's own HTML and quoted cards are attachments too."""


def files_of(activity: Incoming) -> list[tuple[str, str]]:
    """(name, address) of the files of a message."""
    found = []
    for given in activity.attachments or ():
        try:
            attached = Attached.model_validate(given)
            if attached.content_type == FILE:
                found.append((attached.name or "file", Download.model_validate(attached.content).download_url))
        except ValidationError:
            continue
    return found[:MOST_FILES]


def parse(body: bytes) -> Incoming:
    """Malformed for anything but one JSON object with the parts every activity has."""
    try:
        payload = json.loads(body, parse_constant=_no_constant)
        if not isinstance(payload, dict):
            raise Malformed("an activity is an object")
        return Incoming.model_validate(storable(payload))
    except (ValueError, RecursionError) as wrong:  # both JSON's and pydantic's errors are ValueErrors
        raise Malformed(type(wrong).__name__) from wrong


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
