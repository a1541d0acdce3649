"""The web chat as people use it: the real page in the real Chromium, on a fresh demo with its clock and its delivery running.

Each test leaves pictures in `shots/`: somebody has to look at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.page import Element, Page, label, open_page, role
from tests.browser.web_server import demo_server

SHOTS = Path(__file__).parent / "shots"
NEED = "Kenya needs help drafting legislation on trafficking in persons by 30 June 2027, about USD 200,000"
OPEN = ".reply:not(.over)"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with demo_server(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with open_page(tmp_path, width=1280, height=860) as page:
        yield page
        assert page.outside() == []
        assert page.problems() == []


def become(page: Page, url: str, name: str) -> None:
    """Pick a person and wait until the page lists what they can do, and its script listens."""
    page.goto(url)
    if page.count(".tools .quiet"):
        page.click(".tools .quiet")
    page.click(role("button", name))
    page.wait_selector("#log[data-ready] .reply >> nth=-1")


def say(page: Page, text: str) -> None:
    page.fill("#say", text)
    page.press("Enter", "#say")


def last_open(css: str) -> Element:
    """The last element of the conversation that can still be used."""
    return f"{OPEN} {css}:not([disabled]) >> nth=-1"


def saved(page: Page, sentence: str) -> str:
    """Say a need, save it, and wait for the receipt that was not there before; its reference."""
    had = page.count(".receipt .ref bdi")
    say(page, sentence)
    page.click(last_open('[data-press^="form.skip_rest"]'))
    page.click(last_open('[data-press^="form.save"]'))
    page.wait_selector(f".receipt .ref bdi >> nth={had}")
    return page.text(f".receipt .ref bdi >> nth={had}")


def shoot(page: Page, name: str) -> None:
    """The page on a desk, and on a phone."""
    page.viewport(390, 844)
    page.eval("document.getElementById('log')?.lastElementChild?.scrollIntoView({ block: 'start' })")
    page.screenshot(SHOTS / f"{name}-phone.png")
    page.viewport(360, 740)
    widths = page.eval("[document.documentElement, document.querySelector('#log, main')].map((one) => one.scrollWidth)")
    assert isinstance(widths, list)
    assert max(widths) <= 360
    assert page.eval("!document.querySelector('body.chat') || document.documentElement.scrollHeight <= innerHeight")
    page.viewport(1280, 860)
    page.eval("document.getElementById('log')?.lastElementChild?.scrollIntoView({ block: 'end' })")
    page.screenshot(SHOTS / f"{name}.png")


def test_a_focal_point_says_a_need_and_saves_it(demo: str, page: Page) -> None:
    page.goto(demo)
    page.wait_text("Wanjiru Kamau")
    shoot(page, "1-pick")
    become(page, demo, "Wanjiru Kamau")
    say(page, NEED)
    page.wait_text("30 June 2027", within="#log .house")
    shoot(page, "2-asked")
    page.screenshot(SHOTS / "web-chat.png")
    page.click(last_open('[data-press^="form.skip_rest"]'))
    page.wait_selector(last_open('[data-press^="form.save"]'))
    shoot(page, "3-review")
    page.eval("document.querySelector('.reply.review').closest('article').scrollIntoView({ block: 'end' })")
    page.click(last_open('[data-press^="form.save"]'))
    page.wait_selector(".receipt .ref bdi >> nth=-1")
    assert page.text(".receipt .ref bdi >> nth=-1").startswith("N-2020-")
    shoot(page, "4-receipt")


def test_the_donor_finds_the_alert_and_a_reload_keeps_the_conversation(demo: str, page: Page) -> None:
    become(page, demo, "Wanjiru Kamau")
    ref = saved(page, "Kenya needs training of prosecutors on smuggling of migrants by 1 March 2028")
    become(page, demo, "Ingrid Solberg")
    page.wait_text(ref)
    page.click(role("button", "Not for us", nth=-1))
    page.wait_selector("#log .mine >> nth=-1")
    page.wait_selector(".turn.house:last-child .reply >> nth=-1")
    shoot(page, "5-donor")
    before = page.text("#log .mine >> nth=-1")
    page.goto(demo)
    page.wait_selector("#log[data-ready]")
    page.wait_text(ref)
    assert page.text("#log .mine >> nth=-1") == before
    assert page.count(".told .chosen[disabled]") == 1


def test_a_need_is_changed_and_a_plan_attached(demo: str, page: Page, tmp_path: Path) -> None:
    plan = tmp_path / "National plan.pdf"
    plan.write_bytes(b"%PDF-1.7 a national plan")
    become(page, demo, "Wanjiru Kamau")
    ref = saved(page, "Kenya needs training of judges on asset recovery by 1 March 2028, about USD 90,000")
    page.upload("#file", plan)
    page.wait_text(f"Attached to {ref}: National plan.pdf")
    say(page, "change the budget to 120,000")
    page.wait_text("USD 90,000 → USD 120,000")
    shoot(page, "12-changed")
    page.click(last_open('[data-press^="form.save"]'))
    page.wait_text(f"Changed: {ref}")
    say(page, ref)
    page.wait_selector(last_open('[data-press^="file.get"]'))
    shoot(page, "13-card")
    page.click(last_open('[data-press^="record.history"]'))
    page.wait_text("file attached")
    shoot(page, "14-history")


def test_reminders_arrive_when_the_clock_goes_on(demo: str, page: Page) -> None:
    become(page, demo, "Mere Vakaloloma")
    had = page.count("#log .told")
    page.click(role("button", "+1 week"))
    page.click(role("button", "+1 week"))
    page.wait_selector(f"#log .told >> nth={had}")
    assert "September 2020" in page.text("#now")
    shoot(page, "6-reminders")


def test_a_choice_is_found_by_typing_with_the_keyboard_alone(demo: str, page: Page) -> None:
    become(page, demo, "Ingrid Solberg")
    say(page, "Register an activity")
    page.wait_selector(last_open('[data-press^="form.sheet"]'))
    page.click(last_open('[data-press^="form.sheet"]'))
    page.wait_selector(f"{OPEN} form.fields [role=combobox] >> nth=0")
    page.focus(f"{OPEN} form.fields .finder[data-many] [role=combobox] >> nth=0")
    page.type("seneg")
    page.wait_selector(".found:not([hidden]) > li:has-text('Senegal')")
    page.press("ArrowDown")
    assert page.count("[role=combobox][aria-activedescendant]") == 1
    page.screenshot(SHOTS / "7-found.png")
    page.press("Enter")
    page.wait_selector(f"{OPEN} .chips > li >> nth=0")
    assert "Senegal" in page.text(f"{OPEN} .chips > li >> nth=0")
    page.click(last_open("form.fields .primary"))
    page.wait_selector(f"{OPEN} .field.wrong >> nth=0")
    assert "Senegal" in page.text(f"{OPEN} .chips >> nth=0")
    shoot(page, "8-form")
    page.click(last_open('[data-press^="form.cancel"]'))
    page.wait_selector(last_open('[data-press^="form.resume"]'))


def test_hostile_text_is_only_text(demo: str, page: Page) -> None:
    become(page, demo, "Kouadio Yao")
    hostile = "<img src=x onerror=alert(1)> \u202eright &lt;b&gt;"
    say(page, hostile)
    page.wait_selector(".turn.house:last-child .reply >> nth=-1")
    page.goto(demo)
    page.wait_text("onerror=alert(1)")
    assert page.count("#log img") == 0
    assert page.text("#log .mine >> nth=-1") == hostile


def test_arabic_runs_from_right_to_left(demo: str, page: Page) -> None:
    become(page, demo, "سلمى بن عمار")
    assert page.eval("getComputedStyle(document.body).direction") == "rtl"
    page.click(".example >> nth=0")
    page.press("Enter", "#say")
    page.wait_selector(last_open('[data-press^="form.skip_rest"]'))
    page.click(last_open('[data-press^="form.skip_rest"]'))
    page.wait_selector(last_open('[data-press^="form.save"]'))
    sides = page.eval("['.mine', '.turn.house'].map((css) => [...document.querySelectorAll(css)].at(-1).getBoundingClientRect().left)")
    assert isinstance(sides, list)
    assert sides[0] < sides[1]
    shoot(page, "9-arabic")


def test_a_person_changes_the_language_of_everything(demo: str, page: Page) -> None:
    become(page, demo, "刘海燕")
    page.choose("#language", "es")
    page.wait_selector("html[lang=es]", state="attached")
    page.wait_text("Cambiar de persona")
    assert page.attribute("#say", "placeholder") == "Escriba un mensaje en cualquiera de los seis idiomas"
    shoot(page, "10-spanish")


def test_the_page_is_readable_in_the_dark(demo: str, tmp_path: Path) -> None:
    with open_page(tmp_path, colours="dark", width=1280, height=860) as page:
        become(page, demo, "Clara Brandt")
        say(page, "What is due?")
        page.wait_selector(".turn.house:last-child .reply.list >> nth=-1")
        assert contrast(page, "body") >= 7
        assert contrast(page, ".small") >= 4.5
        shoot(page, "11-dark")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(demo: str, tmp_path: Path, colours: str) -> None:
    with open_page(tmp_path, colours=colours) as page:
        become(page, demo, "Wanjiru Kamau")
        for css in ("body", ".small", ".brand", ".action", ".quiet", ".example"):
            assert contrast(page, css) >= 4.5, css
        assert page.attribute(label("Message"), "id") == "say"


def contrast(page: Page, css: str) -> float:
    """The contrast of an element's text with the ground it stands on, by WCAG 2.2."""
    found = page.eval(f"""(() => {{
      const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
      let ground = document.querySelector('{css}');
      const ink = light(parts(getComputedStyle(ground).color));
      while (ground && parts(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
      const under = light(parts(getComputedStyle(ground ?? document.body).backgroundColor));
      return (Math.max(ink, under) + 0.05) / (Math.min(ink, under) + 0.05);
    }})()""")
    assert isinstance(found, int | float)
    return float(found)
