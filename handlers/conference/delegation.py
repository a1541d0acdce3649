"""Whom a person hands in for: the coming session, and the party they speak for there."""

from __future__ import annotations

from handlers.conference.standing import party_for
from handlers.conversation.access import Owner, Refused
from handlers.conversation.context import Context
from storage.conference import ConferenceSession, next_session


def delegation(context: Context) -> tuple[ConferenceSession, str]:
    """The session and the party; Refused, naming who may, for whoever speaks for none."""
    conference = next_session(context.session, context.now)
    if conference is None:
        raise Refused("no_session")
    party = party_for(context.actor, conference)
    spoken_for = party or next(iter(context.actor.parties), "")
    context.require("submission.write", Owner(party=spoken_for, conventions=(conference.convention,)))
    assert party is not None
    return conference, party
