"""An activity as a `Turn`: who speaks, where, and what; in no platform's words."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import available_timezones

from bot.teams import marks
from bot.teams.activity import Incoming, Malformed, files_of
from handlers.conversation.turn import Answered, Arrived, File, Pressed, Said, Sent, TakenUp, Turn, What, Where, Who

NAME = "teams"

Kind = Literal["personal", "group", "channel"]
_KINDS: dict[str | None, Kind] = {"personal": "personal", "groupChat": "group", "channel": "channel"}
TAKEN_UP: Mapping[str, str] = {"registerNeed": "need"}
"""The message actions of the manifest, by command id, with the form each opens."""

MOST_HTML = 40_000
"""Characters of a message's HTML that are read."""

_LEADING_MENTION = re.compile(r"^\s*<at>[^<]*</at>(\s|&nbsp;)*")


def read(activity: Incoming) -> Turn | None:
    """The turn, or None for what nobody needs to answer: reactions, typing, edits, other members who come and go.

    Malformed for an invoke that is none of our buttons.
    """
    what = _what(activity)
    if what is None:
        return None
    who, kind = _who(activity), kind_of(activity)
    if isinstance(what, TakenUp):  # it concerns whoever took it up, wherever the message stands
        where = Where(key=who.key, address=who.address)
        return Turn(_event(activity, what), NAME, who, where, what, answer_later=True)
    where = Where(
        key=who.key if kind == "personal" else place_of(activity),
        kind=kind,
        name=_place_name(activity),
        address=address(activity, kind),
    )
    return Turn(_event(activity, what), NAME, who, where, what, answer_later=activity.type != "invoke")


def kind_of(activity: Incoming) -> Kind:
    """`personal`, `group` or `channel`; where the scope is not told, others read along if the conversation says so."""
    stated = _KINDS.get(activity.conversation.conversation_type)
    return stated or ("group" if activity.conversation.is_group else "personal")


def place_of(activity: Incoming) -> str:
    """A channel's own id, the same in all its threads; a group chat's conversation."""
    told = activity.channel_data.channel if activity.channel_data else None
    return (told.id if told else None) or without_thread(activity.conversation.id)


def without_thread(conversation: str) -> str:
    """A conversation in a channel names the post it hangs under: `19:…@thread.tacv2;messageid=1616990032035`."""
    return conversation.partition(";messageid=")[0]


def address(activity: Incoming, kind: Kind) -> dict[str, Any]:
    """All it takes to speak first, as plain JSON: it is kept with the account and renewed by every activity."""
    data = activity.channel_data
    return {
        "service_url": activity.service_url,
        "channel_id": activity.channel_id,
        "conversation": activity.conversation.id,
        "conversation_type": kind,
        "bot_id": activity.recipient.id,
        "user_id": activity.sender.id,
        "aad": activity.sender.aad_object_id,
        "tenant": activity.tenant or None,
        "team": data.team.id if data and data.team else None,
        "channel": data.channel.id if data and data.channel else None,
        "locale": _locale(activity),
    }


def _who(activity: Incoming) -> Who:
    sender, kind = activity.sender, kind_of(activity)
    own = address(activity, "personal")
    if kind != "personal":
        own |= {"conversation": None, "team": None, "channel": None}
    return Who(
        key=f"{activity.tenant}:{sender.aad_object_id or sender.id}"[:200],
        name=(sender.name or "")[:200],
        locale=_locale(activity),
        zone=_zone(activity),
        address=own,
    )


def _locale(activity: Incoming) -> str | None:
    told = (activity.locale, *(entity.locale for entity in activity.known_entities))
    return next((locale[:20] for locale in told if locale), None)


def _zone(activity: Incoming) -> str | None:
    told = (activity.local_timezone, *(entity.timezone for entity in activity.known_entities))
    return next((zone for zone in told if zone and zone in _zones()), None)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _place_name(activity: Incoming) -> str:
    data = activity.channel_data
    told = (data.channel, data.team) if data else ()
    return next((named.name for named in told if named and named.name), activity.conversation.name or "")[:200]


def _event(activity: Incoming, what: What) -> str:
    """The activity's id with a mark of its conversation, since ids are instants and two conversations may share one.

    Coming to a place is told twice, as a member added and as an installation: both are one event.
    """
    place = hashlib.sha256(f"{activity.tenant}\n{activity.conversation.id}".encode()).hexdigest()[:12]
    if isinstance(what, Arrived) and activity.timestamp:
        return f"arrived-{activity.timestamp[:16]}:{place}"
    return f"{activity.id}:{place}"


def _what(activity: Incoming) -> What | None:
    match activity.type:
        case "message":
            return marks.read(activity.value) or _sent(activity) or _said(activity)
        case "invoke":
            return _invoked(activity)
        case "conversationUpdate":
            came = any(member.id == activity.recipient.id for member in activity.members_added or ())
            return Arrived() if came else None
        case "installationUpdate":
            return Arrived() if activity.action in ("add", "add-upgrade") else None
    return None


def _invoked(activity: Incoming) -> Pressed | Answered | TakenUp:
    """`adaptiveCard/action`: `value.action.data` is what the button carries, with the inputs beside it."""
    if activity.name == "composeExtension/fetchTask":
        return _taken_up(activity.value)
    action = activity.value.get("action") if isinstance(activity.value, dict) else None
    what = marks.read(action.get("data")) if isinstance(action, dict) else None
    if activity.name != "adaptiveCard/action" or what is None:
        raise Malformed(f"invoke {activity.name}")
    return what


def _taken_up(value: object) -> TakenUp:
    """A message taken up from its menu: `messagePayload.body` is its text, or HTML."""
    match value:
        case {"commandId": str(command), "messagePayload": {"body": {"content": str(content), **more}}} if command in TAKEN_UP:
            return TakenUp(TAKEN_UP[command], content if more.get("contentType") == "text" else text_of_html(content))
    raise Malformed("composeExtension/fetchTask")


_TAG = re.compile(r"<(/?\w*)[^<>]*>")
_NEW_LINE = frozenset({"br", "p", "div", "li", "tr"})


def text_of_html(content: str) -> str:
    """What a reader of the message sees, without its markup, a line for each paragraph.

    The standard library's parser takes seconds for what a stranger can write in 40 KB; this is one pass.
    """
    bare = _TAG.sub(lambda tag: "\n" if tag[1].lower() in _NEW_LINE else "", content[:MOST_HTML])
    lines = (line.strip() for line in html.unescape(bare).replace("\xa0", " ").split("\n"))
    return "\n".join(line for line in lines if line)


def _sent(activity: Incoming) -> Sent | None:
    files = files_of(activity)
    said = _said(activity)
    return Sent(tuple(File(name) for name, _ in files), said.text if said else "") if files else None


def _said(activity: Incoming) -> Said | None:
    """The text without the mention of the bot, other people's mentions as their names. None where nothing was written."""
    text = activity.text or ""
    mentions = [entity for entity in activity.known_entities if entity.type == "mention" and entity.text]
    for mention in mentions:
        is_bot = mention.mentioned is None or mention.mentioned.id == activity.recipient.id
        name = "" if is_bot else (mention.mentioned.name if mention.mentioned else None) or ""
        text = text.replace(mention.text or "", name, 1)
    if not mentions and kind_of(activity) != "personal":
        text = _LEADING_MENTION.sub("", text)
    text = text.replace("\xa0", " ").removeprefix("&nbsp;").strip()
    return Said(text) if text else None
