"""What Slack sends, as turns: pure functions from a payload to a `Turn`, or None for what is not meant for the bot.

The name, language and zone of an account are added by the listener, from its profile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.slack.envelope import Body, Malformed, list_at, mapping_at, maybe_at, text_at, value_at
from bot.slack.modal import answers_of, draft_of
from bot.slack.typed import typed
from handlers.conversation.press import press, unpack
from handlers.conversation.turn import MOST_FILES, Answered, Arrived, File, Pressed, Said, Sent, TakenUp, Turn, What, Where, Who

DOOR = "slack"
CHOOSE = "door.choose"
"""The select of a question with several answers: its changes alone mean nothing yet."""
DONE = "door.done"
"""The button that hands in what the select of a question with several answers holds."""

TAKEN_UP: Mapping[str, str] = {"register_need": "need"}
"""The shortcuts of the app, by callback id, with the form each opens."""

_SPOKEN = (None, "file_share", "thread_broadcast", "me_message")
"""Message subtypes that are a person saying something; edits, deletions, joins and bots' messages are others."""


def account(team: str, user: str) -> Who:
    return Who(key=f"{team}:{user}", address={"team": team, "user": user})


def place(team: str, user: str, channel: str | None, *, thread: str | None = None, kind: str | None = None) -> Where:
    """The direct message with a person, or a place where others read along; `kind` is Slack's `channel_type`."""
    fixed = {"channel": channel} if channel else {}
    address = {"team": team, **fixed, **({"thread_ts": thread} if thread else {})}
    if channel is None or channel.startswith("D"):
        return Where(key=f"{team}:{user}", address={**address, "user": user})
    return Where(key=f"{team}:{channel}", kind="group" if kind == "mpim" else "channel", address=address)


def read_event(body: Body, *, bot_user: str | None) -> Turn | None:
    """An Events API envelope as a turn."""
    reader = EVENTS.get(text_at(body, "event", "type"))
    return reader(body, mapping_at(body, "event"), bot_user) if reader else None


def _mention(body: Body, event: Body, bot_user: str | None) -> Turn | None:
    return None if _is_ours(event, bot_user) else _message(body, event, bot_user)


def _heard(body: Body, event: Body, bot_user: str | None) -> Turn | None:
    """A message where the bot reads along: all of a direct message, elsewhere only one that names it."""
    if maybe_at(event, "subtype") not in _SPOKEN or _is_ours(event, bot_user):
        return None
    if maybe_at(event, "channel_type") != "im" and not text_at(event, "channel").startswith("D"):
        said = maybe_at(event, "text") or ""
        if bot_user is None or (f"<@{bot_user}>" not in said and f"<@{bot_user}|" not in said):
            return None
    return _message(body, event, bot_user)


def _is_ours(event: Body, bot_user: str | None) -> bool:
    return bool(event.get("bot_id") or event.get("app_id")) or "user" not in event or event["user"] == bot_user


def _message(body: Body, event: Body, bot_user: str | None) -> Turn:
    """One message, however often and under whatever name it is delivered, is one event: its channel and time stamp."""
    team, user, channel = text_at(body, "team_id"), text_at(event, "user"), text_at(event, "channel")
    where = place(team, user, channel, thread=maybe_at(event, "thread_ts"), kind=maybe_at(event, "channel_type"))
    said = typed(maybe_at(event, "text") or "", bot_user=bot_user)
    files = tuple(File(shared.name) for shared in files_of(event))
    what = Sent(files, said) if files else Said(said or "help")
    return _turn(f"{team}:{channel}:{text_at(event, 'ts')}", account(team, user), where, what)


@dataclass(frozen=True, slots=True)
class Shared:
    """A file shared in a message: its name, its size in bytes as Slack tells it, and where it is fetched."""

    name: str
    size: int
    url: str


def files_of(event: Body) -> tuple[Shared, ...]:
    """The files of a message that Slack itself holds."""
    listed = event.get("files")
    found = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return tuple(_shared(one) for one in found if one.get("mode") not in ("tombstone", "external"))[:MOST_FILES]


def _shared(one: Body) -> Shared:
    size = one.get("size")
    url = maybe_at(one, "url_private_download") or maybe_at(one, "url_private") or ""
    return Shared(maybe_at(one, "name") or "file", size if isinstance(size, int) else 0, url)


def _home(body: Body, event: Body, bot_user: str | None) -> Turn | None:
    team, user = text_at(body, "team_id"), text_at(event, "user")
    who, where = account(team, user), place(team, user, None)
    if maybe_at(event, "tab") == "messages":
        first = f"arrived:{team}:{user}"
        return _turn(first, who, place(team, user, maybe_at(event, "channel")), Arrived())
    return Turn(event=text_at(body, "event_id"), door=DOOR, who=who, where=where, what=Pressed("home.show"))


def _joined(body: Body, event: Body, bot_user: str | None) -> Turn | None:
    """The bot was brought into a channel; who did it is who it speaks with."""
    inviter = maybe_at(event, "inviter")
    if inviter is None or event.get("user") != bot_user:
        return None
    team = text_at(body, "team_id")
    return _turn(text_at(body, "event_id"), account(team, inviter), place(team, inviter, text_at(event, "channel")), Arrived())


EVENTS: Mapping[str, Callable[[Body, Body, str | None], Turn | None]] = {
    "app_mention": _mention,
    "message": _heard,
    "app_home_opened": _home,
    "member_joined_channel": _joined,
}
"""The events that mean something, by type; any other is acknowledged and passed over."""


def _turn(event: str, who: Who, where: Where, what: What) -> Turn:
    return Turn(event=event, door=DOOR, who=who, where=where, what=what, answer_later=True)


def read_command(body: Body) -> Turn:
    """A slash command: only its author sees it, so it is answered in the direct message."""
    team, user = text_at(body, "team_id"), text_at(body, "user_id")
    said = typed(maybe_at(body, "text") or "") or "help"
    return _turn(f"command:{text_at(body, 'trigger_id')}", account(team, user), place(team, user, None), Said(said))


def read_shortcut(body: Body) -> Turn:
    """A message taken up from its menu. What comes of it concerns whoever took it up: it goes on in their direct message."""
    form = TAKEN_UP.get(text_at(body, "callback_id"))
    if form is None:
        raise Malformed("callback_id")
    team, user = team_of(body), text_at(body, "user", "id")
    said = typed(maybe_at(body, "message", "text") or "")
    return _turn(f"shortcut:{text_at(body, 'trigger_id')}", account(team, user), place(team, user, None), TakenUp(form, said))


def team_of(body: Body) -> str:
    """The workspace of an interaction."""
    return maybe_at(body, "team", "id") or maybe_at(body, "user", "team_id") or text_at(body, "enterprise", "id")


def read_press(body: Body) -> Turn | None:
    """A button, select or date of a message or the Home; None for one that only fills a field."""
    actions = list_at(body, "actions")
    if not actions or not isinstance(actions[0], Mapping) or value_at(body, "view", "type") == "modal":
        return None
    what = _pressed(actions[0], body)
    if what is None:
        return None
    team, user = team_of(body), text_at(body, "user", "id")
    channel = maybe_at(body, "channel", "id") or maybe_at(body, "container", "channel_id")
    where = place(team, user, channel, thread=maybe_at(body, "message", "thread_ts"), kind=_named_kind(body))
    return _turn(_press_event(body, actions[0], what), account(team, user), where, what)


def _named_kind(body: Body) -> str | None:
    return "mpim" if (maybe_at(body, "channel", "name") or "").startswith("mpdm-") else None


def _press_event(body: Body, action: Body, what: What) -> str:
    moment = maybe_at(action, "action_ts") or text_at(body, "trigger_id")
    return f"press:{maybe_at(body, 'team', 'id') or ''}:{text_at(body, 'user', 'id')}:{moment}:{_digest(repr(what))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def packed_of(action_id: str) -> str:
    """The packed press in an action id, which a number makes unique in its message: `3/form.pick:…` → `form.pick:…`."""
    number, slash, packed = action_id.partition("/")
    return packed if slash and number.isdigit() else action_id


def _pressed(action: Body, body: Body) -> Pressed | Answered | None:
    packed = packed_of(text_at(action, "action_id"))
    match maybe_at(action, "type"):
        case "button":
            return _button(maybe_at(action, "value") or packed, body)
        case "static_select" | "external_select":
            return _picked(packed, maybe_at(action, "selected_option", "value"))
        case "overflow":
            return Pressed(text_at(action, "selected_option", "value"))
        case "datepicker":
            return _picked(packed, maybe_at(action, "selected_date"))
    return None


def _picked(packed: str, value: str | None) -> Pressed | None:
    return Pressed(f"{packed}:{quote(value, safe='-_.*')}") if value else None


def _button(packed: str, body: Body) -> Pressed | Answered:
    pressed = unpack(packed)
    if pressed.verb != DONE or len(pressed.args) != 2:
        return Pressed(packed)
    draft, field = pressed.args
    chosen = _chosen(body, press(CHOOSE, draft, field))
    return Answered(draft, {field: chosen}) if chosen else Pressed(press("form.pick", draft, field, ""))


def _chosen(body: Body, packed: str) -> list[str]:
    """What a select of several answers holds now, from the message's state."""
    for block in (value_at(body, "state", "values") or {}).values():
        for action_id, element in block.items():
            if packed_of(action_id) == packed:
                return [text_at(option, "value") for option in element.get("selected_options") or ()]
    return []


def read_submission(body: Body) -> Turn:
    """A modal handed in: the same values handed in twice from the same modal are one event."""
    team, user, view = team_of(body), text_at(body, "user", "id"), mapping_at(body, "view")
    answers = answers_of(view)
    event = f"view:{text_at(view, 'id')}:{_digest(json.dumps(answers, sort_keys=True))}"
    where = place(team, user, None)
    where = Where(key=where.key, address={**where.address, "modal": text_at(view, "id")})
    return _turn(event, account(team, user), where, Answered(draft_of(view), answers))


def read_search(body: Body) -> tuple[Who, str, str, str]:
    """A type-ahead: who types, draft, field, what was typed so far."""
    who = account(team_of(body), text_at(body, "user", "id"))
    typed_now = maybe_at(body, "value") or ""
    if value_at(body, "view", "type") == "modal":
        return who, draft_of(mapping_at(body, "view")), text_at(body, "block_id"), typed_now
    args = unpack(packed_of(text_at(body, "action_id"))).args
    if len(args) != 2:
        raise Malformed("action_id")
    return who, args[0], args[1], typed_now


def blocks_of(body: Body) -> list[dict[str, Any]]:
    """The blocks of the message a press came from."""
    blocks = value_at(body, "message", "blocks")
    return [dict(block) for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []
