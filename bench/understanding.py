"""How well and how fast messages are understood: per language, per field and whole message, over tests/corpus/*.jsonl.

A row: {"lang", "text", "intent", and what is expected of parties, regions, instruments, articles, assistance_types, also, amount,
currency, date_any_of, date_from, ambiguous (field names)}; what a row leaves out is expected to stay empty. Today is 20 November 2026.
Times are the processor's, so a busy machine changes little.
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import heldout
from handlers.understanding.understand import Understood, understand, warm

TODAY = date(2026, 11, 20)
CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
_LISTS = ("also", "parties", "regions", "instruments", "articles", "assistance_types", "ambiguous")
FIELDS = ("language", "intent", *_LISTS, "amount", "currency", "date", "date_from")
HOSTILE = {
    "digits": "1" * 4000,
    "digits and commas": "1," * 2000,
    "dates": "3/4/2027 " * 450,
    "brackets": "([{" * 1334,
    "spaces": " " * 4000,
    "months": "March mars мая أبريل " * 200,
    "direction marks": "\u202e\u200f" * 2000,
    "Arabic conjunctions": "و " * 2000,
    "one Arabic word": "ال" * 2000,
    "Chinese numerals": "万千百十" * 1000,
    "Chinese text": "肯尼亚需要培训" * 571,
    "hundreds": "hundred " * 500,
    "articles": "article 33, " * 333,
    "capitals": "Abcdefgh " * 444,
    "needs": "we need training in Kenya " * 160,
}


def rows(name: str = "*") -> list[dict[str, Any]]:
    """The rows of one corpus file, or of all, each with the name of its file."""
    lines = [(file.stem, line) for file in sorted(CORPUS.glob(f"{name}.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
    return [{**json.loads(line), "file": stem} for stem, line in lines if line.strip()]


def mistakes(row: Mapping[str, Any], understood: Understood) -> dict[str, tuple[object, object]]:
    """Field → (expected, got) for every field that was understood otherwise than the row expects."""
    got = understood.as_json()
    wrong: dict[str, tuple[object, object]] = {}
    for field in FIELDS:
        expected = _expected(row, field)
        if not _agrees(field, expected, got[field]):
            wrong[field] = (expected, got[field])
    return wrong


def _expected(row: Mapping[str, Any], field: str) -> Any:
    return row.get({"language": "lang", "date": "date_any_of"}.get(field, field))


def _agrees(field: str, expected: Any, found: Any) -> bool:
    if field in _LISTS:
        return set(expected or ()) == set(found)
    if field == "date":
        return found in (expected or [None])
    return bool(found == expected) or (field == "date_from" and expected is None)


def accuracy(corpus: Iterable[Mapping[str, Any]], *, show: bool) -> None:
    total: dict[str, int] = defaultdict(int)
    wrong: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in corpus:
        language = row["lang"]
        total[language] += 1
        missed = mistakes(row, understand(row["text"], language=language, today=TODAY))
        for field in missed:
            wrong[language][field] += 1
        wrong[language]["whole"] += bool(missed)
        if missed and show:
            print(f"  {language} {row['text']}\n     {missed}")
    print(f"{'':17}" + "".join(f"{language:>8}" for language in sorted(total)))
    for field in (*FIELDS, "whole"):
        print(f"{field:17}" + "".join(f"{100 - 100 * wrong[lang][field] / total[lang]:8.1f}" for lang in sorted(total)))
    print(f"{'sentences':17}" + "".join(f"{total[language]:8}" for language in sorted(total)))


def timing(corpus: list[dict[str, Any]]) -> None:
    spent = []
    for _ in range(5):
        for row in corpus:
            began = time.process_time()
            understand(row["text"], language=row["lang"], today=TODAY)
            spent.append((time.process_time() - began) * 1000)
    print(f"a message: p50 {median(spent):.3f} ms, p99 {quantiles(spent, n=100)[98]:.3f} ms, {len(spent)} read")
    for name, text in HOSTILE.items():
        began = time.process_time()
        understand(text, language="en", today=TODAY)
        print(f"  hostile, {name}: {(time.process_time() - began) * 1000:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what was understood otherwise than expected")
    parser.add_argument("--file", default="*", help="one corpus file by its name without ending")
    options = parser.parse_args()
    tracemalloc.start()
    began = time.process_time()
    warm()
    compiled, held = time.process_time() - began, tracemalloc.get_traced_memory()[0]
    print(f"vocabularies compiled in {compiled:.2f} s (while measuring memory), {held / 1e6:.1f} MB")
    tracemalloc.stop()
    corpus = rows(options.file)
    for name in sorted({row["file"] for row in corpus}):
        print(f"\n{name}")
        accuracy([row for row in corpus if row["file"] == name], show=options.show)
    print("\nheld out: never tuned on")
    heldout.main()
    timing(corpus)


if __name__ == "__main__":
    main()
