"""The reminders of the tenth session as written by hand: party, deadline, step and instant, from the rules and seed 002.

Set on 24 August 2020, 09:00 in Vienna; quiet hours 22:00 to 07:00 for Peru (Lima), Fiji (Suva), Mongolia (Ulaanbaatar) and Kenya
(Nairobi).  The table was worked out on paper: it is never written by the code it checks.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

SET_AT = datetime(2020, 8, 24, 7, 0, tzinfo=UTC)

ZONES = {"PE": "America/Lima", "FJ": "Pacific/Fiji", "MN": "Asia/Ulaanbaatar", "KE": "Africa/Nairobi"}

Expected = dict[tuple[str, str, str], datetime]
"""The instant of each (party, deadline, step)."""


def reminders_by_hand() -> Expected:
    with (Path(__file__).parent / "data" / "tenth_session_reminders.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {(row["party"], row["deadline"], row["step"]): datetime.fromisoformat(row["due_utc"]) for row in rows}
    assert len(found) == len(rows) == 88
    return found
