"""Teams as it really speaks: activities over HTTP into the server in emulator mode, and a local connector that keeps what is posted."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aiohttp import ClientSession

from bot.settings import TeamsSettings
from handlers.conversation.press import press
from storage.people import Identity
from tests.doors.seen import Again, Button, Newcomer, Seen, Sheet, delivered, plain, together
from tests.doors.served import Served, settings_on
from tests.edges.local_connector import LocalConnector, local_connector

TENANT = "0d3a1c7e-0000-4000-8000-000000000001"
BOT = {"id": "28:liaison", "name": "Liaison"}

Json = dict[str, Any]


@dataclass(slots=True)
class Member:
    """Somebody of the tenant: what was posted to them, and the form that is shown whole."""

    user: str
    name: str
    locale: str = "en-GB"
    zone: str = "Europe/Vienna"
    told: list[Json] = field(default_factory=list)
    answers: list[Json] = field(default_factory=list)
    sheet: Sheet | None = None

    @property
    def key(self) -> str:
        return f"{TENANT}:aad-{self.user}"


class Teams:
    def __init__(self, url: str) -> None:
        self.url = url
        self.served: Served | None = None
        self.stack = AsyncExitStack()
        self.connector: LocalConnector | None = None
        self.http: ClientSession | None = None
        self.members: dict[str, Member] = {}
        self.read = 0
        self.numbers = itertools.count(1)

    async def _start(self) -> Served:
        if self.served is None:
            self.connector = await self.stack.enter_async_context(local_connector())
            self.http = await self.stack.enter_async_context(ClientSession())
            self.served = Served(replace(settings_on(self.url), teams=TeamsSettings(emulator=True)))
            await self.served.start()
            self._link()
        return self.served

    def _link(self) -> None:
        """Everybody of the demo has an account here; a newcomer has one that nobody knows."""
        assert self.served
        assert self.connector
        newcomer = Newcomer()
        people = self.served.people()
        self.members = {handle: Member(handle, handle.title()) for handle in people}
        self.members[newcomer.handle] = Member(newcomer.handle, newcomer.name, newcomer.locale, newcomer.zone)
        with self.served.house.database.transaction() as session:
            for handle, person_id in people.items():
                member = self.members[handle]
                address = {"service_url": self.connector.url, "bot_id": BOT["id"], "user_id": f"29:{member.user}", "tenant": TENANT}
                now = self.served.house.clock.now(session)
                session.add(Identity(person_id=person_id, door="teams", key=member.key, address=address, last_seen_at=now))

    def _activity(self, person: str, kind: str, **more: Any) -> Json:
        """An activity in the personal conversation of `person`."""
        assert self.connector
        member = self.members[person]
        return {
            "type": kind, "id": f"f:{next(self.numbers)}", "timestamp": "2026-03-02T09:00:00.000Z", "localTimezone": member.zone,
            "serviceUrl": self.connector.url, "channelId": "msteams", "recipient": BOT, "locale": member.locale,
            "from": {"id": f"29:{member.user}", "name": member.name, "aadObjectId": f"aad-{member.user}"},
            "conversation": {"id": f"a:{member.user}", "conversationType": "personal", "tenantId": TENANT},
            "entities": [{"type": "clientInfo", "locale": member.locale, "country": "AT", "platform": "Web", "timezone": member.zone}],
            "channelData": {"tenant": {"id": TENANT}}, **more,
        }  # fmt: skip

    async def _send(self, activity: Json) -> Json:
        assert self.served
        assert self.http
        async with self.http.post(self.served.address("/api/messages"), json=activity) as answer:
            body = await answer.text()
            assert answer.status == 200, (answer.status, body)
            found: Json = json.loads(body) if body else {}
            return found

    def _sort(self) -> None:
        """Hand what the connector took since the last look to whom it was for."""
        assert self.connector
        whose = {place: member for member in self.members.values() for place in (f"a:{member.user}", f"opened-29:{member.user}")}
        for place, activity, _ in self.connector.sent[self.read :]:
            key = str(activity["channelData"]["liaison"]["key"])
            member = whose[place]
            (member.answers if key.startswith(("answer:", "private:")) else member.told).append(activity)
        self.read = len(self.connector.sent)

    async def say(self, person: str, text: str, *, again: Again = "") -> Seen:
        served = await self._start()
        activity = self._activity(person, "message", text=text, textFormat="plain")
        answered = await delivered(lambda: self._send(activity), again, self.restart)
        assert not any(answered), answered
        await served.until_quiet()
        self._sort()
        answers, self.members[person].answers = self.members[person].answers, []
        return together(seen(activity) for activity in answers)

    async def press(self, person: str, button: Button, *, again: Again = "") -> Seen:
        served = await self._start()
        value = {"action": {"type": "Action.Execute", "verb": "x", "data": button.how}, "trigger": "manual"}
        activity = self._activity(person, "invoke", name="adaptiveCard/action", value=value)
        first, *more = await delivered(lambda: self._send(activity), again, self.restart)
        assert all(body == first for body in more), (first, more)
        await served.until_quiet()
        card = first["value"] if first["type"] == "application/vnd.microsoft.card.adaptive" else {}
        self.members[person].sheet = Sheet(card) if any("id" in element for element in _inside(card)) else None
        return card_seen(card)

    async def fill(self, person: str, sheet: Button | None, values: Mapping[str, str], *, again: Again = "") -> Seen:
        if sheet is not None:
            await self.press(person, sheet)
        shown = self.members[person].sheet
        assert shown is not None, "no form is shown whole"
        held = {element["id"]: element.get("value", "") for element in _inside(shown.how) if element["type"].startswith("Input.")}
        names = {input_id.partition(".")[2]: input_id for input_id in held}
        assert values.keys() <= names.keys(), (values.keys(), names.keys())
        given = {names[name]: ",".join(part.strip() for part in value.split(";")) for name, value in values.items()}
        [data] = [e["data"] for e in _inside(shown.how) if e["type"] == "Action.Execute" and "fields" in e["data"]["liaison"]]
        return await self.press(person, Button("", "", {**data, **held, **given}), again=again)

    async def inbox(self, person: str) -> Seen:
        served = await self._start()
        await served.do_what_is_due()
        self._sort()
        told, self.members[person].told = self.members[person].told, []
        return together(seen(activity) for activity in told)

    async def move_clock(self, instant: datetime) -> None:
        await (await self._start()).move_clock(instant)

    async def restart(self) -> None:
        await (await self._start()).restart()

    async def close(self) -> None:
        if self.served is not None:
            await self.served.stop()
        await self.stack.aclose()


def seen(activity: Json) -> Seen:
    """A message as what is seen: its text, or its cards."""
    cards = [card_seen(attachment["content"]) for attachment in activity.get("attachments", ())]
    return together((Seen(activity.get("text", "")), *cards))


def card_seen(card: Json) -> Seen:
    elements = list(_inside(card))
    words = (str(element[name]) for element in elements for name in ("text", "label") if name in element)
    return Seen(plain("\n".join(words)), tuple(button for element in elements for button in _buttons(element, elements)))


def _inside(card: object) -> Iterator[Json]:
    """Every typed object of a card in order, what stands in for older clients left out."""
    if isinstance(card, dict):
        if "type" in card:
            yield card
        for name, inner in card.items():
            if name not in ("data", "fallback"):
                yield from _inside(inner)
    elif isinstance(card, list):
        for inner in card:
            yield from _inside(inner)


def _buttons(element: Json, elements: list[Json]) -> Iterator[Button]:
    """A button, or each choice of a list with the button that takes it."""
    if element["type"] == "Action.Execute":
        yield Button(element["title"], _packed(element["data"]["liaison"]), element["data"])
    if element["type"] != "Input.ChoiceSet":
        return
    draft, _, field_name = element["id"].partition(".")
    takes = [e["data"] for e in elements if e["type"] == "Action.Execute" and e["data"]["liaison"].get("field") == field_name]
    for choice in element["choices"] if takes else ():
        yield Button(choice["title"], press("form.pick", draft, field_name, choice["value"]), {**takes[0], element["id"]: choice["value"]})


def _packed(mark: Json) -> str:
    """What a button means, as a packed press."""
    if "press" in mark:
        return str(mark["press"])
    return press("form.pick", mark["draft"], mark["field"], mark["value"]) if "value" in mark else f"take:{mark['draft']}"
