"""Files come in through Slack, Teams, the web chat and the terminal, and are given out by a link that is one person's."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlmodel import select

from bot.house import House
from bot.teams.trust import Cloud
from storage.attachments import Attachment
from storage.files import LARGEST, path_of
from storage.people import Appointment, Identity
from tests.edges.slack_workspace import ANN, ANNS, NOW, Workspace, workspace
from tests.edges.teams_world import TENANT, World, world
from tests.edges.web_desk import AWA, Desk, new_event, presses, web_desk

PDF = b"%PDF-1.7\n" + b"A national plan. " * 9000
NEED = "We need training of judges on asset recovery by 30 June 2028"


def rows(house: House) -> list[Attachment]:
    with house.database.reading() as session:
        found = list(session.exec(select(Attachment)).all())
        session.expunge_all()
        return found


def appoint(house: House, key: str) -> None:
    with house.database.transaction() as session:
        identity = session.exec(select(Identity).where(Identity.key == key)).one()
        standing = Appointment(person_id=identity.person_id, role="focal_point", party="KE", convention="UNCAC", created_at=NOW)
        standing.standing = "acting"
        session.add(standing)


# Slack


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        object.__setattr__(made.house.settings, "files_dir", tmp_path / "files")
        await made.say("help")
        appoint(made.house, f"T1:{ANN}")
        await made.say(NEED, ts="2.1")
        yield made


async def shared(here: Workspace, *files: dict[str, Any], ts: str = "9.9") -> str:
    event = {"type": "message", "subtype": "file_share", "channel_type": "im", "channel": ANNS, "user": ANN, "text": "", "ts": ts}
    assert (await here.event({**event, "files": list(files)})).status == 200
    for _ in range(4):  # an answer a round
        await here.delivered()
    return json.dumps(here.slack.messages[ANNS], ensure_ascii=False)


def held(here: Workspace, name: str = "plan.pdf", **more: Any) -> dict[str, Any]:
    url = here.house.settings.slack.api_url.replace("/api/", f"/files/{name}") if here.house.settings.slack else ""
    return {
        "id": "F1",
        "name": name,
        "mimetype": "application/pdf",
        "size": len(PDF),
        "mode": "hosted",
        "url_private_download": url,
        **more,
    }


async def test_in_slack_a_shared_file_is_fetched_and_kept(here: Workspace) -> None:
    here.slack.files["plan.pdf"] = PDF
    assert "plan.pdf" in await shared(here, held(here))
    [row] = rows(here.house)
    assert (row.name, row.size) == ("plan.pdf", len(PDF))
    assert path_of(here.house.settings.files_dir, row.digest).read_bytes() == PDF


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example.org/plan.pdf",
        "http://files.slack.com/plan.pdf",
        "https://files.slack.com.example.org/x",
        "",
        "http://[",
        "file:///etc/passwd",
    ],
)
async def test_in_slack_the_token_goes_nowhere_else(here: Workspace, url: str) -> None:
    assert "could not be fetched" in await shared(here, held(here, url_private_download=url, url_private=url))
    assert rows(here.house) == []
    assert "file plan.pdf" not in here.slack.methods()


async def test_in_slack_what_is_too_large_or_too_slow_is_said(here: Workspace) -> None:
    async def never(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    assert "larger than 10" in await shared(here, held(here, size=LARGEST + 1))
    here.slack.file_answers["slow.pdf"] = never
    async with asyncio.timeout(10):
        assert "slow.pdf could not be fetched" in await shared(here, held(here, "slow.pdf"), ts="10.1")
    assert rows(here.house) == []
    assert [path for path in here.house.settings.files_dir.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("files", [None, [], [7], [{}], [{"name": 7}], [{"name": "a.pdf", "size": "x"}], [{"mode": "tombstone"}]])
async def test_in_slack_strange_files_are_no_failure(here: Workspace, files: Any) -> None:
    event = {"type": "message", "subtype": "file_share", "channel_type": "im", "channel": ANNS, "user": ANN, "text": "help", "ts": "9.9"}
    assert (await here.event({**event, "files": files})).status in (200, 400)
    assert rows(here.house) == []


# Teams


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        await made.say("help")
        appoint(made.house, f"{TENANT}:aad-ann")
        await made.say(NEED)
        yield made


def dropped(teams: World, name: str = "plan.pdf", url: str | None = None) -> dict[str, Any]:
    address = url if url is not None else f"{teams.connector.url}drive/{name}"
    content = {"downloadUrl": address, "uniqueId": "u", "fileType": "pdf"}
    return {"contentType": "application/vnd.microsoft.teams.file.download.info", "contentUrl": address, "name": name, "content": content}


async def test_in_teams_a_file_is_fetched_without_a_token_and_kept(teams: World) -> None:
    teams.connector.files["plan.pdf"] = PDF
    said = await teams.say("", attachments=[{"contentType": "text/html", "content": "<p></p>"}, dropped(teams)])
    assert "plan.pdf" in json.dumps(said, ensure_ascii=False)
    [row] = rows(teams.house)
    assert path_of(teams.house.settings.files_dir, row.digest).read_bytes() == PDF
    assert teams.connector.fetched == [("plan.pdf", None)]


@pytest.mark.parametrize("url", ["https://example.org/plan.pdf", "http://contoso.sharepoint.com/x", "file:///etc/passwd", "", "http://["])
async def test_in_teams_a_file_is_fetched_from_its_store_only(teams: World, url: str) -> None:
    said = await teams.say("", attachments=[dropped(teams, url=url)])
    assert "could not be fetched" in json.dumps(said)
    assert rows(teams.house) == []


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("https://contoso-my.sharepoint.com/personal/x", True),
        ("https://contoso.sharepoint.us/x", True),
        ("http://contoso.sharepoint.com/x", False),
        ("https://contoso.sharepoint.com.example.org/x", False),
        ("https://contoso.sharepoint.com:8443/x", False),
        ("https://user@contoso.sharepoint.com/x", False),
        ("https://sharepoint.com.example.org", False),
    ],
)
def test_the_file_store_is_microsofts_alone(url: str, holds: bool) -> None:
    assert Cloud().holds(url) is holds


@pytest.mark.parametrize(
    "attachments", [[7], [None], [{"contentType": 7}], [{"contentType": "application/vnd.microsoft.teams.file.download.info"}]]
)
async def test_in_teams_strange_attachments_are_no_failure(teams: World, attachments: Any) -> None:
    status, _ = await teams.send(teams.activity(text="help", textFormat="plain", attachments=attachments))
    assert status == 200
    assert rows(teams.house) == []


# The web chat


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with web_desk(tmp_path) as made:
        await made.pick(AWA)
        yield made


async def upload(desk: Desk, name: str, content: bytes, **more: str) -> tuple[int, str]:
    query = {"event": new_event(), "name": name, **more}
    headers = {"X-Liaison-Token": desk.token, "Content-Type": "application/octet-stream"}
    async with desk.client.post("/chat/file", params=query, data=io.BytesIO(content), headers=headers) as answer:
        return answer.status, await answer.text()


async def need_with_file(desk: Desk) -> str:
    await desk.say("Le Sénégal a besoin d’une formation de juges sur le recouvrement d’avoirs avant le 30 juin 2028")
    status, told = await upload(desk, "Plan national.pdf", PDF)
    assert status == 200
    assert "Plan national.pdf" in told
    await desk.press(presses(await desk.say("passer le reste"), "form.save")[0])
    return next(str(row.ref) for row in rows(desk.house))


async def test_on_the_web_a_file_is_sent_and_given_out_to_be_saved(desk: Desk) -> None:
    ref = await need_with_file(desk)
    card = await desk.say(ref)
    html = await desk.press(presses(card, "file.get")[0])
    link = html[html.index("/chat/file/") :].split("<")[0].split('"')[0].split("\n")[0].strip()
    async with desk.client.get(link) as answer:
        assert (answer.status, await answer.read()) == (200, PDF)
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert "Plan%20national.pdf" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
    for wrong in (link + "0", link.replace("file/", "file/1"), "/chat/file/1.1.9999999999.0", "/chat/file/x"):
        async with desk.client.get(wrong) as answer:
            assert answer.status == 404
    with desk.house.database.transaction() as session:
        for row in session.exec(select(Attachment)).all():
            row.removed_at = NOW
            session.add(row)
    async with desk.client.get(link) as answer:
        assert answer.status == 404


async def test_on_the_web_the_conversation_shows_what_was_sent_after_a_reload(desk: Desk) -> None:
    await need_with_file(desk)
    assert "Plan national.pdf" in await desk.open()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.exe", PDF, "plan.exe"),
        ("plan.pdf", b"MZ", "plan.pdf"),
        ("plan.pdf", b"", "plan.pdf"),
        ("<b>x</b>.pdf", b"", "_b_x__b_.pdf"),
        ("plan.pdf", b"%PDF" + b"x" * LARGEST, "10 mégaoctets"),
    ],
    ids=["kind", "other", "empty", "markup", "large"],
)
async def test_on_the_web_what_is_not_taken_is_said(desk: Desk, name: str, content: bytes, said: str) -> None:
    status, told = await upload(desk, name, content)
    assert status == 200
    assert said in json.loads(told)["html"]
    assert rows(desk.house) == []


async def test_on_the_web_only_the_pages_own_script_sends_files(desk: Desk) -> None:
    for token, event, wanted in (("", new_event(), 403), (desk.token, "x", 400)):
        query = {"event": event, "name": "plan.pdf"}
        async with desk.client.post("/chat/file", params=query, data=PDF, headers={"X-Liaison-Token": token}) as answer:
            assert answer.status == wanted
    assert rows(desk.house) == []
