"""`/privacy` and `/terms`: what an app's listing links to, in the reader's language."""

from __future__ import annotations

from html import escape

from aiohttp import web

from handlers.conversation.text import T
from handlers.conversation.words import Reader, say, text_direction
from storage.reference import LANGUAGES


def register(app: web.Application) -> None:
    app.router.add_get("/privacy", _privacy)
    app.router.add_get("/terms", _terms)


async def _privacy(request: web.Request) -> web.Response:
    return _page(request, "statement.privacy.title", "statement.privacy.text")


async def _terms(request: web.Request) -> web.Response:
    return _page(request, "statement.terms.title", "statement.terms.text")


def _page(request: web.Request, title: str, text: str) -> web.Response:
    language = _language(request)
    reader = Reader(language, "UTC")
    heading = escape(say(T(title), reader))
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in say(T(text), reader).splitlines())
    body = (
        f'<!doctype html><html lang="{language}" dir="{text_direction(language)}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{heading}</title><h1>{heading}</h1>{paragraphs}</html>'
    )
    return web.Response(text=body, content_type="text/html", headers={"Content-Security-Policy": "default-src 'none'"})


def _language(request: web.Request) -> str:
    """The first of the six that the browser prefers; English where it prefers none of them."""
    asked = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    return next((code for code in asked if code in LANGUAGES), "en")
