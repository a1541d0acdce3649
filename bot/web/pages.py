"""The pages around the conversation: picking a person on a demo, signing in, and the chat itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from string import Template

from bot.web.fields import View
from bot.web.html import Html, element, joined, spoken
from bot.web.people import Face
from handlers.conversation.text import Series, T
from handlers.conversation.words import Reader, text_direction
from storage.files import TYPES
from storage.reference import LANGUAGES

_PAGE = Template(files("bot.web").joinpath("static/chat.html").read_text("utf-8"))
_GROUPS = ("focal_point", "donor", "secretariat", "chair", "observer")
_STEPS = (1, 24, 72, 168)
_EXAMPLES = {"focal_point": "focal_point", "donor": "donor", "secretariat": "secretariat"}


@dataclass(frozen=True, slots=True)
class ChatPage:
    """What the chat page shows: who, what was said, up to where it heard, and on a demo what time it is."""

    face: Face
    token: str
    conversation: Html
    after: str
    demo_now: datetime | None = None

    @property
    def view(self) -> View:
        return View(Reader(self.face.language, self.face.zone))


def _page(kind: str, view: View, *, title: str, body: Html, head: Html | None = None) -> str:
    language = view.reader.language
    return _PAGE.substitute(
        kind=kind, language=language, direction=text_direction(language), title=element("i", title)[3:-4], body=body, head=head or ""
    )


def returning_page() -> str:
    """A page that asks for the chat once more: a browser sent here by another site leaves the session cookie at home the first time."""
    view = View(Reader("en", "UTC"))
    return _page("plain", view, title="Liaison", body=Html(""), head=element("meta", http_equiv="refresh", content="0;url=/chat"))


def pick_page(faces: tuple[Face, ...], view: View, token: str) -> str:
    """A demo's door: one picks who to be."""
    groups = [_group(role, [face for face in faces if face.role == role], view) for role in _GROUPS]
    people = element("form", element("input", type="hidden", name="token", value=token), *groups, method="post", action="/chat/as")
    lead = element("p", view.word("pick.lead"), class_="lead")
    body = element("main", _brand(), element("h1", view.word("pick.title")), lead, _languages(view), people, class_="sheet wide")
    return _page("front", view, title=f"Liaison – {view.word('pick.title')}", body=body)


def _group(role: str, faces: list[Face], view: View) -> Html | None:
    if not faces:
        return None
    cards = [element("li", _card(face, view)) for face in faces]
    return element("section", element("h2", view.word(f"pick.{role}")), element("ul", *cards, class_="faces"), class_="group")


def _card(face: Face, view: View) -> Html:
    whom = spoken(Series(face.standing, "unit"), view.reader)
    speaks = element("span", own_name(face.language), class_="tag", lang=face.language)
    name = element("span", element("bdi", face.name), class_="name")
    return element(
        "button", name, element("span", whom, class_="small"), speaks, type="submit", name="person", value=face.id, class_="face"
    )


def own_name(language: str) -> str:
    """A language's name in itself."""
    return View(Reader(language, "UTC")).word("own_name")


def _languages(view: View) -> Html:
    links = [
        element("a", own_name(code), href=f"/chat?lang={code}", lang=code, aria_current="true" if code == view.reader.language else None)
        for code in LANGUAGES
    ]
    return element("nav", *links, class_="languages", aria_label=view.word("language"))


def _brand() -> Html:
    return element("p", "Liaison", class_="brand")


def sign_in_page(view: View, *, problem: str | None = None) -> str:
    """How one comes in where nobody may be picked: with a one-time link."""
    wrong = element("p", view.word(problem), class_="problem", role="alert") if problem else None
    body = element(
        "main", _brand(), element("h1", view.word("sign_in.title")), wrong, element("p", view.word("sign_in.how"), class_="lead"),
        element("p", view.word("sign_in.why"), class_="small"), _languages(view), class_="sheet",
    )  # fmt: skip
    return _page("front", view, title=f"Liaison – {view.word('sign_in.title')}", body=body)


def link_page(view: View, *, address: str, token: str) -> str:
    """The page of a one-time link. The link is used by the button and not by opening it: scanners of messages open every link."""
    fields = element("input", type="hidden", name="token", value=token)
    button = element("button", view.word("sign_in.go"), type="submit", class_="action primary")
    body = element(
        "main", _brand(), element("h1", view.word("sign_in.title")), element("p", view.word("sign_in.once"), class_="lead"),
        element("form", fields, button, method="post", action=address), class_="sheet",
    )  # fmt: skip
    return _page("front", view, title=f"Liaison – {view.word('sign_in.title')}", body=body)


def chat_page(page: ChatPage) -> str:
    view = page.view
    body = joined((_bar(page), element("div", _side(page), _talk(page), class_="layout")))
    script = element("script", type="module", src="/chat/static/chat.js")
    return _page("chat", view, title=f"Liaison – {page.face.name}", body=body, head=script)


def _bar(page: ChatPage) -> Html:
    view = page.view
    standing = page.face.standing
    whom = element("span", spoken(Series(standing, "unit"), view.reader), class_="small") if standing else None
    who = element("p", element("strong", element("bdi", page.face.name)), whom, class_="who")
    options = [element("option", own_name(code), value=code, lang=code, selected=code == page.face.language) for code in LANGUAGES]
    language = element("select", *options, id="language", aria_label=view.word("language"))
    leave = element("button", view.word("switch" if page.demo_now else "leave"), type="submit", class_="quiet")
    hidden = element("input", type="hidden", name="token", value=page.token)
    form = element("form", hidden, leave, method="post", action="/chat/leave")
    return element("header", _brand(), who, element("div", language, form, class_="tools"), class_="bar")


def _side(page: ChatPage) -> Html:
    clock = _clock(page.demo_now, page.view) if page.demo_now else None
    return element("aside", clock, _examples(page), class_="side", aria_label=page.view.word("side"))


def _clock(now: datetime, view: View) -> Html:
    steps = [element("button", view.word(f"clock.plus_{hours}"), type="button", class_="action", data_hours=hours) for hours in _STEPS]
    to = element("input", type="datetime-local", id="clock-to", aria_label=view.word("clock.to"))
    other = element("form", to, element("button", view.word("clock.go"), type="submit", class_="action"), id="clock-form", class_="when")
    return element(
        "details",
        element("summary", view.word("clock.title"), element("span", view.say(now), id="now", class_="small")),
        element("p", view.word("clock.lead"), class_="small"),
        element("div", *steps, class_="actions steps", role="group", aria_label=view.word("clock.title")),
        element("details", element("summary", view.word("clock.to")), other, class_="small"),
        element("p", role="status", id="clock-told", class_="small"),
        class_="panel clock", open=True,
    )  # fmt: skip


def _examples(page: ChatPage) -> Html:
    kind = _EXAMPLES.get(page.face.role or "", "anybody")
    sentences = [page.view.say(T(f"door.page.example.{kind}.{number}")) for number in (1, 2, 3)]
    items = [element("li", element("button", sentence, type="button", class_="example", dir="auto")) for sentence in sentences]
    title = element("summary", page.view.word("examples"))
    return element("details", title, element("ul", *items, class_="plain"), class_="panel examples", open=True)


def _talk(page: ChatPage) -> Html:
    view = page.view
    words = {f"data_word_{name}": view.word(f"script.{name}") for name in ("failed", "again", "lost", "thinking", "results")}
    words |= {"data_word_filled": view.word("filled_in"), "data_word_chosen": view.word("chosen")}
    log = element(
        "div", page.conversation, id="log", role="log", aria_live="polite", aria_label=view.word("conversation"), tabindex=0,
        data_after=page.after, data_token=page.token, **words,
    )  # fmt: skip
    state = element("p", id="state", role="status", class_="state", hidden=True)
    box = element(
        "textarea", id="say", rows=1, dir="auto", maxlength=4000, placeholder=view.word("say.hint"), aria_label=view.word("say.label")
    )
    send = element("button", view.word("say.send"), type="submit", class_="action primary")
    file = element("input", type="file", id="file", multiple=True, hidden=True, accept=",".join(f".{ending}" for ending in TYPES))
    clip = element("button", "📎", type="button", id="clip", class_="action", aria_label=view.word("attach"), title=view.word("attach"))
    return element("main", log, state, element("form", box, file, clip, send, id="composer"), class_="talk")
