"""Reference numbers as people type them: `n-2020-7`, `N 2020 0007`, in any digits."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r"(?<![A-Z0-9])([A-Z]{1,3})[-–— ]?(20\d\d)[-–— ](\d{1,6})(?![A-Z0-9])", re.IGNORECASE)


_JOINING = r"(?:\b(?:of|for|in|on|de|du|del|da|en|pour|para|в|во|для|у|по)\s+|(?:في|من|لـ|ل)\s*)?"
_JOINED = re.compile(f"{_JOINING}{_REFERENCE.pattern}的?", re.IGNORECASE)
"""A reference with the word that joins it to what is said of it."""


def without_reference(text: str) -> str:
    """A text less the reference numbers in it: `budget of N-2026-0007 to 250000` → `budget  to 250000`."""
    return _JOINED.sub(" ", text).strip()


def reference_alone(text: str) -> str | None:
    """The reference a message consists of, or None when it says anything else."""
    found = _REFERENCE.fullmatch(text.strip(" .?!#«»“”\"'"))
    return f"{found[1].upper()}-{int(found[2])}-{int(found[3]):04d}" if found else None


def reference_in(text: str) -> str | None:
    """The first reference number in a text, as records write it; None where there is none."""
    found = _REFERENCE.search(text)
    return f"{found[1].upper()}-{int(found[2])}-{int(found[3]):04d}" if found else None
