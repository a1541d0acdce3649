"""The main job in the local Slack client: a need by free text, the donor's alert, the modal, App Home, and Arabic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import select

from bot.settings import SlackSettings
from handlers.conversation.text import T
from handlers.conversation.words import Reader, say
from storage.database import Database
from storage.needs import Need
from storage.people import Identity, person_named
from tests.browser.clients import GENERAL, TEAM_ID, LocalSlack, free_port, start_local_slack
from tests.browser.page import Page, open_page, role, words
from tests.browser.web_server import served
from tests.house import NOW

SHOTS = Path(__file__).parent / "shots"
PEOPLE = {"ke": "Wanjiru Kamau", "donor-no": "Ingrid Solberg", "tn": "Salma Ben Ammar"}
NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
NEED_AR = "نحتاج إلى مساعدة في صياغة تشريع بشأن الاتجار بالأشخاص بحلول 30 حزيران/يونيه 2027، بنحو 200 ألف دولار أمريكي"
EN, AR = Reader("en", "Africa/Nairobi"), Reader("ar", "Africa/Tunis")


@dataclass
class Talk:
    slack: LocalSlack
    page: Page
    database: Database

    def begin(self, handle: str, text: str) -> None:
        """Say it by the slash command, as one of the people, and look at their direct message with the bot."""
        self.slack.control("command", {"channel": GENERAL, "user": user(handle), "command": "/liaison", "text": text})
        self.look(handle)

    def look(self, handle: str) -> None:
        self.page.goto(self.slack.url)
        self.page.click(words(PEOPLE[handle], nth=-1))

    def shoot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        assert self.page.screenshot(SHOTS / f"slack-{name}.png").stat().st_size > 20_000


def user(handle: str) -> str:
    return f"U0{handle.replace('-', '').upper()}"


@contextmanager
def talking(folder: Path, url: str) -> Iterator[Talk]:
    database = Database(url)
    with database.transaction() as session:
        for handle in PEOPLE:
            person = person_named(session, handle)
            assert person is not None
            address = {"team": TEAM_ID, "user": user(handle)}
            session.add(
                Identity(person_id=person.id or 0, door="slack", key=f"{TEAM_ID}:{user(handle)}", address=address, last_seen_at=NOW)
            )
    port = free_port()
    members = [{"id": user(handle), "name": handle, "real_name": name, "email": f"{handle}@example.org"} for handle, name in PEOPLE.items()]
    with (
        start_local_slack(request_url=f"http://127.0.0.1:{port}/slack/events", folder=folder / "slack", users=members) as slack,
        served(url, folder, port, slack=SlackSettings(slack.bot_token, slack.signing_secret, api_url=slack.api_url)),
        open_page(folder) as page,
    ):
        yield Talk(slack, page, database)
    database.close()


def test_a_need_goes_from_the_focal_point_to_the_donor_and_back(tmp_path: Path, demo_url: str) -> None:
    with talking(tmp_path, demo_url) as talk:
        talk.begin("ke", NEED)
        talk.page.wait_text(say(T("form.need.articles.ask"), EN))
        talk.shoot("asked")
        talk.page.click(role("button", say(T("action.whole_form"), EN), nth=-1))
        talk.page.wait_text(say(T("form.need.beneficiary.label"), EN))
        talk.shoot("modal")
        talk.page.click(role("button", say(T("door.chat.close"), EN)))
        talk.page.click(role("button", say(T("action.skip_rest"), EN), nth=-1))
        talk.page.wait_text(say(T("form.need.review"), EN))
        talk.shoot("review")
        talk.page.click(role("button", say(T("form.need.save"), EN), nth=-1))
        talk.page.wait_text("N-2020-0006")
        talk.shoot("receipt")
        talk.look("donor-no")
        talk.page.wait_text(say(T("match.why"), EN))
        talk.shoot("alert")
        with talk.database.reading() as session:
            need = session.exec(select(Need).where(Need.party == "KE")).one()
        assert (need.ref, need.currency) == ("N-2020-0006", "USD")


def test_app_home_shows_what_is_due(tmp_path: Path, demo_url: str) -> None:
    with talking(tmp_path, demo_url) as talk:
        talk.begin("ke", "help")
        talk.page.wait_text(say(T("help.intro"), EN))
        talk.page.click("button.sidebar-item:has(.app-dot)")
        talk.page.wait_text(say(T("deadline.hand_in"), EN))
        talk.shoot("home")


def test_arabic_is_written_in_arabic(tmp_path: Path, demo_url: str) -> None:
    with talking(tmp_path, demo_url) as talk:
        talk.begin("tn", NEED_AR)
        talk.page.wait_text(say(T("form.need.articles.ask"), AR))
        talk.shoot("arabic")
