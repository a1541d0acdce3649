"""The listeners: one for each kind of envelope, and what each does with a turn before Slack is answered.

An event is acknowledged once it is committed, not before; what cannot be committed is answered with 503, and Slack sends it again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.house import House
from bot.settings import SlackSettings
from bot.slack.choosing import options
from bot.slack.door import Refused, SlackDoor
from bot.slack.envelope import Body, Malformed, mapping_at, maybe_at, value_at
from bot.slack.modal import outcome, view
from bot.slack.pressed import chosen, settled
from bot.slack.profiles import Profiles
from bot.slack.read import blocks_of, files_of, read_command, read_event, read_press, read_search, read_shortcut, read_submission
from bot.slack.render import home_blocks
from handlers.conversation.dispatch import Heard
from handlers.conversation.press import press, unpack
from handlers.conversation.reply import Ask, FormSheet, Review
from handlers.conversation.text import T
from handlers.conversation.turn import Pressed, Sent, Turn
from handlers.conversation.words import say
from scheduler.door import Message, NeverAgain, TryLater

log = logging.getLogger(__name__)

TRIGGER_LIFE = 2.2
"""Seconds left to open a modal: Slack's trigger lives three from the press."""

_ANY = re.compile("", re.DOTALL)
_FAILED = (Refused, TryLater, NeverAgain, TimeoutError)

Answer = BoltResponse
Listener = Callable[[Body], Awaitable[Answer]]


def bolt_app(settings: SlackSettings) -> AsyncApp:
    """Bolt without its own checks: the signature is checked on raw bytes before, own messages are passed over by `read`."""
    quiet = logging.getLogger("bot.slack.bolt")
    quiet.setLevel(logging.ERROR)

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=settings.bot_token)

    app = AsyncApp(
        name="liaison", logger=quiet, authorize=authorize, client=AsyncWebClient(base_url=settings.api_url, retry_handlers=[]),
        signing_secret=settings.signing_secret, process_before_response=True, request_verification_enabled=False, ssl_check_enabled=False,
        ignoring_self_events_enabled=False, attaching_function_token_enabled=False, attaching_conversation_kwargs_enabled=False,
    )  # fmt: skip
    app.error(_unreadable)
    return app


async def _unreadable(error: Exception) -> Answer:
    """No listener of ours raises: what fails in Bolt itself is an envelope it cannot read."""
    log.info("malformed: %s", type(error).__name__)
    return Answer(status=400)


class Listeners:
    """Hears what Slack sends for one house and one workspace."""

    def __init__(self, house: House, door: SlackDoor) -> None:
        self.house = house
        self.door = door
        self.profiles = Profiles(door.user_info)
        self.afterwards: set[asyncio.Task[None]] = set()

    def attach(self, app: AsyncApp) -> None:
        """One Bolt listener a kind: its dispatch grows with their number (SPEED)."""
        app.event(_ANY)(_safely(self.event))
        app.command(_ANY)(_safely(self.command))
        app.action(_ANY)(_safely(self.press))
        app.options(_ANY)(_safely(self.search))
        app.view(_ANY)(_safely(self.submission))
        app.shortcut(_ANY)(_safely(self.shortcut))

    async def event(self, body: Body) -> Answer:
        turn = read_event(body, bot_user=_told(body) or await self.door.bot_user())
        if turn is None:
            return Answer(status=200)
        heard = await self._hear(await self._fetched(turn, body))
        if isinstance(turn.what, Pressed):
            await self._show_home(turn, heard)
        return Answer(status=200)

    async def _fetched(self, turn: Turn, body: Body) -> Turn:
        """A turn with its files kept; what cannot be fetched in the time there is, is said so."""
        if not isinstance(turn.what, Sent):
            return turn
        shared = files_of(mapping_at(body, "event"))
        kept = await asyncio.gather(*(self.door.fetch(one, self.house.settings.files_dir) for one in shared))
        return replace(turn, what=Sent(tuple(kept), turn.what.text))

    async def command(self, body: Body) -> Answer:
        turn = read_command(body)
        heard = await self._hear(turn)
        if maybe_at(body, "channel_name") == "directmessage":
            return Answer(status=200)
        return Answer(status=200, body={"response_type": "ephemeral", "text": say(T("door.chat.in_direct_message"), heard.reader)})

    async def press(self, body: Body) -> Answer:
        turn = read_press(body)
        if turn is None:
            return Answer(status=200)
        if isinstance(turn.what, Pressed) and unpack(turn.what.id).verb == "form.sheet":
            await self._open_form(body, turn)
            return Answer(status=200)
        heard = await self._hear(turn)
        if value_at(body, "view", "type") == "home":
            await self._begin_in_modal(body, turn, heard)
        elif turn.where.kind == "personal" and not heard.again:
            self._later(self._settle(body, heard))
        return Answer(status=200)

    async def submission(self, body: Body) -> Answer:
        heard = await self._hear(read_submission(body))
        return Answer(status=200, body=outcome(heard.replies, heard.reader, shown=mapping_at(body, "view")))

    async def shortcut(self, body: Body) -> Answer:
        turn = read_shortcut(body)
        await self._begin_in_modal(body, turn, await self._hear(turn))
        return Answer(status=200)

    async def search(self, body: Body) -> Answer:
        who, draft, field, typed = read_search(body)
        found = await asyncio.get_running_loop().run_in_executor(
            self.house.threads, lambda: options(self.house.dispatcher, who=who, draft_id=draft, field=field, typed=typed)
        )
        return Answer(status=200, body={"options": found})

    async def _hear(self, turn: Turn) -> Heard:
        return await self.house.hear(await self.profiles.introduce(turn))

    async def _open_form(self, body: Body, turn: Turn) -> None:
        """The whole form in a modal; where that cannot be opened any more, the question again in the conversation."""
        heard = await self._hear(_answered_at_once(turn))
        form = next((reply for reply in heard.replies if isinstance(reply, FormSheet)), None)
        if form is None:
            await self._say(turn, heard)
        elif not await self._opened(maybe_at(body, "trigger_id"), view(form, heard.reader)):
            await self._hear(_question_instead(turn, form.draft))

    async def _begin_in_modal(self, body: Body, turn: Turn, heard: Heard) -> None:
        """A form begun on the Home or from a message opens there; its question waits in the direct message all the same."""
        asked = next((reply for reply in heard.replies if isinstance(reply, Ask | Review)), None)
        if asked is None:
            return
        shown = await self._hear(_whole_form(turn, asked.draft))
        form = next((reply for reply in shown.replies if isinstance(reply, FormSheet)), None)
        if form is not None:
            await self._opened(maybe_at(body, "trigger_id"), view(form, shown.reader))

    async def _opened(self, trigger: str | None, modal: dict[str, Any]) -> bool:
        try:
            async with asyncio.timeout(TRIGGER_LIFE):
                await self.door.call(self.door.client.views_open, trigger_id=trigger, view=modal)
            return True
        except _FAILED as problem:
            log.info("modal not opened: %s", problem)
            return False

    async def _say(self, turn: Turn, heard: Heard) -> None:
        address = {**turn.who.address, **turn.where.address}
        try:
            await self.door.send(address, Message(heard.replies, heard.reader), key=f"answer:{turn.door}:{turn.event}")
        except _FAILED as problem:
            log.info("not said: %s", problem)

    async def _show_home(self, turn: Turn, heard: Heard) -> None:
        home = {"type": "home", "blocks": home_blocks(heard.replies, heard.reader)}
        try:
            await self.door.call(self.door.client.views_publish, user_id=turn.who.address["user"], view=home)
        except _FAILED as problem:
            log.info("home not shown: %s", problem)

    async def _settle(self, body: Body, heard: Heard) -> None:
        """Take away the controls that were used. Harmless when it fails: an old button says where its form stands."""
        channel, ts = maybe_at(body, "channel", "id"), maybe_at(body, "message", "ts")
        after = settled(blocks_of(body), body, heard.reader)
        if after is None or channel is None or ts is None or value_at(body, "container", "is_ephemeral"):
            return
        what = {"channel": channel, "ts": ts, "text": maybe_at(body, "message", "text") or chosen(body), "blocks": after}
        try:
            await self.door.call(self.door.client.api_call, api_method="chat.update", json=what)
        except _FAILED as problem:
            log.info("controls not taken away: %s", problem)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.afterwards.add(task)
        task.add_done_callback(self.afterwards.discard)

    async def close(self) -> None:
        await asyncio.gather(*self.afterwards, return_exceptions=True)


def _answered_at_once(turn: Turn) -> Turn:
    return Turn(event=turn.event, door=turn.door, who=turn.who, where=turn.where, what=turn.what)


def _whole_form(turn: Turn, draft: str) -> Turn:
    return Turn(event=f"{turn.event}:whole", door=turn.door, who=turn.who, where=turn.where, what=Pressed(press("form.sheet", draft)))


def _question_instead(turn: Turn, draft: str) -> Turn:
    what = Pressed(press("form.review", draft))
    return Turn(event=f"{turn.event}:said", door=turn.door, who=turn.who, where=turn.where, what=what, answer_later=True)


def _told(body: Body) -> str | None:
    """The bot's user id, which an Events API envelope tells."""
    given = body.get("authorizations")
    first = given[0] if isinstance(given, list) and given and isinstance(given[0], dict) else {}
    return maybe_at(first, "user_id") if first.get("is_bot") else None


def _safely(listener: Listener) -> Callable[[dict[str, Any]], Awaitable[Answer]]:
    """400 for what Slack would not send; 503 for what could not be committed, so that Slack sends it again."""

    async def answer(body: dict[str, Any]) -> Answer:
        try:
            return await listener(body)
        except Malformed as problem:
            log.info("malformed: %s", problem)
            return Answer(status=400)
        except Exception:
            log.exception("not heard")
            return Answer(status=503)

    return answer
