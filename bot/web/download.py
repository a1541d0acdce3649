"""Giving a file out: a link that is one person's and lasts a quarter of an hour, whichever door it was asked for at."""

from __future__ import annotations

from collections.abc import Mapping

from bot.settings import Settings
from bot.web.session import signed
from handlers.assistance.files import attachment_seen
from handlers.conversation.capability import Capability, FormSpec
from handlers.conversation.context import Context
from handlers.conversation.press import number_in
from handlers.conversation.reply import Replies, Say
from handlers.conversation.text import T
from storage.database import database_now

LINK_SECONDS = 15 * 60


def downloads(settings: Settings, specs: Mapping[str, FormSpec]) -> Capability:
    """The button that gives out a file: a link for whoever may see the record, signed, to the one server there is."""

    def get(context: Context, args: tuple[str, ...]) -> Replies:
        row = attachment_seen(context, specs, number_in(args) or 0)
        until = int(database_now(context.session).timestamp()) + LINK_SECONDS
        token = signed(settings.secret_key, "file", f"{row.id}.{context.actor.id}.{until}")
        return (Say(text=T("file.link", name=row.name, link=f"{settings.base_url}/chat/file/{token}")),)

    return Capability(name="downloads", presses={"file.get": get})
