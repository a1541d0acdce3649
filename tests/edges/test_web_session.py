"""Who is at the page: cookies that cannot be made up, posts that only the page's own script can send, links that sign in once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from bot.web.links import new_link
from storage.people import LinkCode, Person
from storage.records import Audit
from tests.edges.web_desk import AWA, CLARA, SECRET, Desk, new_event, web_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with web_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Desk]:
    """The same house on a database that is no demo."""
    (tmp_path / "office").mkdir()
    async with web_desk(tmp_path / "office", demo=False, base_url="https://liaison.example") as desk:
        yield desk


def fresh_link(desk: Desk, person: int) -> str:
    """The path of a new one-time link."""
    with desk.house.database.transaction() as session:
        link = new_link(session, person, secret=SECRET, base_url=desk.house.settings.base_url)
    assert link.startswith(f"{desk.house.settings.base_url}/chat/link/")
    return link.removeprefix(desk.house.settings.base_url)


async def use(desk: Desk, path: str) -> tuple[int, str]:
    """Open a link in a browser of its own and press its button; the browser is then whoever the link is for."""
    desk.client.session.cookie_jar.clear()
    async with desk.client.get(path) as answer:
        page = await answer.text()
        cookies = answer.cookies
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page)
    assert found, page
    async with desk.client.post(path, data={"token": found.group(1)}, cookies=_sent(cookies), allow_redirects=False) as answer:
        for name, morsel in answer.cookies.items():
            desk.client.session.cookie_jar.update_cookies({name: morsel.value}, desk.client.make_url("/chat"))
        return answer.status, await answer.text()


def _sent(cookies: object) -> dict[str, str]:
    """Cookies marked Secure, as a browser behind the TLS proxy would send them."""
    return {name: morsel.value for name, morsel in cookies.items() if morsel.value}  # type: ignore[attr-defined]


async def test_a_demo_shows_its_people_and_one_becomes_whom_one_picks(desk: Desk) -> None:
    page = await desk.open()
    assert all(name in page for name in ("Awa Ndiaye", "Clara Brandt", "سلمى بن عمار", "Senegal", "Français"))
    assert "Awa Ndiaye" in await desk.pick(AWA)
    with desk.house.database.reading() as session:
        assert session.exec(select(Audit.person_id).where(Audit.action == "person.signed_in")).all() == [AWA]


async def test_nobody_is_picked_where_the_database_is_no_demo(office: Desk) -> None:
    page = await office.open(**{"X-Forwarded-For": "127.0.0.1"})
    assert "Awa Ndiaye" not in page
    assert "one-time link" in page
    async with office.client.post("/chat/as", data={"token": office.token, "person": str(AWA)}) as answer:
        assert answer.status == 403


async def test_a_demo_behind_a_proxy_is_still_a_demo(desk: Desk) -> None:
    assert "Awa Ndiaye" in await desk.open(**{"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"})


async def test_nobody_becomes_a_person_who_does_not_exist(desk: Desk) -> None:
    await desk.open()
    for person in ("99", "0", "-1", "²", "1e3", "", "9" * 40):
        async with desk.client.post("/chat/as", data={"token": desk.token, "person": person}) as answer:
            assert answer.status == 400


@pytest.mark.parametrize("change", ["person", "signature", "empty", "purpose", "letters"])
async def test_a_forged_cookie_is_nobodys(desk: Desk, change: str) -> None:
    await desk.pick(AWA)
    jar = desk.client.session.cookie_jar
    [cookie] = [morsel for morsel in jar if morsel.key == "liaison_session"]
    [visit] = [morsel.value for morsel in jar if morsel.key == "liaison_visit"]
    forged = {
        "person": f"{CLARA}{cookie.value[1:]}", "signature": f"{cookie.value[:-1]}{'0' if cookie.value[-1] != '0' else '1'}",
        "empty": "", "purpose": visit, "letters": "x-y-z.é",
    }[change]  # fmt: skip
    jar.clear()
    headers = {"X-Liaison-Token": desk.token, "Cookie": f"liaison_session={forged}"}
    for given, status in ((headers, 401), (headers | {"Cookie": f"liaison_session={cookie.value}"}, 200)):
        async with desk.client.post("/chat/say", json={"event": new_event(), "text": "help"}, headers=given) as answer:
            assert answer.status == status


async def test_a_session_ends_after_a_working_day(desk: Desk) -> None:
    await desk.pick(AWA)
    desk.pass_time(timedelta(hours=13))
    assert (await desk.post("say", {"event": new_event(), "text": "help"})).status == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk, office: Desk) -> None:
    await desk.open()
    async with desk.client.post("/chat/as", data={"token": desk.token, "person": "2"}, allow_redirects=False) as answer:
        cookie = answer.cookies["liaison_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Strict", "/chat", "")
    async with office.client.get(fresh_link(office, AWA)) as answer:
        assert answer.cookies["liaison_visit"]["secure"] is True


@pytest.mark.parametrize("path", ["say", "press", "answers", "clock"])
async def test_a_post_without_the_token_of_the_page_is_refused(desk: Desk, path: str) -> None:
    await desk.pick(AWA)
    for token in ("", "0" * 64, "é"):
        body = {"event": new_event(), "text": "help", "id": "help.show", "draft": "d", "answers": {}, "hours": 1}
        assert (await desk.post(path, body, token=token.encode("utf-8").decode("latin-1"))).status == 403


@pytest.mark.parametrize("path", ["as", "leave"])
async def test_a_form_without_the_token_of_the_page_is_refused(desk: Desk, path: str) -> None:
    await desk.pick(AWA)
    async with desk.client.post(f"/chat/{path}", data={"person": "1"}) as answer:
        assert answer.status == 403


async def test_the_token_of_one_visit_is_of_no_use_to_another(desk: Desk) -> None:
    await desk.pick(AWA)
    stolen = desk.token
    desk.client.session.cookie_jar.clear()
    await desk.pick(CLARA)
    assert (await desk.post("say", {"event": new_event(), "text": "help"}, token=stolen)).status == 403


async def test_leaving_ends_the_session(desk: Desk) -> None:
    await desk.pick(AWA)
    async with desk.client.post("/chat/leave", data={"token": desk.token}) as answer:
        assert "Who would you like to be?" in await answer.text()
    assert (await desk.post("say", {"event": new_event(), "text": "help"})).status == 401


async def test_a_link_signs_in_once_and_only_by_its_button(office: Desk) -> None:
    path = fresh_link(office, AWA)
    for _ in range(3):
        async with office.client.get(path) as answer:
            assert "Awa Ndiaye" not in await answer.text()
    assert (await use(office, path))[0] == 303
    assert "Awa Ndiaye" in await office.open()
    status, page = await use(office, path)
    assert (status, "used already" in page) == (403, True)
    with office.house.database.reading() as session:
        assert session.exec(select(Audit.after).where(Audit.action == "person.signed_in")).all() == [{"how": "link"}]


async def test_whoever_asks_for_the_web_chat_is_sent_a_link_that_signs_in_them_and_nobody_else(office: Desk) -> None:
    await use(office, fresh_link(office, AWA))
    await office.open()
    html = await office.say("chat web")
    [link] = re.findall(r"https://liaison\.example(/chat/link/[\w.-]+)", html)
    assert (await use(office, link))[0] == 303
    assert "Awa Ndiaye" in await office.open()


async def test_a_link_is_of_no_use_after_fifteen_minutes(office: Desk) -> None:
    path = fresh_link(office, AWA)
    with office.house.database.transaction() as session:
        code = session.exec(select(LinkCode)).one()
        session.connection().execute(sa.update(LinkCode).values(expires_at=code.expires_at - timedelta(minutes=15, seconds=1)))
    assert (await use(office, path))[0] == 403


async def test_a_forged_link_is_nobodys(office: Desk) -> None:
    path = fresh_link(office, AWA)
    nonce, _, mac = path.removeprefix("/chat/link/").partition(".")
    for token in (f"{nonce}x.{mac}", f"{nonce}.{'0' * 64}", nonce, f".{mac}", "x"):
        assert (await use(office, f"/chat/link/{token}"))[0] == 403
    with office.house.database.reading() as session:
        assert session.exec(select(LinkCode.used_at)).one() is None


async def test_the_database_keeps_no_link(office: Desk) -> None:
    nonce = fresh_link(office, AWA).removeprefix("/chat/link/").partition(".")[0]
    with office.house.database.reading() as session:
        assert nonce not in session.exec(select(LinkCode.hashed)).one()


async def test_every_answer_carries_the_headers_that_keep_the_page_to_itself(desk: Desk) -> None:
    await desk.pick(AWA)
    for path in ("/chat", "/chat/static/chat.css", "/chat/nothing", "/chat/suggest?draft=x&field=y&q=z"):
        async with desk.client.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert (answer.headers["X-Content-Type-Options"], answer.headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


async def test_no_page_holds_a_script_or_a_style_of_its_own(desk: Desk) -> None:
    for page in (await desk.open(), await desk.pick(AWA)):
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page) == []
        assert re.findall(r'(?:src|href)="(?!/chat)[^"]*"', page) == []


async def test_a_browser_sent_by_another_site_is_asked_to_come_again_with_its_cookie(desk: Desk) -> None:
    page = await desk.open(**{"Sec-Fetch-Site": "cross-site"})
    assert 'http-equiv="refresh"' in page
    assert "liaison_session" not in {morsel.key for morsel in desk.client.session.cookie_jar}


@pytest.mark.parametrize(("wanted", "direction", "words"), [("ar", "rtl", "بصفة من تودون الدخول"), ("ru", "ltr", "От чьего имени")])
async def test_a_stranger_is_met_in_the_language_of_their_browser(desk: Desk, wanted: str, direction: str, words: str) -> None:
    page = await desk.open(**{"Accept-Language": f"xx,{wanted}-AE;q=0.9,en;q=0.5"})
    assert f'<html lang="{wanted}" dir="{direction}">' in page
    assert words in page


async def test_a_person_who_is_gone_is_shown_the_door(desk: Desk) -> None:
    await desk.pick(4)
    with desk.house.database.transaction() as session:
        session.connection().execute(sa.text("PRAGMA defer_foreign_keys=ON"))
        assert session.get(Person, 4) is not None
        session.connection().execute(sa.text("UPDATE inbox SET person_id = NULL"))
        for table in ("identity", "audit", "draft", "outbox"):
            session.connection().execute(sa.text(f"DELETE FROM {table} WHERE person_id = 4"))
        session.connection().execute(sa.delete(Person).where(col(Person.id) == 4))
    assert "Who would you like to be?" in await desk.open()
