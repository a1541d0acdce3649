"""`make bench`: every measurement, one after the other; compare only what one run printed."""

from __future__ import annotations

import sys

from bench import conversation, matching, planning, rubbish

TABLES = (
    ("A conversation, turn by turn", conversation.main),
    ("Who hears of a need, by number of subscriptions", matching.main),
    ("Planning the reminders of one deadline", planning.main),
    ("What no platform would send", rubbish.main),
)

for title, measure in TABLES:
    sys.stdout.write(f"\n{title}\n")
    measure()
