"""Reference numbers as people type them: `n-2020-7`, `N 2020 0007`, in any digits."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r"\b([A-Z]{1,3})[-–— ]?(20\d\d)[-–— ](\d{1,6})\b", re.IGNORECASE)


def reference_alone(text: str) -> str | None:
    """The reference a message consists of, or None when it says anything else."""
    found = _REFERENCE.fullmatch(text.strip(" .?!#«»“”\"'"))
    return f"{found[1].upper()}-{int(found[2])}-{int(found[3]):04d}" if found else None


def reference_in(text: str) -> str | None:
    """The first reference number in a text, as records write it; None where there is none."""
    found = _REFERENCE.search(text)
    return f"{found[1].upper()}-{int(found[2])}-{int(found[3]):04d}" if found else None
