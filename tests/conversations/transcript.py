"""The format of a transcript: one thing a line, read into steps that name their line.

    # comment
    @ ke                           this person speaks from here on
    > said                         they say this
    ! Save                         they press the button with this label in their language, or whose id begins with this
    = amount: 200000               they hand in the whole form with these values (lines in a row are one form)
    @now 2020-09-07T09:00+02:00    the demo's clock is set
    @inbox donor-no                what is due is done; what this person was told since the last look
    @restart                       the process ends and another one starts
    @twice                         the next thing said or pressed is delivered twice
    @lost                          its answer is lost: the process ends, and the next one has it delivered again
    @record N                      the last record with a reference N-…, as `export` writes it

What was said, pressed, told or exported is answered by one text, which these lines read from its beginning to its end:

    < text                         further on it says this; `< *` is true of any text
    <~ regex                       further on this pattern is found
    <not text                      nowhere does it say this
    <none                          it is empty
    <ask field                     it asks for this field, in the person's language
    <review                        it shows a form to be saved
    <receipt N-                    it names a new reference that begins like this; `{N}` is that reference from here on
    <refused code                  it refuses for this reason, in the person's language
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ACTS = ("@", ">", "!", "=", "@now", "@inbox", "@restart", "@twice", "@lost", "@record")
CHECKS = ("<", "<~", "<not", "<none", "<ask", "<review", "<receipt", "<refused")
_WITHOUT = ("@restart", "@twice", "@lost", "<none", "<review")
_MARK = re.compile(r"(<~|[<@][a-z]+|[@><!=])(?:\s+(.*))?$")


class Unreadable(Exception):
    """A line that is no step; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Step:
    """`mark` is one of ACTS or CHECKS, `rest` what stands behind it; `where` is `file:line`."""

    mark: str
    rest: str
    where: str


@dataclass(frozen=True, slots=True)
class Transcript:
    name: str
    language: str
    steps: tuple[Step, ...]


def read(path: Path) -> Transcript:
    """A file named `<topic>.<language>.txt`. Unreadable where a line is no step, or nothing is checked."""
    steps = tuple(_steps(path.name, path.read_text("utf-8")))
    if not any(step.mark in CHECKS for step in steps):
        raise Unreadable(f"{path.name}: nothing is checked")
    return Transcript(path.name.removesuffix(".txt"), path.name.split(".")[-2], steps)


def _steps(name: str, text: str) -> Iterator[Step]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield _step(line.rstrip(), f"{name}:{number}")


def _step(line: str, where: str) -> Step:
    found = _MARK.match(line)
    mark, rest = (found[1], (found[2] or "").strip()) if found else ("", "")
    if mark not in (*ACTS, *CHECKS):
        raise Unreadable(f"{where}: no step begins like {line!r}")
    if bool(rest) == (mark in _WITHOUT):
        raise Unreadable(f"{where}: {mark} stands {'alone' if rest else 'before something'}")
    if mark == "=" and ":" not in rest:
        raise Unreadable(f"{where}: = field: value")
    return Step(mark, rest, where)
