"""A demo of its own for each test, the chat on it, and the command line."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import cli
from tests.doors.commands import Run
from tests.doors.demo import copied, template
from tests.doors.terminal import Terminal

_OURS = ("LIAISON_", "SLACK_", "MICROSOFT_")


@pytest.fixture
def url(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> str:
    return copied(template(tmp_path_factory.getbasetemp()), tmp_path)


@pytest.fixture
def file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
async def chat(url: str) -> AsyncIterator[Terminal]:
    terminal = Terminal(url)
    yield terminal
    await terminal.close()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, url: str) -> Run:
    """The command line on the demo, with nothing of the caller's own settings."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LIAISON_DATABASE_URL", url)

    def command(*argv: str, **variables: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as changed:
            for name, value in variables.items():
                changed.setenv(name, value)
            code = cli.main(argv, out=out, err=err)
        return code, out.getvalue(), err.getvalue()

    return command
