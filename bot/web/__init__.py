"""The web chat: pages made by the server, a small script of our own, and server-sent events."""

from bot.web.register import register

__all__ = ["register"]
