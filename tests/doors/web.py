"""The web chat as its own script drives it: signing in by the demo's picker, posting, and reading the markup that comes back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, CookieJar

from tests.doors.markup import Node, parsed
from tests.doors.seen import Again, Button, Seen, Sheet, delivered, plain, together
from tests.doors.served import Served, settings_on

_CONTROLS = ("button", "select", "textarea", "option", "script")


@dataclass(slots=True)
class Page:
    """One person's browser: its cookies, the token of its page, what it has shown so far."""

    http: ClientSession
    token: str = ""
    shown: set[str] = field(default_factory=set)
    greeting: Seen = field(default_factory=Seen)
    sheet: Sheet | None = None


class Web:
    def __init__(self, url: str) -> None:
        self.url = url
        self.served = Served(settings_on(url))
        self.pages: dict[str, Page] = {}

    async def _page(self, person: str) -> Page:
        await self.served.start()
        if person not in self.pages:
            self.pages[person] = await self._sign_in(person)
        return self.pages[person]

    async def _sign_in(self, person: str) -> Page:
        page = Page(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        front = await self._look(page)
        [token] = {node.attributes["value"] for node in front.with_("name") if node.attributes["name"] == "token"}
        picked = {"person": str(self.served.person_id(person)), "token": token}
        async with page.http.post(self.served.address("/chat/as"), data=picked) as answer:
            assert answer.status == 200, await answer.text()
        log = await self._log(page)
        page.greeting = together(seen(node) for node in _articles(log) if node.attributes["data-key"] == "t-arrived")
        return page

    async def _look(self, page: Page) -> Node:
        async with page.http.get(self.served.address("/chat")) as answer:
            assert answer.status == 200
            return parsed(await answer.text())

    async def _log(self, page: Page) -> Node:
        [log] = list((await self._look(page)).with_("data-token"))
        page.token = log.attributes["data-token"]
        return log

    async def _post(self, page: Page, path: str, what: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"X-Liaison-Token": page.token}
        async with page.http.post(self.served.address(f"/chat/{path}"), json=what, headers=headers) as answer:
            assert answer.status == 200, (answer.status, await answer.text())
            found: dict[str, Any] = await answer.json()
            return found

    async def _turn(self, person: str, path: str, what: Mapping[str, Any], again: Again) -> Seen:
        page = await self._page(person)
        event = {**what, "event": uuid.uuid4().hex}
        first, *more = await delivered(lambda: self._post(page, path, event), again, self.restart)
        assert all((one["html"], one["again"]) == (first["html"], True) for one in more), (first, more)
        node = parsed(first["html"])
        page.sheet = next((Sheet(form) for form in node.with_("data-draft") if form.tag == "form"), None)
        greeting, page.greeting = page.greeting, Seen()
        return together((greeting, seen(node)))

    async def say(self, person: str, text: str, *, again: Again = "") -> Seen:
        return await self._turn(person, "say", {"text": text}, again)

    async def press(self, person: str, button: Button, *, again: Again = "") -> Seen:
        path, what = button.how
        return await self._turn(person, path, what, again)

    async def fill(self, person: str, sheet: Button | None, values: Mapping[str, str], *, again: Again = "") -> Seen:
        if sheet is not None:
            await self.press(person, sheet)
        shown = (await self._page(person)).sheet
        assert shown is not None, "no form is shown whole"
        fields = {node.attributes["data-name"]: node for node in shown.how.with_("data-kind")}
        assert values.keys() <= fields.keys(), (values.keys(), fields.keys())
        answers = {name: _given(node, values[name]) if name in values else _held(node) for name, node in fields.items()}
        return await self._turn(person, "answers", {"draft": shown.how.attributes["data-draft"], "answers": answers}, again)

    async def inbox(self, person: str) -> Seen:
        page = await self._page(person)
        await self.served.do_what_is_due()
        told = [node for node in _articles(await self._log(page)) if "told" in node.classes]
        new = [node for node in told if node.attributes["data-key"] not in page.shown]
        page.shown |= {node.attributes["data-key"] for node in new}
        return together(seen(node) for node in new)

    async def move_clock(self, instant: datetime) -> None:
        await self.served.start()
        await self.served.move_clock(instant)

    async def restart(self) -> None:
        """The cookies outlive the process, since the key that signs them is a setting."""
        await self.served.restart()

    async def close(self) -> None:
        for page in self.pages.values():
            await page.http.close()
        await self.served.stop()


def _articles(log: Node) -> list[Node]:
    return list(log.all(lambda node: node.tag == "article" and "house" in node.classes))


def seen(node: Node) -> Seen:
    """A fragment as what is seen; what is hidden or was used up is left out."""
    buttons = [_button(button) for button in node.all(_is_live) if button.attributes.keys() & {"data-press", "data-say"}]
    boxes = [_box(pick, box) for pick in node.with_("data-pick") for box in pick.all(lambda one: "box" in one.classes)]
    return Seen(plain(node.text(leave_out=_is_hidden)), (*boxes, *buttons))


def _is_live(node: Node) -> bool:
    return node.tag == "button" and "disabled" not in node.attributes


def _is_hidden(node: Node) -> bool:
    return node.tag in _CONTROLS or bool({"unseen", "when-told", "mark", "box"} & set(node.classes)) or "hidden" in node.attributes


def _button(node: Node) -> Button:
    label = plain(node.text(leave_out=lambda one: "unseen" in one.classes))
    if "data-press" in node.attributes:
        return Button(label, node.attributes["data-press"], ("press", {"id": node.attributes["data-press"]}))
    return Button(label, f"say:{node.attributes['data-say']}", ("say", {"text": node.attributes["data-say"]}))


def _box(pick: Node, box: Node) -> Button:
    """One of several choices, ticked alone."""
    [tick] = list(box.with_("value"))
    packed = pick.attributes["data-pick"] + quote(tick.attributes["value"], safe="-_.*")
    return Button(plain(box.text()), packed, ("press", {"id": packed}))


def _given(field_node: Node, value: str) -> Any:
    kind = field_node.attributes["data-kind"]
    if kind == "yes_no":
        return value == "yes"
    return [part.strip() for part in value.split(";")] if kind == "choices" else value


def _held(field_node: Node) -> Any:
    """What a field holds that was not touched, as the page's script reads it."""
    ticked = [node.attributes.get("value", "") for node in field_node.with_("checked")]
    if field_node.attributes["data-kind"] == "yes_no":
        return ticked[0] == "yes" if ticked else None
    if field_node.attributes["data-kind"] == "choices":
        chips = [node.attributes["data-value"] for node in field_node.all(lambda one: one.tag == "li" and "data-value" in one.attributes)]
        return [*ticked, *chips]
    selected = [node.attributes["value"] for node in field_node.with_("selected")]
    written = [node.text().strip() for node in field_node.all(lambda one: one.tag == "textarea")]
    typed = [
        node.attributes.get("data-value") or node.attributes.get("value", "") for node in field_node.all(lambda one: one.tag == "input")
    ]
    return next((value for value in (*selected, *written, *typed) if value), None)
