"""Everything people can do here, one row each: adding a capability is its module and its row (DESIGN 1)."""

from __future__ import annotations

from handlers.assistance import activities, match_answers, needs, subscriptions
from handlers.assistance.changes import changes_with
from handlers.assistance.files import files_with
from handlers.conference import agenda, deadlines, sessions, submissions
from handlers.conversation.capability import Capability
from handlers.digest import digest
from handlers.people import channels, demo_clock, drafts, ending, linking, preferences, roles, unheard
from handlers.people.help import help_with
from handlers.people.home import home_with

_ROWS: tuple[Capability, ...] = (
    needs.CAPABILITY,
    activities.CAPABILITY,
    subscriptions.CAPABILITY,
    match_answers.CAPABILITY,
    deadlines.CAPABILITY,
    submissions.CAPABILITY,
    agenda.CAPABILITY,
    sessions.CAPABILITY,
    digest.CAPABILITY,
    roles.CAPABILITY,
    ending.CAPABILITY,
    linking.CAPABILITY,
    drafts.CAPABILITY,
    preferences.CAPABILITY,
    channels.CAPABILITY,
    unheard.CAPABILITY,
    demo_clock.CAPABILITY,
)

OFFERS = tuple(offer for row in _ROWS for offer in row.offers)

_FORMS = tuple(spec for row in _ROWS for spec in row.forms)

RECORDS = {spec.kept.letters: spec for spec in _FORMS if spec.kept}
"""The forms whose records are read again, by the first letters of their references."""

CAPABILITIES: tuple[Capability, ...] = (*_ROWS, changes_with(_FORMS), files_with(_FORMS), help_with(OFFERS), home_with(OFFERS))
