"""The paths for those who watch, and the pages an app's listing links to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.server import application
from handlers.conversation.context import tell
from handlers.conversation.reply import Say
from handlers.conversation.text import T
from storage.records import set_setting
from tests.databases import furnished_sqlite_url
from tests.house import NOW, Desk, desk_on


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Desk, TestClient]]:  # type: ignore[type-arg]
    with desk_on(furnished_sqlite_url(folder), folder) as desk:
        async with TestClient(TestServer(application(desk.house, host="127.0.0.1"))) as client:
            yield desk, client


async def test_a_quiet_house_is_alive_and_ready(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, client):
        assert (await client.get("/healthz")).status == 200
        assert (await client.get("/readyz")).status == 200
        metrics = await (await client.get("/metrics")).text()
        assert "process_" in metrics
        assert "liaison_outbox_due 0.0" in metrics


async def test_a_house_that_was_stopped_on_purpose_is_ready(tmp_path: Path) -> None:
    async with served(tmp_path) as (desk, client):
        person = desk.add("ke", "focal_point", party="KE")
        with desk.house.database.transaction() as session:
            set_setting(session, "sending.stopped", True)
            tell(
                session,
                person,
                (Say(text=T("word.yes")),),
                key="k",
                kind="notice",
                due=NOW - timedelta(hours=1),
                now=NOW - timedelta(hours=1),
            )
        assert (await client.get("/readyz")).status == 200  # stopped on purpose


@pytest.mark.parametrize(
    ("asked", "language", "direction"), [("fr-FR,en;q=0.5", "fr", "ltr"), ("ar", "ar", "rtl"), ("de", "en", "ltr"), ("", "en", "ltr")]
)
@pytest.mark.parametrize("path", ["/privacy", "/terms"])
async def test_statements_are_in_the_readers_language(tmp_path: Path, path: str, asked: str, language: str, direction: str) -> None:
    async with served(tmp_path) as (_, client):
        response = await client.get(path, headers={"Accept-Language": asked})
        assert response.status == 200
        assert f'<html lang="{language}" dir="{direction}">' in await response.text()
