"""What Prometheus reads at `/metrics`, beside the process's own figures."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime

from prometheus_client import Gauge, Histogram

from storage.backlog import Backlog

TURN = Histogram(
    "liaison_turn_seconds", "From hearing a turn to its commit", ["door"], buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
)
ROWS = Gauge("liaison_outbox_rows", "Messages in the outbox by state", ["state"])
DUE = Gauge("liaison_outbox_due", "Messages that are due and not sent")
OLDEST = Gauge("liaison_outbox_oldest_due_seconds", "For how long the oldest of them has been due, by business time")


def turn_timed(door: str) -> AbstractContextManager[object]:
    """Times what runs inside it as one turn of a door."""
    return TURN.labels(door).time()


def observe(backlog: Backlog, now: datetime) -> None:
    """Take over what the database says of the outbox."""
    for state, count in backlog.by_state.items():
        ROWS.labels(state).set(count)
    DUE.set(backlog.due)
    OLDEST.set(max((now - backlog.oldest_due).total_seconds(), 0.0) if backlog.oldest_due else 0.0)
