"""Everything people can do here, one row each: adding a capability is its module and its row (DESIGN 1)."""

from __future__ import annotations

from handlers.conversation.capability import Capability
from handlers.people import channels, demo_clock, drafts, linking, preferences, roles
from handlers.people.help import help_with

_ROWS: tuple[Capability, ...] = (
    roles.CAPABILITY,
    linking.CAPABILITY,
    drafts.CAPABILITY,
    preferences.CAPABILITY,
    channels.CAPABILITY,
    demo_clock.CAPABILITY,
)

OFFERS = tuple(offer for row in _ROWS for offer in row.offers)

CAPABILITIES: tuple[Capability, ...] = (*_ROWS, help_with(OFFERS))
