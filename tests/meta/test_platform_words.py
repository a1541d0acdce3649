"""No rule knows a door: the names of the platforms stand in bot/ and nowhere below it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.meta.tree import ROOT, shown, tracked_files

BELOW = ("scheduler", "handlers", "storage")
PLATFORM = re.compile(r"slack|teams|adaptive.?card|block.?kit|botbuilder|botframework", re.IGNORECASE)
CONNECTING = re.compile(r'^msgid "(connect|doctor)[._]', re.IGNORECASE)
"""Texts that explain how to connect a platform have to name it."""
TEXT = {".py", ".po", ".csv", ".json", ".toml", ".mako", ".sql", ".txt", ".md", ".ini", ".html", ".js", ".css"}


def below() -> list[Path]:
    """Every text file under the floors below bot/."""
    return [path for path in tracked_files() if path.suffix in TEXT and path.relative_to(ROOT).parts[0] in BELOW]


def lines_that_name_one(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    if path.suffix == ".po":
        text = "\n\n".join(entry for entry in text.split("\n\n") if not CONNECTING.search(_key_line(entry)))
    return [f"{shown(path)}: {line.strip()[:100]}" for line in text.splitlines() if PLATFORM.search(line)]


def _key_line(entry: str) -> str:
    return next((line for line in entry.splitlines() if line.startswith("msgid ")), "")


def test_no_platform_is_named_below_the_doors() -> None:
    read = below()
    assert len(read) > 40
    assert [line for path in read for line in lines_that_name_one(path)] == []


def test_the_doors_themselves_are_found_by_the_same_search() -> None:
    doors = (ROOT / "bot").rglob("*.py")
    assert any(lines_that_name_one(path) for path in doors)
