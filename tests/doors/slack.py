"""Slack as it really speaks: signed payloads over HTTP into the server, and a local Web API that keeps what is posted."""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from bot.settings import SlackSettings
from bot.slack.read import CHOOSE, DONE, packed_of
from bot.slack.signature import sign
from handlers.conversation.press import press, unpack
from storage.people import Identity
from tests.doors.seen import Again, Button, Newcomer, Seen, Sheet, delivered, plain, together
from tests.doors.served import Served, settings_on
from tests.edges.local_slack import BOT_USER, TEAM, TOKEN, LocalSlack

SECRET = "test-signing-secret"
_FORM = "application/x-www-form-urlencoded"

Json = dict[str, Any]


@dataclass(slots=True)
class Member:
    """A member of the workspace: how much of the direct message was read, what was told meanwhile, the modal that is open."""

    user: str
    read: int = 0
    told: list[Json] = field(default_factory=list)
    modal: Sheet | None = None


class Slack:
    def __init__(self, url: str) -> None:
        self.url = url
        self.slack = LocalSlack()
        self.api = TestServer(self.slack.app, host="127.0.0.1")
        self.served: Served | None = None
        self.http: ClientSession | None = None
        self.members: dict[str, Member] = {}
        self.numbers = itertools.count(int(time.time()))

    async def _start(self) -> Served:
        if self.served is None:
            await self.api.start_server()
            slack = SlackSettings(TOKEN, SECRET, api_url=str(self.api.make_url("/api/")))
            self.served = Served(replace(settings_on(self.url), slack=slack))
            await self.served.start()
            self.http = ClientSession()
            self._link()
        return self.served

    def _link(self) -> None:
        """Everybody of the demo has an account here; a newcomer has one that nobody knows."""
        assert self.served
        newcomer = Newcomer()
        people = self.served.people()
        self.members = {handle: Member(f"U{handle.upper().replace('-', '')}") for handle in (*people, newcomer.handle)}
        self.slack.people[self.members[newcomer.handle].user] = {
            "real_name": newcomer.name, "locale": newcomer.locale, "tz": newcomer.zone,
        }  # fmt: skip
        with self.served.house.database.transaction() as session:
            for handle, person_id in people.items():
                user = self.members[handle].user
                address = {"team": TEAM, "user": user}
                now = self.served.house.clock.now(session)
                session.add(Identity(person_id=person_id, door="slack", key=f"{TEAM}:{user}", address=address, last_seen_at=now))

    async def _post(self, raw: bytes, content_type: str) -> Json:
        assert self.served
        assert self.http
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type, "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(SECRET, timestamp=timestamp, body=raw),
        }  # fmt: skip
        async with self.http.post(self.served.address("/slack/events"), data=raw, headers=headers) as answer:
            body = await answer.text()
            assert answer.status == 200, (answer.status, body)
            found: Json = json.loads(body) if body else {}
            return found

    async def _interact(self, person: str, payload: Json) -> Json:
        user = {"id": self.members[person].user, "team_id": TEAM}
        common = {"team": {"id": TEAM}, "user": user, "trigger_id": f"trigger-{next(self.numbers)}", "api_app_id": "A1"}
        return await self._post(urlencode({"payload": json.dumps({**common, **payload})}).encode(), _FORM)

    async def _answer(self, person: str) -> Seen:
        """What was posted in answer; anything else posted meanwhile waits for the next look at the inbox."""
        assert self.served
        await self.served.until_quiet()
        posted = self._unread(person)
        self.members[person].told += [message for message in posted if not _is_answer(message)]
        return together(seen(message) for message in posted if _is_answer(message))

    def _unread(self, person: str) -> list[Json]:
        member = self.members[person]
        held = self.slack.messages[f"D{member.user}"]
        new, member.read = held[member.read :], len(held)
        return new

    async def say(self, person: str, text: str, *, again: Again = "") -> Seen:
        await self._start()
        user = self.members[person].user
        event = {
            "type": "message", "channel_type": "im", "channel": f"D{user}", "user": user, "text": html.escape(text, quote=False),
            "ts": f"{next(self.numbers)}.000200",
        }  # fmt: skip
        body = {
            "type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event": event, "event_id": f"Ev{next(self.numbers)}",
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        }  # fmt: skip
        await delivered(lambda: self._post(json.dumps(body).encode(), "application/json"), again, self.restart)
        return await self._answer(person)

    async def press(self, person: str, button: Button, *, again: Again = "") -> Seen:
        await self._start()
        message, action, state = button.how
        channel = f"D{self.members[person].user}"
        payload = {
            "type": "block_actions", "channel": {"id": channel, "name": "directmessage"},
            "container": {"type": "message", "channel_id": channel, "message_ts": message["ts"]},
            "message": {"ts": message["ts"], "text": message["text"], "blocks": message["blocks"]},
            "actions": [{**action, "action_ts": f"{next(self.numbers)}.5"}], "state": {"values": state},
        }  # fmt: skip
        opened = len(self.slack.views)
        await delivered(lambda: self._interact(person, payload), again, self.restart)
        if len(self.slack.views) > opened:
            self.members[person].modal = Sheet(self.slack.views[-1])
            return together((modal_seen(self.slack.views[-1]), await self._answer(person)))
        return await self._answer(person)

    async def fill(self, person: str, sheet: Button | None, values: Mapping[str, str], *, again: Again = "") -> Seen:
        if sheet is not None:
            await self.press(person, sheet)
        shown = self.members[person].modal
        assert shown is not None, "no modal is open"
        shown.values |= values
        fields = {block["block_id"]: block["element"] for block in shown.how["blocks"] if block["type"] == "input"}
        assert values.keys() <= fields.keys(), (values.keys(), fields.keys())
        state = {name: {element["action_id"]: _state(element, shown.values.get(name))} for name, element in fields.items()}
        submission = {"type": "view_submission", "view": {**shown.how, "state": {"values": state}}}
        answers = await delivered(lambda: self._interact(person, submission), again, self.restart)
        assert all(answer == answers[0] for answer in answers), answers
        problems = self._handed_in(self.members[person], answers[0])
        return together((problems, await self._answer(person)))

    def _handed_in(self, member: Member, answer: Json) -> Seen:
        """What the modal shows now; it is gone when there was nothing to mend."""
        match answer.get("response_action"):
            case "errors":
                return Seen(plain("\n".join(answer["errors"].values())))
            case "update":
                assert member.modal
                member.modal = Sheet({**answer["view"], "id": member.modal.how["id"]})
                return modal_seen(answer["view"])
        member.modal = None
        return Seen()

    async def inbox(self, person: str) -> Seen:
        served = await self._start()
        await served.do_what_is_due()
        posted = self._unread(person)
        member = self.members[person]
        told, member.told = [*member.told, *(message for message in posted if not _is_answer(message))], []
        return together(seen(message) for message in told)

    async def move_clock(self, instant: datetime) -> None:
        await (await self._start()).move_clock(instant)

    async def restart(self) -> None:
        await (await self._start()).restart()

    async def close(self) -> None:
        if self.served is not None:
            await self.served.stop()
            await self.api.close()
        if self.http is not None:
            await self.http.close()
            await asyncio.sleep(0)


def _is_answer(message: Json) -> bool:
    return str(message["metadata"]["event_payload"]["key"]).startswith(("answer:", "private:"))


def seen(message: Json) -> Seen:
    """A message as what is seen; every block gets the id that Slack would give it."""
    blocks = [{"block_id": f"b{number}", **block} for number, block in enumerate(message["blocks"])]
    shown = {**message, "blocks": blocks}
    buttons = tuple(button for block in blocks for element in _elements(block) for button in _buttons(shown, block, element))
    return Seen(plain("\n".join(text for block in blocks for text in _texts(block))), buttons)


def modal_seen(view: Json) -> Seen:
    shown = [{key: value for key, value in block.items() if key != "element"} for block in view["blocks"]]
    return Seen(plain("\n".join(text for block in ({"title": view["title"]}, *shown) for text in _texts(block))))


def _texts(block: Json) -> Iterator[str]:
    """The texts of a block, those inside its controls left out."""
    for name in ("title", "text", "label", "hint"):
        if isinstance(block.get(name), dict):
            yield _shown(block[name])
    parts = [*block.get("fields", ()), *(block.get("elements", ()) if block.get("type") == "context" else ())]
    yield from (_shown(part) for part in parts)


def _shown(text: Json) -> str:
    written = html.unescape(text["text"])
    return written.strip("*") if text["type"] == "mrkdwn" else written


def _elements(block: Json) -> list[Json]:
    held = [*(block.get("elements", ()) if block["type"] == "actions" else ()), *([block["accessory"]] if "accessory" in block else [])]
    return [element for element in held if "action_id" in element]


def _buttons(message: Json, block: Json, element: Json) -> Iterator[Button]:
    """What can be pressed in an element: itself, or each of the options it lists."""
    action = {**element, "block_id": block["block_id"]}
    packed = packed_of(element["action_id"])
    if element["type"] == "button":
        yield Button(_shown(element["text"]), element["value"], (message, action, {}))
    for option in element.get("options", ()):
        picked = f"{packed}:{quote(option['value'], safe='-_.*')}"
        how = (
            _done(message, element, block, option)
            if unpack(packed).verb == CHOOSE
            else (message, {**action, "selected_option": option}, {})
        )
        yield Button(_shown(option["text"]), picked.replace(CHOOSE, "form.pick", 1), how)


def _done(message: Json, element: Json, block: Json, option: Json) -> Any:
    """One of several answers: chosen alone, and handed in with the button below."""
    packed = press(DONE, *unpack(packed_of(element["action_id"])).args)
    state = {block["block_id"]: {element["action_id"]: {"type": element["type"], "selected_options": [option]}}}
    held = ({**one, "block_id": there["block_id"]} for there in message["blocks"] for one in _elements(there))
    return message, next(one for one in held if one.get("value") == packed), state


def _state(element: Json, value: str | None) -> Json:
    """A field of a modal as Slack hands it in: what was put there, else what it was shown with."""
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": value if value is not None else element.get("initial_value")}
    if kind == "datepicker":
        return {"type": kind, "selected_date": value if value is not None else element.get("initial_date")}
    if kind.startswith("multi_"):
        chosen = [_option(part.strip()) for part in value.split(";")] if value is not None else element.get("initial_options", [])
        return {"type": kind, "selected_options": chosen}
    return {"type": kind, "selected_option": _option(value) if value is not None else element.get("initial_option")}


def _option(value: str) -> Json:
    return {"text": {"type": "plain_text", "text": value}, "value": value}
