"""Who is at the page: a signed cookie, a token on every post, and nothing kept on the server for either."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

COOKIE = "liaison_session"
VISIT = "liaison_visit"
LASTS = timedelta(hours=12)
"""A working day; then one signs in again."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser's visit: `person_id` once somebody signed in. `cookie` is what it is known by and what its tokens are bound to."""

    cookie: str
    person_id: int | None = None


def signature(secret: str, purpose: str, message: str) -> str:
    """A signature that is good for one purpose only."""
    return hmac.new(secret.encode(), f"{purpose}\n{message}".encode(), hashlib.sha256).hexdigest()


def signed(secret: str, purpose: str, message: str) -> str:
    return f"{message}.{signature(secret, purpose, message)}"


def unsigned(secret: str, purpose: str, token: str) -> str | None:
    """The message of a signed token; None when it was not signed by this house for this purpose."""
    message, _, given = token.rpartition(".")
    if not given.isascii() or not hmac.compare_digest(given, signature(secret, purpose, message)):
        return None
    return message


def visit_of(request: web.Request, secret: str, *, now: datetime) -> Visit:
    """The visit a request belongs to; a forged or old cookie is nobody's."""
    cookie = request.cookies.get(COOKIE, "")
    person_id = _person_in(unsigned(secret, "session", cookie), now)
    if person_id is not None:
        return Visit(cookie, person_id)
    visit = request.cookies.get(VISIT, "")
    return Visit(visit if unsigned(secret, "visit", visit) else "")


def _person_in(message: str | None, now: datetime) -> int | None:
    if message is None:
        return None
    person_id, since, _ = message.split("-")
    return int(person_id) if now.timestamp() - int(since) < LASTS.total_seconds() else None


def begin_visit(response: web.StreamResponse, secret: str, *, secure: bool) -> Visit:
    """A visit of nobody yet, so that even the first post carries a token."""
    visit = Visit(signed(secret, "visit", secrets.token_hex(16)))
    _keep(response, VISIT, visit.cookie, secure=secure)
    return visit


def sign_in(response: web.StreamResponse, secret: str, person_id: int, *, now: datetime, secure: bool) -> None:
    message = f"{person_id}-{int(now.timestamp())}-{secrets.token_hex(8)}"
    _keep(response, COOKIE, signed(secret, "session", message), secure=secure)


def sign_out(response: web.StreamResponse) -> None:
    response.del_cookie(COOKIE, path="/chat")


def _keep(response: web.StreamResponse, name: str, value: str, *, secure: bool) -> None:
    response.set_cookie(name, value, path="/chat", httponly=True, samesite="Strict", secure=secure)


def token_of(visit: Visit, secret: str) -> str:
    """What a post of this visit has to bring along: another site can send the cookie, but cannot read this."""
    return signature(secret, "post", visit.cookie)


def brings_token(given: str, visit: Visit, secret: str) -> bool:
    return bool(visit.cookie) and given.isascii() and hmac.compare_digest(given, token_of(visit, secret))
