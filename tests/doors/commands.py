"""The command line as a test types it."""

from __future__ import annotations

import json
from typing import Any, Protocol


class Run(Protocol):
    """`run("db", "check")` → exit code, output, complaints; keyword arguments are environment variables."""

    def __call__(self, *argv: str, **variables: str) -> tuple[int, str, str]: ...


def exported(run: Run, kind: str, **variables: str) -> list[dict[str, Any]]:
    """Every record of a kind as `export` writes it."""
    code, out, err = run("export", kind, "--format", "json", **variables)
    assert (code, err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(out)
    return rows
