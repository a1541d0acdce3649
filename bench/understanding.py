"""How well and how fast messages are understood: per language, per field and whole message, over tests/corpus/*.jsonl.

A row: {"lang", "text", "intent", and what is expected of parties, regions, instruments, articles, assistance_types, also, amount,
currency, date_any_of, date_from, ambiguous (field names)}; what a row leaves out is expected to stay empty. Today is 20 November 2026.
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

from handlers.understanding.understand import Understood, understand, warm

TODAY = date(2026, 11, 20)
CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
FIELDS = ("language", "intent", "also", "parties", "regions", "instruments", "articles", "assistance_types", "amount", "currency", "date", "date_from", "ambiguous")
_LISTS = ("also", "parties", "regions", "instruments", "articles", "assistance_types", "ambiguous")
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
    files = sorted(CORPUS.glob(f"{name}.jsonl"))
    return [{**json.loads(line), "file": file.stem} for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def mistakes(row: Mapping[str, Any], understood: Understood) -> dict[str, tuple[object, object]]:
    """Field → (expected, got) for every field that was understood otherwise than the row expects."""
    got = understood.as_json()
    wrong: dict[str, tuple[object, object]] = {}
    for field in FIELDS:
        expected, found = _expected(row, field), got[field]
        if field in _LISTS:
            if set(expected or ()) != set(found):  # type: ignore[call-overload]
                wrong[field] = (expected, found)
        elif field == "date":
            if (found not in row["date_any_of"]) if row.get("date_any_of") else found is not None:
                wrong[field] = (row.get("date_any_of"), found)
        elif found != expected and not (field == "date_from" and row.get("date_any_of") and "date_from" not in row):
            wrong[field] = (expected, found)
    return wrong


def _expected(row: Mapping[str, Any], field: str) -> Any:
    return row["lang"] if field == "language" else row.get(field)


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
            began = time.perf_counter()
            understand(row["text"], language=row["lang"], today=TODAY)
            spent.append((time.perf_counter() - began) * 1000)
    print(f"a message: p50 {median(spent):.3f} ms, p99 {quantiles(spent, n=100)[98]:.3f} ms, {len(spent)} read")
    for name, text in HOSTILE.items():
        began = time.perf_counter()
        understand(text, language="en", today=TODAY)
        print(f"  hostile, {name}: {(time.perf_counter() - began) * 1000:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what was understood otherwise than expected")
    parser.add_argument("--file", default="*", help="one corpus file by its name without ending")
    options = parser.parse_args()
    tracemalloc.start()
    began = time.perf_counter()
    warm()
    print(f"vocabularies compiled in {time.perf_counter() - began:.2f} s (while measuring memory), {tracemalloc.get_traced_memory()[0] / 1e6:.1f} MB")
    tracemalloc.stop()
    corpus = rows(options.file)
    for name in sorted({row["file"] for row in corpus}):
        print(f"\n{name}")
        accuracy([row for row in corpus if row["file"] == name], show=options.show)
    timing(corpus)


if __name__ == "__main__":
    main()
