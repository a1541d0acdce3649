"""The conversation over HTTP: each thing heard once, each message seen once, rubbish refused, nothing typed becomes markup."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from sqlmodel import col, func, select

from handlers.conversation.reply import Action, Say
from handlers.conversation.text import T
from storage.conversation import Inbox
from storage.people import RoleRequest
from tests.edges.web_desk import AWA, CLARA, NEWCOMER, SALMA, START, Desk, new_event, presses, web_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with web_desk(tmp_path) as desk:
        yield desk


def heard(desk: Desk) -> int:
    """How many turns were heard, arrivals apart."""
    with desk.house.database.reading() as session:
        return session.exec(select(func.count()).where(~col(Inbox.event).endswith("arrived"))).one()


async def ask_for_a_role(desk: Desk) -> tuple[str, str]:
    """The form at its first question: its draft, and the fragment."""
    html = await desk.press("form.new:role")
    [pick] = presses(html, "form.pick:")[:1]
    return pick.split(":")[1], html


async def test_a_message_posted_twice_is_heard_once_and_answered_alike(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    event = new_event()
    first, *others = await asyncio.gather(*(desk.act("press", event=event, id="form.new:role") for _ in range(4)))
    assert {json.dumps([other["html"], other["key"]]) for other in others} == {json.dumps([first["html"], first["key"]])}
    assert sorted([first["again"], *(other["again"] for other in others)]) == [False, True, True, True]
    assert heard(desk) == 1


async def test_a_person_is_never_answered_with_what_was_said_to_another(desk: Desk) -> None:
    event = new_event()
    await desk.pick(NEWCOMER)
    await desk.act("say", event=event, text="help")
    await desk.pick(CLARA)
    assert (await desk.act("say", event=event, text="help"))["again"] is False


async def test_a_form_is_filled_by_buttons_and_by_typing_and_leaves_one_record(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    draft, _ = await ask_for_a_role(desk)
    await desk.press(f"form.pick:{draft}:role:donor")
    html = await desk.say("Norad <script>alert(1)</script>")
    assert "<script" not in html
    html = await desk.press(presses(html, "form.skip")[0])
    assert "Norad &lt;script&gt;" in html
    [save] = presses(html, "form.save")
    first = await desk.press(save)
    again = await desk.press(save)
    assert "R-1" in first
    assert "R-1" in again
    with desk.house.database.reading() as session:
        assert session.exec(select(RoleRequest.organization)).all() == ["Norad <script>alert(1)</script>"]


async def test_a_form_shown_whole_keeps_what_was_typed_beside_what_is_wrong(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    draft, _ = await ask_for_a_role(desk)
    await desk.press(f"form.pick:{draft}:role:focal_point")
    answers = {"role": "focal_point", "party": "Atlantis <&>", "convention": "UNCAC", "authority": None}
    html = (await desk.act("answers", draft=draft, answers=answers))["html"]
    assert 'class="field wrong"' in html
    assert 'value="Atlantis &lt;&amp;&gt;"' in html
    answers["party"] = "KE"
    html = (await desk.act("answers", draft=draft, answers=answers))["html"]
    assert "Kenya" in html
    assert presses(html, "form.save")


async def test_a_reload_shows_the_conversation_with_its_used_buttons_inert(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    draft, _ = await ask_for_a_role(desk)
    await desk.press(f"form.pick:{draft}:role:donor")
    await desk.say("Norad \u202e<b>evil")
    page = await desk.open()
    assert page.index("Donor or other provider") < page.index("Norad \u202e&lt;b&gt;evil")
    assert '<p dir="auto" class="turn mine">Norad \u202e&lt;b&gt;evil</p>' in page
    assert "disabled" in page.partition('data-press="form.new:role"')[2].partition(">")[0]
    assert page.count('class="turn mine"') == 3
    assert page.count("data-question") == 3
    assert page.count('class="reply ask over"') == 2


async def test_typed_text_is_shown_as_typed_and_only_once_escaped(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    await desk.say("&lt;b&gt; <i>x</i> {name} \u0000")
    page = await desk.open()
    assert "&amp;lt;b&amp;gt; &lt;i&gt;x&lt;/i&gt; {name}" in page


@pytest.mark.parametrize("path", ["say", "press", "answers", "clock"])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"3", b"[" * 60_000, b"\xff\xfe", b'{"event": "\xed\xa0\x80"}', b'{"event": 1, "text": 2}',
        b'{"event": "aaaaaaaa-1", "text": "\\ud800", "id": "\\ud800", "hours": 0}',
        b'{"event": "../../x", "text": "help", "id": "x", "draft": "d", "answers": {}, "hours": -1}',
    ],
)  # fmt: skip
async def test_rubbish_is_refused_and_leaves_nothing(desk: Desk, path: str, body: bytes) -> None:
    await desk.pick(NEWCOMER)
    answer = await desk.client.post(f"/chat/{path}", data=body, headers={"X-Liaison-Token": desk.token})
    assert answer.status in (400, 422)
    assert "Traceback" not in await answer.text()
    assert heard(desk) == 0


async def test_a_body_over_the_limit_is_refused_before_it_is_read(desk: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1024

    await desk.pick(NEWCOMER)
    headers = {"X-Liaison-Token": desk.token}
    for data in (b"x" * (64 * 1024 + 1), endless()):
        assert (await desk.client.post("/chat/say", data=data, headers=headers)).status == 413
    assert heard(desk) == 0


async def test_a_button_made_up_is_refused_in_words(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    for id_ in ("nothing.there", "form.save:someone-elses:1", "::::", "form.pick", "x" * 200):
        assert 'class="reply refused"' in await desk.press(id_)
    assert (await desk.post("press", {"event": new_event(), "id": "x" * 201})).status == 400


async def test_type_ahead_finds_choices_in_the_readers_language_and_without_accents(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    draft, _ = await ask_for_a_role(desk)

    async def found(typed: str) -> list[str]:
        answer = await desk.client.get("/chat/suggest", params={"draft": draft, "field": "party", "q": typed})
        return [option["label"] for option in (await answer.json())["options"]]

    assert await found("keny") == ["Kenya"]
    assert (await found("cote"))[0] == "Côte d'Ivoire"
    assert await found("кения") == ["Kenya"]
    assert len(await found("")) == 12
    assert await found("zzzz") == []


async def test_type_ahead_tells_nothing_of_other_peoples_forms(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    draft, _ = await ask_for_a_role(desk)
    await desk.pick(CLARA)
    for field, whose in (("party", draft), ("nothing", draft), ("party", "none")):
        assert (await desk.client.get("/chat/suggest", params={"draft": whose, "field": field, "q": "k"})).status == 404


async def events(answer: ClientResponse, count: int) -> list[tuple[str, dict[str, str], str]]:
    """The next named events of a stream: name, data, id."""
    found: list[tuple[str, dict[str, str], str]] = []
    lines: dict[str, str] = {}
    while len(found) < count:
        line = (await asyncio.wait_for(answer.content.readline(), 10)).decode().rstrip("\n")
        name, _, value = line.partition(": ")
        lines[name] = value
        if not line and "event" in lines:
            found.append((lines["event"], json.loads(lines["data"]), lines.get("id", "")))
            lines = {}
    return found


async def told(answer: ClientResponse, count: int) -> list[tuple[dict[str, str], str]]:
    """The next messages of a stream."""
    found: list[tuple[dict[str, str], str]] = []
    while len(found) < count:
        [(name, data, id_)] = await events(answer, 1)
        if name == "told":
            found.append((data, id_))
    return found


HELLO = (Say(text=T("welcome", name="<b>Zoé</b>"), actions=(Action(id="help.show", label=T("offer.help")),)),)


async def test_what_is_sent_arrives_while_the_page_is_open_and_only_to_its_person(desk: Desk) -> None:
    page = await desk.pick(AWA)
    after = page.partition('data-after="')[2].partition('"')[0]
    async with desk.client.get("/chat/stream", params={"after": after}) as stream:
        assert stream.content_type == "text/event-stream"
        desk.send(CLARA, HELLO, key="not-hers")
        desk.send(AWA, HELLO, key="an-answer", kind="answer")
        desk.send(AWA, HELLO, key="hers")
        [(data, _)] = await told(stream, 1)
    assert "&lt;b&gt;Zoé&lt;/b&gt;" in data["html"]
    assert "<b>" not in data["html"]
    assert data["key"] == "o-3"


async def test_a_stream_taken_up_again_misses_nothing_and_repeats_nothing(desk: Desk) -> None:
    desk.send(AWA, HELLO, key="old")
    desk.send(AWA, HELLO, key="early", state="pending")
    page = await desk.pick(AWA)
    after = page.partition('data-after="')[2].partition('"')[0]
    desk.send(AWA, HELLO, key="late")
    async with desk.client.get("/chat/stream", params={"after": after}) as stream:
        [(data, cursor)] = await told(stream, 1)
        assert data["key"] == "o-3"
    desk.mark("early", "sent")
    async with desk.client.get("/chat/stream", params={"after": after}, headers={"Last-Event-ID": cursor}) as stream:
        [(data, cursor)] = await told(stream, 1)
        assert data["key"] == "o-2"
        desk.send(AWA, HELLO, key="last")
        [(data, _)] = await told(stream, 1)
        assert data["key"] == "o-4"
    assert [key in await desk.open() for key in ('"o-1"', '"o-2"', '"o-3"', '"o-4"')] == [True] * 4


@pytest.mark.parametrize("after", ["x", "-1", "1..2", "1.²", "9" * 30])
async def test_a_cursor_made_up_is_refused(desk: Desk, after: str) -> None:
    await desk.pick(AWA)
    assert (await desk.client.get("/chat/stream", params={"after": after})).status == 400


async def test_open_streams_end_when_the_house_closes(desk: Desk) -> None:
    await desk.pick(AWA)
    async with desk.client.get("/chat/stream") as stream:
        await events(stream, 1)
        await desk.client.server.close()
        await asyncio.wait_for(stream.content.read(), 5)


async def test_a_demos_clock_goes_on_and_an_open_page_hears_of_it(desk: Desk) -> None:
    await desk.pick(AWA)
    woken: list[int] = []
    desk.house.wake = lambda: woken.append(1)
    async with desk.client.get("/chat/stream") as stream:
        [(name, data, _)] = await events(stream, 1)
        assert (name, data["now"]) == ("clock", START.isoformat())
        moved = await (await desk.post("clock", {"hours": 72})).json()
        assert moved["now"] == (START + timedelta(days=3)).isoformat()
        [(name, data, _)] = await events(stream, 1)
        assert (name, data["now"]) == ("clock", moved["now"])
    assert woken


async def test_a_demos_clock_goes_to_a_wall_time_in_the_persons_zone_and_never_back(desk: Desk) -> None:
    await desk.pick(AWA)
    moved = await (await desk.post("clock", {"to": "2026-09-20T18:30"})).json()
    assert moved["now"] == "2026-09-20T18:30:00+03:00"
    for body in ({"to": "2026-09-19T18:30"}, {"to": "2036-09-19T18:30"}, {}):
        assert (await desk.post("clock", body)).status == 422


async def test_the_clock_of_a_real_house_is_not_moved(tmp_path: Path) -> None:
    async with web_desk(tmp_path) as desk:
        await desk.pick(AWA)
        desk.house.is_demo = False
        assert (await desk.post("clock", {"hours": 1})).status == 403


async def test_a_page_of_an_arabic_reader_runs_from_right_to_left_and_speaks_arabic(desk: Desk) -> None:
    page = await desk.pick(SALMA)
    assert '<html lang="ar" dir="rtl">' in page
    html = await desk.say("مساعدة")
    assert "ما يمكنك" in html or "ما يمكنكم" in html


async def test_the_chat_stands_on_both_databases(tmp_path: Path, database_url: str) -> None:
    async with web_desk(tmp_path, database_url=database_url) as desk:
        desk.send(NEWCOMER, HELLO, key="early", state="pending")
        await desk.pick(NEWCOMER)
        await ask_for_a_role(desk)
        assert (await desk.post("clock", {"hours": 24})).status == 200
        async with desk.client.get("/chat/stream", params={"after": "1.1"}) as stream:
            desk.mark("early", "sent")
            [(data, _)] = await told(stream, 1)
        assert data["key"] == "o-1"
        html = await desk.say("web chat")
        [path] = re.findall(r"http://127\.0\.0\.1:8000(/chat/link/[\w.-]+)", html)
        async with desk.client.get(path) as answer:
            token = (await answer.text()).partition('name="token" value="')[2][:64]
        statuses = []
        for _ in range(2):
            async with desk.client.post(path, data={"token": token}, allow_redirects=False) as answer:
                statuses.append(answer.status)
        assert statuses == [303, 403]
        assert "Zoé" in await desk.open()


async def test_whoever_changes_language_is_answered_in_it(desk: Desk) -> None:
    await desk.pick(NEWCOMER)
    assert (await desk.act("press", id="person.language:ru"))["language"] == "ru"
    assert '<html lang="ru" dir="ltr">' in await desk.open()
