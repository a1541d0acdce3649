"""`make bench`: every measurement, one after the other; compare only what one run printed."""

from __future__ import annotations

import sys

from bench import conversation, matching

sys.stdout.write("A conversation, turn by turn\n")
conversation.main()
sys.stdout.write("\nWho hears of a need, by number of subscriptions\n")
matching.main()
