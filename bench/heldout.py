"""How well sentences are understood that nobody tuned on: tests/heldout/sentences.jsonl, written by somebody who had not seen the rules.

Only figures are printed, never which sentence went wrong: whoever reads that has tuned on it.  A row states some of {"intent",
"parties", "regions", "instruments", "articles", "assistance_types", "amount", "currency", "date_any_of", "date_from_any_of",
"ambiguous"}, and what it leaves out is not judged.  The language is not told to the bot.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from handlers.understanding.understand import understand

TODAY = date(2026, 11, 20)
SENTENCES = Path(__file__).parent.parent / "tests" / "heldout" / "sentences.jsonl"
_LISTS = ("parties", "regions", "instruments", "articles", "assistance_types")
_DATES = {"date_any_of": "date", "date_from_any_of": "date_from"}


def judged(row: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """(field, whether it was understood) for everything a row states."""
    found = understand(row["text"], language=None, today=TODAY).as_json()
    yield "intent", found["intent"] == row["intent"]
    for field in _LISTS:
        if field in row:
            yield field, set(row[field] or ()) == set(found[field])  # type: ignore[call-overload]
    for field in ("amount", "currency"):
        if field in row:
            yield field, row[field] == found[field]
    for stated, field in _DATES.items():
        if stated in row:
            yield field, found[field] in (row[stated] or [None])
    for field in row.get("ambiguous", ()):
        yield "ambiguous", _DATES.get(field, field) in found["ambiguous"]  # type: ignore[operator]


def main() -> None:
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        verdicts = list(judged(row))
        for field, good in (*verdicts, ("whole", all(good for _, good in verdicts))):
            total[row["lang"], field] += 1
            right[row["lang"], field] += good
    languages = sorted({language for language, _ in total})
    sys.stdout.write(f"{'':17}" + "".join(f"{language:>14}" for language in languages) + "\n")
    for field in ("intent", *_LISTS, "amount", "currency", "date", "date_from", "ambiguous", "whole"):
        cells = ((right[language, field], total[language, field]) for language in languages)
        sys.stdout.write(f"{field:17}" + "".join(f"{100 * a / b:7.1f} {a:>3}/{b:<2}" if b else f"{'–':>14}" for a, b in cells) + "\n")


if __name__ == "__main__":
    main()
