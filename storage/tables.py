"""Every table, registered by importing this one module."""

from __future__ import annotations

from storage import (
    activities,
    buckets,
    conference,
    conversation,
    digests,
    matches,
    needs,
    outbox,
    people,
    records,
    subscriptions,
    unheard,
)

AREAS = (activities, buckets, conference, conversation, digests, matches, needs, outbox, people, records, subscriptions, unheard)
