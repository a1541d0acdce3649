"""Microsoft's own Agents Playground against the real door: cards are shown, pressed and replaced, and alerts arrive unasked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web
from sqlmodel import select

from bot.house import House
from bot.listening import HOST
from bot.teams import register
from handlers.conversation.context import tell
from handlers.conversation.press import press
from handlers.conversation.reply import Action, Say
from handlers.conversation.text import Code, T
from handlers.conversation.words import Reader, say
from scheduler.clock import BusinessClock, machine_now
from scheduler.delivery import Delivery
from storage.needs import Need
from storage.people import Appointment, Identity, Person, add_person
from tests.browser.clients import MARIA, free_port, start_playground
from tests.browser.page import Page, open_page, role
from tests.edges.teams_world import EMULATOR, new_house

SHOTS = Path(__file__).parent / "shots"
TENANT = "00000000-0000-0000-0000-000000000001"
MARIA_KEY = f"{TENANT}:{MARIA['aadObjectId']}"
BOX = "[role=textbox][data-lexical-editor]"
ENGLISH = Reader("en", "UTC")


class Serving:
    """The door on loopback in a thread of its own, delivering as it goes."""

    def __init__(self, house: House, port: int) -> None:
        self.house = replace(house, clock=BusinessClock(machine_now))
        self.port = port
        self.stop = asyncio.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self._run(),))

    async def _run(self) -> None:
        app = web.Application()
        app[HOST] = "127.0.0.1"
        door = register(app, self.house)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        delivery = Delivery(self.house.database, (door,), self.house.clock, owner="browser")
        while not self.stop.is_set():
            await delivery.run_once()
            await asyncio.sleep(0.05)
        await delivery.close()
        await door.close()
        await runner.cleanup()


@dataclass
class Stage:
    house: House
    page: Page

    def type(self, text: str) -> None:
        self.page.click(BOX)
        self.page.type(text)
        self.page.press("Enter")

    def press(self, text: str) -> None:
        """The last button of that name."""
        self.page.click(role("button", text, exact=True, nth=-1))

    def shot(self, name: str) -> None:
        self.page.screenshot(SHOTS / f"teams-{name}.png")


@contextmanager
def stage(folder: Path, *, language: str = "en") -> Iterator[Stage]:
    house, port = new_house(folder, EMULATOR), free_port()
    appoint_maria(house, language)
    serving, endpoint = Serving(house, port), f"http://127.0.0.1:{port}/api/messages"
    serving.thread.start()
    try:
        with start_playground(endpoint=endpoint, folder=folder / "teams") as playground, open_page(folder) as page:
            page.viewport(1300, 1200)
            page.goto(playground.url)
            page.wait_selector(BOX)
            yield Stage(house, page)
    finally:
        serving.loop.call_soon_threadsafe(serving.stop.set)
        serving.thread.join()
        serving.loop.close()
        house.close()


def appoint_maria(house: House, language: str) -> None:
    """The Playground's user is Kenya's focal point, and of the secretariat."""
    now = machine_now()
    with house.database.transaction() as session:
        maria = add_person(session, Person(name=MARIA["name"], language=language, zone="Africa/Nairobi", welcomed_at=now, created_at=now))
        session.add(Identity(person_id=maria.id or 0, door="teams", key=MARIA_KEY, last_seen_at=now))
        for convention in ("UNTOC", "UNCAC"):
            session.add(
                Appointment(
                    person_id=maria.id or 0, role="focal_point", party="KE", convention=convention, standing="acting", created_at=now
                )
            )
        session.add(Appointment(person_id=maria.id or 0, role="secretariat", created_at=now))


def alert(house: House) -> None:
    """Something Maria did not ask for, as any other's turn would put it into the outbox."""
    now = machine_now()
    with house.database.transaction() as session:
        person = session.exec(select(Identity).where(Identity.key == MARIA_KEY)).one().person_id
        words = T("help.example", example="**not bold** <at>nobody</at> [no link](https://example.org)")
        buttons = (Action(id=press("help.show"), label=T("offer.help"), style="primary"),)
        assert tell(session, person, (Say(text=words, actions=buttons),), key="alert", kind="notice", due=now, now=now)


def titles(house: House) -> list[str]:
    with house.database.reading() as session:
        return [need.title for need in session.exec(select(Need)).all()]


def test_a_need_is_registered_by_card_and_shown_as_saved(tmp_path: Path) -> None:
    with stage(tmp_path) as teams:
        teams.type("We need training for judges on mutual legal assistance, 200,000 USD by 30 June 2028")
        teams.page.wait_text(say(T("form.need.instruments.ask"), ENGLISH))
        teams.shot("need-asked")
        teams.page.click(role("combobox", nth=-1))
        teams.page.click(role("menuitemcheckbox", say(Code("instrument", "UNTOC"), ENGLISH), nth=0))
        teams.page.press("Escape")
        teams.press(say(T("door.card.choose"), ENGLISH))
        teams.page.wait_selector(role("button", say(T("action.skip_rest"), ENGLISH), nth=-1))
        teams.press(say(T("action.skip_rest"), ENGLISH))
        teams.page.wait_selector(role("button", say(T("form.need.save"), ENGLISH), nth=-1))
        teams.shot("need-review")
        teams.press(say(T("form.need.save"), ENGLISH))
        teams.page.wait_text("N-20")
        teams.shot("need-saved")
        assert len(titles(teams.house)) == 1


def test_a_whole_form_on_one_card_keeps_what_is_filled_in_and_says_what_is_missing(tmp_path: Path) -> None:
    with stage(tmp_path) as teams:
        teams.type("We need training for judges on mutual legal assistance, 200,000 USD by 30 June 2028")
        teams.page.wait_selector(role("button", say(T("action.whole_form"), ENGLISH), nth=-1))
        teams.press(say(T("action.whole_form"), ENGLISH))
        teams.page.wait_selector(role("button", say(T("door.card.go_on"), ENGLISH), nth=-1))
        teams.shot("need-form")
        teams.press(say(T("door.card.go_on"), ENGLISH))
        teams.page.wait_text(say(T("door.card.required"), ENGLISH))
        teams.shot("need-form-refused")
        assert "30 June 2028" in str(teams.page.eval("[...document.querySelectorAll('textarea, input')].map(e => e.value).join(' ')"))


def test_an_alert_arrives_unasked_shows_what_was_typed_and_is_answered_in_place(tmp_path: Path) -> None:
    with stage(tmp_path) as teams:
        teams.type("help")
        teams.page.wait_text(say(T("help.intro"), ENGLISH))
        alert(teams.house)
        teams.page.wait_text("**not bold** <at>nobody</at> [no link](https://example.org)")
        teams.shot("alert")
        teams.press(say(T("offer.help"), ENGLISH))
        teams.page.wait_selector(role("button", say(T("action.start"), ENGLISH), nth=0))
        teams.shot("alert-answered")


def test_cards_read_from_right_to_left_in_arabic(tmp_path: Path) -> None:
    arabic = Reader("ar", "UTC")
    with stage(tmp_path, language="ar") as teams:
        teams.type("help")
        teams.page.wait_text(say(T("help.intro"), arabic))
        assert teams.page.eval("getComputedStyle([...document.querySelectorAll('.ac-richTextBlock')].pop()).direction") == "rtl"
        teams.shot("arabic")
