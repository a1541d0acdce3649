"""What busy people type on a phone, written by somebody who had not seen the rules: at least nineteen in twenty mean what they say.

The vocabularies were extended after these were read, so this holds a level; how well unseen sentences do is `make understanding`'s to say.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from handlers.understanding.understand import understand

PHONES = Path(__file__).parents[1] / "intents" / "phones.jsonl"
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize("language", ["en", "es", "fr", "zh"])
def test_what_is_typed_on_a_phone_is_heard(language: str) -> None:
    rows = [row for row in map(json.loads, PHONES.read_text("utf-8").splitlines()) if row["lang"] == language]
    assert len(rows) >= 30
    missed = [row["text"] for row in rows if understand(row["text"], language=None, today=TODAY).intent != row["intent"]]
    assert len(missed) <= len(rows) * 0.05, missed
