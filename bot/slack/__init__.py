"""Slack: signed requests in, Block Kit out."""

from bot.slack.register import register

__all__ = ["register"]
