"""Microsoft Teams: the SDK lives here alone, behind our own values."""

from bot.teams.register import register

__all__ = ["register"]
