"""A crash between commit and answer, then the platform's retry: the person sees the receipt, once (DESIGN 2.2)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession, TCPConnector
from aiohttp.test_utils import TestServer
from sqlmodel import select

from bot.slack.signature import sign
from storage.database import Database
from storage.needs import Need
from storage.people import Identity, person_named
from tests.edges.crashing_server import PACE
from tests.edges.local_slack import TEAM, TOKEN, LocalSlack
from tests.house import NOW

SECRET = "test-signing-secret"
NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
SAYS = (NEED, "skip the rest", "save")


class Server:
    """The bot in a process of its own."""

    def __init__(self, url: str, api: str) -> None:
        self.environment = os.environ | {
            "LIAISON_DATABASE_URL": url, "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": api,
            "LIAISON_SECRET_KEY": "k" * 32,
        }  # fmt: skip

    @asynccontextmanager
    async def running(self, **crash: str) -> AsyncIterator[str]:
        """Its address, while it runs; it is ended by its own process id if it has not ended itself."""
        command = (sys.executable, "-m", "tests.edges.crashing_server")
        process = await asyncio.create_subprocess_exec(*command, env=self.environment | crash, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        try:
            yield line.split()[-1].removesuffix("/chat")
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _tell(http: ClientSession, address: str, text: str, number: int) -> int:
    """One signed message event; 0 when the process died under it."""
    event = {"type": "message", "channel_type": "im", "channel": "DKE", "user": "UKE", "text": text, "ts": f"{number}.0001"}
    body = json.dumps({"type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event_id": f"Ev{number}", "event": event}).encode()
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": sign(SECRET, timestamp=stamp, body=body),
    }
    try:
        async with http.post(f"{address}/slack/events", data=body, headers=headers) as response:
            return response.status
    except ClientConnectionError:
        return 0


def _text(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)


async def _receipts(slack: LocalSlack) -> list[str]:
    """What Kenya's direct message holds that is a receipt, once it has come to rest."""
    for _ in range(int(PACE.lease_seconds + 10) * 10):  # a row that was being sent waits for its lease
        found = [_text(m) for held in slack.messages.values() for m in held if "N-2020-" in _text(m) and "Registered" in _text(m)]
        if found:
            await asyncio.sleep(1.2)
            return [_text(m) for held in slack.messages.values() for m in held if "N-2020-" in _text(m) and "Registered" in _text(m)]
        await asyncio.sleep(0.1)
    return []


@pytest.mark.parametrize("at", ["before_commit", "after_commit"])
@pytest.mark.parametrize("turn", [1, 3])
async def test_a_crash_and_the_platforms_retry_leave_one_record_and_one_receipt(demo_url: str, at: str, turn: int) -> None:
    database = Database(demo_url)
    with database.transaction() as session:
        kenya = person_named(session, "ke")
        assert kenya is not None
        session.add(
            Identity(person_id=kenya.id or 0, door="slack", key=f"{TEAM}:UKE", address={"team": TEAM, "user": "UKE"}, last_seen_at=NOW)
        )
    slack = LocalSlack()
    async with TestServer(slack.app) as api, ClientSession(connector=TCPConnector(force_close=True)) as http:
        server = Server(demo_url, str(api.make_url("/api/")))
        async with server.running(CRASH_AT=at, CRASH_TURN=str(turn)) as address:
            for number, text in enumerate(SAYS[:turn], 1):
                status = await _tell(http, address, text, number)
            assert status == 0
        async with server.running() as address:
            for number, text in enumerate(SAYS[turn - 1 :], turn):
                assert await _tell(http, address, text, number) == 200
            [receipt] = await _receipts(slack)
            assert "N-2020-0006" in receipt
        assert all(count == 1 for count in slack.by_key().values())
    with database.reading() as session:
        assert len(session.exec(select(Need).where(Need.party == "KE")).all()) == 1
    database.close()
