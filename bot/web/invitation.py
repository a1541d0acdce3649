"""Coming to the web chat from where one writes already: one asks for it, and a one-time link comes back to oneself alone (DESIGN 6)."""

from __future__ import annotations

from bot.settings import Settings
from bot.web.links import new_link
from handlers.conversation.capability import Capability
from handlers.conversation.context import Context
from handlers.conversation.reply import Replies, Say
from handlers.conversation.text import T


def invitation(settings: Settings) -> Capability:
    """The command that answers with a sign-in link. Not for shared channels: there the dispatcher answers in a direct message."""

    def invite(context: Context, rest: str) -> Replies:
        link = new_link(context.session, context.actor.id, secret=settings.secret_key, base_url=settings.base_url)
        context.audit("person.sign_in_link", f"person:{context.actor.id}")
        return (Say(text=T("door.page.link", link=link)),)

    return Capability(name="web_chat", commands={"web_chat": invite})
