"""How long a request that no platform would send holds the process, beside one that says "help": both doors, over HTTP on loopback.

    python -m bench.rubbish

The processor's time of the whole process, client included, the best of five; every answer is checked.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from tests.edges.rubbish import TO_SLACK, TO_TEAMS, in_a_form
from tests.edges.slack_workspace import workspace
from tests.edges.teams_world import world

ROUNDS = 5
ALLOWED = 50.0
"""Milliseconds each (FAULTS, row 14)."""

Status = Callable[[], Awaitable[int]]


def main() -> None:
    asyncio.run(_both())


async def _both() -> None:
    with tempfile.TemporaryDirectory() as folder:
        await _slack(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        await _teams(Path(folder))


async def _slack(folder: Path) -> None:
    async with workspace(folder) as here:

        async def help_() -> int:
            return (await here.say("help")).status

        async def status(raw: bytes, kind: str) -> int:
            return (await here.post(raw, content_type=kind)).status

        kinds = {name: (raw, "application/json") for name, raw in TO_SLACK.items()}
        kinds |= {f"{name}, in a form": in_a_form(raw) for name, raw in TO_SLACK.items()}
        await _table("Slack", help_, {name: partial(status, *sent) for name, sent in kinds.items()})


async def _teams(folder: Path) -> None:
    async with world(folder) as teams:

        async def help_() -> int:
            return (await teams.send(teams.activity(text="help", textFormat="plain")))[0]

        async def status(raw: bytes) -> int:
            async with teams.http.post(teams.url, data=raw, headers={"Content-Type": "application/json"}) as answer:
                return answer.status

        kinds = TO_TEAMS | {"a long message": json.dumps(teams.activity(text="x" * 40_000)).encode()}
        await _table("Teams", help_, {name: partial(status, sent) for name, sent in kinds.items()})


async def _table(door: str, help_: Status, kinds: dict[str, Status]) -> None:
    usual = await _best(help_)
    taken = {name: await _best(kind) for name, kind in kinds.items()}
    slowest = sorted(taken, key=lambda name: -taken[name])[:3]
    within = sum(spent <= ALLOWED for spent in taken.values())
    sys.stdout.write(f"{door}: help {usual:.1f} ms; {within} of {len(taken)} kinds of rubbish within {ALLOWED:.0f} ms; the slowest:\n")
    for name in slowest:
        sys.stdout.write(f"  {name:<28} {taken[name]:6.1f} ms   {taken[name] / usual:5.2f} x help\n")


async def _best(kind: Status) -> float:
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        answered = await kind()
        spent.append((time.process_time() - begun) * 1000)
        assert answered < 500, answered
    return min(spent)


if __name__ == "__main__":
    main()
