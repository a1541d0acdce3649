"""Every table, registered by importing this one module."""

from __future__ import annotations

from storage import (
    activities,
    attachments,
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

AREAS = (
    activities,
    attachments,
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
