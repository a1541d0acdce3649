"""How long to wait before the next attempt: pure rules, chance is a parameter."""

from __future__ import annotations

MOST_ATTEMPTS = 12
"""After so many the row is a dead letter, which `liaison deliveries` lists and requeues."""

FIRST = 4.0
CAP = 15 * 60.0
"""Seconds: the ceiling of the wait doubles from `FIRST` up to `CAP`."""

SPREAD = 1.0
"""Seconds over which those that were told to come back at one moment are spread."""


def backoff(attempts: int, *, chance: float, after: float | None = None) -> float:
    """Seconds until the next attempt, `attempts` having failed and `chance` being in [0, 1).

    Full jitter: anywhere between nothing and the ceiling.  Where the platform said `after`, never before that, and soon after it.
    """
    if after is not None:
        return max(0.0, after) + chance * SPREAD
    return chance * min(CAP, FIRST * 2.0 ** min(max(attempts, 1) - 1, 30))
