"""Every transcript plays unchanged at every door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.conversations.player import Player, WentWrong
from tests.conversations.transcript import Unreadable, read
from tests.doors.demo import add_newcomer, copied, template
from tests.doors.seen import Door
from tests.doors.slack import Slack
from tests.doors.teams import Teams
from tests.doors.terminal import Terminal
from tests.doors.web import Web

TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))
DOORS: dict[str, Callable[[str], Door]] = {"terminal": Terminal, "web": Web, "slack": Slack, "teams": Teams}
DESKS = ("terminal", "web")
"""The doors without accounts of their own."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.getbasetemp())


@pytest.fixture(params=DOORS)
async def door(request: pytest.FixtureRequest, demo: Path, tmp_path: Path) -> AsyncIterator[Door]:
    """One door to a demo of its own."""
    url = copied(demo, tmp_path)
    if request.param in DESKS:
        add_newcomer(url)
    made = DOORS[request.param](url)
    yield made
    await made.close()


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.name.removesuffix(".txt"))
async def test_transcript(door: Door, file: Path) -> None:
    if (wrong := await how_it_goes(door, file)) is not None:
        pytest.fail(wrong, pytrace=False)


async def how_it_goes(door: Door, file: Path) -> str | None:
    """None, or what went wrong: the line and the answer say more than a traceback."""
    try:
        await Player(door).play(read(file))
    except WentWrong as wrong:
        return str(wrong)
    return None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("@ ke\n> hello\n", "a.en.txt: nothing is checked"),
        ("@ ke\nhello\n< hello\n", "a.en.txt:2: no step begins like 'hello'"),
        ("@ ke\n\n<none of it\n", "a.en.txt:3: <none stands alone"),
        ("@ ke\n>\n< hello\n", "a.en.txt:2: > stands before something"),
        ("@ ke\n= 200000\n< hello\n", "a.en.txt:2: = field: value"),
    ],
)
def test_what_is_no_transcript_says_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "a.en.txt"
    file.write_text(text, "utf-8")
    with pytest.raises(Unreadable, match=f"^{complaint}$"):
        read(file)
