"""What the tree must not hold: a registry's address, a path of one machine, unfinished work; and what its lock must."""

from __future__ import annotations

import re
from pathlib import Path

from tests.meta.tree import ROOT, shown, tracked_files

# Spelled in pieces, so that this file does not hold what it looks for.
HOSTS = re.compile(
    r"p[y]pi\.org|pythonho[s]ted\.org|regis[t]ry\.np[m]js|regis[t]ry\.yarn[p]kg|de[b]\.debian\.org|proxy\.gol[a]ng\.org", re.I
)
MACHINE_PATHS = re.compile(r"(?<![\w.:/<-])/(work|tmp|root|home|farm)/\w")
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HAC[K])\b|NotImplemented[E]rror|(?i:coming[ ]soon)")
"""In capitals only: "todo" is a word of Spanish."""
BINARY = {".png", ".xlsx", ".pdf", ".docx", ".zip", ".woff2", ".ico"}
FOREIGN = {"LICENSE"}
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
PINNED = re.compile(r"^[a-z0-9._-]+==[^\s;]+( ;[^\\]+)? \\$")


def texts() -> dict[Path, str]:
    read = [path for path in tracked_files() if path.suffix not in BINARY and shown(path) not in FOREIGN]
    return {path: path.read_text("utf-8") for path in read}


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Every line of the tree where the pattern is found; an empty tree is an error, not a pass."""
    read = texts()
    assert len(read) > 60
    return [
        f"{shown(path)}:{number} {line.strip()[:120]}"
        for path, text in read.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_package_registry_is_named() -> None:
    assert lines_with(HOSTS) == []


def test_no_path_of_one_machine_is_named() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED) == []


def test_every_package_in_the_lock_has_a_version_and_hashes_and_nothing_else() -> None:
    lines = [line for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines() if not line.startswith("#")]
    pinned = [number for number, line in enumerate(lines) if PINNED.match(line)]
    assert len(pinned) > 40
    assert [line for line in lines if not PINNED.match(line) and not HASH.match(line)] == []
    assert [lines[number] for number in pinned if not HASH.match(lines[number + 1])] == []


def test_the_locked_clients_name_no_address() -> None:
    locked = (ROOT / "tests/browser/package-lock.json").read_text("utf-8")
    assert locked.count('"integrity"') >= 3
    assert '"resolved"' not in locked
